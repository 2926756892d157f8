"""Multiply-adds and other operations a node, and how many of the former lie one behind the other."""

from cnnspec.contract.facts import Cost
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import Kind, ShapeTable, kinds_of

NONE = Cost()


def costs(graph: Graph, shapes: ShapeTable) -> dict[str, Cost]:
    """By node id, for one sample; docs/counting.md says what is counted."""
    return kinds_of(graph, shapes).table(_cost)


def _cost(kind: Kind) -> Cost:
    return kind.cost


def depth(graph: Graph, table: dict[str, Cost]) -> int:
    """The most multiplying layers (convolutions and dense layers) on one path from an input to an output."""
    longest: dict[str, int] = {}
    for id, node in graph.nodes.items():
        inputs, counts = node.inputs, 1 if table.get(id, NONE).macs else 0
        before = longest[inputs[0]] if len(inputs) == 1 else max(map(longest.__getitem__, inputs), default=0)
        longest[id] = counts + before
    return max((longest[each] for each in graph.outputs.values()), default=0)
