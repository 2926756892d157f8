"""Weights, or whole windows, of a convolution see nothing but padding.

A 3x3 window on a map of one position has one tap on it; the other eight are multiplied by zeros for ever, and cost
memory and time. With more padding than the kernel reaches, the outermost windows do not touch the map at all.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> relu -> maxpool 4x4 -> conv 3x3 16 -> relu
  gap -> conv 3x3 8 pad=1 -> relu
}
```

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 pad=3 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> relu -> maxpool 4x4 -> conv 3x3 16 -> relu
  gap -> conv 1x1 8 -> relu
}
```
"""

from collections.abc import Iterator
from math import prod

from cnnspec.contract.values import dress
from cnnspec.rules.lints._sliding import Slid, sliding
from cnnspec.rules.network import Kind, Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic

RULE = rule(__name__, "lint")


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind, axes in sliding(net):
        if all(each.live == each.kernel and not each.blank for each in axes) or not kind.multiplies:
            continue
        message, note, help = _dead(kind, axes) if any(each.live < each.kernel for each in axes) else _blank(axes)
        for node in kind.nodes:
            yield RULE.found(message, node.span, notes=(note,), help=help, trace=node.trace)


def _dead(kind: Kind, axes: tuple[Slid, ...]) -> tuple[str, str, str]:
    taps, live = prod(each.kernel for each in axes), prod(each.live for each in axes)
    message = f"{taps - live} of {taps} weights of each filter only see padding"
    kernel, rest = dress(tuple(each.kernel for each in axes)), dress(tuple(each.live for each in axes))
    size = dress(tuple(each.size for each in axes))
    reach = dress(tuple(each.dilation * (each.kernel - 1) + 1 for each in axes))
    wide = "" if reach == kernel else f", spread over {reach} by its dilation,"
    note = f"the map is {size}: of the {kernel} window{wide} {rest} ever lies on it"
    if not live:
        return "no window touches the map: all results are the same", note, "a smaller stride, or less padding"
    weight = prod(kind.weights[0].shape)
    fewer = weight // taps * live
    return message, note, f"a kernel of {rest} sees the same with {fewer:,} weights in place of {weight:,}"


def _blank(axes: tuple[Slid, ...]) -> tuple[str, str, str]:
    worst = max(axes, key=lambda each: each.blank)
    message = "the outer windows see only padding"
    reach = worst.dilation * (worst.kernel - 1)
    blank = f"{worst.blank} of {worst.windows} on an axis do not touch the map"
    note = f"padding {worst.pad}, and the window is {reach + 1} wide: {blank}"
    half = f"`pad={reach // 2}` keeps the size; " if reach % 2 == 0 and worst.stride == 1 else ""
    return message, note, f"{half}more than `pad={reach}` adds nothing but borders"
