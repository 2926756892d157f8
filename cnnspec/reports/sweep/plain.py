"""The numbers of every combination as JSON, CSV, Markdown and HTML."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING, Any

from cnnspec.passes.measures import Measures
from cnnspec.reports.findings.json import Json, diagnostic_record, file_name
from cnnspec.reports.look import visible
from cnnspec.reports.network.plain import escaped, guarded
from cnnspec.reports.numbers import thousands
from cnnspec.reports.step import said

if TYPE_CHECKING:
    from cnnspec.api.grid import Axis, Choice, Grid, Point

ERROR = "error"
SCHEMA_VERSION = 1
TITLES = {
    "params": "params",
    "macs": "MACs",
    "ops": "other ops",
    "activations": "activations",
    "memory": "memory",
    "depth": "depth",
    "field": "field",
}
"""What a column of each number is called where people read it;"""
BARE = {**TITLES, "memory": "memory in bytes"}
"""and where numbers stand as they are."""


def sweep_record(grid: Grid) -> Json:
    """By docs/sweep.md. A number of a combination that is no network is null, never 0."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model": grid.name,
        "file": file_name(grid.file),
        "axes": [
            {"name": axis.title, "kind": axis.kind, "values": [_plain(each) for each in axis.choices]}
            for axis in grid.axes
        ],
        "combinations": [
            {
                "settings": {title: _plain(each) for title, each in point.settings.items()},
                **_numbers(point),
                "errors": [diagnostic_record(each) for each in point.errors],
            }
            for point in grid.points
        ],
    }


def flat_record(point: Point) -> Json:
    """Settings, numbers and the first error on one level."""
    settings = {title: _plain(each) for title, each in point.settings.items()}
    return {**settings, **_numbers(point), ERROR: reason(point)}


def reason(point: Point) -> str | None:
    """Why a combination is no network, or not the one that was asked for; with its place."""
    if not point.errors:
        return None
    error = point.errors[0]
    if error.label is None:
        return visible(error.message)
    span = error.label.span
    return visible(f"{error.message} ({span.source.name}:{span.line}:{span.column})")


def _numbers(point: Point) -> Json:
    return dict(point.measures._asdict()) if point.measures else dict.fromkeys(Measures._fields)


def _plain(choice: Choice) -> Any:
    """A number where it is one, else as it was written."""
    value = choice.value
    if isinstance(value, Fraction):
        return float(value)
    return value if isinstance(value, (bool, int)) else choice.text


def sweep_csv(grid: Grid, pivot: str | None = None) -> str:
    """RFC 4180, numbers bare; `error` is empty where all is well."""
    to = io.StringIO()
    writer = csv.writer(to, lineterminator="\n")
    if pivot:
        rows: Sequence[Sequence[str]] = pivoted(grid, lambda point: _bare_number(point, pivot))
    else:
        rows = [
            [*(each.title for each in grid.axes), *Measures._fields, ERROR],
            *([*_chosen(each), *_bare(each), reason(each) or ""] for each in grid.points),
        ]
    writer.writerows([guarded(visible(cell)) for cell in row] for row in rows)
    return to.getvalue()


def told(point: Point, name: str, dress: Callable[[int], str]) -> str:
    """A number where people read it; a `~` before a field that units have in different sizes."""
    number = getattr(point.measures, name, None)
    return "" if number is None else f"{'~' if differs(point, name) else ''}{dress(number)}"


def differs(point: Point, name: str) -> bool:
    return name == "field" and point.measures is not None and bool(point.measures.field_differs)


def _chosen(point: Point) -> list[str]:
    return [each.text for each in point.settings.values()]


def _bare_number(point: Point, name: str) -> str:
    number = getattr(point.measures, name, None)
    return "" if number is None else str(number)


def _bare(point: Point) -> list[str]:
    return ["" if each is None else said(each) for each in _numbers(point).values()]


def sweep_markdown(grid: Grid, pivot: str | None = None) -> str:
    """A GitHub table; under it, why combinations are no networks."""
    head, *rows = _cells(grid, pivot)
    lines = [
        f"## {escaped(grid.name or grid.file)}{f': {BARE[pivot]}' if pivot else ''}",
        "",
        f"| {' | '.join(map(escaped, head))} |",
    ]
    lines.append("|" + "--:|" * len(head))
    lines += [f"| {' | '.join(map(escaped, row))} |" for row in rows]
    why = reasons(grid)
    lines += ["", *(f"- ({number}) {escaped(text)}" for text, number in why.items())] if why else []
    return "\n".join([*lines, ""])


def sweep_html(grid: Grid) -> str:
    """A `<div>` with the table, for notebooks: no scripts, no styles from outside, every text escaped."""
    head, *rows = _cells(grid, None)
    side = ' style="text-align:right"'
    lines = ["<div>", f"<p><b>{escape(visible(grid.name or grid.file))}</b></p>", "<table>", "<thead><tr>"]
    lines += [f"<th{side}>{escape(visible(each))}</th>" for each in head]
    lines += ["</tr></thead>", "<tbody>"]
    lines += ["<tr>" + "".join(f"<td{side}>{escape(visible(cell))}</td>" for cell in row) + "</tr>" for row in rows]
    lines += ["</tbody>", "</table>"]
    lines += [f"<p>({number}) {escape(text)}</p>" for text, number in reasons(grid).items()]
    return "\n".join([*lines, "</div>"])


def _cells(grid: Grid, pivot: str | None) -> list[list[str]]:
    marks = reasons(grid)
    if pivot:
        return pivoted(grid, lambda point: with_mark(told(point, pivot, thousands), point, marks))
    rows = [[*(each.title for each in grid.axes), *BARE.values()]]
    for each in grid.points:
        numbers = {name: told(each, name, thousands) for name in BARE}
        numbers["macs"] = with_mark(numbers["macs"], each, marks)
        rows.append([*_chosen(each), *numbers.values()])
    return rows


def reasons(grid: Grid) -> dict[str, int]:
    """Every reason why a combination has no numbers, or too large ones, once, with a number."""
    found = dict.fromkeys(why for each in grid.points if (why := reason(each)))
    return {text: number for number, text in enumerate(found, 1)}


def with_mark(cell: str, point: Point, marks: dict[str, int]) -> str:
    """The cell, and which of the reasons is this combination's."""
    why = reason(point)
    return f"{cell} ({marks[why]})".strip() if why else cell


def pivoted(grid: Grid, dress: Callable[[Point], str]) -> list[list[str]]:
    """A line for each value of the first of two axes, a column for each of the second. The first line has titles."""
    down, across = grid.several
    cells = {_place(point, down, across): dress(point) for point in grid.points}
    head = [f"{down.title} \\ {across.title}", *(each.text for each in across.choices)]
    return [head, *([one.text, *(cells[one.text, other.text] for other in across.choices)] for one in down.choices)]


def _place(point: Point, down: Axis, across: Axis) -> tuple[str, str]:
    return point.settings[down.title].text, point.settings[across.title].text
