"""The sizes like the written one: those of its residue class at which every step's sizes follow one rule.

On the class of H modulo P each size is a t + b (passes/sizes/forms.py). What the layers need of sizes
(`Forms.demands`) says from which t on they take them, which axes must be as large as each other, and which are bound to
the written size: behind a dense layer's fixed weights there is but one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from cnnspec.contract.sizing import AtLeast, Divides, Equal, Gates, Holds, Kept, MoreThan, Within
from cnnspec.ir.decisions import NOTHING_ASKED, Asked
from cnnspec.ir.graph import Graph, Input
from cnnspec.passes.formulas.conditions import meet_text
from cnnspec.passes.formulas.known import Again, Bound, Cause, Known, name_of, product
from cnnspec.passes.formulas.polynomial import Whole, linear, put
from cnnspec.passes.sizes.forms import Demand, Form, Forms, Variable

address = id


class Axis(NamedTuple):
    """A size that may be another one: `least`, least + period, … up to `most` (None: without end). `variables` are the
    axes of inputs that are so large, `unknown` is how many steps of `period` lie between it and `least`."""

    unknown: str
    variables: tuple[Variable, ...]
    written: int
    period: int
    least: int
    most: int | None


class SizeClass(NamedTuple):
    """`extents` by node: sizes as they depend on the axes' unknowns, from 0 up."""

    axes: tuple[Axis, ...]
    bound: tuple[Bound, ...]
    extents: Mapping[str, tuple[Whole, ...]]

    @property
    def open_below(self) -> list[str]:
        """The unknowns whose least size can be left out: it is not the written one, and two are left at least."""
        axes = (each for each in self.axes if each.written > each.least)
        return [each.unknown for each in axes if each.most is None or each.most > each.least + each.period]

    def without_least(self, unknowns: Collection[str]) -> SizeClass:
        """The same from the next size of these on."""
        axes = [
            each._replace(least=each.least + each.period) if each.unknown in unknowns else each for each in self.axes
        ]
        found: dict[int, tuple[Whole, ...]] = {}  # by address: equal extents are mostly one object
        for each in self.extents.values():
            if address(each) not in found:
                found[address(each)] = tuple([_one_further(size, unknowns) for size in each])
        return SizeClass(tuple(axes), self.bound, {id: found[address(each)] for id, each in self.extents.items()})


def _one_further(size: Whole, unknowns: Collection[str]) -> Whole:
    for each in unknowns:
        size = put(size, each, linear(each, 1, 1))
    return size


def size_class(graph: Graph, forms: Forms, asked: Asked = NOTHING_ASKED) -> SizeClass:
    """That of the inputs as they are written, as far as the text's own conditions on sizes come out alike. Only what
    runs is looked at.

    What every node needs is looked at until nothing new is learnt. Each time an axis is bound or made one with another,
    or the class smaller, so that it ends.
    """
    running = graph.running
    kept: dict[tuple[int, int], Demand] = {}
    for each in forms.demands:  # of those that are alike the first speaks for all; most are by the same objects
        kept.setdefault((address(each.need), address(each.operands)), each)
    demands: dict[object, Demand] = {}
    for each in kept.values():
        demands.setdefault((each.need, *each.asked), each)
    extents = {id: each for id, each in forms.extents.items() if id in running}
    forms = forms._replace(extents=extents)
    known = Known(variables_of(graph), forms)
    while True:
        known.begin()
        try:
            for demand in demands.values():
                _meet(known, demand)
            meet_text(known, forms, asked)
            return _made(known, forms)
        except Again:
            continue


def variables_of(graph: Graph) -> dict[Variable, int]:
    """Every spatial axis of every input, and its size as it is written."""
    return {
        Variable(id, axis): size
        for id, node in graph.inputs.items()
        if isinstance(node.layer, Input)
        for axis, size in enumerate(node.layer.shape[1:], start=1)
    }


def _made(known: Known, forms: Forms) -> SizeClass:
    for variable, (high, cause) in known.high.items():
        if high <= known.low[variable]:
            known.fix(known.size(Form(variable, 1, (0,))), cause)
    axes = []
    for variable in known.free:
        size, period = known.written[variable], known.period[variable]
        first = size % period
        most = first + period * known.high[variable][0] if variable in known.high else None
        joined = tuple(each for each in known.written if known.first(each) == variable)
        axes.append(Axis(name_of(variable), joined, size, period, first + period * known.low[variable], most))
    extents: dict[str, tuple[Whole, ...]] = {}
    at: dict[int, tuple[Whole, ...]] = {}  # by address: equal extents are mostly one object
    for id, found in forms.extents.items():
        key = address(found)
        if key not in at:
            at[key] = tuple([known.size(each, low=True) for each in found])
        extents[id] = at[key]
    return SizeClass(tuple(axes), tuple(known.bound.values()), extents)


def _meet(known: Known, demand: Demand) -> None:
    """Learns what a node needs."""
    cause = Cause(demand.node, demand.need)
    operands = {place: known.sizes(demand.operands[place], cause) for place in demand.places}
    match demand.need:
        case Within(axis, operand):
            _within(known, demand.need, operands[operand][axis], cause)
        case Kept(axis, operand):
            known.fix(operands[operand][axis], cause)
        case Equal(axis, operand, other):
            known.equal(operands[operand][axis], operands[other][axis], cause)
        case AtLeast(axis, operand, other):
            known.hold(operands[operand][axis] - operands[other][axis], cause)
        case Holds(_, operand):
            known.fix(product(operands[operand]), cause)
        case Divides(values, operand):
            known.divide(product(operands[operand]), values, cause)
        case MoreThan(values, operand, begin):
            known.hold(product(operands[operand][begin:]) - values - 1, cause)
        case Gates():
            _gates(known, list(operands.values()), cause)


def _within(known: Known, need: Within, size: Whole, cause: Cause) -> None:
    if known.now(size) in need.low:
        known.fix(size, cause)
    if len(need.residues) < need.period:
        known.divide(size, need.period, cause)
    known.hold(size - need.start, cause)
    if need.upto is not None:
        known.hold(need.upto - size, cause)


def _gates(known: Known, operands: list[tuple[Whole, ...]], cause: Cause) -> None:
    """What is of one position now stays so; the others are as large as each other."""
    maps = []
    for given in operands:
        if {known.now(each) for each in given[1:]} == {1}:
            for each in given[1:]:
                known.fix(each, cause)
        else:
            maps.append(given)
    for given in maps[1:]:
        for one, two in zip(maps[0][1:], given[1:], strict=True):
            known.equal(one, two, cause)
