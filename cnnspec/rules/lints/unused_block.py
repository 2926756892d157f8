"""A block is defined and never used, in a file that has models.

A file of blocks alone is for others. Where a file has both, others may use its blocks, too, so that it is told with
`--pedantic` only.

```cnn fails --pedantic
block Unit(c) { conv 3x3 c pad=1 -> relu }
block Other(c) { conv 5x5 c pad=2 -> relu }

model Net {
  input 3x32x32
  Unit 8
}
```

```cnn --pedantic
block Unit(c) { conv 3x3 c pad=1 -> relu }

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

RULE = rule(__name__, "pedantic")


def in_text(text: Text) -> Iterator[Diagnostic]:
    items = text.file.items
    if not any(isinstance(each, tree.Model) for each in items):
        return
    for block in items:
        if isinstance(block, tree.Block) and not _is_used(block, text):
            yield RULE.found(f"the block `{block.name.name}` is never used", block.name.span, help="delete it")


def _is_used(block: tree.Block, text: Text) -> bool:
    """Whether something outside of it names it; what stands above may, too."""
    name, span = block.name.name, block.span
    return text.uses(name, -1, span.start) or text.uses(name, span.end - 1, text.end)
