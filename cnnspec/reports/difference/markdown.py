"""`cnnspec diff --markdown`: a comment on a pull request. What matters first, the rest folded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnnspec.compare.difference import Difference
from cnnspec.compare.growth import Growth
from cnnspec.reports.difference.interface import interface_words
from cnnspec.reports.difference.lines import Line, followers, lines
from cnnspec.reports.difference.table import shapes
from cnnspec.reports.difference.totals import (
    checkpoint,
    following,
    mistaken,
    names,
    parameters_said,
    remainder,
    renames,
    settled,
    signed,
    told_growth,
    totals,
    unrelated,
    verdict,
)
from cnnspec.reports.look import visible
from cnnspec.reports.network.plain import escaped
from cnnspec.reports.numbers import counted

ARROW = "→"
MOST = 200
"""So many rows of a table; GitHub takes comments of 65,536 characters."""
MAIN = ("Parameters", "MACs", "Memory", "Depth")


def difference_markdown(found: Difference, growth: Sequence[Growth], every: bool = False) -> str:
    """Of two networks that are the same, a line."""
    blocks = [_summary(found), *_interface(found), *_budget(found), *(_grown(growth) if growth else [])]
    if not found.is_identical:
        blocks.append(_totals(found))
        blocks += [*_changes(found, every), *_tensors(found, every)]
    return "\n\n".join(blocks) + "\n"


def _summary(found: Difference) -> str:
    """`**ResNet50**: Parameters 25,557,032 → 20,741,120 (-18.8%), …`"""
    models = dict.fromkeys(each.built.graph.name for each in (found.a, found.b) if each.built)
    title = f"**{f' {ARROW} '.join(escaped(visible(each)) for each in models)}**"
    set_to = parameters_said(found, ARROW)
    told = f"{title}: {escaped(verdict(found) + (f'; {set_to}' if set_to else ''))}."
    differing = [each for each in totals(found) if each.title in MAIN and each.differs]
    if differing:
        told += "".join(
            f"\n{each.title} {each.old} {ARROW} {each.new} ({each.share or each.difference})." for each in differing
        )
    return f"{told}\n<sub>{f' {ARROW} '.join(_code(visible(each)) for each in names(found))}</sub>"


def _interface(found: Difference) -> list[str]:
    told = [f"- {escaped(visible(each))}" for each in interface_words(found.interface, ARROW)]
    return ["\n".join(["**Interface**", "", *told])] if told else []


def _budget(found: Difference) -> list[str]:
    """What B does not keep of what it requires of itself."""
    told = [f"- **over**: {_with_code(visible(each.message))}" for each in found.over_budget]
    return ["\n".join(["**Budget**", "", *told])] if told else []


def _grown(growth: Sequence[Growth]) -> list[str]:
    told = (f"- {'**over**' if each.is_over else 'ok'}: {escaped(told_growth(each))}" for each in growth)
    return ["\n".join(told)]


def _totals(found: Difference) -> str:
    rows = [(_indented(each.title), *each[1:]) for each in totals(found)]
    return _table(("", "before", "after", "difference", "in percent"), rows, "l")


def _indented(title: str) -> str:
    """What is a part of the row above stands deeper; GitHub drops blanks."""
    text = title.lstrip(" ")
    return "&nbsp;" * (len(title) - len(text)) + text


def _changes(found: Difference, every: bool) -> list[str]:
    if found.common.hardly_any and not every:
        return [f"**{unrelated(found)}**; their steps are not set side by side."]
    listed = lines(found, ARROW, every)
    blocks = []
    if listed:
        rows = [_row(each) for each in listed[:MOST]]
        table = _table(("", "layer", "change", "output", "params", "MACs"), rows, "llll")
        if len(listed) > MOST:
            table += f"\n\n… and {len(listed) - MOST:,} more."
        blocks.append(_folded(counted(len(listed), "change"), table))
    left = [] if every else followers(found)
    if left:
        rest = remainder(found, listed)
        blocks.append(f"{following(len(left))}{f' (outside of what is listed: {rest})' if rest else ''}.")
    return blocks


def _row(line: Line) -> tuple[str, ...]:
    name = "&nbsp;&nbsp;" * line.level + escaped(visible(line.name))
    sign = {"-": "−"}.get(line.sign, line.sign)
    return (
        sign,
        name,
        _code(visible(line.what)),
        shapes(line.old, line.new, ARROW),
        signed(line.params),
        signed(line.macs),
    )


def _tensors(found: Difference, every: bool) -> list[str]:
    table = found.tensors
    caveat = settled(found, lambda name: _code(visible(name)))
    if not (table.renamed or table.reshaped or table.left or table.fresh or caveat):
        return []
    told = [f"An old checkpoint: {', '.join(checkpoint(table))}{f', **{caveat}**' if caveat else ''}."]
    if table.mistaken:
        told.append(f"**{escaped(mistaken(table))}.**")
    folds = renames(table, every)
    if folds:
        rows = [(_code(visible(old)), _code(visible(new)), f"{count:,}") for old, new, count in folds[:MOST]]
        text = _table(("before", "after", "tensors"), rows, "ll")
        if len(folds) > MOST:
            text += f"\n\n… and {len(folds) - MOST:,} more."
        told.append(_folded(f"{counted(len(table.renamed), 'tensor')} under another name", text))
    return told


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], left: str) -> str:
    """The first columns to the left, as many as `left` is long."""
    marks = [":--" if place < len(left) else "--:" for place in range(len(titles))]
    lines_of = [titles, marks, *rows]
    return "\n".join(f"| {' | '.join(each)} |" for each in lines_of)


def _with_code(message: str) -> str:
    """A message whose backticks stand around code."""
    parts = message.split("`")
    return "".join(_code(each) if place % 2 else escaped(each) for place, each in enumerate(parts))


def _code(text: str) -> str:
    """As code in a cell of a table; what would end it is text with its signs escaped."""
    if not text:
        return ""
    return escaped(text) if "`" in text or "|" in text else f"`{text}`"
