"""Multiply-adds and other operations a node, and how many of the former lie one behind the other."""

from cnnspec.contract.facts import Cost
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable, known, once

NONE = Cost()


def costs(graph: Graph, shapes: ShapeTable) -> dict[str, Cost]:
    """By node id, for one sample; docs/counting.md says what is counted."""
    ask = once(lambda layer, operands: layer.cost(operands))
    return {node.id: ask(node.layer, operands) for node, operands in known(graph, shapes)}


def depth(graph: Graph, table: dict[str, Cost]) -> int:
    """The most multiplying layers (convolutions and dense layers) on one path from an input to an output."""
    longest: dict[str, int] = {}
    for node in graph:
        counts = 1 if table.get(node.id, NONE).macs else 0
        longest[node.id] = counts + max(map(longest.__getitem__, node.inputs), default=0)
    return max((longest[each] for each in graph.outputs.values()), default=0)
