"""The page's table of layers: an outline whose blocks fold, and a flat list while it is sorted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from cnnspec.ir.graph import Node
from cnnspec.passes.analysis import Row
from cnnspec.reports.network.figures import QUANTITIES, Figures, summed
from cnnspec.reports.network.measured import Measured
from cnnspec.reports.network.outline import Entry, Kind, folded, outline
from cnnspec.reports.numbers import size
from cnnspec.reports.page.cells import (
    Head,
    axes_head,
    number_heads,
    safe,
    share_key,
    size_head,
    table,
    text_head,
)

RARE = ("activation", "weights", "moved", "intensity")
"""What stands behind all other columns, and is put away where there is no room for it."""
OPEN = 60
"""A network of so many lines is shown whole."""


class Places(NamedTuple):
    """The number of each text on the page, by the name that it was read under."""

    numbers: Mapping[str, int]

    def of(self, node: Node | None) -> list[str]:
        """`0:12`, the text and the line: of the step itself, then of the blocks' uses that led to it, outermost first.
        Nothing for a block, and none for a text that is not on the page."""
        spans = [] if node is None else [node.span, *(frame.span for frame in node.trace)]
        known = (each for each in spans if each.source.name in self.numbers)
        return list(dict.fromkeys(f"{self.numbers[each.source.name]}:{each.line}" for each in known))


def tree(measured: Measured) -> list[Entry]:
    """The outline, where blocks carry their sums."""
    rows = {row.node.id: row for row in measured.rows}
    found = outline(measured)
    around: list[tuple[int, list[Row]]] = []  # the blocks that the line is in: where they stand, and their steps so far
    for place, entry in enumerate([*found, None]):
        while around and (entry is None or entry.level <= found[around[-1][0]].level):
            at, below = around.pop()
            found[at] = folded(below, measured, found[at])
        if entry is not None and entry.kind is Kind.HEADING:
            around.append((place, []))
        elif entry is not None:
            for _, below in around:
                below.append(rows[entry.path])
    return found


def layers_table(measured: Measured, places: Places) -> str:
    """All steps under their blocks; folded at first to what was asked for, or to what can be taken in."""
    asked, entries = measured.asked, tree(measured)
    heads = _heads(measured, entries, places)
    rows = (_row(each, heads, places.of(each.node)) for each in entries)
    total = Entry(Kind.FOLDED, 0, "total", "total", figures=measured.totals)
    more = f'class="figures tree" data-levels="{asked.levels or _levels(entries)}"'
    more += f' data-sort="{asked.sort}"' if asked.sort else ""
    return table("layer", heads, rows, total, None, more)


def _levels(entries: Sequence[Entry]) -> int:
    """The most levels whose lines are no more than OPEN, but one in any case."""
    deep = max((each.level for each in entries), default=0) + 1
    fit = [levels for levels in range(1, deep + 1) if sum(each.level < levels for each in entries) <= OPEN]
    return max(fit, default=1)


def largest(entries: Sequence[Entry], key: str, totals: Figures) -> Fraction:
    """The largest share of a line."""
    quantity = QUANTITIES[key]
    whole = quantity.of(totals)
    found = [quantity.of(each.figures) for each in entries if each.runs or quantity.stored]
    return Fraction(max(found, default=0)) / whole if whole else Fraction(0)


def _heads(measured: Measured, entries: Sequence[Entry], places: Places) -> list[Head]:
    asked = measured.asked
    most = largest(entries, share_key(asked), measured.totals)

    def line(entry: Entry) -> str:
        if entry.node is None or not (found := places.of(entry.node)):
            return "<td></td>"
        file, _, number = found[0].partition(":")
        name = safe(entry.node.span.source.name)
        return f'<td data-v="{number}"><a href="#t{file}-{number}" title="{name}">{number}</a></td>'

    numbers = number_heads(measured, most)
    rare = [each._replace(is_rare=True) for each in numbers if each.key in RARE and each.key != asked.sort]
    return [
        text_head("step", "step", lambda each: each.what),
        size_head(asked),
        *(each for each in numbers if each.key not in RARE or each.key == asked.sort),
        axes_head("field", lambda each: _axes(each, "size"), "the receptive field of a unit, in pixels of the input."),
        axes_head("stride", lambda each: _axes(each, "stride"), "pixels of the input from one unit to the next."),
        Head("line", "line", line),
        *rare,
    ]


def _axes(entry: Entry, of: str) -> tuple[int, ...]:
    return tuple(getattr(axis, of) for axis in entry.field.axes) if entry.field else ()


def _tensors(entry: Entry, path: str) -> str:
    """The step's path, and what it owns: `layer1.0.conv1`, `weight 64x64x1x1`."""
    return "&#10;".join([path, *(f"{safe(each.name)} {size(each.shape) or 'one number'}" for each in entry.weights)])


def _row(entry: Entry, heads: Sequence[Head], places: Sequence[str]) -> str:
    is_block = entry.kind is not Kind.STEP
    kind = "block" if is_block else "leaf"
    aux = "" if entry.runs else " aux"
    path, name = safe(entry.path), safe(entry.name)
    fold = f'<button type="button" class="fold" aria-expanded="true" aria-label="{path}">▸</button>'
    names = f'{fold if is_block else ""}<span class="short">{name}</span><span class="long">{path}</span>'
    marks = f'class="{kind}{aux}" data-level="{entry.level}" data-path="{path}" data-said="{safe(entry.what)}"'
    line = f' data-lines="{" ".join(places)}"' if places else ""
    first = f'<th scope="row" class="name" style="--level:{entry.level}" title="{_tensors(entry, path)}">{names}</th>'
    return f"<tr {marks}{line}>{first}{''.join(each.drawn(entry) for each in heads)}</tr>"


def costs_of_lines(measured: Measured, places: Places) -> dict[str, Figures]:
    """What the steps come to that a line of a text makes, itself or through the blocks that it uses."""
    found: dict[str, list[tuple[Figures, bool]]] = {}
    for row in measured.layers:
        for place in places.of(row.node):
            found.setdefault(place, []).append((measured.figures[row.node.id], row.runs))
    return {place: summed(parts) for place, parts in found.items()}
