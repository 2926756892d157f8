"""The numbers of every combination in a terminal. Which columns are shown follows from the width."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cnnspec.reports.aligned import aligned, width_of
from cnnspec.reports.filling import fill
from cnnspec.reports.look import Look, visible
from cnnspec.reports.network.columns import BAR, Column
from cnnspec.reports.network.totals import CONVENTION
from cnnspec.reports.numbers import bar, counted, memory, short, thousands
from cnnspec.reports.sweep.plain import BARE, TITLES, differs, pivoted, reasons, told, with_mark

if TYPE_CHECKING:
    from cnnspec.api.grid import Grid

PLANS = (
    "params macs bars ops activations memory depth field",
    "params macs ops activations memory depth field",
    "params macs ops activations memory field",
    "params macs ops activations memory",
    "params macs ops memory",
    "params macs memory",
    "params macs",
    "few short",
    "short",
)
"""Which numbers are shown, from wide to narrow."""
LEGEND = {
    "activations": "activations: the numbers in the results of all steps.",
    "memory": "memory: weights, and what is alive at once at inference, in float32.",
    "field": "field: the receptive field of one unit of the last map, in pixels of the input.",
}

DIFFERS = "~ before a field: units differ, and it is that of the one that sees furthest."


def sweep_table(grid: Grid, look: Look, pivot: str | None = None) -> str:
    """A line for each combination; with `pivot` that number alone, one axis down and the other across."""
    tables, absent = _pivot(grid, pivot, look) if pivot else _fitting(grid, look)
    titles = {TITLES[pivot]} if pivot else {each.title for each in tables[0]}
    notes = [CONVENTION] if "MACs" in titles else []
    notes += [text for title, text in LEGEND.items() if title in titles]
    notes += [DIFFERS] if TITLES["field"] in titles and any(differs(each, "field") for each in grid.points) else []
    notes += [line for line in fill(absent, look, 0, 2) if absent]
    why = [f"({number}) {visible(text, look.encoding)}" for text, number in reasons(grid).items()]
    foot = [*why, *([""] if why and notes else []), *(look.paint("dim", each) for each in notes)]
    drawn = [line for each in tables for line in ("", *aligned(each, look))]
    return "\n".join([_head(grid, pivot, look), *drawn, *([""] if foot else []), *foot, ""])


def _head(grid: Grid, pivot: str | None, look: Look) -> str:
    """`MobileNet: MACs, classes=10  zoo:mobilenet_v1  16 combinations`"""
    one = [f"{each.title}={each.choices[0].text}" for each in grid.axes if len(each.choices) == 1]
    said = ", ".join(([BARE[pivot]] if pivot else []) + one)
    name = look.paint("bold", visible(grid.name or "no model", look.encoding))
    parts = [
        f"{name}{': ' if said else ''}{visible(said, look.encoding)}",
        look.paint("dim", visible(grid.file, look.encoding)),
    ]
    return "  ".join([*parts, counted(len(grid.points), "combination")])


def _settings(grid: Grid, look: Look) -> list[Column]:
    """Of each axis with several values; of all, where none has."""
    columns = []
    for axis in grid.several or grid.axes:
        texts = tuple(visible(point.settings[axis.title].text, look.encoding) for point in grid.points)
        columns.append(Column(visible(axis.title, look.encoding), texts, True, "step"))
    return columns


def _fitting(grid: Grid, look: Look) -> tuple[list[list[Column]], str]:
    """The columns of the first plan that fits, of the last one in any case; and what is said of those left out."""
    settings, numbers = _settings(grid, look), _numbers(grid, look)
    for plan in PLANS:
        chosen = [*settings, *(numbers[each] for each in plan.split())]
        if width_of(chosen) <= look.width:
            break
    shown = {each.title for each in chosen}
    absent = [title for title in TITLES.values() if title not in shown]
    return [chosen], f"not shown at this width: {', '.join(absent)}; `--csv` has all." if absent else ""


def _numbers(grid: Grid, look: Look) -> dict[str, Column]:
    marks = reasons(grid)

    def column(name: str, dress: Callable[[int], str] = thousands) -> Column:
        return Column(TITLES[name], tuple(told(point, name, dress) for point in grid.points))

    def telling(found: Column) -> Column:
        """Which reason is told of a line stands in a column that every plan has."""
        cells = zip(found.cells, grid.points, strict=True)
        return found._replace(cells=tuple(with_mark(cell, point, marks) for cell, point in cells))

    macs = [point.measures.macs if point.measures else 0 for point in grid.points]
    bars = Column("", tuple(bar(each, max(macs, default=0), BAR, look.unicode) for each in macs), False, "share")
    return {
        "params": column("params"),
        "few": column("params", short),
        "macs": telling(column("macs")),
        "short": telling(column("macs", short)),
        "bars": bars,
        "ops": column("ops"),
        "activations": column("activations"),
        "memory": column("memory", memory),
        "depth": column("depth"),
        "field": column("field"),
    }


def _pivot(grid: Grid, measure: str, look: Look) -> tuple[list[list[Column]], str]:
    """One number: rounded where lines are too short for it, and then in several tables, one below the other."""
    exact = _crossed(grid, measure, look, thousands)
    if width_of(exact) <= look.width:
        return [exact], ""
    first, *others = _crossed(grid, measure, look, memory if measure == "memory" else short)
    tables = [[first]]
    for each in others:
        if len(tables[-1]) > 1 and width_of([*tables[-1], each]) > look.width:
            tables.append([first])
        tables[-1].append(each)
    return tables, "Numbers are rounded at this width; `--csv` has them as they are."


def _crossed(grid: Grid, measure: str, look: Look, number: Callable[[int], str]) -> list[Column]:
    marks = reasons(grid)
    rows = pivoted(grid, lambda point: with_mark(told(point, measure, number), point, marks))
    shown = [[visible(cell, look.encoding) for cell in row] for row in rows]
    return [
        Column(title, tuple(cells), True, "" if i else "step")
        for i, (title, *cells) in enumerate(zip(*shown, strict=True))
    ]
