"""Everything that differs between two networks, as data."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.compare.interface import interface
from cnnspec.compare.steps import Side, Sort, Step, steps
from cnnspec.compare.tensors import Tensors, tensors
from cnnspec.compare.unsettled import unsettled
from cnnspec.contract.values import Shape, Value
from cnnspec.passes.memory.peak import peak_bytes, weight_bytes
from cnnspec.passes.quantities import last_map

if TYPE_CHECKING:
    from cnnspec.build.elaborate import Built
    from cnnspec.pipeline import Compiled
    from cnnspec.source.diagnostic import Diagnostic


class Numbers(NamedTuple):
    """The totals of one network: as the report has them; `rf` is what a unit of the last map sees on the axis where
    that is least, as `require rf` has it, None without a map; if `units_differ` it is the furthest of all units.
    `weights` and `activations` are bytes for one float32 sample, `memory` both."""

    params: int
    buffers: int
    macs: int
    ops: int
    depth: int
    rf: int | None
    units_differ: bool
    memory: int
    weights: int
    activations: int
    aux_params: int
    aux_macs: int


class Ends(NamedTuple):
    """The shapes that go in and come out, by name."""

    inputs: dict[str, Shape | None]
    outputs: dict[str, Shape | None]


class Common(NamedTuple):
    """So many of the layers that multiply (convolutions, products) have their like in the other network, of those of
    the one that has fewer. Alike is the same word with at most one argument that differs."""

    alike: int
    of: int

    @property
    def hardly_any(self) -> bool:
        """Less than a quarter; of three layers nothing can be said."""
        return self.of > 3 and 4 * self.alike < self.of


class Difference:
    """Two networks without errors. `besides` names what differs apart from the network itself: how pictures are
    prepared (`image`), the names of classes (`labels`), the recipe (`train`). `interface` is what differs for whoever
    calls the network."""

    def __init__(self, a: Compiled, b: Compiled) -> None:
        assert a.built is not None
        assert b.built is not None
        self.a, self.b = a, b
        self.sides = _side(a, a.built), _side(b, b.built)
        self.steps: tuple[Step, ...] = steps(*self.sides)
        self.numbers = _numbers(self.sides[0]), _numbers(self.sides[1])
        self.ends = _ends(self.sides[0]), _ends(self.sides[1])
        self.tensors: Tensors = tensors(self.steps)
        self.unsettled = unsettled(self.steps, self.sides[1], self.tensors)
        pairs = {each.a.node.id: each.b.node.id for each in self.steps if each.a and each.b}
        one, other = self.sides
        self.interface = tuple(interface(one.graph, one.shapes, other.graph, other.shapes, pairs))
        self.besides = tuple(_besides(a.built, b.built))

    @property
    def parameters(self) -> dict[str, tuple[Value, Value]]:
        """The models' own parameters whose values differ (`width=16` and `width=20`), where both have them."""
        assert self.a.built is not None
        assert self.b.built is not None
        one, other = self.a.built.parameters, self.b.built.parameters
        return {name: (one[name], other[name]) for name in one if name in other and one[name] != other[name]}

    @property
    def over_budget(self) -> tuple[Diagnostic, ...]:
        """What B says of itself and does not hold: `require params <= 12M`."""
        return tuple(each for each in self.b.diagnostics if each.is_error)

    @property
    def is_same(self) -> bool:
        """The same steps and the same interface; within, steps may have other names."""
        return self.has_same_steps and not self.interface

    @property
    def has_same_steps(self) -> bool:
        """Whatever inputs and outputs are called, and in which order they are."""
        return all(each.sort is Sort.SAME for each in self.steps)

    @property
    def is_identical(self) -> bool:
        """The same to the last name, with all that belongs to it."""
        return self.is_same and not self.besides and not any(each.is_renamed for each in self.steps)

    @cached_property
    def common(self) -> Common:
        old = sum(each.a.cost.macs > 0 for each in self.steps if each.a)
        new = sum(each.b.cost.macs > 0 for each in self.steps if each.b)
        return Common(sum(map(_is_alike, self.steps)), min(old, new))

    def of(self, *sorts: Sort) -> tuple[Step, ...]:
        return tuple(each for each in self.steps if each.sort in sorts)


def _is_alike(step: Step) -> bool:
    if step.a is None or step.b is None or not (step.a.cost.macs and step.b.cost.macs):
        return False
    return step.a.node.layer.word == step.b.node.layer.word and len(step.arguments) <= 1


def _side(compiled: Compiled, built: Built) -> Side:
    return Side(built.graph, built.shapes, compiled.analysis)


def _numbers(side: Side) -> Numbers:
    totals = side.analysis.totals
    last = last_map(side.graph, side.shapes, side.analysis)
    weights, activations = weight_bytes(side.graph, side.shapes), peak_bytes(side.graph, side.shapes)
    return Numbers(
        params=totals.params,
        buffers=totals.buffer_elements,
        macs=totals.macs,
        ops=totals.ops,
        depth=totals.depth,
        rf=last.sees if last else None,
        units_differ=bool(last and last.units_differ),
        memory=weights + activations,
        weights=weights,
        activations=activations,
        aux_params=totals.aux_params,
        aux_macs=totals.aux_macs,
    )


def _ends(side: Side) -> Ends:
    outputs = {name: side.shapes.get(id) for name, id in side.graph.outputs.items()}
    return Ends({id: side.shapes.get(id) for id in side.graph.inputs}, outputs)


def _besides(a: Built, b: Built) -> list[str]:
    differs = {
        "image": a.image != b.image,
        "labels": a.labels != b.labels,
        "train": (a.recipe and a.recipe.plain()) != (b.recipe and b.recipe.plain()),
    }
    return [name for name, is_other in differs.items() if is_other]
