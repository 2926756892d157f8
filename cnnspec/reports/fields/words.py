"""Receptive fields in words: places, rectangles, and why there is no number where there is none."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from cnnspec.ir.graph import Graph
from cnnspec.passes.fields.by_input import Lost, Why
from cnnspec.passes.fields.regions import Extent, Rectangle
from cnnspec.reports.numbers import thousands

AXES: Mapping[int, tuple[str, ...]] = {
    1: ("position",),
    2: ("row", "column"),
    3: ("plane", "row", "column"),
}
"""What a place on each axis is called."""

SIDES: Mapping[int, tuple[str, ...]] = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}

RECURRENCE = "size += (kernel - 1) * dilation * stride; start -= pad * stride; stride *= step"
"""What a window does to the field of what it looks at."""

BRIEF: Mapping[Why, str] = {
    Why.VECTOR: "vector",
    Why.WHOLE: "whole",
    Why.IRREGULAR: "irregular",
    Why.UNEVEN: "uneven",
}
"""In place of a size."""

APPROXIMATE = (Why.IRREGULAR, Why.UNEVEN)
"""Where a unit by itself has a size, but no size is that of all."""


def reason(lost: Lost, graph: Graph) -> str:
    """Why there is no one size and stride, a sentence for each kind."""
    cause = f"`{lost.cause}`"
    word = graph.nodes[lost.cause].layer.word
    named = cause if word == lost.cause.rstrip("0123456789").rpartition(".")[2] else f"{cause} ({word})"
    if lost.why is Why.VECTOR:
        return f"{named} is a vector: it has no positions, and its units together see what is told here"
    if lost.why is Why.WHOLE:
        return f"each unit of {named} depends on every position of a map, and sees what all of its units see together"
    if lost.why is Why.IRREGULAR:
        return f"the windows of the units of {named} differ in size or spacing; `--at` says what one unit sees"
    return f"the branches of {named} step differently, so its units see fields of different size; `--at` says of one"


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most so many cells, those behind the first indented; names are not broken."""
    from textwrap import wrap

    return wrap(text, max(width, 20), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def number(value: Fraction | int) -> str:
    """`-3`, `0.5`"""
    return f"{float(value):g}" if isinstance(value, Fraction) else str(value)


def numbers(values: Sequence[Fraction | int]) -> str:
    """One where all axes agree: `43`, else `7 x 1`."""
    told = [number(each) for each in values]
    return told[0] if len(set(told)) == 1 else " x ".join(told)


def spot(position: Sequence[int]) -> str:
    """`row 3, column 4`"""
    names = AXES[len(position)]
    return ", ".join(f"{name} {at}" for name, at in zip(names, position, strict=True))


def area(rectangle: Rectangle) -> str:
    """`rows 3 to 9, columns 0 to 6`"""
    return ", ".join(_along(name, each) for name, each in zip(AXES[len(rectangle)], rectangle, strict=True))


def _along(name: str, extent: Extent) -> str:
    if extent.size == 1:
        return f"{name} {extent.first}"
    return f"{name}s {extent.first} to {extent.last}"


def runs(members: Sequence[int]) -> str:
    """`0 to 2, 5`"""
    told: list[list[int]] = []
    for each in members:
        if told and told[-1][-1] == each - 1:
            told[-1][1:] = [each]
        else:
            told.append([each])
    return ", ".join(" to ".join(map(thousands, each)) for each in told)
