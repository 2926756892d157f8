"""`cnnspec formulas`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cnnspec.build.options import Options
from cnnspec.cli.forms import form_flags
from cnnspec.cli.kinds import Choice
from cnnspec.cli.network import network
from cnnspec.cli.options import colour_option, complete_network, looks, network_options
from cnnspec.cli.streams import say
from cnnspec.cli.verb import Verb
from cnnspec.cli.verdict import answered, refusal, say_refusal, tell_findings, verdict
from cnnspec.reports.look import Look

if TYPE_CHECKING:
    from cnnspec.api.formulas import Derived


@click.command(cls=Verb)
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.option("--layers", is_flag=True, help="Sizes and costs of every step, too.")
@click.option(
    "--format",
    "form",
    type=Choice(["table", "json", "markdown"]),
    help="What is printed, a table if not said; the fields of json are in docs/formulas.md.",
)
@form_flags("json", "markdown")
@network_options
@colour_option
def formulas(
    file: str,
    layers: bool,
    form: str | None,
    options: Options,
    colour: str,
) -> int:
    """MACs, operations and activations as formulas of N, H and W.

    FILE is a path, - for standard input, or zoo:NAME. The formulas hold for all sizes of the class of the input, such
    as all multiples of 32; which those are is said, and why.

    \b
    Examples:
      cnnspec formulas zoo:resnet50
      cnnspec formulas zoo:unet --layers
      cnnspec formulas zoo:resnet50 --input 3x225x225
    """
    from cnnspec.collector import collector_paused

    out, err = looks(colour)
    with collector_paused(to_the_end=True):
        compiled = answered(network(file, options, err))
        tell_findings(file, compiled, err)
        if not compiled.whole:
            if form == "json":
                say_refusal(compiled)
            return refusal(compiled)

        from cnnspec.api.formulas import derived

        say(_printed(derived(compiled), form or "table", layers, out))
    return verdict(compiled)


def _printed(found: Derived, form: str, layers: bool, look: Look) -> str:
    if form == "table":
        from cnnspec.reports.formulas.table import formulas_table

        return formulas_table(found, look, layers)
    from cnnspec.reports.formulas.plain import formulas_markdown, formulas_record

    if form == "markdown":
        return formulas_markdown(found, layers)
    import json

    return json.dumps(formulas_record(found), indent=2) + "\n"
