"""A label is called `input`, `output` or `aux`, and likely the line of that name was meant.

`output: relu` names a step; `output name: relu` makes an output of the model.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8
  output: relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8
  output features: relu
}
```
"""

from collections.abc import Iterator

from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic

RULE = rule(__name__, "lint")


def in_text(text: Text) -> Iterator[Diagnostic]:
    for place in text.places.values():
        label = place.step.label
        if label is not None and label.name in ("input", "output", "aux"):
            help = f"`{label.name} name: …` is the line that you may have meant"
            yield RULE.found(f"`{label.name}:` is a label here", label.span, help=help)
