"""A parameter of a block or model is never read.

Whoever sets it wonders why nothing changes. A name that begins with `_` is passed over: a block that is handed over
as a value may have to take what it does not need.

```cnn fails
block Unit(c, width=1) { conv 3x3 c pad=1 -> relu }

model Net {
  input 3x32x32
  Unit 8
}
```

```cnn
block Unit(c, width=1) { conv 3x3 c*width pad=1 -> relu }

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

RULE = rule(__name__, "lint")


def in_text(text: Text) -> Iterator[Diagnostic]:
    for item in text.file.items:
        if not isinstance(item, (tree.Block, tree.Model)) or item.broken:
            continue
        for param in item.params:
            name = param.name.name
            if name[0] != "_" and not text.uses(name, param.span.end, item.span.end):
                kind = "block" if isinstance(item, tree.Block) else "model"
                mark = "@" if param.tensor else "/" if param.slash else ""
                yield RULE.found(
                    f"the {kind} never reads its parameter `{mark}{name}`",
                    param.span,
                    help=f"delete it; or call it `{mark}_{name}`, if it has to be there"
                    if kind == "block"
                    else "delete it",
                )
