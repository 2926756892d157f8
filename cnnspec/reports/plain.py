"""The report as CSV and as Markdown: one line a step, numbers bare in CSV, with separators in Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from cnnspec.reports.asked import ALL, Asked
from cnnspec.reports.look import visible
from cnnspec.reports.numbers import per_axis, size, thousands
from cnnspec.reports.outline import Entry, Kind, outline
from cnnspec.reports.totals import CONVENTION, totals_in_words

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

COLUMNS = ("name", "step", "output", "params", "buffers", "macs", "ops", "field", "stride", "runs")


def report_csv(compiled: Compiled, asked: Asked = ALL) -> str:
    """RFC 4180. A text that a spreadsheet would take for a formula gets a `'` before it."""
    to = io.StringIO()
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(each) for each in cells] for cells in _rows(compiled, asked, str))
    return to.getvalue()


def report_markdown(compiled: Compiled, asked: Asked = ALL) -> str:
    """A GitHub table with the totals under it as a list."""
    built = compiled.built
    assert built is not None
    lines = [f"## {escaped(built.graph.name)}", "", f"| {' | '.join(COLUMNS[:-1])} |"]
    lines.append("|:--|:--|" + "--:|" * (len(COLUMNS) - 3))
    for *cells, runs in _rows(compiled, asked, lambda number: thousands(number) if number else ""):
        marked = [escaped(each) if i else f"`{each}`" for i, each in enumerate(cells)]
        lines.append(f"| {' | '.join(marked)}{'' if runs == 'yes' else ' (not at inference)'} |")
    lines.append("")
    lines += [
        f"- {each.name}: **{each.number}** ({each.remark})" for each in totals_in_words(compiled.analysis, asked.batch)
    ]
    return "\n".join([*lines, "", CONVENTION, ""])


def _rows(compiled: Compiled, asked: Asked, number: Callable[[int], str]) -> Iterator[tuple[str, ...]]:
    """The cells of COLUMNS, line by line. Headings of scopes are left out, as every name is a full one."""
    assert compiled.built is not None
    for each in outline(compiled.built.graph, compiled.analysis.rows, asked.levels):
        if each.kind is Kind.HEADING:
            continue
        counts = (each.params, each.buffers, each.macs * asked.times, each.ops * asked.times)
        yield (
            visible(each.path),
            visible(each.what),
            size(each.output, asked.batch),
            *map(number, counts),
            *_field(each),
            "yes" if each.runs else "no",
        )


def _field(entry: Entry) -> tuple[str, str]:
    if entry.field is None:
        return "", ""
    axes = entry.field.axes
    return per_axis(tuple(each.size for each in axes)), per_axis(tuple(each.stride for each in axes))


def guarded(cell: str) -> str:
    """Nothing in a cell is a spreadsheet's formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def escaped(cell: str) -> str:
    """Nothing in a cell is Markdown or HTML."""
    for each in "\\|*_`<[":
        cell = cell.replace(each, "&lt;" if each == "<" else f"\\{each}")
    return cell
