"""The outputs of a linear layer are cut off at zero, so that as scores of classes they cannot be negative.

Logits need both signs: behind `relu` half of them are 0 at first, get no gradient, and softmax can put no class below
another that is at 0.

```cnn fails
model Net {
  input 3x32x32
  flatten -> linear 64 -> relu -> linear 10 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  flatten -> linear 64 -> relu -> linear 10
}
```

A single output may be a quantity that is never negative, and nothing is said of it.
"""

from collections.abc import Iterator

from cnnspec.contract.facts import POSITIVE
from cnnspec.ir.graph import Node
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Fix

RULE = rule(__name__, "lint", fixes=True)


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for id in net.graph.outputs.values():
        node = net.graph.nodes[id]
        if id in net.kind_of and "nn.Softmax" in net.kind_of[id].torch:
            node = net.behind(node.inputs[0])
        if node.id in net.kind_of and _cuts(node) and _is_of_scores(node, net):
            edits = text.without_step(node.span)
            yield RULE.found(
                "the last step cuts off what is negative: scores of classes need both signs",
                node.span,
                f"{net.shapes[node.id][0]:,} values, all of them 0 or more",
                help="end with the linear layer",
                fix=Fix("delete it", edits, safe=False) if edits else None,
                trace=node.trace,
            )


def _cuts(node: Node) -> bool:
    return node.layer.spares is not None and POSITIVE.hold(node.layer.bounds)


def _is_of_scores(node: Node, net: Network) -> bool:
    linear = net.behind(node.inputs[0])
    return linear.id in net.kind_of and net.kind_of[linear.id].is_dense and net.shapes[node.id][0] > 1
