"""The branch of a residual sum ends in an activation that is never negative, so that it can only add.

A block that is to correct its input must be able to take away. In the paper the activation stands behind the sum (He et
al., 2015), or before the convolutions (He et al., Identity Mappings, 2016).

```cnn fails
set conv pad=same
model Net {
  input 3x32x32
  conv 3x3 16 -> bn -> relu
  add { conv 3x3 16 -> bn -> relu -> conv 3x3 16 -> bn -> relu | id }
}
```

```cnn
set conv pad=same
model Net {
  input 3x32x32
  conv 3x3 16 -> bn -> relu
  add { conv 3x3 16 -> bn -> relu -> conv 3x3 16 -> bn | id } -> relu
}
```
"""

from collections.abc import Iterator

from cnnspec.contract.facts import POSITIVE
from cnnspec.ir.graph import Node
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Label

RULE = rule(__name__, "lint")


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for node in net.sums:
        branches = [net.behind(each) for each in node.inputs]
        ends = [each for each in branches if POSITIVE.hold(each.layer.bounds) and net.is_inside(each, node)]
        if ends and any(_is_shortcut(each, node, net) for each in branches):
            yield _found(node, ends[0])


def _is_shortcut(branch: Node, merge: Node, net: Network) -> bool:
    """The value that came in, or one convolution of it, with or without a normalization."""
    if net.is_inside(branch, merge) and net.kind_of[branch.id].batch_statistics:
        branch = net.graph.nodes[branch.inputs[0]]
    if not net.is_inside(branch, merge):
        return True
    entering = net.graph.nodes[branch.inputs[0]]
    return net.kind_of[branch.id].multiplies and not net.is_inside(entering, merge)


def _found(merge: Node, end: Node) -> Diagnostic:
    same = merge.span.source is end.span.source and end.trace == merge.trace
    return RULE.found(
        f"the residual branch ends in `{end.layer.word}`, so it can only add",
        end.span,
        secondary=(Label(merge.span._replace(end=merge.span.start + len(merge.layer.word)), "to this sum"),)
        if same
        else (),
        notes=("what it gives is never negative, and no use of the block can take anything away",),
        help=f"put the activation behind the sum: `{merge.layer.word} {{ … }} -> {end.layer.word}`",
        trace=end.trace,
    )
