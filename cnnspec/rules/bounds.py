"""Between which values the results of each step lie, whatever the weights are."""

from math import inf

from cnnspec.contract.facts import ANYTHING, Bounds
from cnnspec.ir.graph import Input, Node
from cnnspec.rules.network import Network


def bounds(net: Network) -> dict[str, Bounds]:
    """By node id, as the layers say of themselves."""
    table: dict[str, Bounds] = {}
    for node in net.graph:
        table[node.id] = _of(node, [table[each] for each in node.inputs])
    return table


def _of(node: Node, entering: list[Bounds]) -> Bounds:
    layer = node.layer
    if isinstance(layer, Input):
        return ANYTHING
    if layer.keeps_bounds:
        return Bounds(min(0, *(each.low for each in entering)), max(0, *(each.high for each in entering)))
    if layer.training_only:  # while training what is left is made larger
        return Bounds(0 if entering[0].low >= 0 else -inf, inf)
    if layer.spares is not None and layer.spares.hold(entering[0]):
        return entering[0]
    return layer.bounds
