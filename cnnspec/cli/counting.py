"""`report --convention` and `--why`: other tools' totals."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from cnnspec.passes.conventions.cross_walk import CrossWalk
    from cnnspec.passes.conventions.rules import Tool
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
    from cnnspec.reports.cross_walk import convention_record

    if record["totals"] is None:
        return record
    totals = {**record["totals"], "convention": convention_record(*_walked(compiled, asked, counting))}
    return {**record, "totals": totals}


def counting_totals(compiled: Compiled, asked: Asked, counting: Counting | None) -> list[Total]:
    """The tool's total as one of a report's."""
    from cnnspec.reports.cross_walk import convention_total

    return [] if counting is None else [convention_total(*_walked(compiled, asked, counting))]


def counting_below(compiled: Compiled, look: Look, asked: Asked, counting: Counting | None) -> str:
    """The same below a report's table, in lines of its width."""
    from cnnspec.reports.cross_walk import convention_lines

    return "" if counting is None else convention_lines(*_walked(compiled, asked, counting), look)


def why_printed(compiled: Compiled, form: str, look: Look, asked: Asked, counting: Counting) -> str:
    """The cross-walk alone, as a text, CSV or Markdown."""
    from cnnspec.reports import cross_walk as shown

    tool, walk = _walked(compiled, asked, counting)
    if form == "html" or (form == "csv" and walk is None):
        raise click.UsageError(f"`--why` cannot be told as {form} here; `--json` and `--format markdown` have it")
    if form == "csv":
        assert walk is not None
        return shown.cross_walk_csv(walk)
    if form == "markdown":
        return shown.cross_walk_markdown(compiled, tool, walk)
    return shown.cross_walk_text(compiled, tool, walk, look)


def refuse_csv() -> None:
    raise click.UsageError(
        "`--convention` has no place in CSV, which has no totals; `--json` has, and `--format markdown`"
    )


def _walked(compiled: Compiled, asked: Asked, counting: Counting) -> tuple[Tool, CrossWalk | None]:
    """No cross-walk where the network is not whole."""
    from cnnspec.api.counting import counted
    from cnnspec.passes.conventions.tools import tool

    return tool(counting.name), counted(compiled, counting.name, asked.times) if compiled.whole else None
