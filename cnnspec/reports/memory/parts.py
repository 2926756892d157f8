"""What the two halves of `cnnspec memory` are drawn with."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.reports.aligned import aligned, width_of
from cnnspec.reports.look import Look, cells
from cnnspec.reports.network.columns import BAR, INDENT, Column
from cnnspec.reports.numbers import bar, percent, thousands

SHOWN = 8
"""So many values at the peak, and blocks, are named."""


def samples(batch: int) -> str:
    return "one sample" if batch == 1 else f"a batch of {thousands(batch)}"


def lines_of(rows: Sequence[tuple[str, str, str]], look: Look) -> list[str]:
    """Names, numbers, remarks."""
    left, right = max(cells(name) for name, _, _ in rows), max(cells(number) for _, number, _ in rows)
    return [
        f"  {name}{' ' * (left - cells(name))}  {look.paint('bold', f'{number:>{right}}')}  {remark}".rstrip()
        for name, number, remark in rows
    ]


def shares(sizes: Sequence[int], whole: int, look: Look) -> list[Column]:
    most = max(sizes, default=0)
    bars = tuple(bar(each, most, BAR, look.unicode) for each in sizes)
    return [Column("share", tuple(percent(each, whole) for each in sizes)), Column("", bars, False, "share")]


def table(columns: Sequence[Column], look: Look) -> list[str]:
    """As many of the columns, from the left, as there is room for."""
    shown = list(columns)
    while len(shown) > 2 and width_of(shown) > look.width - len(INDENT):
        shown.pop()
    return [f"{INDENT}{each}".rstrip() for each in aligned(shown, look)]
