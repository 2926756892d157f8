"""The table of what changed, for a terminal of any width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap

from cnnspec.contract.values import Shape
from cnnspec.reports.difference.lines import Line
from cnnspec.reports.difference.totals import signed
from cnnspec.reports.look import Look, cells, visible
from cnnspec.reports.numbers import short, size

GAP = "  "
STYLES = {"+": "fix", "-": "gone", "~": "warning", ".": "dim"}
ROOMY, NARROW = 36, 20
"""So many cells the words have before a column is left out for them, and so many at least beside the names."""

Cell = Callable[[Line, Look], str]


def change_table(listed: Sequence[Line], look: Look) -> list[str]:
    """A line for each change, or several where its words have no room in one."""
    names = ["layer", *(_name(each, look) for each in listed)]
    first = max(map(cells, names))
    words = max((cells(visible(each.what, look.encoding)) for each in listed), default=0)
    for plan in PLANS:
        columns = [_column(title, cell, listed, look) for title, cell in plan]
        widths = [max(map(cells, column)) for column in columns]
        room = look.width - first - len(GAP) - sum(width + len(GAP) for width in widths)
        if room >= min(words, ROOMY):
            break
    beside = room >= NARROW
    room = min(max(room, NARROW), max(words, len("change"))) if beside else look.width - 2 * len(GAP)
    drawn = []
    for place, name in enumerate(names):
        line = listed[place - 1] if place else None
        what = visible(line.what, look.encoding) if line else "change"
        numbers = [f"{column[place]:>{width}}" for column, width in zip(columns, widths, strict=True)]
        head = f"{name}{' ' * (first - cells(name))}"
        pieces = wrap(what, room, break_long_words=False, break_on_hyphens=False) or [""]
        row = [f"{pieces[0]:<{room}}", *numbers] if beside else numbers
        style = STYLES[line.sign] if line else "bold"
        drawn.append((look.paint(style, head) if line else look.paint("bold", head)) + _painted(row, place, look))
        below = pieces[1:] if beside else pieces if line else []
        drawn += [" " * (first if beside else len(GAP)) + GAP + each for each in below if each]
    return [each.rstrip() for each in drawn]


def _painted(row: Sequence[str], place: int, look: Look) -> str:
    text = "".join(GAP + each for each in row).rstrip()
    return text if place else look.paint("bold", text)


def _name(line: Line, look: Look) -> str:
    return f"{line.sign} {GAP * line.level}{visible(line.name, look.encoding)}"


def _column(title: str, cell: Cell, listed: Sequence[Line], look: Look) -> list[str]:
    return [title, *(cell(each, look) for each in listed)]


def _output(line: Line, look: Look) -> str:
    return shapes(line.old, line.new, look.arrow)


def shapes(old: Shape | None, new: Shape | None, arrow: str) -> str:
    """`64x56x56 → 58x56x56`, or the one that there is."""
    if old is None or new is None or old == new:
        known = new or old
        return size(known) if known else ""
    return f"{size(old)} {arrow} {size(new)}"


def _params(line: Line, look: Look) -> str:
    return signed(line.params)


def _macs(line: Line, look: Look) -> str:
    return signed(line.macs)


def _short(number: int) -> str:
    return ("+" if number > 0 else "-") + short(abs(number)) if number else ""


PLANS: tuple[tuple[tuple[str, Cell], ...], ...] = (
    (("output", _output), ("params", _params), ("MACs", _macs)),
    (("params", _params), ("MACs", _macs)),
    (("params", lambda line, look: _short(line.params)), ("MACs", lambda line, look: _short(line.macs))),
)
"""Columns of numbers, from wide to narrow."""
