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
from cnnspec.rules.lints._sliding import Slid, picks, sliding
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic

RULE = rule(__name__, "lint")


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind, axes in sliding(net):
        if not any(each.skips for each in axes) or picks(kind, axes, net):
            continue
        lost = 1 - prod(Fraction(each.read_of_stride, each.stride) for each in axes if each.skips)
        share = f"{float(100 * lost):.0f} % of the pixels are never read"
        for node in kind.nodes:
            yield RULE.found(
                f"{_why(axes)}: {share}", node.span, notes=(_counted(axes),), help=_help(axes), trace=node.trace
            )


def _why(axes: tuple[Slid, ...]) -> str:
    worst = next(each for each in axes if each.skips)
    if worst.dilation > 1 and worst.kernel >= worst.stride:
        return f"stride {worst.stride} and dilation {worst.dilation} meet the same pixels again"
    return f"stride {worst.stride} is larger than the kernel of {worst.kernel}"


def _counted(axes: tuple[Slid, ...]) -> str:
    whole, read = dress(tuple(each.stride for each in axes)), dress(tuple(each.read_of_stride for each in axes))
    return f"of every {whole} pixels {read} {'is' if set(read) <= {'1', 'x'} else 'are'} read"


def _help(axes: tuple[Slid, ...]) -> str:
    worst = next(each for each in axes if each.skips)
    if worst.dilation > 1:
        return "a stride and a dilation without a common factor read every pixel"
    return f"a stride of at most {worst.kernel}, or a kernel of at least {worst.stride}"
