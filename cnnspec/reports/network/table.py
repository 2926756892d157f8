"""`cnnspec report` in a terminal. Which columns are shown follows from the width; names are never cut or wrapped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cnnspec.reports.filling import fill
from cnnspec.reports.look import Look, cells, visible
from cnnspec.reports.network.arranged import arranged
from cnnspec.reports.network.asked import ALL, Asked
from cnnspec.reports.network.columns import GAP, Column, fitting, left_out, report_columns
from cnnspec.reports.network.efficiency import assumed, efficiency_in_words
from cnnspec.reports.network.legend import legend
from cnnspec.reports.network.measured import measure
from cnnspec.reports.network.outline import Entry, Kind
from cnnspec.reports.network.totals import CONVENTION, Total, partial, totals_in_words
from cnnspec.reports.numbers import ends

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

COMFORT = 80
"""What is told below the table is told in lines of so many cells."""


def report_table(compiled: Compiled, look: Look, asked: Asked = ALL) -> str:
    """The table, the totals under it, and what is counted; `compiled` holds a model."""
    measured = measure(compiled, asked)
    entries = arranged(measured)
    found = report_columns(entries, measured.totals, look, asked)
    columns, narrow = fitting(found, look.width, asked), look._replace(width=min(look.width, COMFORT))
    notes = [
        CONVENTION,
        *map(asked.in_precision, legend([each.title for each in columns], entries)),
        *assumed(measured),
    ]
    if absent := left_out(found, columns, asked):
        notes += fill(f"not shown at this width: {', '.join(absent)}; `--csv` has all.", narrow, 0, 2)
    totals = [*totals_in_words(compiled.analysis, asked.batch, asked.precision), *efficiency_in_words(measured)]
    return (
        _head(compiled, look, asked.batch)
        + _drawn(entries, columns, look)
        + _foot(totals, partial(compiled.analysis), look, notes)
    )


def _drawn(entries: Sequence[Entry], columns: Sequence[Column], look: Look) -> str:
    """Titles, a rule, the lines, a rule, the total."""
    widths = [column.width for column in columns]
    rule = ("─" if look.unicode else "-") * (sum(widths) + GAP * (len(widths) - 1))

    def line(cells_of_line: Iterable[str], styles: Sequence[str]) -> str:
        padded = [
            (column, cell, " " * (width - cells(cell)), style)
            for column, cell, width, style in zip(columns, cells_of_line, widths, styles, strict=True)
        ]
        drawn = (
            blank + look.paint(style, cell) if column.right else look.paint(style, cell) + blank
            for column, cell, blank, style in padded
        )
        return (" " * GAP).join(drawn).rstrip()

    bold, plain = ["bold"] * len(columns), [column.style for column in columns[1:]]
    lines = [line((column.title for column in columns), bold), rule]
    for place, entry in enumerate(entries):
        first = "bold" if entry.kind is Kind.HEADING else "" if entry.runs else "dim"
        lines.append(line((column.cells[place] for column in columns), [first, *plain]))
    return "\n".join([*lines, rule, line((column.cells[-1] for column in columns), bold), ""])


def _head(compiled: Compiled, look: Look, batch: int | None) -> str:
    """`ResNet50  3x224x224 → 1000`"""
    built, source = compiled.built, compiled.source
    assert built is not None
    assert source is not None
    graph, shapes = built.graph, built.shapes
    inputs = ends([shapes.get(id) for id in graph.inputs], "inputs", batch)
    outputs = ends([shapes.get(id) for id in graph.outputs.values()], "outputs", batch)
    name, file = visible(graph.name, look.encoding), visible(source.name, look.encoding)
    return f"{look.paint('bold', name)}  {inputs} {look.arrow} {outputs}  {look.paint('dim', file)}\n\n"


def _foot(lines: Sequence[Total], below: Sequence[str], look: Look, notes: list[str]) -> str:
    left, right = max(len(each.name) for each in lines), max(len(each.number) for each in lines)
    told = []
    for each in lines:
        number = look.paint("bold", f"{each.number:>{right}}")
        told.append(f"{each.name:<{left}}  {number}  {each.remark}".rstrip())
    text = "\n".join(["", *told, *below, "", *(look.paint("dim", text) for text in notes), ""])
    return text if look.unicode else text.replace("µ", "u")
