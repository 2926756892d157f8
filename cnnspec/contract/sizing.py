"""How sizes go through a layer, whatever they are: plain data that a layer states beside `infer`.

An axis is told by its place in the shape: 0 the channels, then the spatial axes. docs/decisions/0013-sizing.md says why
there is such a fact, and what is proved with it.
"""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.contract.geometry import Slide
from cnnspec.contract.values import Pad, Shapes


class Of(NamedTuple):
    """floor((size * times + plus) / over) + then, of an operand's axis. Never falls as the size grows."""

    axis: int
    operand: int = 0
    times: int = 1
    plus: int = 0
    over: int = 1
    then: int = 0


class Product(NamedTuple):
    """All sizes of an operand multiplied, and divided by `over`, which must leave no rest."""

    operand: int = 0
    over: int = 1


class Total(NamedTuple):
    """The sum of an axis over all operands."""

    axis: int = 0


class Largest(NamedTuple):
    """The axis of whichever operand is no gate; beside the need for `Gates` only."""

    axis: int


Axis = int | Of | Product | Total | Largest
"""One axis of the result; a number where it is always the same."""


class Within(NamedTuple):
    """The size is at least `start`, at most `upto`, and leaves one of the rests `residues` of `period`; or it is one
    of `low`."""

    axis: int
    operand: int = 0
    start: int = 1
    upto: int | None = None
    period: int = 1
    residues: tuple[int, ...] = (0,)
    low: tuple[int, ...] = ()


class Kept(NamedTuple):
    """The size is what it was when the weights were made: they are as long."""

    axis: int
    operand: int = 0


class Equal(NamedTuple):
    """The same axis of two operands is of one size."""

    axis: int
    operand: int
    other: int = 0


class AtLeast(NamedTuple):
    """An operand's axis is no smaller than that of another one."""

    axis: int
    operand: int
    other: int


class Holds(NamedTuple):
    """An operand holds so many values in all."""

    values: int
    operand: int = 0


class Divides(NamedTuple):
    """An operand holds a multiple of so many values."""

    values: int
    operand: int = 0


class MoreThan(NamedTuple):
    """An operand holds more than so many values; from axis `first` on, those of one channel."""

    values: int
    operand: int = 0
    first: int = 0


class Gates(NamedTuple):
    """All operands are of one spatial size, but those of 1 on every axis."""


Need = Within | Kept | Equal | AtLeast | Holds | Divides | MoreThan | Gates
"""What must hold for `infer` to take the sizes, and for the weights to be the same."""


class Sizing(NamedTuple):
    """Every axis of the result, and what the operands must meet. Of operands that meet it, in number and ranks as those
    it was stated for, `infer` gives these axes; all others it refuses, or the weights are other ones."""

    axes: tuple[Axis, ...]
    needs: tuple[Need, ...] = ()


def unchanged(inputs: Shapes, *needs: Need) -> Sizing:
    """The result is as large as the first operand."""
    return Sizing(tuple(Of(axis) for axis in range(len(inputs[0]))), needs)


def slid(axis: int, window: Slide, pad: Pad) -> tuple[Of, int]:
    """The axis behind a sliding window, and the least size that it takes. `pad` as the text has it: under `same_upper`
    and `same_lower` there are ceil(W / S) results, and a size of 1 will do.

    With ceil, torch drops a window that would start in the padding at the end. So many it is of y = W + P, in all cases
    one ceiling: with c = P_end - reach, where c >= 0 ceil((y + c) / S), else ceil((y + min(c + S, 0)) / S). One window
    there is from y + c > -S on.
    """
    stride = window.stride
    if pad in ("same_upper", "same_lower"):
        return Of(axis, plus=stride - 1, over=stride), 1
    hangs = stride - 1 if window.ceil else 0
    least = max(1, window.reach - window.pad_begin - window.pad_end - hangs)
    spare = window.pad_end - window.reach
    if not window.ceil:
        return Of(axis, plus=window.pad_begin + spare, over=stride, then=1), least
    more = spare if spare >= 0 else min(spare + stride, 0)
    return Of(axis, plus=window.pad_begin + more + stride - 1, over=stride), least
