"""Parameters, multiply-adds, other operations and activations as polynomials of the input's sizes.

A layer is asked for its `cost` as always, with sizes that are polynomials: a t + b on the class of the written size
(size_class.py). Sums and products stay such; a comparison, a quotient or a rest is answered if the answer is the same
for the whole class. So a formula that comes out is exact at each of its sizes; nothing is fitted to samples. A
layer whose cost is not of this kind is told by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Cost
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes
from cnnspec.ir.decisions import NOTHING_ASKED, Asked
from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.fold import Kind, ShapeTable, kinds_of
from cnnspec.passes.formulas.known import Bound, Cause, product
from cnnspec.passes.formulas.polynomial import (
    Monomial,
    Polynomial,
    Undecided,
    Whole,
    linear,
    polynomial,
    put,
    terms_of,
    value_at,
)
from cnnspec.passes.formulas.size_class import SizeClass, size_class, variables_of
from cnnspec.passes.parameters import params_of
from cnnspec.passes.sizes.forms import forms

address = id
Given = tuple[tuple[Whole, ...], ...]
"""The operands' sizes."""


class Step(NamedTuple):
    """One step that runs. `macs` and `ops` are None where they follow no polynomial; `now` is the cost of the sizes as
    they are written."""

    node: Node
    shape: tuple[Whole, ...]
    macs: Whole | None
    ops: Whole | None
    activations: Whole
    now: Cost


class Total(NamedTuple):
    """The sum of what follows a polynomial, and the steps that come on top."""

    known: Whole
    untold: tuple[Step, ...]


class Formulas(NamedTuple):
    """For one sample, in steps of the axes from their least sizes on; auxiliary heads are in `params` only."""

    sizes: SizeClass
    params: int
    macs: Total
    ops: Total
    activations: Total
    steps: tuple[Step, ...]


def formulas(graph: Graph, shapes: ShapeTable, asked: Asked = NOTHING_ASKED) -> Formulas:
    """Of a network whose every step is known, and what its text asked of sizes."""
    sizes, kinds = _sizes(graph, shapes, asked), kinds_of(graph, shapes)
    table = dict(sizes.extents) if sizes.axes else {id: shapes[id] or () for id in graph.inputs}
    known: dict[tuple[int, ...], _Priced] = {}
    often: Counter[tuple[int, ...]] = Counter()
    steps = list[Step]()
    nodes, running = graph.nodes, graph.running
    for id, number in kinds.of.items():
        if id not in running:
            continue
        node, shape = nodes[id], table.get(id)
        if shape is None:
            shape = table[id] = shapes[id] or ()
        given = [table[each] for each in node.inputs]
        key = (number, *map(address, given))  # the table keeps them
        priced = known.get(key)
        if priced is None:
            kind = kinds.kinds[number]
            priced = known[key] = _Priced(*_cost(kind, tuple(given)), product(shape), kind.cost)
        often[key] += 1
        steps.append(Step(node, shape, *priced))
    counted = [(each, often[key]) for key, each in known.items()]
    return Formulas(
        sizes=sizes,
        params=params_of(graph, shapes),
        macs=Total(_sum((each.macs, times) for each, times in counted), tuple([e for e in steps if e.macs is None])),
        ops=Total(_sum((each.ops, times) for each, times in counted), tuple([e for e in steps if e.ops is None])),
        activations=Total(_sum((each.activations, times) for each, times in counted), ()),
        steps=tuple(steps),
    )


class _Priced(NamedTuple):
    """What equal layers with operands of equal sizes have in common; as in Step."""

    macs: Whole | None
    ops: Whole | None
    activations: Whole
    now: Cost


def _sizes(graph: Graph, shapes: ShapeTable, asked: Asked) -> SizeClass:
    """The class. A step may be a case of its own at the sizes as they are written (a map of one position, which is a
    gate there and nowhere else); then they are told as the only ones."""
    sizes = size_class(graph, forms(graph, shapes), asked)
    now = {each.unknown: (each.written - each.least) // each.period for each in sizes.axes}
    at: dict[int, Shape] = {}  # by address: equal sizes are mostly one object
    for id, extents in sizes.extents.items():
        if (written := at.get(address(extents))) is None:
            written = at[address(extents)] = tuple([value_at(each, now) for each in extents])
        if written != shapes[id]:
            cause = Cause(id, "it is otherwise than at other sizes")
            return SizeClass((), tuple(Bound(*each, cause) for each in variables_of(graph).items()), {})
    return sizes


def _key(size: Whole) -> object:
    return size.key if isinstance(size, Polynomial) else size


def _cost(kind: Kind, given: Given) -> tuple[Whole | None, Whole | None]:
    """Multiply-adds and other operations. Only layers with weights have the former (docs/counting.md)."""
    unknowns = sorted(
        {name for each in given for size in each if isinstance(size, Polynomial) for name in size.unknowns}
    )
    try:
        return _asked(kind.layer, given, unknowns)
    except (Undecided, LayerError):
        return None if kind.weights else 0, None


def _asked(layer: Layer, given: Given, unknowns: Sequence[str]) -> tuple[Whole, Whole]:
    """The two for all values. Where the least sizes are a case of their own (a map of one position, which could be a
    gate), they are asked about apart: one formula holds for all if they follow that of the others."""
    try:
        found = layer.cost(cast(Shapes, given))
        return cast("tuple[Whole, Whole]", (found.macs, found.ops))
    except Undecided:
        if not unknowns:
            raise
    first, *others = unknowns
    above = _asked(layer, _with(given, first, linear(first, 1, 1)), others)
    least = _asked(layer, _with(given, first, 0), others)
    macs, ops = (put(each, first, linear(first, 1, -1)) for each in above)
    if any(_key(put(all, first, 0)) != _key(one) for all, one in zip((macs, ops), least, strict=True)):
        raise Undecided("the least size costs otherwise")
    return macs, ops


def _with(given: Given, unknown: str, by: Whole) -> Given:
    return tuple([tuple([put(size, unknown, by) for size in each]) for each in given])


def _sum(found: Iterable[tuple[Whole | None, int]]) -> Whole:
    """Of what follows a polynomial, each so many times."""
    terms: dict[Monomial, int] = {}
    for value, times in found:
        for monomial, count in () if value is None else terms_of(value).items():
            terms[monomial] = terms.get(monomial, 0) + count * times
    return polynomial(terms)
