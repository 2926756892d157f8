"""`cnnspec report` in a terminal. Which columns are shown follows from the width; names are never cut or wrapped."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnnspec.reports.columns import GAP, fitting, report_columns
from cnnspec.reports.look import Look, visible
from cnnspec.reports.numbers import size
from cnnspec.reports.outline import Kind, outline
from cnnspec.reports.totals import CONVENTION, totals_in_words

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

RULED = Box("    \n    \n ── \n    \n    \n ── \n    \n    \n")
RULED_ASCII = Box("    \n    \n -- \n    \n    \n -- \n    \n    \n", ascii=True)
LEGEND = {
    "field": "field: the receptive field of one unit, in pixels of the input.",
    "stride": "stride: pixels of the input from one unit to the next.",
}


def report_table(compiled: Compiled, look: Look, levels: int | None = None, batch: int | None = None) -> str:
    """The table, the totals under it, and what is counted; `compiled` holds a model."""
    built, analysis = compiled.built, compiled.analysis
    assert built is not None
    entries = outline(built.graph, analysis.rows, levels)
    columns = fitting(report_columns(entries, analysis.totals.macs, look, batch), look.width)
    table = Table(
        box=RULED if look.unicode else RULED_ASCII,
        padding=(0, GAP - 1, 0, 0),  # the box parts columns by one cell more
        pad_edge=False,
        show_edge=False,
        header_style="bold",
        show_footer=True,
        footer_style="bold",
    )
    for column in columns:
        table.add_column(
            Text(column.title),
            Text(column.cells[-1]),
            justify="right" if column.right else "left",
            style=column.style,
            no_wrap=True,
            min_width=column.width,
        )
    for place, entry in enumerate(entries):
        style = "dim" if not entry.runs else "bold" if entry.kind is Kind.HEADING else ""
        table.add_row(*(Text(column.cells[place], style if i == 0 else "") for i, column in enumerate(columns)))
    needed = sum(column.width + GAP for column in columns)
    notes = [CONVENTION, *(LEGEND[column.title] for column in columns if column.title in LEGEND)]
    return _head(compiled, look, batch) + _printed(table, look, needed) + _foot(compiled, look, batch, notes)


def _printed(table: Table, look: Look, needed: int) -> str:
    console = Console(
        file=io.StringIO(),
        width=max(needed, look.width),
        force_terminal=look.colour,
        color_system="standard" if look.colour else None,
        no_color=not look.colour,
        force_jupyter=False,
        legacy_windows=False,
        safe_box=False,
        _environ={},
    )
    with console.capture() as capture:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def _head(compiled: Compiled, look: Look, batch: int | None) -> str:
    """`ResNet50  3x224x224 → 1000`"""
    built, source = compiled.built, compiled.source
    assert built is not None
    assert source is not None
    graph, shapes = built.graph, built.shapes
    inputs = ", ".join(size(shapes.get(id), batch) for id in graph.inputs)
    outputs = ", ".join(size(shapes.get(id), batch) for id in graph.outputs.values())
    name, file = visible(graph.name, look.encoding), visible(source.name, look.encoding)
    return f"{look.paint('bold', name)}  {inputs} {look.arrow} {outputs}  {look.paint('dim', file)}\n\n"


def _foot(compiled: Compiled, look: Look, batch: int | None, notes: list[str]) -> str:
    lines = totals_in_words(compiled.analysis, batch)
    left, right = max(len(each.name) for each in lines), max(len(each.number) for each in lines)
    told = []
    for each in lines:
        number = look.paint("bold", f"{each.number:>{right}}")
        told.append(f"{each.name:<{left}}  {number}  {each.remark}".rstrip())
    return "\n".join(["", *told, "", *(look.paint("dim", text) for text in notes), ""])
