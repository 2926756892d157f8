"""`cnnspec report`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cnnspec.cli.options import colour_option, complete_network, looks, network_options, network_options_of
from cnnspec.cli.streams import say
from cnnspec.cli.verdict import answered, refusal, tell_findings, verdict
from cnnspec.reports.look import Look

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled


@click.command()
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.option("--levels", type=click.IntRange(min=1), metavar="N", help="Fold what is deeper than N levels into sums.")
@click.option("--batch", type=click.IntRange(min=1), metavar="N", help="Shapes, MACs and ops for N samples at once.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "markdown"]),
    default="table",
    show_default=True,
    help="What is printed; the fields of json are in docs/report-schema.md.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@network_options
@colour_option
def report(
    file: str,
    levels: int | None,
    batch: int | None,
    form: str,
    as_json: bool,
    settings: tuple[str, ...],
    model: str | None,
    inputs: tuple[str, ...],
    limits: tuple[str, ...],
    colour: str,
) -> int:
    """Shapes, parameters, MACs and receptive fields, step by step.

    FILE is a path, - for standard input, or zoo:NAME. Where the network has errors, the numbers that could be worked
    out are shown, and the exit code is 1.

    \b
    Examples:
      cnnspec report zoo:resnet50 --levels 2
      cnnspec report model.cnn --input 3x320x320 --batch 8
      cnnspec report model.cnn --json > model.json
    """
    from cnnspec.collector import collector_paused
    from cnnspec.pipeline import compile_file

    out, err = looks(colour)
    form = "json" if as_json else form
    with collector_paused(to_the_end=True):
        compiled = answered(compile_file(file, network_options_of(settings, model, inputs, limits)))
        if form != "json":
            tell_findings(file, compiled, err)
        if form == "json" or compiled.built is not None:
            say(_printed(compiled, form, out, levels, batch))
    return verdict(compiled) if compiled.built is not None else refusal(compiled)


def _printed(compiled: Compiled, form: str, look: Look, levels: int | None, batch: int | None) -> str:
    if form == "json":
        import json

        from cnnspec.reports.json import report_record

        return json.dumps(report_record(compiled, batch), indent=2) + "\n"
    if form == "table":
        from cnnspec.reports.table import report_table

        return report_table(compiled, look, levels, batch)
    from cnnspec.reports.plain import report_csv, report_markdown

    return (report_csv if form == "csv" else report_markdown)(compiled, levels, batch)
