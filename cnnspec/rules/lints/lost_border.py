"""The last pixels of a map are never read.

Windows that step over the end of a map are left out: floor((W - F + 2P) / S) + 1 is the number of those that fit.
What lies behind the last one is lost for everything below.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 pad=1 -> relu -> maxpool 3x3 /2
}
```

Round up, or pad by one:

```cnn
model Net {
  input 3x32x32
  conv 3x3 64 pad=1 -> relu -> maxpool 3x3 /2 ceil_mode=yes
}
```

That the division leaves a rest is no fault in itself: a 7x7 window with stride 2 and padding 3 has one on 224 pixels
and reads them all. Only pixels count that no window reaches, and only from one in a hundred on. A 1x1 convolution
with a stride inside `add`, and a 1x1 pool, pick pixels by intent.
"""

from collections.abc import Iterator
from typing import Any

from cnnspec.contract.errors import LayerError
from cnnspec.contract.formula import in_ascii
from cnnspec.contract.symbols import PLACES, letters
from cnnspec.contract.values import dress
from cnnspec.rules.lints._sliding import Slid, picks, slid, sliding, touches
from cnnspec.rules.network import Kind, Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic

RULE = rule(__name__, "lint")
LEAST = 100
"""One pixel in so many may be lost without a word."""


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind, axes in sliding(net):
        lost = [each for each in axes if each.lost and each.lost * LEAST >= each.size]
        if lost and touches(axes) and not any(each.holes for each in axes) and not picks(kind, axes, net):
            notes = (f"{_windows(lost[0].windows)} {lost[0].size - lost[0].lost} of {lost[0].size} pixels",)
            label = _worked(kind, axes.index(lost[0]))
            for node in kind.nodes:
                yield RULE.found(_message(axes), node.span, label, notes=notes, help=_help(kind), trace=node.trace)


def _worked(kind: Kind, axis: int) -> str:
    """The arithmetic of one axis, which is named where another has another; of none that is told, nothing."""
    operand = kind.operands[0]
    names = letters(operand)[1:]
    told = {each.name: in_ascii(each.formula) for each in kind.layer.equations(kind.operands)}
    lines = [told.get(f"{name}'", "") for name in names]
    return lines[axis] if len(set(lines)) == 1 else f"{names[axis]}: {lines[axis]}"


def _windows(count: int) -> str:
    return "1 window covers" if count == 1 else f"{count} windows cover"


def _message(axes: tuple[Slid, ...]) -> str:
    """`the last row and column are never read`, `the last 2 columns are never read`"""
    names = [name for name, each in zip(PLACES[len(axes)], axes, strict=True) if each.lost]
    most = max(each.lost for each in axes)
    if most == 1:
        told = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"
    elif all(each.lost in (0, most) for each in axes):
        told = f"{most} {' and '.join(f'{name}s' for name in names)} are"
    else:
        told = f"{' and '.join(f'{name}s' for name in names)} are"
    return f"the last {told} never read"


def _help(kind: Kind) -> str:
    """The changes of this step with which everything is read, each tried, and what they give."""
    trials: list[tuple[str, dict[str, Any]]] = []
    if "pad" in kind.layer.fields:
        trials += [(f"`pad={pad}`", {"pad": pad}) for pad in range(1, max(each.kernel for each in slid(kind)))]
    if "ceil_mode" in kind.layer.fields:
        trials.append(("`ceil_mode=yes`", {"ceil_mode": True}))
    found: dict[tuple[int, ...], list[str]] = {}
    for name, change in trials:
        layer = type(kind.layer)(**{**kind.layer.arguments, **change})
        try:
            shape = layer.infer(kind.operands)
        except LayerError:
            continue
        if not any(each.lost or each.blank for each in slid(Kind(layer, kind.operands, shape))):
            found.setdefault(shape[1:], []).append(name)
    if not found:
        fits = dress(tuple(each.size - each.lost for each in slid(kind)))
        return f"a map of {fits} is read as a whole"
    shape, names = max(found.items(), key=lambda each: (len(each[1]), -sum(each[0])))
    return f"{' or '.join(names[:1] + names[-1:] if len(names) > 1 else names)} gives {dress(shape)}"
