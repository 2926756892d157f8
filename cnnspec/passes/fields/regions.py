"""Sets of places in a value, exact: a region is a union of boxes, and a box is the product of one set of places for
each axis, channels first. A set of places is an integer whose bit i stands for place i.

A union of boxes is no box in general (a 1x3 beside a 3x1 gives a cross), and a dilated window leaves holes: both are
kept as they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import NamedTuple

from cnnspec.contract.values import Shape

Box = tuple[int, ...]
Region = tuple[Box, ...]
"""No box is empty, and none lies in another one. They may overlap."""

MANY = 24
"""Boxes up to which a region is kept as it came; larger ones are cut anew, so that no two overlap."""


def everything(shape: Shape) -> Region:
    return (tuple((1 << extent) - 1 for extent in shape),)


def span(first: int, last: int, extent: int) -> int:
    """The places from the first to the last, both included, as far as there are so many."""
    first, last = max(first, 0), min(last, extent - 1)
    return ((1 << (last - first + 1)) - 1) << first if first <= last else 0


def bits(places: Iterable[int]) -> int:
    made = 0
    for each in places:
        made |= 1 << each
    return made


def members(places: int) -> Iterator[int]:
    """The places of a set, in order."""
    digits = bin(places)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


def region(boxes: Iterable[Box]) -> Region:
    """The union of boxes."""
    kept: list[Box] = []
    for box in boxes:
        if not all(box) or any(lies_in(box, each) for each in kept):
            continue
        kept = [each for each in kept if not lies_in(each, box)]
        kept.append(box)
    return tuple(kept) if len(kept) <= MANY else tuple(apart(kept))


def united(one: Region, other: Region) -> Region:
    return one if one == other else region((*one, *other))


def lies_in(box: Box, other: Box) -> bool:
    return not any(mine & ~theirs for mine, theirs in zip(box, other, strict=True))


def apart(boxes: Sequence[Box]) -> list[Box]:
    """The same set as boxes that do not overlap, in one way only: the places of the first axis are sorted by what
    stands behind them, so there are at most as many boxes as places on all axes but the last."""
    if not boxes or len(boxes[0]) == 1:
        whole = 0
        for box in boxes:
            whole |= box[0]
        return [(whole,)] if whole else []
    if len(boxes) == 1:
        return list(boxes)
    pieces: list[tuple[int, tuple[Box, ...]]] = []
    for box in boxes:
        left, cut = box[0], []
        for mask, behind in pieces:
            both = mask & left
            if both:
                cut.append((both, (*behind, box[1:])))
                left &= ~both
            if mask & ~both:
                cut.append((mask & ~both, behind))
        pieces = [*cut, (left, (box[1:],))] if left else cut
    sorted_by: dict[tuple[Box, ...], int] = {}
    for mask, behind in pieces:
        rest = tuple(sorted(apart(behind)))
        sorted_by[rest] = sorted_by.get(rest, 0) | mask
    return [(mask, *box) for rest, mask in sorted_by.items() for box in rest]


def count(region: Region) -> int:
    """How many places the set holds."""
    return sum(prod(each.bit_count() for each in box) for box in (apart(region) if len(region) > 1 else region))


def positions(whole: Region) -> Region:
    """Where something of it lies, whatever the channel. A value without spatial axes has one position, of no axis."""
    return region(box[1:] for box in whole) if whole and len(whole[0]) > 1 else whole and ((),)


def channels(region: Region) -> int:
    """The channels of which something belongs to it."""
    found = 0
    for box in region:
        found |= box[0]
    return found


class Extent(NamedTuple):
    """The first and the last place on one axis; both may lie outside of the value, in its padding."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


Rectangle = tuple[Extent, ...]


def rectangle(region: Region) -> Rectangle | None:
    """The smallest one that holds it all; None for the empty set."""
    if not region:
        return None
    axes = []
    for places in zip(*region, strict=True):
        whole = 0
        for each in places:
            whole |= each
        axes.append(Extent((whole & -whole).bit_length() - 1, whole.bit_length() - 1))
    return tuple(axes)


def regrouped(box: Box, before: Shape, after: Shape) -> list[Box]:
    """The same values, row by row, in another shape."""
    parts: list[list[Box]] = [[()]]
    for old, new in _groups(before, after):
        axes, extents = box[old], after[new]
        if axes == tuple((1 << each) - 1 for each in before[old]):
            parts.append([tuple((1 << each) - 1 for each in extents)])
        elif before[old] == extents:
            parts.append([axes])
        else:
            parts.append(_cut(_flat(axes, before[old]), extents))
    made: list[Box] = [()]
    for part in parts:
        made = [(*head, *tail) for head in made for tail in part]
    return made


def _groups(before: Shape, after: Shape) -> Iterator[tuple[slice, slice]]:
    """Runs of axes that hold as many values in both shapes; as short as they can be."""
    mine = {prod(before[:end]): end for end in range(1, len(before) + 1)}
    theirs = {prod(after[:end]): end for end in range(1, len(after) + 1)}
    i = j = 0
    for values, end in mine.items():
        if values in theirs:
            yield slice(i, end), slice(j, theirs[values])
            i, j = end, theirs[values]


def _flat(axes: Box, extents: Shape) -> int:
    if len(axes) == 1:
        return axes[0]
    inner, step = _flat(axes[1:], extents[1:]), prod(extents[1:])
    made = 0
    for at in members(axes[0]):
        made |= inner << at * step
    return made


def _cut(flat: int, extents: Shape) -> list[Box]:
    """A set of places in a row, as boxes of several axes."""
    if len(extents) == 1:
        return [(flat,)]
    step = prod(extents[1:])
    whole, alike = (1 << step) - 1, dict[int, int]()
    for at in range(extents[0]):
        row = flat >> at * step & whole
        if row:
            alike[row] = alike.get(row, 0) | 1 << at
    return [(mask, *box) for row, mask in alike.items() for box in _cut(row, extents[1:])]
