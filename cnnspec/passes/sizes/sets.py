"""Sets of sizes, exactly: what repeats itself from some size on, and single sizes below."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from math import lcm
from typing import NamedTuple

from cnnspec.passes.sizes.form import Form, TooLarge

MOST_RESTS = 1 << 14
"""Rests that a set may be told by."""

MOST_LOW = 1 << 18
"""Single sizes that a set may list."""


class SizeSet(NamedTuple):
    """Sizes from 1 on: those of `low`, all below `start`, and from `start` on those whose rest by `period` is one of
    `rests`. Made by `size_set`, so that equal sets are equal: `period` and `start` are the least that will do, and
    `start` is in the set, or where nothing repeats itself `period` is 1 and `rests` is empty."""

    low: tuple[int, ...]
    start: int
    period: int
    rests: tuple[int, ...]

    def __contains__(self, size: object) -> bool:
        if not isinstance(size, int) or size < 1:
            return False
        if size >= self.start:
            return _has(self.rests, size % self.period)
        return _has(self.low, size)

    @property
    def is_empty(self) -> bool:
        return not self.low and not self.rests

    @property
    def is_finite(self) -> bool:
        return not self.rests

    @property
    def least(self) -> int:
        """The smallest size; there is one."""
        return self.low[0] if self.low else self.start

    def up(self, size: int) -> int | None:
        """The least member that is no smaller."""
        found = next((each for each in self.low if each >= size), None)
        if found is not None or not self.rests:
            return found
        size = max(size, self.start)
        rest = size % self.period
        place = bisect_left(self.rests, rest)
        ahead = self.rests[place] - rest if place < len(self.rests) else self.rests[0] + self.period - rest
        return size + ahead

    def down(self, size: int) -> int | None:
        """The greatest member that is no larger."""
        if self.rests and size >= self.start:
            rest = size % self.period
            place = bisect_right(self.rests, rest)
            back = rest - self.rests[place - 1] if place else rest + self.period - self.rests[-1]
            if size - back >= self.start:
                return size - back
        return next((each for each in reversed(self.low) if each <= size), None)

    def both(self, other: SizeSet) -> SizeSet:
        """What is in both."""
        if self is other or other == EVERY:
            return self
        if self == EVERY:
            return other
        if self.is_finite or other.is_finite:
            finite, whole = (self, other) if self.is_finite else (other, self)
            return only(*(each for each in finite.low if each in whole))
        start = max(self.start, other.start)
        low = [each for each in self._to(start) if each in other]
        return size_set(low, start, _period(self, other), _rests(self, other, both=True))

    def either(self, other: SizeSet) -> SizeSet:
        """What is in one of them, or in both."""
        start = max(self.start, other.start)
        low = {*self._to(start), *other._to(start)}
        return size_set(low, start, _period(self, other), _rests(self, other, both=False))

    def others(self) -> SizeSet:
        """What is not in it."""
        rests = sorted({*range(self.period)} - {*self.rests})
        _bounded(self.start, MOST_LOW, "single sizes")
        return size_set((each for each in range(1, self.start) if each not in self), self.start, self.period, rests)

    def _to(self, end: int) -> Iterator[int]:
        """The members below `end`."""
        yield from (each for each in self.low if each < end)
        if self.rests:
            _bounded(end - self.start, MOST_LOW, "single sizes")
            rests = set(self.rests)
            yield from (each for each in range(self.start, end) if each % self.period in rests)


def _has(sorted_ones: tuple[int, ...], number: int) -> bool:
    place = bisect_left(sorted_ones, number)
    return place < len(sorted_ones) and sorted_ones[place] == number


def size_set(low: Iterable[int], start: int, period: int, rests: Iterable[int]) -> SizeSet:
    """The set of these sizes, all of `low` below `start`."""
    single, kept = sorted(set(low)), sorted(set(rests))
    if not kept:
        return SizeSet(tuple(single), single[-1] + 1 if single else 1, 1, ())
    period, kept = _least_period(period, kept)
    members, wanted = set(single), set(kept)
    while start > 1 and ((start - 1) % period in wanted) == (start - 1 in members):
        start -= 1
        members.discard(start)
    start = next(each for each in range(start, start + period) if each % period in wanted)
    return SizeSet(tuple(sorted(members)), start, period, tuple(kept))


def _least_period(period: int, rests: list[int]) -> tuple[int, list[int]]:
    """The same rests by the smallest number that tells them."""
    for smaller in _divisors(period):
        if len(rests) % (period // smaller) == 0:
            kept = sorted({rest % smaller for rest in rests})
            if len(kept) * (period // smaller) == len(rests):
                return smaller, kept
    return period, rests


def _divisors(number: int) -> list[int]:
    small = [each for each in range(1, int(number**0.5) + 1) if number % each == 0]
    return sorted({*small, *(number // each for each in small)})


EVERY = SizeSet((), 1, 1, (0,))
NONE = SizeSet((), 1, 1, ())


def only(*sizes: int) -> SizeSet:
    """These sizes and no other."""
    return size_set((each for each in sizes if each >= 1), 1, 1, ())


def from_on(start: int, upto: int | None = None) -> SizeSet:
    """All sizes from one on, or from one up to another one."""
    if upto is None:
        return size_set((), max(1, start), 1, (0,))
    _bounded(upto - start, MOST_LOW, "single sizes")
    return size_set(range(max(1, start), upto + 1), 1, 1, ())


def with_rests(period: int, rests: Iterable[int]) -> SizeSet:
    """All sizes with one of these rests."""
    _bounded(period, MOST_RESTS, "rests")
    return size_set((), 1, period, rests)


def _bounded(count: int, most: int, what: str) -> None:
    if count > most:
        raise TooLarge(f"{count:,} {what} would have to be told apart, and {most:,} at most are")


def _period(one: SizeSet, two: SizeSet) -> int:
    period = lcm(one.period, two.period)
    _bounded(period, MOST_RESTS, "rests")
    return period


def _rests(one: SizeSet, two: SizeSet, *, both: bool) -> list[int]:
    """The rests by the common period that are in both, or in one of them."""
    ones, twos = set(one.rests), set(two.rests)
    found = ((rest, rest % one.period in ones, rest % two.period in twos) for rest in range(_period(one, two)))
    return [rest for rest, here, there in found if (here and there if both else here or there)]


# -- where a form is what -----------------------------------------------------------------------------------------


def at_least(form: Form, low: int) -> SizeSet:
    """The sizes of its variable at which it is `low` or more."""
    slope, period, offsets = form.slope, form.period, form.offsets
    if not slope:
        return with_rests(period, (rest for rest, each in enumerate(offsets) if each >= low))
    if slope < 0:
        return at_least(Form(form.variable, -slope, tuple(-each for each in offsets)), 1 - low).others()
    firsts = [period * max(0, -(-(low - each) // slope)) + rest for rest, each in enumerate(offsets)]
    if form.never_falls:
        return from_on(min(firsts))
    start = max(firsts)
    _bounded(start, MOST_LOW, "single sizes")
    return size_set((each for each in range(1, start) if form.at(each) >= low), start, 1, (0,))


def equal_to(form: Form, value: int) -> SizeSet:
    """The sizes of its variable at which it is that."""
    slope, period = form.slope, form.period
    if not slope:
        return with_rests(period, (rest for rest, each in enumerate(form.offsets) if each == value))
    steps = ((rest, divmod(value - each, slope)) for rest, each in enumerate(form.offsets))
    return only(*(period * t + rest for rest, (t, left) in steps if not left and t >= 0))


def where(form: Form, sizes: SizeSet) -> SizeSet:
    """The sizes of its variable at which it is in the set."""
    found = NONE
    for each in sizes.low:
        found = found.either(equal_to(form, each))
    if not sizes.rests:
        return found
    tail = at_least(form, sizes.start)
    if sizes.period > 1:
        repeats, wanted = form.modulo(sizes.period), set(sizes.rests)
        tail = tail.both(with_rests(repeats.period, (r for r, each in enumerate(repeats.offsets) if each in wanted)))
    return found.either(tail)
