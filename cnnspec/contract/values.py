"""The values that arguments have once the text is evaluated, and shapes."""

from fractions import Fraction

Shape = tuple[int, ...]
"""Channels first, then the spatial axes, without the batch: (64, 56, 56); (10,) is a vector of ten."""

Shapes = tuple[Shape, ...]

Sizes = int | tuple[int, ...]
"""One whole number for every spatial axis, or one number per axis."""


class Dim(tuple[int, ...]):
    """A size as it was written: `3x3`, or `dims(1, s, s)`."""

    __slots__ = ()


class Values(tuple["Value", ...]):
    """A list as it was written: `0.5,0.5,0.5`."""

    __slots__ = ()


class Ends(tuple[int, ...]):
    """Padding of all begins, then all ends, as ONNX orders them: `1,1,2,2` is top, left, bottom, right. It is never
    equal to padding per axis."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ends) and tuple(self) == tuple(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((Ends, tuple(self)))


class Word(str):
    """A bare word: `same`, or the name of a layer or block that is handed over (`act=relu`)."""

    __slots__ = ()


Pad = int | tuple[int, ...] | Ends | str
"""Padding as a field holds it: for all axes, per axis, begins and ends, or the words same, same_upper, same_lower."""

Value = int | Fraction | bool | str | Dim | Values | Word


def dress(shape: Shape | None) -> str:
    """The shape as the language writes it: `64x56x56`."""
    return "?" if shape is None else "x".join(map(str, shape))


def describe(value: Value) -> str:
    """The value as the language writes it, for messages."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Dim):
        return "x".join(map(str, value))
    if isinstance(value, Values):
        return ",".join(map(describe, value))
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Fraction) and value.denominator != 1:
        return f"{float(value):.10g}"
    return str(value)
