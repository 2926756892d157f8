"""The report as a table in a notebook: no scripts, no styles from outside, every text escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cnnspec.reports.look import Look, visible
from cnnspec.reports.network.arranged import arranged
from cnnspec.reports.network.asked import ALL, Asked
from cnnspec.reports.network.columns import fitting, report_columns
from cnnspec.reports.network.efficiency import assumed, efficiency_in_words
from cnnspec.reports.network.measured import measure
from cnnspec.reports.network.outline import Entry, Kind
from cnnspec.reports.network.totals import CONVENTION, partial, totals_in_words
from cnnspec.reports.numbers import ends

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

LEFT = 'style="text-align:left;white-space:pre"'
RIGHT = 'style="text-align:right"'
WIDTH = 160
"""A notebook has about so many characters in a line."""


def report_html(compiled: Compiled, asked: Asked = ALL) -> str:
    """A `<div>` with the table and the totals; `compiled` holds a model."""
    built, batch = compiled.built, asked.batch
    assert built is not None
    measured = measure(compiled, asked)
    entries = arranged(measured)
    columns = fitting(report_columns(entries, measured.totals, Look(), asked), WIDTH, asked)
    inputs = ends([built.shapes.get(id) for id in built.graph.inputs], "inputs", batch)
    outputs = ends([built.shapes.get(id) for id in built.graph.outputs.values()], "outputs", batch)
    lines = ["<div>", f"<p><b>{safe(built.graph.name)}</b> {inputs} → {outputs}</p>", "<table>"]
    sides = [RIGHT if each.right else LEFT for each in columns]
    heads = "".join(f"<th {side}>{each.title}</th>" for each, side in zip(columns, sides, strict=True))
    lines += [f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
    for place, entry in enumerate(entries):
        lines.append(_row(entry, [each.cells[place] for each in columns], sides))
    lines += ["</tbody>", "</table>", "<ul>"]
    totals = [*totals_in_words(compiled.analysis, batch, measured.asked.precision), *efficiency_in_words(measured)]
    lines += [f"<li>{each.name}: <b>{each.number}</b> ({safe(each.remark)})</li>" for each in totals]
    return "\n".join(
        [*lines, "</ul>", f"<p>{' '.join([*partial(compiled.analysis), CONVENTION, *assumed(measured)])}</p>", "</div>"]
    )


def safe(text: str) -> str:
    """A text that comes from a file, as text of HTML."""
    return escape(visible(text))


def _row(entry: Entry, cells: list[str], sides: list[str]) -> str:
    drawn = [f"<td {side}>{safe(each)}</td>" for each, side in zip(cells, sides, strict=True)]
    if entry.kind is Kind.HEADING:
        drawn[0] = f"<td {LEFT}><b>{safe(cells[0])}</b></td>"
    return f'<tr title="{safe(entry.path)}">{"".join(drawn)}</tr>'
