"""The network ends in what its loss applies already.

`loss cross_entropy` takes the logarithm of a softmax of what the network gives, `loss binary_cross_entropy` that of a
sigmoid, both in one step that loses no digits. Probabilities that go through it again are squeezed together: a network
that is sure of one of ten classes is then told that it gave 23 %, its loss never goes below 1.46, and it learns slowly.

```cnn fails
model Net {
  input 3x32x32
  train {
    loss cross_entropy
    optimizer sgd 0.1
  }
  flatten -> linear 64 -> relu -> linear 10 -> softmax
}
```

```cnn
model Net {
  input 3x32x32
  train {
    loss cross_entropy
    optimizer sgd 0.1
  }
  flatten -> linear 64 -> relu -> linear 10
}
```
"""

from collections.abc import Iterator
from math import exp, log

from cnnspec.ir.graph import Node
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Fix, Label

RULE = rule(__name__, "lint", fixes=True)
APPLIED = {"cross_entropy": ("nn.Softmax", "nn.LogSoftmax"), "binary_cross_entropy": ("nn.Sigmoid",)}
"""By the loss's word: the steps that it makes itself, as torch calls them."""


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    loss = net.recipe.loss if net.recipe else None
    if loss is None or loss.word not in APPLIED:
        return
    ends = dict.fromkeys((*net.graph.outputs.values(), *(head.node for head in net.graph.aux.values())))
    for node in (net.graph.nodes[id] for id in ends if id in net.kind_of):
        torch = net.kind_of[node.id].torch
        if len(torch) == 1 and torch[0] in APPLIED[loss.word]:
            yield _found(node, torch[0], loss.word, net, text)


def _found(node: Node, torch: str, loss: str, net: Network, text: Text) -> Diagnostic:
    edits = text.without_step(node.span)
    line = next((each for each in text.by_word.get("loss", ()) if each.span.source is node.span.source), None)
    return RULE.found(
        f"`{node.layer.word}` is one too many: the loss `{loss}` applies it itself",
        node.span,
        secondary=(Label(line.span, "to what the network gives"),) if line else (),
        notes=_worked(net.shapes[node.id][0]) if torch == "nn.Softmax" else (),
        help="end with the linear layer",
        fix=Fix("delete it", edits, safe=False) if edits else None,
        trace=node.trace,
    )


def _worked(classes: int) -> tuple[str, ...]:
    """What the surest answer is worth after the second time."""
    most = exp(1) / (exp(1) + classes - 1)
    sure = f"a probability of 1 among {classes:,} counts as e / (e + {classes - 1:,}) = {100 * most:.0f} %"
    return (f"{sure}: the loss stays above {-log(most):.2f}",)
