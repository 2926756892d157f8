"""A set of sizes in runs: from one size up to another one, or on and on, those with some rests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.passes.sizes.sets import SizeSet


class Run(NamedTuple):
    """The sizes from `min` to `max` (None: on and on) whose rest by `period` is one of `residues`. Both ends are
    members."""

    min: int
    max: int | None
    period: int
    residues: tuple[int, ...]


def runs(sizes: SizeSet) -> tuple[Run, ...]:
    """The set as few runs that have nothing in common, from the smallest size on."""
    found = list(_of_single(sizes.low))
    if sizes.rests:
        found.append(Run(sizes.start, None, sizes.period, sizes.rests))
    return tuple(found)


def _of_single(sizes: tuple[int, ...]) -> Iterator[Run]:
    """Runs of evenly spaced sizes; of two sizes with others between them each is its own."""
    place = 0
    while place < len(sizes):
        step = sizes[place + 1] - sizes[place] if place + 1 < len(sizes) else 1
        end = place + 1
        while end < len(sizes) and sizes[end] - sizes[end - 1] == step:
            end += 1
        if end - place == 2 and step > 1:
            end = place + 1
        first, last = sizes[place], sizes[end - 1]
        period = step if last > first else 1
        yield Run(first, last, period, (first % period,))
        place = end
