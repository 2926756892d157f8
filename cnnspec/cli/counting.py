"""`report --convention` and `--why`: other tools' totals."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cnnspec.cli.kinds import Choice

if TYPE_CHECKING:
    from cnnspec.passes.conventions.cross_walk import CrossWalk
    from cnnspec.passes.conventions.rules import Tool
    from cnnspec.pipeline import Compiled
    from cnnspec.reports.look import Look
    from cnnspec.reports.network.asked import Asked
    from cnnspec.reports.network.totals import Total

Verb = Callable[..., int]
ALL = "all"


class Counting(NamedTuple):
    """The tools that are asked about, in the order of docs/counting.md if it is all; `why`: where they part from ours,
    in place of the report."""

    names: tuple[str, ...]
    why: bool


def counting_options(function: Verb) -> Verb:
    """`--convention --why`, which the verb gets together as `counting`, None without them."""
    from cnnspec.passes.conventions.tools import NAMES

    @wraps(function)
    def with_counting(*, convention: tuple[str, ...], why: tuple[str, ...], **others: Any) -> int:
        asked, reasons = (tuple(dict.fromkeys(NAMES if ALL in each else each)) for each in (convention, why))
        if asked and reasons and asked != reasons:
            told = " ".join(f"--convention {each}" for each in convention)
            raise click.UsageError(f"`{told}` and `--why {why[0]}` ask about two tools: ask about one")
        names = reasons or asked
        return function(counting=Counting(names, bool(reasons)) if names else None, **others)

    verb: Verb = with_counting
    choice = Choice([*NAMES, ALL])
    for option in (
        click.option(
            "--why",
            type=choice,
            multiple=True,
            help="Line by line, where another tool's total parts from these MACs.",
        ),
        click.option(
            "--convention",
            type=choice,
            multiple=True,
            help="Also what another tool prints for the exported torch source; of several, or all, a table.",
        ),
    ):
        verb = option(verb)
    return verb


def counting_added(record: dict[str, Any], compiled: Compiled, asked: Asked, counting: Counting) -> dict[str, Any]:
    """The record of a report with the tools' totals under `totals.conventions`, that of a single one under
    `totals.convention` too."""
    from cnnspec.reports.conventions.cross_walk import convention_record

    if record["totals"] is None:
        return record
    told = [convention_record(*each) for each in _walked(compiled, asked, counting)]
    one = {"convention": told[0]} if len(told) == 1 else {}
    return {**record, "totals": {**record["totals"], **one, "conventions": told}}


def counting_totals(compiled: Compiled, asked: Asked, counting: Counting | None) -> list[Total]:
    """The tools' totals as some of a report's."""
    from cnnspec.reports.conventions.cross_walk import convention_total

    return [] if counting is None else [convention_total(*each) for each in _walked(compiled, asked, counting)]


def counting_below(compiled: Compiled, look: Look, asked: Asked, counting: Counting | None) -> str:
    """The same below a report's table, in lines of its width: of several a table."""
    from cnnspec.reports.conventions.cross_walk import convention_lines
    from cnnspec.reports.conventions.table import conventions_text

    if counting is None:
        return ""
    walked = _walked(compiled, asked, counting)
    return convention_lines(*walked[0], look) if len(walked) == 1 else conventions_text(walked, look)


def counting_markdown(compiled: Compiled, asked: Asked, counting: Counting | None) -> str:
    """A table of several tools, to stand below a report in Markdown; one is an item of the totals instead."""
    from cnnspec.reports.conventions.table import conventions_markdown

    several = counting is not None and len(counting.names) > 1
    return conventions_markdown(_walked(compiled, asked, counting)) if counting and several else ""


def counting_csv(compiled: Compiled, asked: Asked, counting: Counting) -> str:
    """The tools alone, a line each: the report's CSV has no totals."""
    from cnnspec.reports.conventions.table import conventions_csv

    return conventions_csv(_walked(compiled, asked, counting))


def why_printed(compiled: Compiled, form: str, look: Look, asked: Asked, counting: Counting) -> str:
    """The cross-walks alone, as a text, CSV or Markdown."""
    from cnnspec.reports.conventions import cross_walk as shown

    walked = _walked(compiled, asked, counting)
    if form == "csv" and len(walked) > 1:
        raise click.UsageError("`--why` of several tools is no table of CSV; ask about one, or as `--format markdown`")
    if form == "html" or (form == "csv" and walked[0][1] is None):
        raise click.UsageError(f"`--why` cannot be told as {form} here; `--json` and `--format markdown` have it")
    if form == "csv":
        (_, walk), *_ = walked
        assert walk is not None
        return shown.cross_walk_csv(walk)
    if form == "markdown":
        return "\n".join(shown.cross_walk_markdown(compiled, *each) for each in walked)
    return "\n".join(shown.cross_walk_text(compiled, *each, look) for each in walked)


def _walked(compiled: Compiled, asked: Asked, counting: Counting) -> list[tuple[Tool, CrossWalk | None]]:
    """No cross-walk where the network is not whole."""
    from cnnspec.api.counting import counted
    from cnnspec.passes.conventions.tools import tool

    return [(tool(each), counted(compiled, each, asked.times) if compiled.whole else None) for each in counting.names]
