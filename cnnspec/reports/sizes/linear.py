"""A size as a sum of what people write: the input's H, quotients of such sums that are rounded down, and rests."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd
from typing import NamedTuple

from cnnspec.passes.sizes.form import Behind, Form, Less


class Quotient(NamedTuple):
    """floor(of / over)"""

    of: Parts
    over: int


class Rest(NamedTuple):
    """of % number"""

    of: Parts
    number: int


Atom = str | Quotient | Rest
Parts = tuple[tuple[Atom, int], ...]
Linear = Mapping[Atom, int]
"""How often each is taken; "" is the number 1, other texts are names."""


def linear(form: Form, name: str) -> Linear:
    """One quotient where one tells it; else those that the layers make, one within the other."""
    made = form.made
    told = _one_quotient(form, name) if form.slope >= 0 or made is None else None
    if told is not None:
        return told
    assert made is not None, "the variable itself is told above"
    if isinstance(made, Behind):
        return _behind(linear(made.of, name), made)
    if isinstance(made, Less):
        found = dict(linear(made.one, name))
        for atom, count in linear(made.other, name).items():
            found[atom] = found.get(atom, 0) - count
        return _kept(found)
    return {Rest(_parts(linear(made.of, name)), made.number): 1}


def _behind(inner: Linear, rule: Behind) -> Linear:
    """A window's rule over a sum. Whole numbers go into the quotient, and what is common to all comes out:
    floor((4 x + 6) / 8) + 1 is floor((2 x + 7) / 4). A quotient of nothing but a quotient is one of both."""
    _, times, plus, over, then = rule
    found = {atom: count * times for atom, count in inner.items()}
    return _divided(_kept({**found, "": found.get("", 0) + plus + over * then}), over)


def _divided(found: Linear, over: int) -> Linear:
    counts = {atom: count for atom, count in found.items() if atom}
    if not counts:
        return _kept({"": found.get("", 0) // over})
    common, plus = gcd(over, *counts.values()), found.get("", 0)
    counts = {atom: count // common for atom, count in counts.items()}
    over, plus = over // common, plus // common  # of whole numbers, so that nothing is lost
    if over > 1 and len(counts) == 1:
        ((atom, count),) = counts.items()
        if isinstance(atom, Quotient) and count == 1:
            inner = dict(atom.of)
            return _divided(_kept({**inner, "": inner.get("", 0) + plus * atom.over}), over * atom.over)
    found = _kept({**counts, "": plus})
    return found if over == 1 else {Quotient(_parts(found), over): 1}


def _one_quotient(form: Form, name: str) -> Linear | None:
    """floor((a H + b) / c), or a multiple of such a thing and a number."""
    slope, period, offsets = form.slope, form.period, form.offsets
    told = _floor(slope, period, offsets, name)
    if told is not None:
        return told
    first, all_of = offsets[0], gcd(slope, *(each - offsets[0] for each in offsets))
    for less in range(min(period, all_of)):
        common = gcd(all_of, less)
        if common > 1:
            told = _floor(slope // common, period, tuple((each - first + less) // common for each in offsets), name)
            if told is not None:
                found = {atom: common * count for atom, count in told.items()}
                return _kept({**found, "": found.get("", 0) + first - less})
    return None


def _floor(slope: int, period: int, offsets: tuple[int, ...], name: str) -> Linear | None:
    """floor((slope * H + b) / period), for the b that is nearest to 0; None where there is none."""
    low = max(period * each - slope * rest for rest, each in enumerate(offsets))
    high = min(period * each + period - 1 - slope * rest for rest, each in enumerate(offsets))
    return _divided(_kept({name: slope, "": max(low, min(0, high))}), period) if low <= high else None


def _kept(found: Linear) -> Linear:
    return {atom: count for atom, count in found.items() if count}


def _parts(found: Linear) -> Parts:
    return tuple(found.items())
