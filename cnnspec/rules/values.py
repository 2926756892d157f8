"""Which steps give the same value as others, whatever the weights are."""

from collections.abc import Hashable

from cnnspec.ir.graph import Input, Node
from cnnspec.rules.network import Network


def values(net: Network) -> dict[str, int]:
    """A number by node id; equal where the values are. Layers with weights of their own differ, and dropout does by
    chance."""
    numbers: dict[Hashable, int] = {}
    table: dict[str, int] = {}
    for node in net.graph:
        table[node.id] = numbers.setdefault(_key(node, table, net), len(numbers))
    return table


def _key(node: Node, table: dict[str, int], net: Network) -> Hashable:
    operands = tuple(table[each] for each in node.inputs)
    if node.reuse_of is not None:
        return node.reuse_of, operands
    if isinstance(node.layer, Input) or node.layer.training_only or net.kind_of[node.id].weights:
        return (node.id, operands)  # what reuses it on the same operands is equal to it
    return node.layer, operands


def may_be_equal(merge: Node, net: Network) -> bool:
    """Whether two operands of a merge could be the same value: a quick look before `values` is asked."""
    if len(set(merge.inputs)) < len(merge.inputs):
        return True
    nodes = [net.graph.nodes[each] for each in merge.inputs]
    layers = [each.layer for each in nodes if each.reuse_of or (each.id in net.kind_of and not _has_weights(each, net))]
    return len(set(layers)) < len(layers)


def _has_weights(node: Node, net: Network) -> bool:
    return bool(net.kind_of[node.id].weights)
