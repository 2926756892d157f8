"""The walk that every pass takes: nodes in order, with their operands' shapes."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import NamedTuple, TypeVar

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


class Kinds(NamedTuple):
    """The layers whose result is known, in order, by their kinds: a kind is a layer with the shapes of its operands.
    Deep networks repeat themselves, so that there are few; `of` has the number of each node's."""

    kinds: tuple[tuple[Layer, Shapes], ...]
    of: Mapping[str, int]

    def table(self, fact: Callable[[Layer, Shapes], T]) -> dict[str, T]:
        """What a layer says of itself, asked once of a kind, by node id."""
        answers = [fact(layer, shapes) for layer, shapes in self.kinds]
        return {id: answers[kind] for id, kind in self.of.items()}


def kinds_of(graph: Graph, shapes: ShapeTable) -> Kinds:
    numbers: dict[tuple[Layer, Shapes], int] = {}
    of = {node.id: numbers.setdefault((node.layer, read), len(numbers)) for node, read in known(graph, shapes)}
    return Kinds(tuple(numbers), of)


def once(fact: Callable[[Layer, Shapes], T]) -> Callable[[Layer, Shapes], T]:
    """The same fact, asked of equal layers with equal operands only once: deep networks repeat themselves."""
    return cache(fact)
