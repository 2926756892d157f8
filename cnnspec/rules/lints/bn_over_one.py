"""Batch normalization over maps of one position cannot be trained with one sample.

Mean and variance are taken over the batch and the positions. Behind a global pool there is one position: with a batch
of one the variance of one value is 0, torch refuses to train ("expected more than 1 value per channel"), and small
batches give statistics of a handful of values.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 16 -> relu -> maxpool 2x2 -> conv 3x3 32 -> relu -> gap -> bn
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 16 -> relu -> maxpool 2x2 -> conv 3x3 32 -> relu -> bn -> gap
}
```
"""

from collections.abc import Iterator

from cnnspec.ir.graph import Node
from cnnspec.rules.network import Network, positions
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Label

RULE = rule(__name__, "lint")


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind in net.kinds:
        if len(kind.shape) == 1 or positions(kind.shape) > 1 or not kind.batch_statistics:
            continue
        for node in kind.nodes:
            pool = _pool_before(node, net)
            if pool is None:
                continue
            same = pool.span.source is node.span.source
            yield RULE.found(
                f"`{node.layer.word}` over {'x'.join(map(str, kind.shape[1:]))} maps fails at batch 1",
                node.span,
                secondary=(Label(pool.span, "from here on each map is one value"),) if same else (),
                notes=("with n samples each mean and variance is of n values; of one value the variance is 0",),
                help="put it before the pooling, or take `layernorm`, which does not look at the batch",
                trace=node.trace,
            )


def _pool_before(node: Node, net: Network) -> Node | None:
    """The step that made one value of a map, if only steps without weights stand between."""
    at = net.graph.nodes[node.inputs[0]]
    while at.inputs:
        kind = net.kind_of[at.id]
        if kind.weights or kind.layer.merges:
            return None
        if kind.pools_to_one:
            return at
        at = net.graph.nodes[at.inputs[0]]
    return None
