"""The sizes nearest to one that a network does not take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from cnnspec.passes.sizes.answer import Answer
from cnnspec.passes.sizes.form import Variable
from cnnspec.passes.sizes.sets import EVERY, SizeSet

MOST_TRIED = 4096
"""Sizes that are looked at where axes are tied."""

Sizes = Mapping[Variable, int]


class Nearest(NamedTuple):
    """The next smaller and the next larger size that works, each None where there is none."""

    smaller: int | None
    larger: int | None


def fits(answer: Answer, input: str, sizes: Sizes) -> bool:
    """Whether one input by itself may be so."""
    products = answer.products[input]
    return any(all(sizes[name] in those for name, those in each.items()) for each in products)


def nearest_of_axis(answer: Answer, name: Variable, sizes: Sizes) -> Nearest:
    """Of one axis with all others as they are. Where no axis depends on another one, of an axis that does not fit, with
    all others as they should be."""
    products = answer.products[name.input]
    if len(products) == 1 and not answer.ties:
        if sizes[name] in products[0][name]:
            return Nearest(None, None)
        return _nearest([products[0][name]], sizes[name], lambda size: True)
    fit = [
        each[name] for each in products if all(sizes[other] in those for other, those in each.items() if other != name)
    ]
    return _nearest(fit, sizes[name], lambda size: answer.takes({**sizes, name: size}))


def nearest_square(answer: Answer, input: str, sizes: Sizes) -> Nearest:
    """Of all axes of one input alike (a square, a cube), beside the largest of them."""
    own = [name for name in sizes if name.input == input]
    fit = []
    for each in answer.products[input]:
        common = EVERY
        for name in own:
            common = common.both(each[name])
        fit.append(common)
    alike = len({sizes[name] for name in own}) == 1
    largest = max(sizes[name] for name in own)
    if not answer.ties:
        smaller, larger = _nearest(fit, largest, lambda size: True)
        here = not alike and any(largest in each for each in fit)
        return Nearest(smaller, largest if here else larger)
    return _nearest(fit, largest, lambda size: answer.takes({**sizes, **dict.fromkeys(own, size)}))


def nearest_of_all(answer: Answer, input: str, sizes: Sizes) -> dict[Variable, int] | None:
    """One input's sizes that are nearest to these: the sum of what each axis changes is least, and of equals the
    smaller one. None where there are none, or where ties leave it open."""
    found = []
    for each in answer.products[input] if not answer.ties else ():
        near = {name: _beside(those, sizes[name]) for name, those in each.items()}
        found.append((sum(abs(size - sizes[name]) for name, size in near.items()), tuple(near.values()), near))
    return min(found)[2] if found else None


def _beside(those: SizeSet, size: int) -> int:
    """The member that is nearest; there is one."""
    members = [each for each in (those.down(size), those.up(size)) if each is not None]
    return min(members, key=lambda each: abs(each - size))


def _nearest(sets: Iterable[SizeSet], size: int, takes: Callable[[int], bool]) -> Nearest:
    sets = list(sets)
    return Nearest(_next(sets, size, -1, takes), _next(sets, size, 1, takes))


def _next(sets: list[SizeSet], size: int, step: int, takes: Callable[[int], bool]) -> int | None:
    """The next size in that direction that is in one of the sets and meets all ties."""
    for _ in range(MOST_TRIED):
        size += step
        found = [each for one in sets if (each := one.up(size) if step > 0 else one.down(size)) is not None]
        if not found:
            return None
        size = min(found) if step > 0 else max(found)
        if takes(size):
            return size
    return None
