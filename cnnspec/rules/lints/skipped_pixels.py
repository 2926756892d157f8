"""A window moves so far that pixels between two places are never read.

With a stride larger than the kernel most of the map is thrown away unseen; a dilation that shares a factor with the
stride does the same.

```cnn fails
model Net {
  input 3x35x35
  conv 3x3 8 /5 -> relu
}
```

```cnn
model Net {
  input 3x35x35
  conv 5x5 8 /5 -> relu
}
```

A 1x1 convolution with a stride inside `add` (the projection of a residual network) and a 1x1 pool with a stride pick
pixels by intent, and nothing is said of them.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import prod

from cnnspec.contract.values import dress
from cnnspec.rules.lints._sliding import Slid, picks, sliding, touches
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic

RULE = rule(__name__, "lint")


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind, axes in sliding(net):
        if not any(each.holes for each in axes) or not touches(axes) or picks(kind, axes, net):
            continue
        lost = 1 - prod(_share(each) for each in axes)
        message = f"{_why(axes)}: {float(100 * lost):.0f} % of the pixels are never read"
        for node in kind.nodes:
            yield RULE.found(message, node.span, notes=(_counted(axes),), help=_help(axes), trace=node.trace)


def _by_stride(axis: Slid) -> bool:
    """Whether it is the stride alone that leaves holes, in a regular pattern."""
    return axis.dilation == 1


def _share(axis: Slid) -> Fraction:
    """The share of pixels that are read."""
    if not axis.holes:
        return Fraction(1)
    return Fraction(axis.kernel, axis.stride) if _by_stride(axis) else Fraction(axis.size - axis.holes, axis.size)


def _why(axes: tuple[Slid, ...]) -> str:
    worst = next(each for each in axes if each.holes)
    if _by_stride(worst):
        return f"stride {worst.stride} is larger than the kernel of {worst.kernel}"
    if worst.windows == 1:
        return f"dilation {worst.dilation} leaves holes, and there is one window"
    return f"stride {worst.stride} and dilation {worst.dilation} meet the same pixels again"


def _counted(axes: tuple[Slid, ...]) -> str:
    worst = next(each for each in axes if each.holes)
    if not _by_stride(worst):
        return f"on an axis {worst.size - worst.holes} of {worst.size} pixels are read"
    whole, read = (
        dress(tuple(each.stride for each in axes)),
        dress(tuple(min(each.kernel, each.stride) for each in axes)),
    )
    return f"of every {whole} pixels {read} {'is' if set(read) <= {'1', 'x'} else 'are'} read"


def _help(axes: tuple[Slid, ...]) -> str:
    worst = next(each for each in axes if each.holes)
    if not _by_stride(worst):
        return "a stride and a dilation without a common factor read every pixel, where there are windows enough"
    return f"a stride of at most {worst.kernel}, or a kernel of at least {worst.stride}"
