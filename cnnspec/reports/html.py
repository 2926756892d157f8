"""The report as a table in a notebook: no scripts, no styles from outside, every text escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cnnspec.reports.asked import ALL, Asked
from cnnspec.reports.look import visible
from cnnspec.reports.numbers import ends, per_axis, size, thousands
from cnnspec.reports.outline import Entry, Kind, outline
from cnnspec.reports.totals import CONVENTION, totals_in_words

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

HEADS = ("layer", "step", "output", "params", "MACs", "field")
LEFT = 'style="text-align:left;white-space:pre"'
RIGHT = 'style="text-align:right"'


def report_html(compiled: Compiled, asked: Asked = ALL) -> str:
    """A `<div>` with the table and the totals; `compiled` holds a model."""
    built, batch = compiled.built, asked.batch
    assert built is not None
    inputs = ends([built.shapes.get(id) for id in built.graph.inputs], "inputs", batch)
    outputs = ends([built.shapes.get(id) for id in built.graph.outputs.values()], "outputs", batch)
    lines = ["<div>", f"<p><b>{_safe(built.graph.name)}</b> {inputs} → {outputs}</p>", "<table>", "<thead><tr>"]
    lines += [f"<th {LEFT if i < 2 else RIGHT}>{head}</th>" for i, head in enumerate(HEADS)]
    lines += ["</tr></thead>", "<tbody>"]
    entries = outline(built.graph, compiled.analysis.rows, asked.levels)
    lines += [_row(each, batch) for each in entries]
    lines += ["</tbody>", "</table>", "<ul>"]
    lines += [
        f"<li>{each.name}: <b>{each.number}</b> ({_safe(each.remark)})</li>"
        for each in totals_in_words(compiled.analysis, batch)
    ]
    return "\n".join([*lines, "</ul>", f"<p>{CONVENTION}</p>", "</div>"])


def _safe(text: str) -> str:
    return escape(visible(text))


def _row(entry: Entry, batch: int | None) -> str:
    name = f"{'  ' * entry.level}{_safe(entry.name)}"
    if entry.kind is Kind.HEADING:
        return f"<tr><td {LEFT}><b>{name}</b></td><td {LEFT}>{_safe(entry.what)}</td>{'<td></td>' * 4}</tr>"
    macs = thousands(entry.macs * (batch or 1)) if entry.macs else ""
    numbers = (
        size(entry.output, batch),
        thousands(entry.params) if entry.params else "",
        macs if entry.runs or not macs else f"({macs})",
        per_axis(tuple(each.size for each in entry.field.axes)) if entry.field else "",
    )
    cells = "".join(f"<td {RIGHT}>{each}</td>" for each in numbers)
    title = f' title="{_safe(entry.path)}"'
    return f"<tr{title}><td {LEFT}>{name}</td><td {LEFT}>{_safe(entry.what)}</td>{cells}</tr>"
