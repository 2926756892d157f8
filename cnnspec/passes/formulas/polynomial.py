"""Whole numbers that depend on sizes: polynomials in unknowns that are 0 or any larger whole number.

They stand for sizes where a layer is asked what it costs. What is asked of them is answered for all values of the
unknowns at once, or not at all (`Undecided`): so what comes out holds for all, whatever the layer does on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd, prod
from typing import NoReturn

Monomial = tuple[str, ...]
"""The unknowns that are multiplied, in order: `("h", "w")`; () is 1."""

Terms = Mapping[Monomial, int]


class Undecided(Exception):
    """There is no one answer for all values of the unknowns."""


class Polynomial:
    """Not constant: `polynomial` makes an int of what is. Never changed."""

    __slots__ = ("terms",)

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def __repr__(self) -> str:
        return f"Polynomial({dict(self.terms)})"

    @property
    def key(self) -> frozenset[tuple[Monomial, int]]:
        """What makes it equal to another one."""
        return frozenset(self.terms.items())

    @property
    def unknowns(self) -> frozenset[str]:
        return frozenset(each for monomial in self.terms for each in monomial)

    def __add__(self, other: object) -> Whole:
        terms = dict(self.terms)
        if isinstance(other, int):
            terms[()] = terms.get((), 0) + other
            if not terms[()]:
                del terms[()]
            return Polynomial(terms)
        if not isinstance(other, Polynomial):
            return NotImplemented
        for monomial, count in other.terms.items():
            terms[monomial] = terms.get(monomial, 0) + count
        return polynomial(terms)

    def __mul__(self, other: object) -> Whole:
        if isinstance(other, int):
            return Polynomial({monomial: count * other for monomial, count in self.terms.items()}) if other else 0
        if not isinstance(other, Polynomial):
            return NotImplemented
        terms: dict[Monomial, int] = {}
        for one, count in self.terms.items():
            for two, times in other.terms.items():
                both = tuple(sorted((*one, *two)))
                terms[both] = terms.get(both, 0) + count * times
        return polynomial(terms)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Whole:
        return self * -1

    def __sub__(self, other: object) -> Whole:
        return self + -other if isinstance(other, (int, Polynomial)) else NotImplemented

    def __rsub__(self, other: object) -> Whole:
        return -self + other if isinstance(other, int) else NotImplemented

    def __floordiv__(self, by: object) -> Whole:
        """By a number that divides all but the constant: then the rest is the same for all."""
        return polynomial({monomial: count // self._divisor(by) for monomial, count in self.terms.items()})

    def __mod__(self, by: object) -> int:
        return self.terms.get((), 0) % self._divisor(by)

    def _divisor(self, by: object) -> int:
        if not isinstance(by, int) or by < 1 or self.common % by:
            raise Undecided(f"the rest of {self} by {by}")
        return by

    @property
    def common(self) -> int:
        """The greatest number that divides all but the constant."""
        return gcd(*(count for monomial, count in self.terms.items() if monomial))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (int, Polynomial)) and _all(self - other, {0})

    def __lt__(self, other: Whole) -> bool:
        return _all(self - other, {-1})

    def __le__(self, other: Whole) -> bool:
        return _all(self - other, {-1, 0})

    def __gt__(self, other: Whole) -> bool:
        return _all(self - other, {1})

    def __ge__(self, other: Whole) -> bool:
        return _all(self - other, {0, 1})

    def __bool__(self) -> bool:
        return _all(self, {-1, 1})

    def _no_number(self, *_: object) -> NoReturn:
        raise Undecided(f"{self} as a number")

    __hash__ = _no_number
    __index__ = __int__ = __float__ = __truediv__ = __rtruediv__ = _no_number
    __rfloordiv__ = __rmod__ = __pow__ = __rpow__ = __divmod__ = __round__ = _no_number


Whole = int | Polynomial


def terms_of(value: Whole) -> Terms:
    return value.terms if isinstance(value, Polynomial) else {(): value}


def polynomial(terms: Terms) -> Whole:
    """An int where nothing depends on an unknown."""
    kept = {monomial: count for monomial, count in terms.items() if count}
    return Polynomial(kept) if any(kept) else kept.get((), 0)


def linear(unknown: str, slope: int, offset: int) -> Whole:
    """slope * unknown + offset"""
    return polynomial({(unknown,): slope, (): offset})


def signs(value: Whole) -> set[int]:
    """Which of -1, 0 and 1 are the signs of its values, or may be."""
    if isinstance(value, int):
        return {(value > 0) - (value < 0)}
    found = {1 if count > 0 else -1 for count in value.terms.values()}
    return found if () in value.terms and len(found) == 1 else {*found, 0}


def _all(value: Whole, wanted: set[int]) -> bool:
    """Whether every value has one of these signs; Undecided where only some have."""
    found = signs(value)
    if found <= wanted:
        return True
    if found & wanted:
        raise Undecided(f"the sign of {value}")
    return False


def put(value: Whole, unknown: str, by: Whole) -> Whole:
    """The same with something else in an unknown's place."""
    total: Whole = 0
    for monomial, count in terms_of(value).items():
        part = polynomial({tuple(each for each in monomial if each != unknown): count})
        for _ in range(monomial.count(unknown)):
            part = part * by
        total = total + part
    return total


def value_at(value: Whole, unknowns: Mapping[str, int]) -> int:
    """What it comes to with these numbers in the unknowns' places."""
    terms = terms_of(value).items()
    return sum(count * prod(unknowns[name] for name in monomial) for monomial, count in terms)
