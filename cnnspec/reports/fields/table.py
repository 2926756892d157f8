"""`cnnspec field FILE` in a terminal: every layer's receptive field, a line for each input that it sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.passes.fields.by_input import Axes, Branch, Lost
from cnnspec.passes.fields.receptive_field import Field
from cnnspec.passes.fields.table import View, centre, leaving
from cnnspec.reports.aligned import aligned, width_of
from cnnspec.reports.fields.words import APPROXIMATE, BRIEF, RECURRENCE, numbers, reason, wrapped
from cnnspec.reports.look import Look, visible
from cnnspec.reports.network.columns import INDENT, Column
from cnnspec.reports.network.measured import measure
from cnnspec.reports.network.outline import Entry, Kind, outline
from cnnspec.reports.numbers import bar, ends, share, size

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

BAR = 10
PLANS = (
    "name input what output size stride start centre outside sees bar",
    "name input briefly output size stride start centre outside sees bar",
    "name input output size stride start centre outside sees bar",
    "name input output size stride start centre outside sees",
    "name input output size stride start centre sees",
    "name input size stride start centre sees",
    "name input size stride sees",
    "name input size stride",
    "name input size",
)
"""Which columns there are, from wide to narrow."""

LEGEND = (
    (
        "size",
        "size: pixels of the input from the first to the last that a unit sees; stride: from one unit to the next.",
    ),
    ("start", "start, centre: the first pixel and the middle of what unit 0 sees; below 0 lies padding."),
    ("sees", "sees: the share of the input's pixels that the unit in the middle sees, exactly."),
    ("outside", "outside: the part of that unit's field that lies in padding."),
)


class Line(NamedTuple):
    """One line of the table; a join's branches stand below it."""

    entry: Entry | None
    view: View | None
    branch: Branch | None = None
    first: bool = True


def field_table(
    compiled: Compiled,
    views: Mapping[str, tuple[View, ...]],
    look: Look,
    levels: int | None = None,
    branches: bool = False,
) -> str:
    """The table and what its columns are; `compiled` holds a model, and `views` are those of fields_in_full."""
    assert compiled.built is not None
    graph = compiled.built.graph
    last = leaving(graph)
    lines: list[Line] = []
    for entry in outline(measure(compiled), levels):
        id = last[entry.path] if entry.kind is Kind.FOLDED else entry.path
        seen = () if entry.kind is Kind.HEADING else views.get(id, ())
        lines += [Line(entry, view, first=not place) for place, view in enumerate(seen)] or [Line(entry, None)]
        lines += [Line(None, view, each) for view in seen if branches for each in view.branches]
    columns = _columns(lines, look, len(graph.inputs) > 1)
    chosen = _fitting(columns, look.width)
    shown = {column.title for column in chosen}
    notes = [text for name, text in LEGEND if name in shown]
    causes = _causes(views)
    if any(each.startswith("~") for each in columns["size"].cells):
        notes.append("~ before a size: units differ, and it is that of the one that sees furthest, without padding.")
    notes += [f"{BRIEF[each.why]}: {reason(each, graph)}." for each in causes]
    if absent := _left_out(columns, chosen):
        notes.append(f"not shown at this width: {', '.join(absent)}; `--json` has all.")
    told = [look.paint("dim", each) for note in notes for each in wrapped(note, look.width, INDENT)]
    return "\n".join([*_head(compiled, look), *aligned(chosen, look), "", *told, ""])


def _fitting(columns: Mapping[str, Column], width: int) -> list[Column]:
    """The columns of the first plan that fits; of the last one in any case."""
    for plan in PLANS:
        chosen = [columns[name] for name in plan.split() if name in columns]
        if width_of(chosen) <= width:
            break
    return chosen


def _left_out(columns: Mapping[str, Column], chosen: Sequence[Column]) -> list[str]:
    """The titles of what has no room, a step told in short not among them."""
    shown = {each.title for each in chosen}
    absent = (each for each in columns.values() if each.title not in shown)
    return list(dict.fromkeys(each.title or "bars" for each in absent))


def _causes(views: Mapping[str, tuple[View, ...]]) -> list[Lost]:
    """The first of each kind."""
    found: dict[str, Lost] = {}
    for each in views.values():
        for view in each:
            if isinstance(view.field, Lost):
                found.setdefault(view.field.why.name, view.field)
    return list(found.values())


def _head(compiled: Compiled, look: Look) -> list[str]:
    built, source = compiled.built, compiled.source
    assert built is not None
    assert source is not None
    inputs = ends([built.shapes.get(id) for id in built.graph.inputs], "inputs")
    name, file = visible(built.graph.name, look.encoding), visible(source.name, look.encoding)
    title = f"{look.paint('bold', name)}  theoretical receptive fields on {inputs}  {look.paint('dim', file)}"
    return [title, *(look.paint("dim", each) for each in wrapped(RECURRENCE, look.width, INDENT)), ""]


def _columns(lines: Sequence[Line], look: Look, several: bool) -> dict[str, Column]:
    columns = {
        "name": Column("layer", tuple(_name(each, look) for each in lines), False),
        "input": Column("input", tuple(each.view.input if each.view else "" for each in lines), False),
        "what": Column("step", tuple(_step(each, look, briefly=False) for each in lines), False, "step"),
        "briefly": Column("step", tuple(_step(each, look, briefly=True) for each in lines), False, "step"),
        "output": Column("output", tuple(_output(each) for each in lines)),
        "size": Column("size", tuple(_lost(each) or _of(each, lambda one: one.size) for each in lines)),
        "stride": Column("stride", tuple(_of(each, lambda one: one.stride) for each in lines)),
        "start": Column("start", tuple(_of(each, lambda one: one.start) for each in lines)),
        "centre": Column("centre", tuple(_of(each, centre) for each in lines)),
        "outside": Column("outside", tuple(map(_outside, lines))),
        "sees": Column("sees", tuple(map(_sees, lines))),
        "bar": Column("", tuple(_bar(each, look) for each in lines), False, "share"),
    }
    if not several:
        del columns["input"]
    return {name: each for name, each in columns.items() if not each.is_empty}


def _name(line: Line, look: Look) -> str:
    if line.branch:
        return f"{INDENT}through {visible(line.branch.source, look.encoding)}"
    assert line.entry is not None
    return INDENT * line.entry.level + visible(line.entry.name, look.encoding) if line.first else ""


def _step(line: Line, look: Look, briefly: bool) -> str:
    if line.entry is None or not line.first:
        return ""
    return visible(line.entry.briefly if briefly else line.entry.what, look.encoding)


def _output(line: Line) -> str:
    if line.entry is None or line.entry.kind is Kind.HEADING or not line.first:
        return ""
    return size(line.entry.output)


def _field(line: Line) -> Axes | Lost | None:
    return line.branch.field if line.branch else line.view.field if line.view else None


def _lost(line: Line) -> str:
    """In place of a size a word, or about what it is."""
    field = _field(line)
    if not isinstance(field, Lost):
        return ""
    seen = line.view.furthest if line.view and not line.branch else None
    return f"~{numbers(seen)}" if seen and field.why in APPROXIMATE else BRIEF[field.why]


def _of(line: Line, of: Callable[[Field], Fraction | int]) -> str:
    field = _field(line)
    return "" if field is None or isinstance(field, Lost) else numbers([of(each) for each in field])


def _outside(line: Line) -> str:
    part = line.view.central.outside if line.view and not line.branch else None
    return share(part.numerator, part.denominator) if part else ""


def _sees(line: Line) -> str:
    if line.view is None or line.branch:
        return ""
    return share(line.view.central.pixels, line.view.central.of)


def _bar(line: Line, look: Look) -> str:
    if line.view is None or line.branch:
        return ""
    return bar(line.view.central.pixels, prod(line.view.central.extents), BAR, look.unicode)
