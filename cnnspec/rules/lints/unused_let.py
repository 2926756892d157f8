"""A value is named and never used.

A `let` holds for what stands below it, up to the end of its body. One in an `if` or a `for` changes nothing outside.

```cnn fails
model Net {
  input 3x32x32
  let width = 8
  conv 3x3 16 -> relu
}
```

```cnn fails
model Net(large=no) {
  input 3x32x32
  let width = 8
  if large { let width = 16 }
  conv 3x3 width -> relu
}
```

```cnn
model Net(large=no) {
  input 3x32x32
  if large { conv 3x3 16 } else { conv 3x3 8 }
  relu
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
            help, fix = "delete it", text.deletion(line.span)
            if _hides(line, end, text):
                help, fix = "a `let` ends with its body, and does not change the one outside", None
            yield RULE.found(f"`{line.name.name}` is never used", line.name.span, help=help, fix=fix)


def _hides(line: tree.Let, end: int, text: Text) -> bool:
    """Whether a `let` of the same name stands around the body of this one."""
    others = ((other, until) for other, until in text.bound if isinstance(other, tree.Let) and other is not line)
    same = ((other, until) for other, until in others if other.name.name == line.name.name)
    return any(other.span.start < line.span.start and end < until for other, until in same)
