"""Tensors as torch lays them out: which storage each lies in, and whether a reshape is a view or a copy.

Two steps that keep the same activation keep it once, and views share what they look at; so bytes are those of storages.
Axes are without the batch, which stands before them and is the outermost in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from math import prod
from typing import NamedTuple

from cnnspec.contract.values import Shape

FLOAT, HALF, LONG = 4, 2, 8
"""Bytes of one number: float32, bfloat16 or float16, int64."""


class Kind(Enum):
    """What a storage holds."""

    INPUT = "input"
    ACTIVATION = "activations"
    INDEX = "indices"
    MASK = "masks"
    STATISTIC = "statistics"
    COPY = "half-precision weights"
    WEIGHT = "weights"


class Storage:
    """A stretch of memory: `each` numbers for every sample and `fixed` ones besides, of `width` bytes. `node` is the
    step that made it. Compared by identity."""

    __slots__ = ("each", "fixed", "kind", "node", "width")

    def __init__(self, node: str, kind: Kind, each: int, fixed: int = 0, width: int = FLOAT) -> None:
        self.node = node
        self.kind = kind
        self.each = each
        self.fixed = fixed
        self.width = width

    def bytes(self, batch: int) -> int:
        return (self.each * batch + self.fixed) * self.width


class Value(NamedTuple):
    """A tensor: `strides` in numbers, `step` that from a sample to the next; `needs` a gradient or not."""

    storage: Storage
    shape: Shape
    strides: tuple[int, ...]
    step: int
    needs: bool

    @property
    def width(self) -> int:
        return self.storage.width

    @property
    def is_contiguous(self) -> bool:
        return self.lies(packed(self.shape))

    def lies(self, strides: tuple[int, ...]) -> bool:
        """Whether it lies so, and no gap is between two samples."""
        return self.step == prod(self.shape) and self.lies_in_sample(strides)

    def lies_in_sample(self, strides: tuple[int, ...]) -> bool:
        """Along an axis of one there is no step."""
        return self.strides == strides or all(
            n == 1 or s == t for n, s, t in zip(self.shape, self.strides, strides, strict=True)
        )


@lru_cache(4096)
def packed(shape: Shape, order: tuple[int, ...] | None = None) -> tuple[int, ...]:
    """The strides of a map without gaps whose axes lie in this order, from the outermost to the innermost."""
    strides, step = [0] * len(shape), 1
    for axis in reversed(order if order is not None else range(len(shape))):
        strides[axis] = step
        step *= shape[axis]
    return tuple(strides)


def channels_last(shape: Shape) -> tuple[int, ...]:
    return packed(shape, (*range(1, len(shape)), 0))


def is_channels_last(value: Value) -> bool:
    """As torch guesses it of strides, for maps of two or three axes; what is ambiguous is not (MemoryFormat.h)."""
    if len(value.shape) not in (3, 4):
        return False
    least = 0
    for axis in (0, *range(len(value.shape) - 1, 0, -1)):
        if value.strides[axis] < least:
            return False
        least = value.strides[axis] * value.shape[axis]
    return least != value.strides[0]


def suggested(like: Value, shape: Shape) -> tuple[int, ...]:
    """Channels last if the operand is so, else contiguous: convolutions, pools, norms."""
    return channels_last(shape) if is_channels_last(like) else packed(shape)


def joined(operands: Sequence[Value], shape: Shape) -> tuple[int, ...]:
    """What an elementwise operation gives: its axes in the order in which the operands have them, the first one's
    before the others' (ATen/TensorIterator.cpp)."""
    if all(each.is_contiguous for each in operands):
        return packed(shape)
    steps = [_stretched(each, shape) for each in operands]
    order = list(reversed(range(len(shape))))  # from the innermost
    for end in range(1, len(order)):
        at = end
        for before in range(end - 1, -1, -1):
            turn = _compared(order[before], order[at], steps, shape)
            if turn > 0:
                order[before], order[at] = order[at], order[before]
                at = before
            elif turn < 0:
                break
    return packed(shape, tuple(reversed(order)))


def _stretched(value: Value, shape: Shape) -> list[int]:
    """Its strides; none along what it is repeated."""
    return [0 if n == 1 != to else s for n, s, to in zip(value.shape, value.strides, shape, strict=True)]


def _compared(one: int, other: int, steps: Sequence[Sequence[int]], shape: Shape) -> int:
    """1: `one` lies further out than `other`."""
    for each in steps:
        if not each[one] or not each[other]:
            continue
        if each[one] != each[other]:
            return -1 if each[one] < each[other] else 1
        if shape[one] > shape[other]:
            return 1
    return 0


def viewed(value: Value, shape: Shape) -> tuple[int, ...] | None:
    """The strides of the same numbers in another shape; None where only a copy has it (ATen/TensorUtils.cpp)."""
    if value.lies_in_sample(packed(value.shape)):
        return packed(shape)
    strides = [0] * len(shape)
    at = len(shape) - 1
    base, numbers, left = value.strides[-1], 1, 1
    for axis in range(len(value.shape) - 1, -1, -1):
        numbers *= value.shape[axis]
        ends = axis == 0 or (value.shape[axis - 1] != 1 and value.strides[axis - 1] != numbers * base)
        if not ends:
            continue
        while at >= 0 and (left < numbers or shape[at] == 1):
            strides[at] = left * base
            left *= shape[at]
            at -= 1
        if left != numbers:
            return None
        if axis:
            base, numbers, left = value.strides[axis - 1], 1, 1
    return tuple(strides) if at == -1 else None


def new(node: str, shape: Shape, strides: tuple[int, ...], needs: bool, width: int, kind: Kind) -> Value:
    """A tensor in a storage of its own."""
    each = prod(shape)
    return Value(Storage(node, kind, each, 0, width), shape, strides, each, needs)
