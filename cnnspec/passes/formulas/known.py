"""What is known of a class of sizes while it is worked out: its axes, how they go together, and where it begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from math import gcd, lcm
from typing import NamedTuple, NoReturn

from cnnspec.contract.sizing import Need
from cnnspec.ir.decisions import Decision
from cnnspec.passes.formulas.polynomial import Polynomial, Whole, linear, terms_of, value_at
from cnnspec.passes.sizes.forms import Extent, Extents, Form, Forms, Sum, Variable

address = id
MOST_PERIOD = 1 << 20
"""A class whose sizes lie further apart is no class any more."""


class Cause(NamedTuple):
    """What wants something of a size: a node, and what it needs or why its sizes follow no rule; without a node a
    condition of the text, or words."""

    node: str
    why: Need | Decision | str


class Bound(NamedTuple):
    """An axis that stays as it is written, and by whom."""

    variable: Variable
    written: int
    cause: Cause


class Again(Exception):
    """Something was learnt of the class; what was worked out before may be otherwise."""


class Known:
    """t counts the steps of an axis: H = period * t + rest. From `low` on, up to `high` and why no further, all that
    was asked for holds; what is `same` goes by another axis, what is `bound` stays as it is `written`."""

    def __init__(self, written: Mapping[Variable, int], forms: Forms) -> None:
        self.written = written
        self.same: dict[Variable, Variable] = {}
        self.bound: dict[Variable, Bound] = {}
        self.period = dict.fromkeys(written, 1)
        self.low: dict[Variable, int] = {}
        self.high: dict[Variable, tuple[int, Cause]] = {}
        self._sizes: dict[int, tuple[Whole, ...]] = {}  # by the address of the extents, which the forms keep
        for node, why in forms.untold.items():
            self.bind_all(Cause(node, why))
        # Equal shapes are the same object mostly, and all demands of a node are of the same operands.
        taken = {id(each.operands): each.operands for each in forms.demands}
        for extents in {id(each): each for each in chain(forms.extents.values(), *taken.values())}.values():
            for form in _forms_in(extents):
                self.period[form.variable] = lcm(self.period[form.variable], form.period)

    def begin(self) -> None:
        """Every size from 1 on."""
        self.low = {each: int(size % self.period[each] == 0) for each, size in self.written.items()}
        self.high = {}
        self._sizes = {}

    @property
    def free(self) -> list[Variable]:
        """The axes that may be of another size, one of each that go together."""
        return [each for each in self.written if each not in self.same and each not in self.bound]

    def first(self, variable: Variable) -> Variable:
        """The axis by which this one goes, if they are as large as each other."""
        while variable in self.same:
            variable = self.same[variable]
        return variable

    # -- sizes --------------------------------------------------------------------------------------------------------

    def size(self, extent: Extent, *, low: bool = False) -> Whole:
        """As it depends on t; with `low` on the steps from the least t."""
        if isinstance(extent, int):
            return extent
        if isinstance(extent, Sum):
            return self._times_over(extent, low=low) // extent.over
        variable = self.first(extent.variable)
        if variable in self.bound:
            return extent.at(self.written[variable])
        slope, offset = extent.on(self.period[variable], self.written[variable] % self.period[variable])
        return linear(name_of(variable), slope, offset + slope * self.low[variable] * low)

    def _times_over(self, extent: Sum, *, low: bool = False) -> Whole:
        total: Whole = 0
        for forms, count in extent.terms.items():
            total = total + product([count, *(self.size(form, low=low) for form in forms)])
        return total

    def sizes(self, extents: Extents, cause: Cause) -> tuple[Whole, ...]:
        """Those of a shape. Where a product is divided, the class is made so small that one rest is left."""
        if (known := self._sizes.get(address(extents))) is not None:
            return known
        for each in extents:
            if isinstance(each, Sum) and each.over > 1:
                self.divide(self._times_over(each), each.over, cause)
        known = self._sizes[address(extents)] = tuple([self.size(each) for each in extents])
        return known

    def now(self, size: Whole) -> int:
        """Of the inputs as they are written."""
        return self._at(size, {each: self._t(each) for each in self.written})

    def _t(self, variable: Variable) -> int:
        return self.written[variable] // self.period[variable]

    def _at(self, size: Whole, steps: Mapping[Variable, int]) -> int:
        return value_at(size, {name_of(each): t for each, t in steps.items()})

    def axes_of(self, size: Whole) -> list[Variable]:
        """Those that it depends on."""
        names = size.unknowns if isinstance(size, Polynomial) else ()
        return [each for each in self.written if name_of(each) in names]

    # -- what is learnt -----------------------------------------------------------------------------------------------

    def bind(self, size: Whole, cause: Cause) -> NoReturn:
        """All axes that it depends on stay as they are."""
        for variable in self.axes_of(size):
            self.bound[variable] = Bound(variable, self.written[variable], cause)
        raise Again

    def bind_all(self, cause: Cause) -> None:
        """Every axis that is not bound stays as it is."""
        self.bound |= {each: Bound(each, size, cause) for each, size in self.written.items() if each not in self.bound}

    def fix(self, size: Whole, cause: Cause) -> None:
        """The same, if there are any."""
        if isinstance(size, Polynomial):
            self.bind(size, cause)

    def divide(self, size: Whole, by: int, cause: Cause) -> None:
        """Makes the class so small that the size leaves one rest by a number."""
        if not isinstance(size, Polynomial) or size.common % by == 0:
            return
        for variable in self.axes_of(size):
            self.period[variable] *= by // gcd(size.common, by)
            if self.period[variable] > MOST_PERIOD:
                self.bind(size, cause)
        raise Again

    def hold(self, size: Whole, cause: Cause) -> None:
        """Takes only the steps at which a number is 0 or more, as it is now."""
        if not isinstance(size, Polynomial):
            return
        variables, slopes = self.axes_of(size), [count for monomial, count in size.terms.items() if monomial]
        if len(variables) == 1 and max(map(len, size.terms)) == 1:
            (variable,), (slope,), offset = variables, slopes, size.terms.get((), 0)
            if slope > 0:
                self.low[variable] = max(self.low[variable], -(offset // slope))
            elif variable not in self.high or offset // -slope < self.high[variable][0]:
                self.high[variable] = offset // -slope, cause
        elif min(slopes) > 0:
            while self._at(size, self.low) < 0:
                self.low |= {each: min(self.low[each] + 1, self._t(each)) for each in variables}
        else:
            self.bind(size, cause)

    def differ(self, size: Whole, cause: Cause) -> None:
        """Takes only the steps at which a number is on the side of 0 on which it is now."""
        if isinstance(size, Polynomial):
            self.hold(size - 1 if self.now(size) > 0 else -size - 1, cause)

    def equal(self, one: Whole, two: Whole, cause: Cause) -> None:
        """Two sizes that are equal now: so on the whole class, or where two axes are as large as each other, or else
        at the written sizes only."""
        if isinstance(one - two, int):
            return
        pair = [*self.axes_of(one), *self.axes_of(two)]
        if len(set(pair)) == 2 and len({self.written[each] for each in pair}) == 1:
            period = lcm(*(self.period[each] for each in pair))
            if any(self.period[each] != period for each in pair) and period <= MOST_PERIOD:
                self.period |= dict.fromkeys(pair, period)
                raise Again
            if list(terms_of(one).values()) == list(terms_of(two).values()):
                self.same[max(pair)] = min(pair)
                raise Again
        self.bind(one - two, cause)


def name_of(variable: Variable) -> str:
    """What its unknown is called."""
    return f"{variable.input}.{variable.axis}"


def product(sizes: Iterable[Whole]) -> Whole:
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
