"""`cnnspec explain`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from cnnspec.build.options import Options
from cnnspec.cli.conventions import FINDINGS
from cnnspec.cli.forms import form_flags
from cnnspec.cli.kinds import Choice
from cnnspec.cli.network import network
from cnnspec.cli.options import colour_option, complete_network, looks, network_options
from cnnspec.cli.streams import say
from cnnspec.cli.verb import Verb
from cnnspec.cli.verdict import answered, refusal, say_refusal, tell_findings, verdict

if TYPE_CHECKING:
    from cnnspec.api.explain import Explanation
    from cnnspec.reports.look import Look


def _complete_layer(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of a network that can be read without options."""
    from cnnspec.pipeline import compile_file

    file = ctx.params.get("file")
    compiled = compile_file(file) if file and file != "-" else None
    if compiled is None or compiled.built is None:
        return []
    graph = compiled.built.graph
    known = dict.fromkeys([*(path for path in graph.scopes if path), *graph.nodes, *graph.outputs, *graph.aux])
    return [CompletionItem(each) for each in known if each.startswith(incomplete)]


def _complete_language(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from cnnspec.reports.explained.texts import languages

    return [CompletionItem(each) for each in languages() if each.startswith(incomplete)]


@click.command(cls=Verb)
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.argument("layers", nargs=-1, shell_complete=_complete_layer, metavar="[LAYER]...")
@click.option(
    "--format",
    "form",
    type=Choice(["text", "markdown", "json"]),
    help="What is printed, text if not said; the fields of json are in docs/explain.md.",
)
@form_flags("json", "markdown")
@click.option(
    "--lang", "language", default="en", show_default=True, shell_complete=_complete_language, help="en, or zh: 中文."
)
@network_options
@colour_option
def explain(
    file: str,
    layers: tuple[str, ...],
    form: str | None,
    language: str,
    options: Options,
    colour: str,
) -> int:
    """Work out a layer's numbers, as on the board.

    Its size, parameters, multiply-adds and receptive field: each formula with this network's numbers in it, and what
    other layers of the same shape would cost. LAYER is a name of `cnnspec report` (layer1.0.conv1, or the end of one),
    a label, an output, or a block (layer1); of several one is told after the other, and without any the model as a
    whole, and what can be asked about.

    \b
    Examples:
      cnnspec explain zoo:lenet conv1
      cnnspec explain zoo:resnet50 layer1.0 layer2.0
      cnnspec explain model.cnn conv1 --input 3x320x320 --md > conv1.md
    """
    from cnnspec.api.explain import UnknownName
    from cnnspec.api.explain import explain as explained
    from cnnspec.reports.explained.texts import languages

    if language not in languages():
        raise click.UsageError(f"there are no texts in `{language}`; the languages are {', '.join(languages())}")
    out, err = looks(colour)
    compiled = answered(network(file, options, err))
    if compiled.built is None:
        tell_findings(file, compiled, err)
        if form == "json":
            say_refusal(compiled)
        return refusal(compiled)
    try:
        found = [explained(compiled, each, language) for each in layers or (None,)]
    except UnknownName as error:
        raise click.UsageError(str(error)) from error
    tell_findings(file, compiled, err)
    say(_printed(found, form, out))
    return verdict(compiled) if all(each.known for each in found) else max(verdict(compiled), FINDINGS)


def _printed(found: list[Explanation], form: str | None, look: Look) -> str:
    """One after the other; as data one is an object, and several are a list of such."""
    if form == "json" and len(found) > 1:
        import json

        return json.dumps([each.to_dict() for each in found], indent=2, ensure_ascii=False) + "\n"
    if form == "json":
        return found[0].to_json()
    return "\n".join(each.to_markdown() if form == "markdown" else each.shown(look) for each in found)
