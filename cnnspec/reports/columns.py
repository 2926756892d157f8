"""The columns of the report's table, and which of them fit."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from cnnspec.passes.receptive_field import Field
from cnnspec.reports.look import Look, cells, visible
from cnnspec.reports.numbers import bar, per_axis, percent, short, size, thousands
from cnnspec.reports.outline import Entry, Kind

GAP = 2
"""Cells between two columns."""

INDENT = "  "
BAR = 10


class Column(NamedTuple):
    """A column with its cells, one for each entry and one for the total. `style` is a name of look.STYLES."""

    title: str
    cells: tuple[str, ...]
    right: bool = True
    style: str = ""

    @property
    def width(self) -> int:
        return max(map(cells, (self.title, *self.cells)))


def report_columns(entries: Sequence[Entry], macs: int, look: Look, batch: int | None) -> dict[str, Column]:
    """All columns by their names in the plans; `macs` is what shares are taken of, `batch` multiplies what is
    computed."""
    times = 1 if batch is None else batch
    lines = [*entries, _total(entries)]

    def texts(of: Callable[[Entry], str]) -> tuple[str, ...]:
        return (*(visible(of(each), look.encoding) for each in entries), "")

    def numbers(of: Callable[[Entry], int], dress: Callable[[int], str] = thousands) -> tuple[str, ...]:
        return tuple(dress(of(each)) if of(each) and each.kind is not Kind.HEADING else "" for each in lines)

    def computed(of: Callable[[Entry], int], dress: Callable[[int], str] = thousands) -> tuple[str, ...]:
        """In parentheses what does not run and belongs to no total."""
        told = numbers(lambda each: of(each) * times, dress)
        return tuple(f"({text})" if text and not each.runs else text for text, each in zip(told, lines, strict=True))

    names = tuple(INDENT * each.level + visible(each.name, look.encoding) for each in lines)
    words, bars = _shares(entries, macs, look)
    return {
        "name": Column("layer", names, False),
        "what": Column("step", texts(lambda each: each.what), False, "step"),
        "briefly": Column("step", texts(lambda each: each.briefly), False, "step"),
        "output": Column("output", texts(lambda each: "" if each.kind is Kind.HEADING else size(each.output, batch))),
        "params": Column("params", numbers(lambda each: each.params)),
        "buffers": Column("buffers", numbers(lambda each: each.buffers)),
        "macs": Column("MACs", computed(lambda each: each.macs)),
        "short": Column("MACs", computed(lambda each: each.macs, short)),
        "ops": Column("other ops", computed(lambda each: each.ops)),
        "field": Column("field", _axes(lines, lambda axis: axis.size)),
        "stride": Column("stride", _axes(lines, lambda axis: axis.stride)),
        "share": Column("share of MACs", bars, False, "share"),
        "percent": Column("share", words, True, "share"),
    }


def _total(entries: Sequence[Entry]) -> Entry:
    """The last line: the sums of what stands above it."""
    counted = [each for each in entries if each.runs]
    return Entry(
        Kind.FOLDED,
        0,
        "total",
        "total",
        params=sum(each.params for each in entries),
        buffers=sum(each.buffers for each in entries),
        macs=sum(each.macs for each in counted),
        ops=sum(each.ops for each in counted),
    )


def _shares(entries: Sequence[Entry], macs: int, look: Look) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Percents of all MACs, and the same with a bar as long as the share is of the largest one."""
    shares = [each.macs if each.runs else 0 for each in entries]
    words = [percent(each, macs) if each else "" for each in shares]
    wide, most = max(map(len, words), default=0), max(shares, default=0)
    told = zip(words, shares, strict=True)
    bars = [f"{word:>{wide}} {bar(share, most, BAR, look.unicode)}".rstrip() for word, share in told]
    return (*words, ""), (*bars, "")


def _axes(lines: Sequence[Entry], of: Callable[[Field], int]) -> tuple[str, ...]:
    return tuple(per_axis(tuple(map(of, each.field.axes))) if each.field else "" for each in lines)


PLANS = (
    "name what output params buffers macs ops field stride share",
    "name what output params macs ops field stride share",
    "name what output params macs field stride share",
    "name briefly output params macs ops field stride share",
    "name briefly output params macs field stride share",
    "name briefly output params macs field share",
    "name briefly output params macs field percent",
    "name briefly output params short field percent",
    "name briefly output params short percent",
    "name output params short percent",
    "name output params short",
    "name output params",
    "name params",
)
"""Which columns there are, from wide to narrow."""


def fitting(columns: dict[str, Column], width: int) -> list[Column]:
    """The columns of the first plan that fits into so many cells; of the last one in any case."""
    for plan in PLANS:
        chosen = [columns[name] for name in plan.split()]
        if sum(column.width for column in chosen) + GAP * (len(chosen) - 1) <= width:
            break
    return chosen
