"""Where a resized map takes its values from, exactly: positions are fractions. And the nearest ones in ONNX."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from struct import pack, unpack
from typing import NamedTuple

from cnnspec.contract.facts import Onnx, Window
from cnnspec.contract.values import Shape
from cnnspec.layers._nodes import Nodes

FLOAT, INT64 = 1, 7
"""ONNX's numbers for the types (TensorProto.DataType)."""


class Blend(NamedTuple):
    """A result of one axis: x[at] * (1 - share) + x[at + 1] * share."""

    at: int
    share: Fraction

    @property
    def pixels(self) -> int:
        """How many pixels it depends on."""
        return 2 if self.share else 1


LONGEST = 1 << 18
"""Results of an axis up to which each is looked at; for longer ones, nodes work it out as they run."""


def nearest(before: int, after: int) -> Iterator[Blend]:
    """Result i is pixel floor(i * before / after), worked out in float32 as torch does (ATen/native/UpSample.h): of 26
    pixels it makes 22 with pixel 12 where 11 * 26 / 22 is 13. What was trained so runs so."""
    scale = _single(before / after)
    return (Blend(min(int(_single(i * scale)), before - 1), Fraction(0)) for i in range(after))


def repeats_evenly(before: int, after: int) -> bool:
    """Whether each pixel is taken equally often, in turn. By a factor of 41 or more rounding may skip one; of what is
    long nobody knows."""
    factor, rest = divmod(after, before)
    if rest or after > LONGEST:
        return False
    return all(each.at == i // factor for i, each in enumerate(nearest(before, after)))


def _single(value: float) -> float:
    """Rounded to float32. A product or quotient of two such numbers in double precision becomes the right one."""
    rounded: float = unpack("f", pack("f", value))[0]
    return rounded


def linear(before: int, after: int, align_corners: bool) -> Iterator[Blend]:
    """Result i lies at (i + 1/2) * before / after - 1/2, or with align_corners at i * (before - 1) / (after - 1), and
    never outside the first and the last pixel."""
    for i in range(after):
        if align_corners:
            position = Fraction(i * (before - 1), max(after - 1, 1))
        else:
            position = Fraction((2 * i + 1) * before - after, 2 * after)
        position = min(max(position, Fraction(0)), Fraction(before - 1))
        yield Blend(int(position), position - int(position))


def window_of(blends: Iterator[Blend], before: int) -> Window | None:
    """The window that these results see through, if they are of one size and evenly spaced, a pixel or more apart; none
    for more than are looked at."""
    first = last = next(blends)
    stride: int | None = None
    for count, each in enumerate(blends, start=2):
        step = each.at - last.at
        if each.pixels != first.pixels or step < 1 or step != (stride or step) or count > LONGEST:
            return None
        stride, last = step, each
    return Window(kernel=first.pixels, stride=stride or before, pad=-first.at)


def gather(made: Nodes, before: Shape, after: Shape) -> None:
    """The nodes that take the nearest pixels, axis by axis. ONNX's Resize rounds otherwise than torch: of 14 pixels
    onnxruntime makes 16 with pixel 6 where torch takes 8 * 14 / 16 = 7."""
    value = "x0"
    for axis, (w, each) in enumerate(zip(before, after, strict=True), start=2):
        if w != each:
            pixels = made.ints(f"pixels{axis}", *(blend.at for blend in nearest(w, each)))
            value = made.put("Gather", value, pixels, axis=axis)


def counted(made: Nodes, count: int) -> str:
    """The nodes that give 0, 1, 2 …, as many as `count`, in a row (1, count): of a vector of whole numbers onnx's shape
    inference would write down every one."""
    one = made.whole("one", 1)
    ones = made.put("Expand", one, made.ints(f"row{count}", 1, count))
    return made.put("Sub", made.put("CumSum", ones, one), one)


def gather_any(rank: int, after: Shape | None) -> Onnx:
    """The same for the sizes that there are then; without `after`, to as many as x1 has."""
    made, value = Nodes(), "x0"
    zero, one = made.whole("zero", 0), made.whole("one", 1)
    for axis in range(2, 2 + rank):
        before = made.put("Squeeze", made.put("Shape", "x0", start=axis, end=axis + 1))
        if after is None:
            count = made.put("Squeeze", made.put("Shape", "x1", start=axis, end=axis + 1))
        else:
            count = made.whole(f"to{axis}", after[axis - 2])
        scale = made.put("Div", made.put("Cast", before, to=FLOAT), made.put("Cast", count, to=FLOAT))
        long = after[axis - 2] if after and after[axis - 2] > LONGEST else 0
        results = counted(made, long) if long else made.put("Range", zero, count, one)
        places = made.put("Mul", made.put("Cast", results, to=FLOAT), scale)
        pixels = made.put("Min", made.put("Cast", made.put("Floor", places), to=INT64), made.put("Sub", before, one))
        if long:
            pixels = made.put("Squeeze", pixels, made.ints("first", 0))
        value = made.put("Gather", value, pixels, axis=axis)
    return made.onnx()
