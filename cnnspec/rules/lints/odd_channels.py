"""The number of channels is no multiple of 8, which the units that multiply matrices work on.

Tensor cores and the vector units of CPUs take 8 or more values at once; the rest of the last eight is computed for
nothing. It is told with `--perf` only, and not for the last layer, whose width is what is asked for.

```cnn fails --perf
model Net {
  input 3x32x32
  conv 3x3 30 -> relu -> conv 3x3 32 -> relu
  flatten -> linear 10
}
```

```cnn --perf
model Net {
  input 3x32x32
  conv 3x3 32 -> relu -> conv 3x3 32 -> relu
  flatten -> linear 10
}
```
"""

from collections.abc import Iterator

from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic

RULE = rule(__name__, "perf")
EVEN = 8


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    last = _last(net)
    for kind in net.kinds:
        channels = kind.shape[0]
        if channels % EVEN == 0 or not kind.multiplies:
            continue
        near = max(EVEN, round(channels / EVEN) * EVEN)
        for node in kind.nodes:
            if node.id not in last:
                yield RULE.found(
                    f"{channels:,} channels are no multiple of {EVEN}",
                    node.span,
                    notes=(f"{channels} are computed as {-(-channels // EVEN) * EVEN}",),
                    help=f"{near:,} is the nearest; `divisible(c, {EVEN})` makes one of an expression",
                    trace=node.trace,
                )


def _last(net: Network) -> frozenset[str]:
    """The multiplying layers behind which none follows."""
    below = dict[str, bool]()
    for id in reversed(list(net.graph.nodes)):
        readers = net.readers[id]
        below[id] = any(below[each.id] or net.kind_of[each.id].multiplies for each in readers)
    return frozenset(id for id, more in below.items() if not more)
