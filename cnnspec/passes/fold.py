"""The walk that every pass takes: nodes in order, with their operands' shapes, and what layers say of themselves."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from cnnspec.contract.facts import Cost, Torch, Weight
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


class Kind:
    """What nodes have in common of which every fact is the same: a layer, the shapes of its operands, and the
    result's. What layers say of themselves is asked for once."""

    def __init__(self, layer: Layer, operands: Shapes, result: Shape) -> None:
        self.layer = layer
        self.operands = operands
        self.result = result

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        """The tensors that each of its nodes owns, or reads where it reuses those of another."""
        return self.layer.weights(self.operands)

    @cached_property
    def cost(self) -> Cost:
        return self.layer.cost(self.operands)

    @cached_property
    def torch(self) -> tuple[Torch, ...]:
        """Its steps in torch."""
        return self.layer.torch(self.operands)


class Kinds:
    """The layers whose result is known, in order, by their kinds. Deep networks repeat themselves, so that there are
    few: `of` has the number of each node's. A fact is asked once of each kind, and the answers are kept for the next
    pass that asks."""

    def __init__(self, graph: Graph, shapes: ShapeTable) -> None:
        numbers: dict[tuple[Layer, Shapes], int] = {}
        self.of = {node.id: numbers.setdefault((node.layer, read), len(numbers)) for node, read in known(graph, shapes)}
        results = dict(zip(self.of.values(), map(shapes.__getitem__, self.of), strict=True))
        self.kinds = tuple([Kind(*key, results[number] or ()) for key, number in numbers.items()])
        self._answers: dict[object, tuple[Any, ...]] = {}

    def kind(self, id: str) -> Kind | None:
        """A node's; None of inputs, and where the result is not known."""
        number = self.of.get(id)
        return None if number is None else self.kinds[number]

    def answers(self, fact: Callable[[Kind], T]) -> tuple[T, ...]:
        """What each kind says, by its number. Ask with a function of a module: the answers are known again by it, and
        kept as long as the graph is."""
        found = self._answers.get(fact)
        if found is None:
            found = self._answers[fact] = tuple([fact(kind) for kind in self.kinds])
        return found

    def table(self, fact: Callable[[Kind], T]) -> dict[str, T]:
        """The same by node id."""
        answers = self.answers(fact)
        return {id: answers[kind] for id, kind in self.of.items()}


_LAST: WeakKeyDictionary[Graph, tuple[ShapeTable, Kinds]] = WeakKeyDictionary()


def kinds_of(graph: Graph, shapes: ShapeTable) -> Kinds:
    """Those of a finished graph, with whose last table of shapes they are kept: neither is changed any more."""
    last = _LAST.get(graph)
    if last is None or last[0] is not shapes:
        last = _LAST[graph] = shapes, Kinds(graph, shapes)
    return last[1]
