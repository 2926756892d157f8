"""Which values of an operand a result reads, exactly: a layer's own index map, axis by axis.

Axis 0 are the channels, the spatial axes follow, the batch is in none. docs/decisions/0017-reads.md says why there is
this fact beside `window`.
"""

from functools import lru_cache
from typing import NamedTuple

from cnnspec.contract.facts import Reach, Window
from cnnspec.contract.values import Shape


class Along(NamedTuple):
    """One axis of the operand. `axis` is the result's axis whose place decides what is read, and `places[i]` is what
    its place i reads: place i + shift if there is no list, and nothing where there is no such place. Without an `axis`
    every result reads every place."""

    axis: int | None
    places: tuple[range, ...] | None = None
    shift: int = 0


EVERY = Along(None)
OWN = Along(0)
"""Each channel reads the channel of its own number."""


class Moved(NamedTuple):
    """Values that only move, each result one of the operand's: those, row by row, are given the shape `split`, its axes
    put into `order`, and what comes of that is, row by row, the result. `spatial` says of each spatial axis of the
    operand which places a position reads, where that is the affair of one axis of the result."""

    split: Shape
    order: tuple[int, ...]
    spatial: tuple[Along, ...] = ()


Reads = tuple[Along, ...] | Moved | None
"""Of all axes of one operand, each by itself: a result reads the product. None: no value of it is read."""


def same(axes: int) -> tuple[Along, ...]:
    """Each result reads the value at its own place."""
    return tuple(Along(axis) for axis in range(axes))


def through(axis: int, window: Window, before: int, after: int) -> Along:
    """A window that slides over `before` places and comes to `after`; what hangs over the edge is not read."""
    if window.kernel == window.stride == 1:
        return Along(axis, shift=-window.pad)
    return Along(axis, _taps(window, before, after))


@lru_cache(maxsize=256)  # the axes of a map are mostly alike, and so are the maps of a network
def _taps(window: Window, before: int, after: int) -> tuple[range, ...]:
    kernel, stride, pad, dilation = window
    beyond = kernel * dilation
    inside = range(before - beyond + dilation)  # where the first tap may lie, if all are to be on the map
    firsts = range(-pad, after * stride - pad, stride)
    return tuple(
        [range(each, each + beyond, dilation) if each in inside else _cut(window, before, each) for each in firsts]
    )


def _cut(window: Window, before: int, first: int) -> range:
    """The taps that are on the map."""
    kernel, _, _, dilation = window
    skipped = max(0, -(first // dilation)) if first < 0 else 0
    last = min(kernel, -((first - before) // dilation))
    return range(first + skipped * dilation, first + last * dilation, dilation) if last > skipped else range(0)


def grouped(groups: int, before: int, after: int) -> Along:
    """Channels that fall into groups, which do not see each other."""
    if groups == 1:
        return EVERY
    if groups == before == after:
        return Along(0)
    reading, read = after // groups, before // groups
    return Along(0, tuple(range(at // reading * read, (at // reading + 1) * read) for at in range(after)))


def by_window(look: tuple[Window, ...] | Reach, before: Shape, after: Shape, channels: Along = OWN) -> Reads:
    """What `window` says of the spatial axes, and beside it the channels. What is whole is so for them too."""
    if look is Reach.NOTHING:
        return None
    if look is Reach.WHOLE:
        return (EVERY,) * len(before)
    if look is Reach.POINTWISE:
        return (channels, *same(len(before))[1:])
    assert not isinstance(look, Reach), "a layer with irregular windows says itself what it reads"
    axes = enumerate(zip(look, before[1:], after[1:], strict=True), start=1)
    return (channels, *(through(axis, *each) for axis, each in axes))
