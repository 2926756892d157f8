"""A linear layer holds more than a gigabyte of weights.

Each value of a flattened map meets each result. The fully connected layers of VGG-16 hold 124 million weights, and
later networks average the map first.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 512 pad=1 -> relu -> flatten -> linear 4096
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 512 pad=1 -> relu -> maxpool 4x4 -> conv 3x3 512 pad=1 -> relu -> gap -> flatten -> linear 4096
}
```
"""

from collections.abc import Iterator
from math import prod

from cnnspec.rules.network import Kind, Network, positions
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic

RULE = rule(__name__, "lint")
MOST = 250_000_000
"""Weights of one layer: a gigabyte of float32."""


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind in net.kinds:
        if not kind.is_dense:
            continue
        weights = sum(prod(each.shape) for each in kind.weights)
        if weights <= MOST:
            continue
        entering, leaving = kind.operands[0][0], kind.shape[0]
        for node in kind.nodes:
            yield RULE.found(
                f"this `{node.layer.word}` holds {weights:,} weights ({4 * weights / 1e9:.1f} GB)",
                node.span,
                notes=(f"{entering:,} values times {leaving:,} results",),
                help=_help(kind, node.inputs[0], net),
                trace=node.trace,
            )


def _help(kind: Kind, entering: str, net: Network) -> str:
    at = net.behind(entering)
    while at.inputs and len(net.shapes[at.id]) == 1:
        at = net.behind(at.inputs[0])
    shape = net.shapes[at.id]
    if positions(shape) == 1:
        return "fewer values before it, or fewer results"
    pooled = sum(prod(each.shape) for each in kind.layer.weights((shape[:1],)))
    return f"`gap` before `flatten` leaves {shape[0]:,} values: {pooled:,} weights"
