"""A compiled model as lints look at it: what is asked of many steps is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, cached_property
from math import prod
from typing import TYPE_CHECKING

from cnnspec.contract.facts import Chapter, Reach, Weight, Window
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes
from cnnspec.ir.graph import Graph, Input, Node
from cnnspec.passes.fold import ShapeTable

if TYPE_CHECKING:
    from cnnspec.contract.training.recipe import Recipe


class Kind:
    """Steps that are alike: one layer on operands of the same shapes. Their facts are asked once, when a lint asks."""

    def __init__(self, layer: Layer, operands: Shapes, shape: Shape) -> None:
        self.layer, self.operands, self.shape = layer, operands, shape
        self.nodes: list[Node] = []

    @cached_property
    def windows(self) -> tuple[Window, ...] | Reach:
        """How it looks at its first operand."""
        return self.layer.window(self.operands)

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        return self.layer.weights(self.operands)

    @cached_property
    def multiplies(self) -> bool:
        """A convolution or dense layer, transposed and depthwise ones too."""
        return self.layer.cost(self.operands).macs > 0

    @cached_property
    def is_dense(self) -> bool:
        """It multiplies a vector by a matrix."""
        return len(self.shape) == 1 and self.multiplies

    @cached_property
    def torch(self) -> tuple[str, ...]:
        """What torch calls it, without the number of axes: `nn.Conv`, `nn.ReLU`, `+`."""
        steps = self.layer.torch(self.operands)
        return tuple(each.target.removesuffix("1d").removesuffix("2d").removesuffix("3d") for each in steps)

    @cached_property
    def batch_statistics(self) -> bool:
        """It normalizes by what it sees in a batch, and keeps running values for inference."""
        is_norm = self.layer.chapter is Chapter.NORMS
        return is_norm and any(each.name == "running_mean" for each in self.weights)

    @cached_property
    def pools_to_one(self) -> bool:
        """It makes one value of each map: a global pool, or another whose window is the map."""
        one_of_many = len(self.shape) > 1 and positions(self.shape) == 1 < positions(self.operands[0])
        return one_of_many and not self.layer.merges and not self.weights

    @property
    def adds(self) -> bool:
        return self.layer.merges and self.torch == ("+",)


class Network:
    """One model without errors: every shape is known. `labels` are the classes' names, `recipe` how it is trained;
    `own_numbers`: no parameter and no input was replaced."""

    def __init__(
        self,
        graph: Graph,
        shapes: ShapeTable,
        labels: tuple[str, ...] | None = None,
        recipe: Recipe | None = None,
        own_numbers: bool = True,
    ) -> None:
        self.graph, self.labels, self.recipe, self.own_numbers = graph, labels, recipe, own_numbers
        self.shapes: dict[str, Shape] = {id: shape for id, shape in shapes.items() if shape is not None}
        self.kind_of: dict[str, Kind] = {}
        self.readers: dict[str, list[Node]] = {}
        self._kinds: dict[tuple[Layer, Shapes], Kind] = {}
        self._index()

    def _index(self) -> None:
        shapes, kinds = self.shapes, self._kinds
        self.readers = {id: [] for id in self.graph.nodes}
        for node in self.graph:
            operands = tuple([shapes[each] for each in node.inputs])
            for each in node.inputs:
                self.readers[each].append(node)
            if isinstance(node.layer, Input):
                continue
            kind = kinds.get((node.layer, operands))
            if kind is None:
                kind = kinds[node.layer, operands] = Kind(node.layer, operands, shapes[node.id])
            kind.nodes.append(node)
            self.kind_of[node.id] = kind

    @cached_property
    def sums(self) -> tuple[Node, ...]:
        """Every merge that adds its branches up."""
        return tuple(node for kind in self.kinds if kind.layer.merges and kind.adds for node in kind.nodes)

    @property
    def kinds(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    @cached_property
    def kept(self) -> frozenset[str]:
        """What leaves the model: outputs and auxiliary heads."""
        return frozenset((*self.graph.outputs.values(), *(head.node for head in self.graph.aux.values())))

    @cached_property
    def by_step(self) -> dict[tuple[str, int, int], list[Node]]:
        """The nodes that one step of the text makes."""
        found: dict[tuple[str, int, int], list[Node]] = {}
        for node in self.graph:
            found.setdefault(_step_of(node), []).append(node)
        return found

    def in_every_use(self, holds: Callable[[Node], object]) -> Callable[[Node], bool]:
        """Whether that holds of all nodes that the same step of the text makes; each step is looked at once."""

        @cache
        def of_step(step: tuple[str, int, int]) -> bool:
            return all(map(holds, self.by_step[step]))

        return lambda node: of_step(_step_of(node))

    def only_reader(self, id: str) -> Node | None:
        """The one node that reads a value, if there is one and the value does not leave the model."""
        readers = self.readers[id]
        return readers[0] if len(readers) == 1 and id not in self.kept else None

    def behind(self, id: str) -> Node:
        """The node that makes a value, what only works while training passed over."""
        node = self.graph.nodes[id]
        while node.layer.training_only:
            node = self.graph.nodes[node.inputs[0]]
        return node

    def is_inside(self, node: Node, merge: Node) -> bool:
        """Whether a node is made by a branch of a merge, directly or through blocks."""
        depth = len(merge.trace)
        span = node.trace[depth].span if len(node.trace) > depth else node.span
        within = merge.span.source is span.source and merge.span.start <= span.start and span.end <= merge.span.end
        return within and node.trace[:depth] == merge.trace and node is not merge


def _step_of(node: Node) -> tuple[str, int, int]:
    return node.span.source.name, node.span.start, node.span.end


def positions(shape: Shape) -> int:
    """How many positions a map has; 1 for a vector."""
    return prod(shape[1:])
