"""Parameters, multiply-adds, other operations and activations as polynomials of the input's sizes.

A layer is asked for its `cost` as always, with sizes that are polynomials: a t + b on the class of the written size
(size_class.py). Sums and products stay such; a comparison, a quotient or a rest is answered if the answer is the same
for the whole class. So a formula that comes out is exact at each of its sizes; nothing is fitted to samples. A
layer whose cost is not of this kind is told by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cnnspec.contract.facts import Cost
from cnnspec.contract.values import Shape
from cnnspec.ir.decisions import NOTHING_ASKED, Asked
from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.fold import Kinds, ShapeTable, kinds_of
from cnnspec.passes.formulas.asked import cost
from cnnspec.passes.formulas.known import Bound, Cause, product
from cnnspec.passes.formulas.polynomial import Monomial, Whole, polynomial, terms_of, value_at
from cnnspec.passes.formulas.size_class import SizeClass, size_class, variables_of
from cnnspec.passes.parameters import params_of
from cnnspec.passes.sizes.forms import forms

address = id


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
    """For one sample, in steps of the axes from their least sizes on; auxiliary heads are in `params` only. The class
    begins `later` than what the network takes, by a step of these axes' unknowns, as the steps there cost otherwise at
    the least size."""

    sizes: SizeClass
    params: int
    macs: Total
    ops: Total
    activations: Total
    steps: tuple[Step, ...]
    later: Mapping[str, tuple[Node, ...]] = {}


def formulas(graph: Graph, shapes: ShapeTable, asked: Asked = NOTHING_ASKED) -> Formulas:
    """Of a network whose every step is known, and what its text asked of sizes. Where but for the least size of an axis
    more steps follow a polynomial, the class begins with the next one."""
    sizes, kinds = _sizes(graph, shapes, asked), kinds_of(graph, shapes)
    first, apart = _on_class(graph, shapes, kinds, sizes)
    found, begun = first, dict[str, tuple[Node, ...]]()
    while more := {each: apart[each] for each in sizes.open_below if each in apart and each not in begun}:
        begun |= more
        sizes = sizes.without_least(more)
        found, apart = _on_class(graph, shapes, kinds, sizes)
    return found._replace(later=begun) if _untold(found) < _untold(first) else first


def _untold(found: Formulas) -> int:
    return len(found.macs.untold) + len(found.ops.untold)


def _on_class(
    graph: Graph, shapes: ShapeTable, kinds: Kinds, sizes: SizeClass
) -> tuple[Formulas, dict[str, tuple[Node, ...]]]:
    """The formulas for one class; then by unknown the steps that would follow one, were it not for its least size."""
    table = dict(sizes.extents) if sizes.axes else {id: shapes[id] or () for id in graph.inputs}
    known: dict[tuple[int, ...], _Priced] = {}
    often: Counter[tuple[int, ...]] = Counter()
    steps, apart = list[Step](), dict[str, tuple[Node, ...]]()
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
            macs, ops, least = cost(kind, tuple(given))
            priced = known[key] = _Priced(macs, ops, product(shape), kind.cost)
            for unknown in least:
                apart[unknown] = (*apart.get(unknown, ()), node)
        often[key] += 1
        steps.append(Step(node, shape, *priced))
    counted = [(each, often[key]) for key, each in known.items()]
    found = Formulas(
        sizes=sizes,
        params=params_of(graph, shapes),
        macs=Total(_sum((each.macs, times) for each, times in counted), tuple([e for e in steps if e.macs is None])),
        ops=Total(_sum((each.ops, times) for each, times in counted), tuple([e for e in steps if e.ops is None])),
        activations=Total(_sum((each.activations, times) for each, times in counted), ()),
        steps=tuple(steps),
    )
    return found, apart


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


def _sum(found: Iterable[tuple[Whole | None, int]]) -> Whole:
    """Of what follows a polynomial, each so many times."""
    terms: dict[Monomial, int] = {}
    for value, times in found:
        for monomial, count in () if value is None else terms_of(value).items():
            terms[monomial] = terms.get(monomial, 0) + count * times
    return polynomial(terms)
