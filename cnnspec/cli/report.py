"""`cnnspec report`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cnnspec.build.options import Options
from cnnspec.cli.counting import (
    Counting,
    counting_added,
    counting_below,
    counting_csv,
    counting_markdown,
    counting_options,
    counting_totals,
    why_printed,
)
from cnnspec.cli.network import network
from cnnspec.cli.options import colour_option, complete_network, looks, network_options
from cnnspec.cli.refusal import note
from cnnspec.cli.report_options import FORMATS, doubts, report_options
from cnnspec.cli.streams import say
from cnnspec.cli.verb import Verb
from cnnspec.cli.verdict import answered, refusal, tell_findings, verdict
from cnnspec.cli.written import format_options, written
from cnnspec.reports.look import Look
from cnnspec.reports.network.asked import Asked

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled


@click.command(cls=Verb)
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@report_options
@counting_options
@format_options("report", "report-schema.md", FORMATS)
@network_options
@colour_option
def report(
    file: str,
    asked: Asked,
    counting: Counting | None,
    form: str,
    output: str | None,
    options: Options,
    colour: str,
) -> int:
    """Shapes, parameters, MACs and receptive fields, step by step.

    FILE is a path, - for standard input, or zoo:NAME. Where the network has errors, the numbers that could be worked
    out are shown, and the exit code is 1.

    \b
    Examples:
      cnnspec report zoo:resnet50 --levels 2
      cnnspec report model.cnn --input 3x320x320 --batch 8
      cnnspec report model.cnn --convention all
      cnnspec report model.cnn --why fvcore
      cnnspec report model.cnn --json > model.json
    """
    from cnnspec.collector import collector_paused

    out, err = looks(colour)
    for each in doubts(asked.device):
        note(each, err)
    with collector_paused(to_the_end=True):
        compiled = answered(network(file, options, err))
        if form != "json":
            tell_findings(file, compiled, err)
        if form == "json" or compiled.built is not None:
            if output is None:
                say(_printed(compiled, form, out, asked, counting))
            elif code := written(output, _printed(compiled, form, Look(), asked, counting), err):
                return code
    return verdict(compiled) if compiled.built is not None else refusal(compiled)


def _printed(compiled: Compiled, form: str, look: Look, asked: Asked, counting: Counting | None = None) -> str:
    if counting is not None and counting.why and form != "json":
        return why_printed(compiled, form, look, asked, counting)
    if form == "json":
        import json

        from cnnspec.reports.network.json import report_record

        record = report_record(compiled, asked)
        record = record if counting is None else counting_added(record, compiled, asked, counting)
        return json.dumps(record, indent=2) + "\n"
    if form == "table":
        from cnnspec.reports.network.table import report_table

        return report_table(compiled, look, asked) + counting_below(compiled, look, asked, counting)
    if form == "html":
        from cnnspec.reports.page.page import report_page

        return report_page(compiled, asked, counting_totals(compiled, asked, counting))
    from cnnspec.reports.network.plain import report_csv, report_markdown

    if form == "markdown":
        below = counting_markdown(compiled, asked, counting)
        totals = [] if below else counting_totals(compiled, asked, counting)
        return report_markdown(compiled, asked, totals) + below
    return report_csv(compiled, asked) if counting is None else counting_csv(compiled, asked, counting)
