"""A stride under a repeat: each copy makes the map smaller.

`x3` is literally three times the same step. What papers write as "128, stride 2, three times" means the first only.

```cnn fails
block Basic(c, /s=1) { conv 3x3 c /s pad=1 -> bn -> relu }

model Net {
  input 3x64x64
  Basic 16 x2
  Basic 32 /2 x3
}
```

```cnn
block Basic(c, /s=1) { conv 3x3 c /s pad=1 -> bn -> relu }

model Net {
  input 3x64x64
  Basic 16 x2
  Basic 32 /2 -> Basic 32 x2
}
```

Of a repeated group, `(conv 3x3 16 /2 -> relu) x3`, nothing is said: whoever writes it so sees the stride inside.
"""

from collections.abc import Iterator

from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.rules.walk import Place
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)


def in_text(text: Text) -> Iterator[Diagnostic]:
    for place in text.places.values():
        core, repeat = place.step.core, place.step.repeat
        if repeat is None or not isinstance(core, tree.Apply):
            continue
        stride = next((each for each in core.args if each.slash), None)
        times = repeat.value if isinstance(repeat, tree.Number) else None
        if stride is None or not _strides(stride.value) or (times is not None and times < 2):
            continue
        shown = f"{times} times" if times is not None else "each time"
        yield RULE.found(
            "each copy strides",
            stride.span,
            f"the map is made smaller {shown}",
            help="if only the first is meant, it stands alone",
            fix=_fix(place, core, stride, times) if isinstance(times, int) else None,
        )


def _strides(value: tree.Expr | tree.Ref) -> bool:
    """Whether a stride that is written out is more than 1."""
    if isinstance(value, tree.Size):
        return max(value.value) > 1
    return isinstance(value, tree.Number) and value.value > 1


def _fix(place: Place, core: tree.Apply, stride: tree.Arg, times: int) -> Fix | None:
    if place.step.label or place.step.expect:
        return None
    plain = " ".join((core.word.span.text, *(each.span.text for each in core.args if each is not stride)))
    rest = f"{plain} x{times - 1}" if times > 2 else plain
    text = f"{core.span.text} -> {rest}"
    return Fix("", (Edit(place.step.span, text),), safe=False)
