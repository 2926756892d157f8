"""Of a file that is used no block is used.

```cnn file=blocks.cnn
block Unit(c) { conv 3x3 c pad=1 -> relu }
```

```cnn fails
use "blocks.cnn"

model Net {
  input 3x32x32
  conv 3x3 8 -> relu
}
```

```cnn
use "blocks.cnn"

model Net {
  input 3x32x32
  Unit 8
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
    for item in text.file.items:
        if not isinstance(item, tree.Use):
            continue
        prefix = f"{item.alias.name}." if item.alias else ""
        names = text.used.get(item.path.value, ())
        if names and not any(text.uses(prefix + name, item.span.end, text.end) for name in names):
            yield RULE.found(
                f"no block of `{item.path.value}` is used", item.span, help="delete it", fix=text.deletion(item.span)
            )
