"""The sizes like the written one: those of its residue class at which every step's sizes follow one rule.

On the class of H modulo P each size is a t + b (passes/forms.py). What the layers need of sizes (`Forms.demands`) says
from which t on they take them, which axes must be as large as each other, and which are bound to the written size:
behind a dense layer's fixed weights there is but one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import gcd, lcm, prod
from typing import NamedTuple, NoReturn

from cnnspec.contract.sizing import AtLeast, Divides, Equal, Gates, Holds, Kept, MoreThan, Need, Within
from cnnspec.ir.graph import Graph, Input
from cnnspec.passes.forms import Demand, Extent, Extents, Form, Forms, Sum, Variable
from cnnspec.passes.polynomial import Polynomial, Whole, linear, terms_of

MOST_PERIOD = 1 << 20
"""A class of which no size is smaller is no class any more."""


class Axis(NamedTuple):
    """A size that may be another one: `least`, least + period, … up to `most` (None: without end). `variables` are the
    axes of inputs that are so large, `unknown` is how many steps of `period` lie between it and `least`."""

    unknown: str
    variables: tuple[Variable, ...]
    written: int
    period: int
    least: int
    most: int | None


class Bound(NamedTuple):
    """An axis that stays as it is written, and by whom: a node and what it needs, or why its sizes follow no rule."""

    variable: Variable
    written: int
    node: str
    why: Need | str


class SizeClass(NamedTuple):
    """`extents` by node: sizes as they depend on the axes' unknowns, from 0 up."""

    axes: tuple[Axis, ...]
    bound: tuple[Bound, ...]
    extents: Mapping[str, tuple[Whole, ...]]


class _Again(Exception):
    """Something was learnt of the class; what was worked out before may be otherwise."""


def size_class(graph: Graph, forms: Forms, more: Iterable[Bound] = ()) -> SizeClass:
    """That of the inputs as they are written; `more` axes stay as they are, for reasons that lie outside."""
    return _Class(graph, forms, more).settled()


def variables_of(graph: Graph) -> dict[Variable, int]:
    """Every spatial axis of every input, and its size as it is written."""
    return {
        Variable(id, axis): size
        for id, node in graph.inputs.items()
        if isinstance(node.layer, Input)
        for axis, size in enumerate(node.layer.shape[1:], start=1)
    }


class _Class:
    """What is known so far. t counts the steps of an axis: H = period * t + rest."""

    def __init__(self, graph: Graph, forms: Forms, more: Iterable[Bound]) -> None:
        self.forms, self.written = forms, variables_of(graph)
        self.same: dict[Variable, Variable] = {}
        self.bound = {each.variable: each for each in more}
        self.period = dict.fromkeys(self.written, 1)
        self.low: dict[Variable, int] = {}
        self.high: dict[Variable, tuple[int, Demand]] = {}
        for node, why in forms.untold.items():
            for each in self.written:
                self.bound.setdefault(each, Bound(each, self.written[each], node, why))
        for extents in (*forms.extents.values(), *(each for demand in forms.demands for each in demand.operands)):
            for form in _forms_in(extents):
                self.period[form.variable] = lcm(self.period[form.variable], form.period)

    def settled(self) -> SizeClass:
        """Looks at what every node needs, until nothing new is learnt. Each time an axis is bound or made one with
        another, or the class smaller, so that it ends."""
        while True:
            self.low = {each: int(size % self.period[each] == 0) for each, size in self.written.items()}
            self.high = {}
            try:
                for demand in self.forms.demands:
                    self._meet(demand)
                return self._made()
            except _Again:
                continue

    def _made(self) -> SizeClass:
        for variable, (high, demand) in self.high.items():
            if high <= self.low[variable]:
                self._bind(self._size_of(variable), demand)
        axes = []
        for variable, size in self.written.items():
            if variable in self.same or variable in self.bound:
                continue
            period, rest = self.period[variable], size % self.period[variable]
            least, most = rest + period * self.low[variable], None
            if variable in self.high:
                most = rest + period * self.high[variable][0]
            joined = tuple(each for each in self.written if self.first(each) == variable)
            axes.append(Axis(_name(variable), joined, size, period, least, most))
        extents = {id: tuple([self.size(each, True) for each in found]) for id, found in self.forms.extents.items()}
        return SizeClass(tuple(axes), tuple(self.bound.values()), extents)

    # -- sizes --------------------------------------------------------------------------------------------------------

    def first(self, variable: Variable) -> Variable:
        """The axis by which this one goes, if they are as large as each other."""
        while variable in self.same:
            variable = self.same[variable]
        return variable

    def size(self, extent: Extent, low: bool = False) -> Whole:
        """As it depends on t; with `low` on the steps from the least t."""
        if isinstance(extent, int):
            return extent
        if isinstance(extent, Form):
            variable = self.first(extent.variable)
            if variable in self.bound:
                return extent.at(self.written[variable])
            slope, offset = extent.on(self.period[variable], self.written[variable] % self.period[variable])
            return linear(_name(variable), slope, offset + slope * self.low[variable] * low)
        return self._times_over(extent, low) // extent.over

    def _times_over(self, extent: Sum, low: bool = False) -> Whole:
        total: Whole = 0
        for forms, count in extent.terms.items():
            total = total + _product([count, *(self.size(form, low) for form in forms)])
        return total

    def _size_of(self, variable: Variable) -> Whole:
        return linear(_name(variable), self.period[variable], self.written[variable] % self.period[variable])

    def _sizes(self, extents: Extents, demand: Demand) -> tuple[Whole, ...]:
        """Those of a shape. Where a product is divided, the class is made so small that one rest is left."""
        for each in extents:
            if isinstance(each, Sum) and each.over > 1:
                self._divide(self._times_over(each), each.over, demand)
        return tuple([self.size(each) for each in extents])

    def _now(self, size: Whole) -> int:
        """Of the inputs as they are written."""
        return self._at(size, {each: self._t(each) for each in self.written})

    def _t(self, variable: Variable) -> int:
        return self.written[variable] // self.period[variable]

    def _at(self, size: Whole, steps: Mapping[Variable, int]) -> int:
        values = {_name(each): t for each, t in steps.items()}
        return sum(count * prod(values[name] for name in monomial) for monomial, count in terms_of(size).items())

    def _of(self, size: Whole) -> list[Variable]:
        """The axes that it depends on."""
        names = size.unknowns if isinstance(size, Polynomial) else ()
        return [each for each in self.written if _name(each) in names]

    # -- what is learnt -----------------------------------------------------------------------------------------------

    def _bind(self, size: Whole, demand: Demand) -> NoReturn:
        """All axes that it depends on stay as they are."""
        for variable in self._of(size):
            self.bound[variable] = Bound(variable, self.written[variable], demand.node, demand.need)
        raise _Again

    def _divide(self, size: Whole, by: int, demand: Demand) -> None:
        """Makes the class so small that the size leaves one rest by a number."""
        if not isinstance(size, Polynomial) or size.common % by == 0:
            return
        for variable in self._of(size):
            self.period[variable] *= by // gcd(size.common, by)
            if self.period[variable] > MOST_PERIOD:
                self._bind(size, demand)
        raise _Again

    def _hold(self, size: Whole, demand: Demand) -> None:
        """Takes only the steps at which a number is 0 or more, as it is now."""
        if not isinstance(size, Polynomial):
            return
        variables, slopes = self._of(size), [count for monomial, count in size.terms.items() if monomial]
        if len(variables) == 1 and max(map(len, size.terms)) == 1:
            (variable,), (slope,), offset = variables, slopes, size.terms.get((), 0)
            if slope > 0:
                self.low[variable] = max(self.low[variable], -(offset // slope))
            elif variable not in self.high or offset // -slope < self.high[variable][0]:
                self.high[variable] = offset // -slope, demand
        elif min(slopes) > 0:
            while self._at(size, self.low) < 0:
                self.low |= {each: min(self.low[each] + 1, self._t(each)) for each in variables}
        else:
            self._bind(size, demand)

    # -- what a node needs --------------------------------------------------------------------------------------------

    def _meet(self, demand: Demand) -> None:
        operands = [self._sizes(each, demand) for each in demand.operands]
        match demand.need:
            case Within(axis, operand):
                self._within(demand.need, operands[operand][axis], demand)
            case Kept(axis, operand):
                self._fixed(operands[operand][axis], demand)
            case Equal(axis, operand, other):
                self._equal(operands[operand][axis], operands[other][axis], demand)
            case AtLeast(axis, operand, other):
                self._hold(operands[operand][axis] - operands[other][axis], demand)
            case Holds(_, operand):
                self._fixed(_product(operands[operand]), demand)
            case Divides(values, operand):
                self._divide(_product(operands[operand]), values, demand)
            case MoreThan(values, operand, begin):
                self._hold(_product(operands[operand][begin:]) - values - 1, demand)
            case Gates():
                self._gates(operands, demand)

    def _fixed(self, size: Whole, demand: Demand) -> None:
        if isinstance(size, Polynomial):
            self._bind(size, demand)

    def _within(self, need: Within, size: Whole, demand: Demand) -> None:
        if isinstance(size, int):
            return
        if self._now(size) in need.low:
            self._bind(size, demand)
        if len(need.residues) < need.period:
            self._divide(size, need.period, demand)
        self._hold(size - need.start, demand)
        if need.upto is not None:
            self._hold(need.upto - size, demand)

    def _equal(self, one: Whole, two: Whole, demand: Demand) -> None:
        """Two sizes that are equal now: so on the whole class, or where two axes are as large as each other, or else
        at the written sizes only."""
        if isinstance(one - two, int):
            return
        ones, twos = self._of(one), self._of(two)
        if len(ones) == len(twos) == 1 and ones != twos:
            pair = ones[0], twos[0]
            period = lcm(*(self.period[each] for each in pair))
            if len({self.written[each] for each in pair}) == 1 and period <= MOST_PERIOD:
                if {self.period[each] for each in pair} != {period}:
                    self.period |= dict.fromkeys(pair, period)
                    raise _Again
                if list(terms_of(one).values()) == list(terms_of(two).values()):
                    self.same[max(pair)] = min(pair)
                    raise _Again
        self._bind(one - two, demand)

    def _gates(self, operands: list[tuple[Whole, ...]], demand: Demand) -> None:
        """What is of one position now stays so; the others are as large as each other."""
        maps = []
        for given in operands:
            if {self._now(each) for each in given[1:]} == {1}:
                for each in given[1:]:
                    self._fixed(each, demand)
            else:
                maps.append(given)
        for given in maps[1:]:
            for one, two in zip(maps[0][1:], given[1:], strict=True):
                self._equal(one, two, demand)


def _name(variable: Variable) -> str:
    return f"{variable.input}.{variable.axis}"


def _product(sizes: Iterable[Whole]) -> Whole:
    total: Whole = 1
    for each in sizes:
        total = total * each
    return total


def _forms_in(extents: Extents) -> Iterator[Form]:
    for each in extents:
        if isinstance(each, Form):
            yield each
        elif isinstance(each, Sum):
            for forms in each.terms:
                yield from forms
