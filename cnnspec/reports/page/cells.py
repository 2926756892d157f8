"""The tables of the page: a head that sorts, rows of numbers, a foot with the totals.

Every number stands twice: as it is read, and exact in `data-v`, by which the columns are sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from html import escape
from typing import NamedTuple

from cnnspec.reports.look import visible
from cnnspec.reports.network.asked import Asked
from cnnspec.reports.network.columns import bound_by, output_of
from cnnspec.reports.network.figures import QUANTITIES, Figures, Quantity
from cnnspec.reports.network.measured import Measured
from cnnspec.reports.network.outline import Entry
from cnnspec.reports.numbers import per_axis, percent, thousands


def safe(text: str) -> str:
    """A text as text of HTML: what it holds is shown, and nothing of it is obeyed."""
    return escape(visible(text))


class Head(NamedTuple):
    """A column. `adds` is "run" for what is summed up over what runs, "all" over everything, "" for what has no sum;
    `cell` draws an entry's whole `<td>`. What `is_rare` is put away where there is no room."""

    key: str
    title: str
    cell: Callable[[Entry], str]
    adds: str = ""
    said: str = ""
    is_left: bool = False
    is_rare: bool = False

    def drawn(self, entry: Entry) -> str:
        """The cell, marked as its column is."""
        cell = self.cell(entry)
        return cell.replace("<td", '<td class="rare"', 1) if self.is_rare else cell


def quantity_head(key: str, asked: Asked) -> Head:
    """The column of one of reports/network/figures.py."""
    quantity = QUANTITIES[key]
    adds = "" if not quantity.adds else "all" if quantity.stored else "run"
    return Head(key, quantity.told, lambda entry: number(quantity, entry), adds, asked.in_precision(quantity.said))


def number(quantity: Quantity, entry: Entry) -> str:
    """In parentheses what belongs to no total."""
    value = quantity.of(entry.figures)
    if value is None:
        return "<td></td>"
    shown = quantity.shown(value) if value else ""
    text = f"({shown})" if shown and not (entry.runs or quantity.stored) else shown
    return f'<td data-v="{exact(value)}">{text}</td>'


def exact(value: int | Fraction) -> str:
    """An integer as it is, a fraction as the nearest float."""
    return str(value) if isinstance(value, int) else repr(float(value))


def share_head(key: str, totals: Figures, most: Fraction) -> Head:
    """The share of what `key` names, with a bar as long as the share is of `most`."""
    quantity = QUANTITIES[key]
    whole = quantity.of(totals)

    def cell(entry: Entry) -> str:
        counts = whole and (entry.runs or quantity.stored)
        part = Fraction(quantity.of(entry.figures)) / whole if counts else Fraction(0)
        if not part:
            return '<td class="share" data-v="0"><i style="visibility:hidden"><b></b></i><span></span></td>'
        length = float(min(100 * part / most, Fraction(100))) if most else 0.0
        bar = f'<i><b style="--part:{length:.2f}%"></b></i>'
        return f'<td class="share" data-v="{float(part)!r}">{bar}<span>{safe(percent(part, 1))}</span></td>'

    return Head("share", f"share of {quantity.told}", cell, is_left=True)


def text_head(key: str, title: str, of: Callable[[Entry], str], said: str = "") -> Head:
    """A column of words."""
    return Head(key, title, lambda entry: f'<td class="step">{safe(of(entry))}</td>', said=said, is_left=True)


def size_head(asked: Asked) -> Head:
    """The result's size, sorted by how many numbers it holds."""

    def cell(entry: Entry) -> str:
        size = output_of(entry, asked.batch)
        return f'<td data-v="{entry.figures.activation}">{size}</td>' if entry.output else f"<td>{size}</td>"

    return Head("output", "output", cell)


def axes_head(key: str, of: Callable[[Entry], tuple[int, ...]], said: str) -> Head:
    """Pixels an axis, sorted by the largest."""

    def cell(entry: Entry) -> str:
        axes = of(entry)
        return f'<td data-v="{max(axes)}">{per_axis(axes)}</td>' if axes else "<td></td>"

    return Head(key, key, cell, said=said)


def count_head(key: str, of: Callable[[Entry], int]) -> Head:
    return Head(key, key, lambda entry: f'<td data-v="{of(entry)}">{thousands(of(entry))}</td>')


FIRST, LAST = ("params", "macs"), ("ops", "activation", "weights", "moved", "intensity")
"""The quantities before the shares, and behind them."""


def share_key(asked: Asked) -> str:
    """What shares are of when the page is opened."""
    return asked.key if QUANTITIES[asked.key].adds else "macs"


def number_heads(measured: Measured, most: Fraction) -> list[Head]:
    """The columns of numbers; those of a device if one was asked for, and what was asked to sort by in any case. `most`
    is the largest share."""
    asked = measured.asked
    heads = [quantity_head(each, asked) for each in FIRST]
    if asked.sort is not None and asked.sort not in (*FIRST, *LAST, "time"):
        heads.append(quantity_head(asked.sort, asked))
    heads.append(share_head(share_key(asked), measured.totals, most))
    if asked.device is not None:
        bound = text_head("bound", "bound by", lambda each: bound_by(each.figures), "what takes longer.")
        heads += [quantity_head("time", asked), bound]
    return [*heads, *(quantity_head(each, asked) for each in LAST)]


def _sum(head: Head, total: Entry) -> str:
    if head.adds or head.key == "intensity":
        return head.drawn(total)
    return head._replace(cell=lambda entry: "<td></td>").drawn(total)


def table(name: str, heads: Sequence[Head], rows: Iterable[str], total: Entry, sort: str | None, more: str) -> str:
    """A whole `<table>`; `more` are its own attributes, `rows` come with their first cell."""
    titles = [f'<th class="left" scope="col"><button type="button">{name}</button></th>']
    for each in heads:
        marks = f' data-key="{each.key}"' + (f' data-adds="{each.adds}"' if each.adds else "")
        marks += ' class="left"' if each.is_left else ' class="rare"' if each.is_rare else ""
        marks += ' aria-sort="descending"' if each.key == sort else ""
        hint = f' title="{safe(each.said)}"' if each.said else ""
        titles.append(f'<th scope="col"{marks}><button type="button"{hint}>{each.title}</button></th>')
    sums = "".join(_sum(each, total) for each in heads)
    return "\n".join(
        [
            f"<table {more}>",
            f"<thead><tr>{''.join(titles)}</tr></thead>",
            "<tbody>",
            *rows,
            "</tbody>",
            f'<tfoot><tr><th scope="row">total</th>{sums}</tr></tfoot>',
            "</table>",
        ]
    )
