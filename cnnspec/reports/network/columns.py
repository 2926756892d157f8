"""The columns of the report's table, and which of them fit."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cnnspec.passes.fields.receptive_field import Field
from cnnspec.reports.look import Look, cells, visible
from cnnspec.reports.network.asked import ALL, Asked
from cnnspec.reports.network.figures import QUANTITIES, Figures, Quantity
from cnnspec.reports.network.outline import Entry, Kind
from cnnspec.reports.numbers import bar, per_axis, percent, short, size, thousands

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

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)


def report_columns(entries: Sequence[Entry], totals: Figures, look: Look, asked: Asked = ALL) -> dict[str, Column]:
    """All columns by their names in the plans. `totals` stand in the last line, and shares are taken of them."""
    lines = [*entries, Entry(Kind.FOLDED, 0, "total", "total", figures=totals)]

    def texts(of: Callable[[Entry], str]) -> tuple[str, ...]:
        return (*(visible(of(each), look.encoding) for each in entries), "")

    def counts(of: Callable[[Entry], int]) -> tuple[str, ...]:
        return (*(thousands(of(each)) for each in entries), thousands(sum(map(of, entries))))

    names = tuple(INDENT * each.level + visible(each.name, look.encoding) for each in lines)
    share = QUANTITIES[asked.key if QUANTITIES[asked.key].adds else "macs"]
    words, bars = _shares(entries, totals, share, look)
    found = {
        "name": Column(asked.by or "layer", names, False),
        "what": Column("step", texts(lambda each: each.what), False, "step"),
        "briefly": Column("step", texts(lambda each: each.briefly), False, "step"),
        "tersely": Column("step", texts(lambda each: each.tersely), False, "step"),
        "kernel": Column("kernel", texts(lambda each: each.kernel), False, "step"),
        "output": Column("output", texts(lambda each: output_of(each, asked.batch))),
        "count": Column("count", counts(lambda each: each.instances)),
        "steps": Column("steps", counts(lambda each: each.steps)),
        "short": Column("MACs", _numbers(lines, QUANTITIES["macs"]._replace(shown=short), look)),
        "field": Column("field", _axes(lines, lambda axis: axis.size)),
        "stride": Column("stride", _axes(lines, lambda axis: axis.stride)),
        "bound": Column("bound by", tuple(bound_by(each.figures) for each in lines)),
        "share": Column(f"share of {share.told}", bars, False, "share"),
        "percent": Column(f"{share.told} %", words, True, "share"),
    }
    for name, quantity in QUANTITIES.items():
        found[name] = Column(quantity.told, _numbers(lines, quantity, look))
    return found


def _numbers(lines: Sequence[Entry], quantity: Quantity, look: Look) -> tuple[str, ...]:
    """In parentheses what does not run and belongs to no total."""
    told = []
    for each in lines:
        value = quantity.of(each.figures)
        text = quantity.shown(value) if value and each.kind is not Kind.HEADING else ""
        told.append(f"({text})" if text and not (each.runs or quantity.stored) else text)
    return tuple(told if look.unicode else (each.replace("µ", "u") for each in told))


def _shares(
    entries: Sequence[Entry], totals: Figures, quantity: Quantity, look: Look
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Percents of the whole, and the same with a bar as long as the share is of the largest one."""
    shares = [quantity.of(each.figures) if each.runs or quantity.stored else 0 for each in entries]
    words = [percent(each, quantity.of(totals)) if each else "" for each in shares]
    listed = [0 if each.kind is Kind.REST else share for each, share in zip(entries, shares, strict=True)]
    wide, most = max(map(len, words), default=0), max(listed, default=0)
    told = zip(words, listed, strict=True)
    bars = [f"{word:>{wide}} {bar(share, most, BAR, look.unicode)}".rstrip() for word, share in told]
    return (*words, ""), (*bars, "")


def output_of(entry: Entry, batch: int | None) -> str:
    """Nothing where lines of different places are summed up."""
    return size(entry.output, batch) if entry.output or entry.kind is Kind.STEP else ""


def bound_by(figures: Figures) -> str:
    """What takes longer, computing or moving; of several steps for which part of the time it is computing."""
    if not figures.seconds:
        return ""
    if figures.computing in (0, figures.seconds):
        return "compute" if figures.computing else "memory"
    return f"{float(100 * figures.computing / figures.seconds):.0f}% compute"


def _axes(lines: Sequence[Entry], of: Callable[[Field], int]) -> tuple[str, ...]:
    return tuple(per_axis(tuple(map(of, each.field.axes))) if each.field else "" for each in lines)


PLANS = (
    "name what output params buffers macs ops activation weights intensity field stride share",
    "name what output params buffers macs ops activation intensity field stride share",
    "name what output params buffers macs ops field stride share",
    "name what output params macs ops field stride share",
    "name what output params macs field stride share",
    "name briefly output params macs ops field stride share",
    "name briefly output params macs field stride share",
    "name briefly output params macs field share",
    "name briefly output params macs field percent",
    "name briefly output params short field percent",
    "name briefly output params short percent",
    "name tersely output params short field percent",
    "name tersely output params short percent",
    "name tersely output params short",
    "name kernel output params short percent",
    "name kernel output params short",
    "name output params short percent",
    "name output params short",
    "name output params",
    "name params",
)
"""Which columns there are, from wide to narrow."""

SORTED_PLANS = (
    "name what output params buffers macs ops activation weights intensity field stride share",
    "name what output params macs ops field stride share",
    "name what output params macs share",
    "name briefly output params macs share",
    "name briefly output params macs percent",
    "name briefly output params short percent",
    "name briefly output params percent",
    "name tersely output params percent",
    "name tersely output percent",
    "name kernel output percent",
    "name kernel percent",
    "name percent",
    "name",
)
"""The same where lines are sorted; the quantity that they are sorted by is put into each."""

GROUP_PLANS = (
    "name count steps params buffers macs ops activation weights intensity share",
    "name count steps params macs ops activation intensity share",
    "name count params macs ops activation share",
    "name count params macs share",
    "name count params macs percent",
    "name count params short percent",
    "name params short percent",
    "name params short",
    "name params",
)
"""The same where what is alike is summed up."""


def plans(asked: Asked) -> Iterator[list[str]]:
    """The names of columns, from wide to narrow: those that were asked for are in all but the narrowest."""
    of = GROUP_PLANS if asked.by else SORTED_PLANS if asked.sort else PLANS
    wanted = ["time", "bound"] if asked.device else []
    wanted += [asked.key] if asked.sort and asked.key not in wanted else []
    for plan in (each.split() for each in of):
        at = next((place for place, name in enumerate(plan) if name in ("share", "percent")), len(plan))
        added = [each for each in wanted if each not in plan and not (each == "macs" and "short" in plan)]
        yield [each for each in (*plan[:at], *added, *plan[at:]) if asked.by != "word" or each != "steps"]
    if len(wanted) > 1:
        yield ["name", "time" if asked.sort is None else asked.key]


def left_out(columns: dict[str, Column], shown: Sequence[Column], asked: Asked = ALL) -> list[str]:
    """The titles that the widest plan has, and these columns have not."""
    titles = {each.title for each in shown}
    briefer = {"what": "kernel", "share": "percent"}
    titles |= {columns[name].title for name, brief in briefer.items() if columns[brief].title in titles}
    widest = (columns[name] for name in next(plans(asked)) if not columns[name].is_empty)
    return [each.title for each in widest if each.title not in titles]


def fitting(columns: dict[str, Column], width: int, asked: Asked = ALL) -> list[Column]:
    """The columns of the first plan that fits into so many cells, without those that are empty; of the last one in any
    case."""
    for plan in plans(asked):
        chosen = [columns[name] for name in plan if name == "name" or not columns[name].is_empty]
        if sum(column.width for column in chosen) + GAP * (len(chosen) - 1) <= width:
            break
    return chosen
