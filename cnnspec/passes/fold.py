"""The walk that every pass takes: nodes in order, with their operands' shapes."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TypeVar

from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes
from cnnspec.ir.graph import Graph, Input, Node, Unknown

T = TypeVar("T")
ENDS = (Input, Unknown)

ShapeTable = Mapping[str, Shape | None]
"""The result's shape by node id; None where a step was refused or depends on one that was."""


def known(graph: Graph, shapes: ShapeTable) -> Iterator[tuple[Node, Shapes]]:
    """The layers whose result is known, in order, with the shapes of their operands. Inputs are left out."""
    for id, node in graph.nodes.items():
        if shapes.get(id) is not None and not isinstance(node.layer, ENDS):
            yield node, operands(node, shapes)


def operands(node: Node, shapes: ShapeTable) -> Shapes:
    """The shapes that come into a node whose result is known."""
    inputs = node.inputs
    if len(inputs) == 1 and (only := shapes[inputs[0]]) is not None:
        return (only,)
    return tuple([shape for each in inputs if (shape := shapes[each]) is not None])


def once(fact: Callable[[Layer, Shapes], T]) -> Callable[[Layer, Shapes], T]:
    """The same fact, asked of equal layers with equal operands only once: deep networks repeat themselves."""
    return cache(fact)
