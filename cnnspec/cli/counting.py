"""`report --convention` and `--why`: other tools' totals."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled
    from cnnspec.reports.asked import Asked
    from cnnspec.reports.look import Look
    from cnnspec.reports.totals import Total

Verb = Callable[..., int]


class Counting(NamedTuple):
    """The tool that is asked about; `why`: where it parts from ours, in place of the report."""

    name: str
    why: bool


def counting_options(function: Verb) -> Verb:
    """`--convention --why`, which the verb gets together as `counting`, None without them."""
    from cnnspec.passes.conventions.tools import NAMES

    @wraps(function)
    def with_counting(*, convention: str | None, why: str | None, **others: Any) -> int:
        if convention is not None and why is not None and convention != why:
            raise click.UsageError(f"`--convention {convention}` and `--why {why}` ask about two tools: ask about one")
        name = why or convention
        return function(counting=Counting(name, why is not None) if name else None, **others)

    verb: Verb = with_counting
    choice = click.Choice(NAMES)
    for option in (
        click.option("--why", type=choice, help="Line by line, where another tool's total parts from these MACs."),
        click.option("--convention", type=choice, help="Also what another tool prints for the exported torch source."),
    ):
        verb = option(verb)
    return verb


def counting_added(record: dict[str, Any], compiled: Compiled, asked: Asked, counting: Counting) -> dict[str, Any]:
    """The record of a report with the tool's total under `totals.convention`."""
    from cnnspec.api.counting import counted
    from cnnspec.passes.conventions.tools import tool
    from cnnspec.reports.cross_walk import convention_record

    if record["totals"] is None:
        return record
    walk = counted(compiled, counting.name, asked.times) if compiled.ok else None
    totals = {**record["totals"], "convention": convention_record(tool(counting.name), walk)}
    return {**record, "totals": totals}


def counting_totals(compiled: Compiled, asked: Asked, counting: Counting | None) -> list[Total]:
    """The tool's total as one of a report's, for a page."""
    from cnnspec.api.counting import counted
    from cnnspec.passes.conventions.tools import tool
    from cnnspec.reports.cross_walk import convention_total

    if counting is None:
        return []
    if counting.why:
        raise click.UsageError("`--why` cannot be told as html; `--format markdown` has it")
    walk = counted(compiled, counting.name, asked.times) if compiled.ok else None
    return [convention_total(tool(counting.name), walk)]


def counting_printed(
    text: Callable[[], str], compiled: Compiled, form: str, look: Look, asked: Asked, counting: Counting
) -> str:
    """The report with the tool's total under it, or the cross-walk alone; `text` makes the report."""
    from cnnspec.api.counting import counted
    from cnnspec.passes.conventions.tools import tool
    from cnnspec.reports import cross_walk as shown

    named = tool(counting.name)
    if form == "csv" and not (counting.why and compiled.ok):
        option = "why" if counting.why else "convention"
        raise click.UsageError(f"`--{option}` cannot be told as csv here; `--json` and `--format markdown` have it")
    walk = counted(compiled, counting.name, asked.times) if compiled.ok else None
    if not counting.why:
        added = shown.convention_item(named, walk) if form == "markdown" else shown.convention_lines(named, walk, look)
        return text() + added
    if form == "csv":
        assert walk is not None
        return shown.cross_walk_csv(walk)
    if form == "markdown":
        return shown.cross_walk_markdown(compiled, named, walk)
    return shown.cross_walk_text(compiled, named, walk, look)
