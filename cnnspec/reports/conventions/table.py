"""What several tools print for one network, side by side: in a terminal, as CSV and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

from cnnspec.passes.conventions.cross_walk import CrossWalk
from cnnspec.passes.conventions.rules import Tool
from cnnspec.reports.aligned import aligned, width_of
from cnnspec.reports.conventions.cross_walk import IN_EVALUATION, UNDEFINED, reason
from cnnspec.reports.filling import fill, flow
from cnnspec.reports.look import Look
from cnnspec.reports.network.columns import GAP, Column
from cnnspec.reports.numbers import thousands

Walked = tuple[Tool, CrossWalk | None]
COUNTED = ("number", "unit", "state", "difference", "batch", "without_a_rule", "counted_short")
COLUMNS = ("tool", "version", *COUNTED, "reason", "call")
"""Of the CSV."""
COMPLETE, LOWER_BOUND = "complete", "lower bound"
NOTES = (
    f"What each tool prints {IN_EVALUATION}.",
    "to ours: the number less these MACs; `--why TOOL` tells where it comes from.",
)
LOWER = "lower bound: the tool has no rule for some step that computes something, or one that counts less."


class Line(NamedTuple):
    """One tool's answer. `number` is None where it is not defined, for the `reason`; so many steps are `unseen`, and so
    many counted `short`."""

    tool: Tool
    number: int | None
    difference: int | None
    state: str
    batch: int
    unseen: int
    short: int
    reason: str


def line_of(tool: Tool, walk: CrossWalk | None) -> Line:
    """Without a cross-walk the network has errors."""
    silences = (walk.unseen, walk.short) if walk else ((), ())
    unseen, short = (sum(len(each.layers) for each in some) for some in silences)
    batch = walk.batch if walk else 1
    if walk is None or walk.value is None:
        return Line(tool, None, None, UNDEFINED, batch, unseen, short, reason(walk) or "")
    state = COMPLETE if walk.complete else LOWER_BOUND
    return Line(tool, walk.value, walk.value - walk.ours, state, batch, unseen, short, "")


def conventions_text(walked: Sequence[Walked], look: Look) -> str:
    """A table as wide as the stream allows; versions stand below it where there is no room for them."""
    lines = [line_of(*each) for each in walked]
    columns = {
        "tool": Column("tool", tuple(each.tool.name for each in lines), False, "step"),
        "version": Column("version", tuple(each.tool.version for each in lines), False),
        "number": Column("number", tuple(_number(each.number) for each in lines)),
        "unit": Column("unit", tuple(each.tool.unit for each in lines), False),
        "state": Column("", tuple("" if each.number is None else each.state for each in lines), False),
        "difference": Column("to ours", tuple(_signed(each.difference) for each in lines)),
    }
    wide = list(columns.values())
    shown = wide if width_of(wide) <= look.width else [each for each in wide if each.title != "version"]
    notes = [text for each in (*NOTES, *_below(lines)) for text in fill(each, look, 0, GAP)]
    if len(shown) < len(wide):
        versions = [f"{package} {version}," for package, version in _versions(lines)]
        versions[-1] = versions[-1].removesuffix(",") + "."
        notes += flow(["versions:", *versions], look, 0, GAP)
    return "\n".join(["", *aligned(shown, look), "", *(look.paint("dim", each) for each in notes), ""])


def _below(lines: Sequence[Line]) -> list[str]:
    """What some of the lines need to be understood."""
    told = [LOWER] if any(each.state == LOWER_BOUND for each in lines) else []
    for why in dict.fromkeys(each.reason for each in lines if each.reason):
        told.append(f"{', '.join(each.tool.name for each in lines if each.reason == why)}: {why}.")
    most = max(each.batch for each in lines)
    told += [
        f"{each.tool.name}: for one sample, as the tool makes a batch of one by itself."
        for each in lines
        if each.tool.one_sample and most > 1
    ]
    return told


def _versions(lines: Sequence[Line]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((each.tool.package, each.tool.version) for each in lines))


def _number(value: int | None) -> str:
    return UNDEFINED if value is None else thousands(value)


def _signed(value: int | None) -> str:
    return "" if value is None else f"{value:+,}" if value else "0"


def conventions_csv(walked: Sequence[Walked]) -> str:
    """RFC 4180: a line for each tool; `number` and `difference` are empty where the number is not defined."""
    to = io.StringIO()
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in (line_of(*one) for one in walked):
        found = ["" if value is None else value for value in (each.number, each.difference)]
        first = (each.tool.name, each.tool.version, found[0], each.tool.unit, each.state, found[1])
        writer.writerow((*first, each.batch, each.unseen, each.short, each.reason, each.tool.call))
    return to.getvalue()


def conventions_markdown(walked: Sequence[Walked]) -> str:
    lines = [line_of(*each) for each in walked]
    told = ["", "| tool | version | number | unit | | to ours |", "|:--|:--|--:|:--|:--|--:|"]
    for each in lines:
        first = f"| `{each.tool.name}` | {each.tool.version} | {_number(each.number)} | {each.tool.unit} "
        told.append(f"{first}| {'' if each.number is None else each.state} | {_signed(each.difference)} |")
    return "\n".join([*told, "", "<br>\n".join([*NOTES, *_below(lines)]), ""])
