"""The input's shape is written with its channels last.

Channels come first, as in torch and ONNX: `3x32x32` has 3 channels of 32 by 32. A `32x32x3` is read as 32 channels of
maps that are 32 high and 3 wide, and a network over it may well compile.

```cnn fails
model Net {
  input 32x32x3
  conv 3x3 16 pad=1 -> relu -> flatten -> linear 10
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 16 pad=1 -> relu -> flatten -> linear 10
}
```
"""

from collections.abc import Iterator

from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)
PICTURE = (1, 3, 4)
"""Channels of grey, of colours, and of colours with transparency."""


def in_text(text: Text) -> Iterator[Diagnostic]:
    models = (item for item in text.file.items if isinstance(item, tree.Model))
    for line in (line for model in models for line in model.body.lines if isinstance(line, tree.Input)):
        size = line.args[0].value
        if not isinstance(size, tree.Size) or len(size.value) != 3:
            continue
        high, wide, last = size.value
        if last in PICTURE and high == wide > max(PICTURE):
            right = f"{last}x{high}x{wide}"
            yield RULE.found(
                f"the input is {high} channels of {wide}x{last}",
                size.span,
                help=f"channels come first: `{right}`",
                fix=Fix(f"channels come first: `{right}`", (Edit(size.span, right),), safe=False),
            )
