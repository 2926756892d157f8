"""The walk that every pass takes: nodes in order, with their operands' shapes."""

from collections.abc import Iterator, Mapping

from cnnspec.contract.values import Shape, Shapes
from cnnspec.ir.graph import Graph, Input, Node, Unknown

ShapeTable = Mapping[str, Shape | None]
"""The result's shape by node id; None where a step was refused or depends on one that was."""


def known(graph: Graph, shapes: ShapeTable) -> Iterator[tuple[Node, Shapes]]:
    """The layers whose result is known, in order, with the shapes of their operands. Inputs are left out."""
    for node in graph:
        if shapes.get(node.id) is None or isinstance(node.layer, (Input, Unknown)):
            continue
        operands = tuple(shapes[each] for each in node.inputs)
        yield node, tuple(each for each in operands if each is not None)
