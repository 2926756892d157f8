"""Columns side by side: titles, a rule, the lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnnspec.reports.look import Look, cells
from cnnspec.reports.network.columns import GAP, Column


def width_of(columns: Sequence[Column]) -> int:
    return sum(column.width for column in columns) + GAP * (len(columns) - 1)


def aligned(columns: Sequence[Column], look: Look) -> list[str]:
    """The lines of a table without a total."""
    widths = [column.width for column in columns]

    def line(texts: Iterable[str], styles: Iterable[str]) -> str:
        drawn = []
        for column, text, width, style in zip(columns, texts, widths, styles, strict=True):
            blank = " " * (width - cells(text))
            drawn.append(blank + look.paint(style, text) if column.right else look.paint(style, text) + blank)
        return (" " * GAP).join(drawn).rstrip()

    rule = ("─" if look.unicode else "-") * width_of(columns)
    plain = [column.style for column in columns]
    rows = zip(*(column.cells for column in columns), strict=True)
    return [
        line((column.title for column in columns), ["bold"] * len(columns)),
        rule,
        *(line(row, plain) for row in rows),
    ]
