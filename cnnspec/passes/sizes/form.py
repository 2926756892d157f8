"""Sizes that depend on the input's: exactly linear on each residue class of one axis, and sums of products of such."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd, lcm, prod
from typing import NamedTuple

MOST_CLASSES = 1 << 12
"""Residue classes of one axis that are told apart."""

MOST_TOGETHER = 1 << 14
"""And those of two sizes that are compared."""


class TooLarge(Exception):
    """So many classes, rests or single sizes that nobody would count them. The message says how many."""


class Variable(NamedTuple):
    """One spatial axis of one input: `axis` is its place in the shape, from 1."""

    input: str
    axis: int


class Behind(NamedTuple):
    """floor((of * times + plus) / over) + then"""

    of: Form
    times: int
    plus: int
    over: int
    then: int


class Less(NamedTuple):
    """one - other"""

    one: Form
    other: Form


class Rest(NamedTuple):
    """of % number"""

    of: Form
    number: int


Made = Behind | Less | Rest


class Form:
    """A size as it depends on one variable H: with H = period * t + r, `slope * t + offsets[r]`; the slope is the same
    on all classes. A slope of 0 is a size that repeats itself, as H % 16 does. `made` is of what other one it comes,
    and how; None for the variable itself. What it is worth hangs on the other fields alone."""

    __slots__ = ("made", "offsets", "period", "slope", "variable")

    def __init__(self, variable: Variable, slope: int, offsets: tuple[int, ...], made: Made | None = None) -> None:
        self.variable, self.slope, self.offsets, self.period = variable, slope, offsets, len(offsets)
        self.made = made

    def __repr__(self) -> str:
        return f"Form({self.variable}, {self.slope}, {self.offsets})"

    def at(self, size: int) -> int:
        """The size where the variable is `size`."""
        t, rest = divmod(size, self.period)
        return self.slope * t + self.offsets[rest]

    def on(self, period: int, rest: int) -> tuple[int, int]:
        """(a, b) where the variable is period * t + rest: a * t + b. The form's own period divides `period`."""
        assert period % self.period == 0, f"{period} is no multiple of {self.period}"
        return self.slope * (period // self.period), self.at(rest)

    @property
    def never_falls(self) -> bool:
        """Whether it is no smaller at a larger size; as all are that layers make of sizes."""
        steps = zip(self.offsets, (*self.offsets[1:], self.offsets[0] + self.slope), strict=True)
        return all(here <= there for here, there in steps)

    def less(self, other: Form) -> Form:
        """self - other, of one variable."""
        assert self.variable == other.variable, f"{self} and {other} are of two variables"
        period = _together(self, other)
        pairs = [(self.on(period, rest), other.on(period, rest)) for rest in range(period)]
        (slope, _), (less, _) = pairs[0]
        return Form(self.variable, slope - less, tuple([one - two for (_, one), (_, two) in pairs]), Less(self, other))

    def modulo(self, number: int) -> Form:
        """self % number."""
        period = _bounded(self.period * (number // gcd(self.slope, number)))
        return Form(self.variable, 0, tuple([self.at(rest) % number for rest in range(period)]), Rest(self, number))

    def same(self, other: Form) -> bool:
        """Whether the two are equal at every size."""
        if self is other:
            return True
        if self.variable != other.variable or self.slope * other.period != other.slope * self.period:
            return False
        if self.period == other.period:
            return self.offsets == other.offsets
        return all(self.at(rest) == other.at(rest) for rest in range(_together(self, other)))


def _together(one: Form, other: Form) -> int:
    """The least period of both."""
    return _bounded(lcm(one.period, other.period))


def _bounded(period: int) -> int:
    if period > MOST_TOGETHER:
        raise TooLarge(f"{period:,} residue classes would have to be told apart, and {MOST_TOGETHER:,} at most are")
    return period


class Sum:
    """A sum of products of forms: how long a vector is. `terms` by the forms that are multiplied; () is the number
    without any. `over` divides it all, which leaves no rest at the sizes that the network takes."""

    __slots__ = ("over", "terms")

    def __init__(self, terms: Mapping[tuple[Form, ...], int], over: int = 1) -> None:
        self.terms, self.over = terms, over

    def __repr__(self) -> str:
        return f"Sum({self.terms}, {self.over})"

    def at(self, sizes: Mapping[Variable, int]) -> int:
        """Its value at these sizes of the variables."""
        values = (count * prod(each.at(sizes[each.variable]) for each in forms) for forms, count in self.terms.items())
        return sum(values) // self.over

    def same(self, other: Sum) -> bool:
        """Whether the two are made in the same way; False proves nothing."""
        return self.over == other.over and self.terms == other.terms


Extent = int | Form | Sum
"""One size of a shape, channels as well: a number where it is always the same."""

Extents = tuple[Extent, ...]


def extent_at(extent: Extent, sizes: Mapping[Variable, int]) -> int:
    """The size where the variables have these values."""
    if isinstance(extent, int):
        return extent
    return extent.at(sizes[extent.variable]) if isinstance(extent, Form) else extent.at(sizes)


def is_gate(extents: Extents) -> bool:
    """Whether a value is of 1 on every spatial axis, whatever comes in."""
    return all(each == 1 for each in extents[1:])
