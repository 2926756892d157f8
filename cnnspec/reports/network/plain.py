"""The report as CSV and as Markdown: one line a step, numbers bare in CSV, with separators in Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cnnspec.reports.look import Look, visible
from cnnspec.reports.network.arranged import arranged
from cnnspec.reports.network.asked import ALL, Asked
from cnnspec.reports.network.columns import report_columns
from cnnspec.reports.network.efficiency import assumed, efficiency_in_words
from cnnspec.reports.network.figures import QUANTITIES
from cnnspec.reports.network.legend import legend
from cnnspec.reports.network.measured import Measured, measure
from cnnspec.reports.network.outline import Entry, Kind
from cnnspec.reports.network.plain_columns import last_cells, last_titles
from cnnspec.reports.network.totals import CONVENTION, Total, partial, totals_in_words
from cnnspec.reports.numbers import per_axis, size

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

STEP = ("name", "step", "output", "params", "buffers", "macs", "ops", "field", "stride", "runs")
GROUP = ("count", "steps", "params", "buffers", "macs", "ops", "runs")
BYTES = {"activation": "activation_bytes", "weights": "weight_bytes", "moved": "moved_bytes"}
"""What the columns of quantities are called in CSV, where that tells the unit."""


def report_csv(compiled: Compiled, asked: Asked = ALL) -> str:
    """RFC 4180. A text that a spreadsheet would take for a formula gets a `'` before it."""
    measured = measure(compiled, asked)
    first = (asked.by, *GROUP) if asked.by else STEP
    added = {"flops": "flops", **BYTES, "intensity": "intensity", **({"time": "seconds"} if asked.device else {})}
    key = asked.key if QUANTITIES[asked.key].adds else "macs"
    to = io.StringIO()
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow((*first, *added.values(), f"share_of_{key}", *last_titles(asked)))
    for each in _lines(measured):
        figures = [_bare(QUANTITIES[name].of(each.figures)) for name in added]
        cells = [*_group(each), *figures] if asked.by else [*_step(each, asked), *figures]
        writer.writerow([guarded(cell) for cell in (*cells, _share(each, measured, key), *last_cells(each, asked))])
    return to.getvalue()


def _lines(measured: Measured) -> Iterator[Entry]:
    """Headings of scopes are left out, as every name is a full one."""
    return (each for each in arranged(measured) if each.kind is not Kind.HEADING)


def _step(entry: Entry, asked: Asked) -> tuple[str, ...]:
    """The cells of STEP."""
    figures = entry.figures
    counts = (figures.params, figures.buffers, figures.macs, figures.ops)
    output = size(entry.output, asked.batch) if entry.kind is not Kind.REST else ""
    return (visible(entry.path), visible(entry.what), output, *map(str, counts), *_field(entry), _runs(entry))


def _group(entry: Entry) -> tuple[str, ...]:
    """The cells of GROUP, behind the name."""
    figures = entry.figures
    counts = (entry.instances, entry.steps, figures.params, figures.buffers, figures.macs, figures.ops)
    return (visible(entry.name), *map(str, counts), _runs(entry))


def _runs(entry: Entry) -> str:
    return "yes" if entry.runs else "no"


def _bare(value: Any) -> str:
    """An integer as it is, a fraction in as many digits as a float has; nothing where there is none."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else repr(float(value))


def _share(entry: Entry, measured: Measured, key: str) -> str:
    """Between 0 and 1; nothing for what belongs to no total."""
    quantity = QUANTITIES[key]
    whole = quantity.of(measured.totals)
    if not whole or not (entry.runs or quantity.stored):
        return ""
    return f"{float(quantity.of(entry.figures) / whole):.6f}"


def _field(entry: Entry) -> tuple[str, str]:
    if entry.field is None:
        return "", ""
    axes = entry.field.axes
    return per_axis(tuple(each.size for each in axes)), per_axis(tuple(each.stride for each in axes))


def guarded(cell: str) -> str:
    """Nothing in a cell is a spreadsheet's formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def report_markdown(compiled: Compiled, asked: Asked = ALL, more: Sequence[Total] = ()) -> str:
    """A GitHub table with the totals under it as a list, and `more` of them."""
    measured = measure(compiled, asked)
    entries = list(_lines(measured))
    columns = report_columns(entries, measured.totals, Look(), asked)
    shown = [columns[name] for name in _chosen(asked)]
    lines = [f"## {escaped(measured.graph.name)}", "", f"| {' | '.join(each.title for each in shown)} |"]
    lines.append("|" + "".join("--:|" if each.right else ":--|" for each in shown))
    for place, entry in enumerate(entries):
        lines.append(_row(entry, [each.cells[place] for each in shown]))
    total = [each.cells[-1] for each in shown]
    lines += [f"| {' | '.join(f'**{escaped(each)}**' if each else '' for each in total)} |", ""]
    totals = [*totals_in_words(compiled.analysis, asked.batch, asked.precision), *efficiency_in_words(measured), *more]
    lines += [f"- {each.name}: **{each.number}** ({each.remark})" for each in totals]
    told = map(asked.in_precision, legend([each.title for each in shown], entries))
    notes = [CONVENTION, *told, " ".join(assumed(measured))]
    return "\n".join([*lines, "", *partial(compiled.analysis), "  \n".join(filter(None, notes)), ""])


def _chosen(asked: Asked) -> list[str]:
    """The names of Markdown's columns."""
    first = "name count" if asked.by else "name what output"
    last = [] if asked.by else ["field", "stride"]
    names = [*first.split(), "params", "buffers", "macs", "ops", *last]
    names += ["time", "bound"] if asked.device else []
    names += [asked.key] if asked.sort and asked.key not in names else []
    return [*names, "share"] if asked.is_flat else names


def _row(entry: Entry, cells: Sequence[str]) -> str:
    marked = [f"`{visible(entry.path)}`", *map(escaped, cells[1:])]
    return f"| {' | '.join(marked)}{'' if entry.runs else ' (not at inference)'} |"


def escaped(cell: str) -> str:
    """Nothing in a cell is Markdown or HTML."""
    for each in "\\|*_`<[":
        cell = cell.replace(each, "&lt;" if each == "<" else f"\\{each}")
    return cell
