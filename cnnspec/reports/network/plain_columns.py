"""The last columns of the report's CSV: what its texts tell, as words and numbers by themselves."""

from __future__ import annotations

from cnnspec.reports.network.asked import Asked
from cnnspec.reports.network.figures import Figures
from cnnspec.reports.network.outline import Entry

AXES = "dhw"
"""Depth, height and width; a map with one axis has a width, one with two has a height too."""
PLACES = (
    *("word", "channels", *(f"output_{axis}" for axis in AXES)),
    *(f"{name}_{axis}" for name in ("field", "stride") for axis in AXES),
)
BOUND = ("bound_by", "compute_bound")


def last_titles(asked: Asked) -> tuple[str, ...]:
    return (*(() if asked.by else PLACES), *(BOUND if asked.device else ()))


def last_cells(entry: Entry, asked: Asked) -> list[str]:
    """Empty where there is none, or no one for all steps of the line; numbers are of one sample."""
    cells = [] if asked.by else _places(entry)
    return [*cells, *_bound(entry.figures)] if asked.device else cells


def _places(entry: Entry) -> list[str]:
    word = entry.node.layer.word if entry.node else ""
    channels, *sides = entry.output or ("",)
    axes = entry.field.axes if entry.field else ()
    return [
        word,
        str(channels),
        *_per_axis([str(each) for each in sides]),
        *_per_axis([str(each.size) for each in axes]),
        *_per_axis([str(each.stride) for each in axes]),
    ]


def _per_axis(numbers: list[str]) -> list[str]:
    return [""] * (len(AXES) - len(numbers)) + numbers


def _bound(figures: Figures) -> list[str]:
    """`compute`, `memory` or, of several steps, `both`; and the part of the time that computing bounds."""
    if not figures.seconds:
        return ["", ""]
    part = figures.computing / figures.seconds
    return ["memory" if not part else "compute" if part == 1 else "both", f"{float(part):.6f}"]
