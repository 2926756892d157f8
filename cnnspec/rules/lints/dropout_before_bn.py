"""Dropout directly before batch normalization shifts its statistics.

While training, dropout makes what it leaves larger by 1 / (1 - p), which keeps the mean and raises the variance; at
inference it does nothing. The running variance that `bn` has learned is then that of other values (Li et al.,
Understanding the Disharmony between Dropout and Batch Normalization by Variance Shift, 2018).

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 16 -> dropout 0.5 -> bn -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 16 -> bn -> relu -> dropout 0.5
}
```

It is told from a rate of 0.5 on; wide residual networks stay below it and live with the shift.
"""

from collections.abc import Iterator

from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Label

RULE = rule(__name__, "lint")
LEAST = 0.5


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind in net.kinds:
        for node in kind.nodes if kind.batch_statistics else ():
            drop = net.graph.nodes[node.inputs[0]]
            if not drop.layer.training_only or net.kind_of[drop.id].torch != ("nn.Dropout",):
                continue
            rate = drop.layer.arguments["rate"]
            if rate < LEAST:
                continue
            worked = f"v / (1 - {rate:g}) = {1 / (1 - rate):.3g} v"
            same = drop.span.source is node.span.source
            yield RULE.found(
                f"`{drop.layer.word}` before `{node.layer.word}` shifts its statistics",
                drop.span,
                secondary=(Label(node.span, "it learns another variance than it meets"),) if same else (),
                notes=(f"while training, a variance v (of mean 0) becomes {worked}; at inference it stays v",),
                help=f"put it behind the last `{node.layer.word}`",
                trace=drop.trace,
            )
