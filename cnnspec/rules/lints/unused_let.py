"""A value is named and never used.

```cnn fails
model Net {
  input 3x32x32
  let width = 8
  conv 3x3 16 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  let width = 8
  conv 3x3 width -> relu
}
```
"""

from collections.abc import Iterator

from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)


def in_text(text: Text) -> Iterator[Diagnostic]:
    for line, end in text.bound:
        if isinstance(line, tree.Let) and not text.uses(line.name.name, line.span.end, end):
            yield RULE.found(
                f"`{line.name.name}` is never used", line.name.span, help="delete it", fix=text.deletion(line.span)
            )
