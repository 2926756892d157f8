"""The size of every value for inputs of any size, exactly: a t + b on each residue class of the input's height or
width.

Window rules are floor((a H + b) / s) + c. Put one behind the other, with steps up between them, they still are linear
on each class of H modulo the product of what they divide by, and from the first size on: nothing is sampled. What a
layer says of this is its `sizing`; sizes at which some layer refuses its operands are no matter here, but of
passes/sizes/valid.py, to which `Forms.demands` is what must hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import gcd
from typing import NamedTuple

from cnnspec.contract.sizing import AtLeast, Axis, Equal, Gates, Kept, Largest, Need, Of, Product, Sizing, Total
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input
from cnnspec.passes.fold import Kind, ShapeTable, kinds_of
from cnnspec.passes.sizes.form import MOST_CLASSES, Behind, Extent, Extents, Form, Sum, Variable, is_gate

__all__ = [
    "Demand",
    "Extent",
    "Extents",
    "Form",
    "Forms",
    "Sum",
    "Through",
    "Variable",
    "behind",
    "forms",
    "product_of",
]

address = id


class Demand(NamedTuple):
    """What a node needs of its operands, which are given as forms."""

    node: str
    need: Need
    operands: tuple[Extents, ...]

    @property
    def places(self) -> tuple[int, ...]:
        """Of which operands it is: two of a join of many, all of gates."""
        match self.need:
            case Equal(_, operand, other) | AtLeast(_, operand, other):
                return (operand, other)
            case Gates():
                return tuple(range(len(self.operands)))
        return (self.need.operand,)

    @property
    def asked(self) -> tuple[Extents, ...]:
        """The forms of those."""
        return tuple([self.operands[place] for place in self.places])


class Forms(NamedTuple):
    """`extents` by node, of those whose size is known for all inputs; `demands` is what must hold for the network to
    take an input; `untold` are the first nodes on each way that must fit and follow no rule that is told, and why."""

    extents: Mapping[str, Extents]
    demands: tuple[Demand, ...]
    untold: Mapping[str, str]


def forms(graph: Graph, shapes: ShapeTable) -> Forms:
    """Every spatial axis of every input is a variable of its own, whether it was written for one size or for any. What
    feeds an auxiliary head alone has no demands, as it is not there at inference; a step that leads nowhere has, but
    for its weights, which no file of weights needs to hold (`Graph.checked`, `Graph.computed`)."""
    extents: dict[str, Extents] = {}
    demands: list[Demand] = []
    untold: dict[str, str] = {}
    kinds, through = kinds_of(graph, shapes), Through()
    rules = kinds.answers(_rule)
    results: dict[tuple[int, ...], tuple[Extents | str, tuple[Need, ...], tuple[Extents, ...]]] = {}
    alike: dict[Extents, Extents] = {}
    checked, computed = graph.checked, graph.computed
    for id, node in graph.nodes.items():
        if shapes.get(id) is None:
            continue
        if isinstance(node.layer, Input):
            extents[id] = tuple(_entering(id, node.layer.shape))
            continue
        given = [extents[each] for each in node.inputs if each in extents]
        if len(given) < len(node.inputs):
            continue
        kind = kinds.of[id]
        key = (kind, *map(address, given))  # the table keeps them
        if key not in results:
            told = rules[kind]
            found = _result(told, tuple(given), through) if told else "it follows no rule of windows"
            if not isinstance(found, str):
                found = alike.setdefault(found, found)
            results[key] = found, told.needs if told else (), tuple(given)
        found, needs, taken = results[key]
        if not isinstance(found, str):
            extents[id] = found
            if id in checked:
                owns = id in computed
                demands += [Demand(id, need, taken) for need in needs if owns or type(need) is not Kept]
        elif id in checked:
            untold[id] = found
    return Forms(extents, tuple(demands), untold)


def _entering(id: str, shape: Shape) -> Iterator[Extent]:
    yield shape[0]
    for axis in range(1, len(shape)):
        yield Form(Variable(id, axis), 1, (0,))


def _rule(kind: Kind) -> Sizing | None:
    return kind.layer.sizing(kind.operands)


def _result(sizing: Sizing, given: tuple[Extents, ...], through: Through) -> Extents | str:
    """The result's sizes, or why they are no forms."""
    found: list[Extent] = []
    for each in sizing.axes:
        extent = _axis(each, given, through)
        if isinstance(extent, str):
            return extent
        found.append(extent)
    return tuple(found)


def _axis(axis: Axis, given: tuple[Extents, ...], through: Through) -> Extent | str:
    match axis:
        case int():
            return axis
        case Of(place, operand):
            return through(given[operand][place], axis)
        case Product(operand, over):
            return _divided(product_of(given[operand]), over)
        case Total(place):
            return _total([each[place] for each in given])
        case Largest(place):
            maps = [each for each in given if not is_gate(each)] or [given[0]]
            return maps[0][place]


class Through:
    """Sizes behind one rule of one axis. Asked again, it gives the same form again: most values of a network are as
    large as others, and are known to be so at a glance."""

    def __init__(self) -> None:
        self._known: dict[tuple[Form, Of], Form | str] = {}

    def __call__(self, extent: Extent, rule: Of) -> Extent | str:
        _, _, times, plus, over, then = rule
        if times == over == 1 and plus + then == 0:
            return extent
        if isinstance(extent, int):
            return (extent * times + plus) // over + then
        if isinstance(extent, Sum):
            return _of_sum(extent, rule)
        key = (extent, rule)
        if key not in self._known:
            self._known[key] = behind(extent, times, plus, over, then)
        return self._known[key]


def behind(form: Form, times: int = 1, plus: int = 0, over: int = 1, then: int = 0) -> Form | str:
    """floor((form * times + plus) / over) + then, or why that has too many classes."""
    slope = form.slope * times
    copies = over // gcd(slope, over)
    period = form.period * copies
    if period > MOST_CLASSES:
        return f"it has {period:,} residue classes, and {MOST_CLASSES:,} at most are looked at"
    offsets = [
        ((form.slope * copy + each) * times + plus) // over + then for copy in range(copies) for each in form.offsets
    ]
    return Form(form.variable, slope * copies // over, tuple(offsets), Behind(form, times, plus, over, then))


def _of_sum(extent: Sum, rule: Of) -> Sum | str:
    _, _, times, plus, over, then = rule
    if over != 1 or extent.over != 1:
        return "it is a product of sizes, divided"
    terms = {forms: count * times for forms, count in extent.terms.items()}
    terms[()] = terms.get((), 0) + plus + then
    return Sum(terms)


def product_of(extents: Extents) -> Sum | Form | int | str:
    """All sizes multiplied; a text where that is nothing that can be said here."""
    whole, found, sums = 1, list[Form](), list[Sum]()
    for each in extents:
        if isinstance(each, int):
            whole *= each
        elif isinstance(each, Form):
            found.append(each)
        else:
            sums.append(each)
    if len(sums) > 1 or any(each.over != 1 for each in sums):
        return "it is a product of sums of sizes"
    if not sums:
        return _simple(Sum({_ordered(found): whole}))
    return _simple(Sum({_ordered([*forms, *found]): count * whole for forms, count in sums[0].terms.items()}))


def _ordered(found: list[Form]) -> tuple[Form, ...]:
    return tuple(sorted(found, key=lambda each: each.variable))


def _simple(total: Sum) -> Sum | Form | int:
    """A number where it is one, a form where it is a multiple of one."""
    terms = {forms: count for forms, count in total.terms.items() if count}
    if not any(terms):
        return terms.get((), 0) // total.over
    if len(terms) == 1:
        ((forms, count),) = terms.items()
        if len(forms) == 1 and total.over == 1:
            found = behind(forms[0], count)
            assert isinstance(found, Form), "a multiple has no further classes"
            return found
    return Sum(terms, total.over)


def _divided(extent: Sum | Form | int | str, over: int) -> Extent | str:
    """A quotient that leaves no rest; where it would, the network does not take the size."""
    if isinstance(extent, (str, int)):
        return extent if isinstance(extent, str) else extent // over
    if isinstance(extent, Form):
        return behind(extent, over=over)
    if extent.over == 1 and all(count % over == 0 for count in extent.terms.values()):
        return Sum({forms: count // over for forms, count in extent.terms.items()})
    return Sum(extent.terms, extent.over * over)


def _total(extents: list[Extent]) -> Extent | str:
    """All of them added up."""
    if all(isinstance(each, int) for each in extents):
        return sum(each for each in extents if isinstance(each, int))
    terms: dict[tuple[Form, ...], int] = {}
    for each in extents:
        if isinstance(each, Sum) and each.over != 1:
            return "it is a sum of quotients"
        added = each.terms if isinstance(each, Sum) else {(): each} if isinstance(each, int) else {(each,): 1}
        for forms, count in added.items():
            terms[forms] = terms.get(forms, 0) + count
    return _simple(Sum(terms))
