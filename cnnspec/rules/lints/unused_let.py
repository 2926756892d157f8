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

What is read only by such a value is not used either, and is deleted with it.

```cnn fails
model Net {
  input 3x32x32
  let width = 8
  let wide = 2*width
  conv 3x3 16 -> relu
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

from bisect import bisect_right
from collections.abc import Iterator

from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Fix
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)


def in_text(text: Text) -> Iterator[Diagnostic]:
    lets = [(line, end) for line, end in text.bound if isinstance(line, tree.Let)]
    starts = sorted(line.span.start for line, _ in lets)
    spans = {line.span.start: line.span for line, _ in lets}
    dead: dict[int, Diagnostic] = {}
    for line, end in reversed(lets):  # who reads it stands below it
        readers = set[int]()
        for place in text.readings_of(line.name.name, line.span.end, end):
            start = starts[bisect_right(starts, place) - 1]
            readers.add(start if start in dead and place < spans[start].end else -1)
        if -1 not in readers:
            dead[line.span.start] = _found(line, end, text, [dead[each] for each in sorted(readers)])
    yield from reversed(dead.values())


def _found(line: tree.Let, end: int, text: Text, readers: list[Diagnostic]) -> Diagnostic:
    """`readers` are what is told of those that read it, none of which is used."""
    name = line.name.name
    if _hides(line, end, text):
        help = "a `let` ends with its body, and does not change the one outside"
        return RULE.found(f"`{name}` is never used", line.name.span, help=help)
    message, fixes = f"`{name}` is never used", [text.deletion(line.span), *(each.fix for each in readers)]
    if readers:
        names = [each.label.span.text for each in readers if each.label]
        message = f"`{name}` is read only by `{names[0]}`, which is never used"
    edits = dict.fromkeys(edit for each in fixes if each for edit in each.edits)
    fix = None if None in fixes else Fix("", tuple(edits), safe=True)
    help = {1: "delete it", 2: "delete both"}.get(len(edits) if fix else 1, f"delete all {len(edits)}")
    return RULE.found(message, line.name.span, help=help, fix=fix)


def _hides(line: tree.Let, end: int, text: Text) -> bool:
    """Whether a `let` of the same name stands around the body of this one."""
    others = ((other, until) for other, until in text.bound if isinstance(other, tree.Let) and other is not line)
    same = ((other, until) for other, until in others if other.name.name == line.name.name)
    return any(other.span.start < line.span.start and end < until for other, until in same)
