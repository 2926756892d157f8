"""`cnnspec diff`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cnnspec.build.options import Options
from cnnspec.cli.conventions import FINDINGS
from cnnspec.cli.kinds import Choice
from cnnspec.cli.network import network
from cnnspec.cli.options import colour_option, complete_network, limit_option, looks, network_options_of
from cnnspec.cli.streams import say
from cnnspec.cli.verb import Verb
from cnnspec.cli.verdict import answered, refusal, say_refusal, tell_findings, verdict
from cnnspec.reports.look import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnnspec.compare.difference import Difference
    from cnnspec.compare.growth import Bound, Growth
    from cnnspec.pipeline import Compiled


def _side_options(function: Callable[..., int]) -> Callable[..., int]:
    """`--set --input --model`, each also for one side alone."""
    for name, many, what, metavar in (
        ("model", False, "Which model, if the file holds several", "NAME"),
        ("input", True, "Another input: 3x320x320", "[NAME=]SHAPE"),
        ("set", True, "Replace a model's parameter: width=0.5", "NAME=VALUE"),
    ):
        for side, where in (("_b", "; of B alone."), ("_a", "; of A alone."), ("", "; of both.")):
            option = f"--{name}{side.replace('_', '-')}"
            function = click.option(option, f"{name}{side}", multiple=many, metavar=metavar, help=what + where)(
                function
            )
    return function


@click.command(cls=Verb)
@click.argument("a", shell_complete=complete_network, metavar="A")
@click.argument("b", shell_complete=complete_network, metavar="B")
@click.option("--all", "every", is_flag=True, help="Each step and tensor that differs, those that only follow too.")
@click.option(
    "--format",
    "form",
    type=Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="What is printed; docs/diff.md says what the fields of json are.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--markdown", "--md", "as_markdown", is_flag=True, help="The same as --format markdown: for a pull request."
)
@click.option(
    "--max-growth",
    "growth",
    multiple=True,
    metavar="NAME=N",
    help="Exit with 1 if B has more: params=5%,macs=100M,memory=0.",
)
@click.option("--exit-code", "by_code", is_flag=True, help="Exit with 1 if anything differs, as git diff does.")
@_side_options
@limit_option
@colour_option
def diff(
    a: str,
    b: str,
    every: bool,
    form: str,
    as_json: bool,
    as_markdown: bool,
    growth: tuple[str, ...],
    by_code: bool,
    limits: tuple[str, ...],
    colour: str,
    **given: tuple[str, ...] | str | None,
) -> int:
    """Say what differs between two networks, step by step.

    Totals stand side by side, and it is said where the tensors of an old checkpoint go. A and B are paths, zoo:NAME,
    - for standard input (one of them), or git:REV:FILE, the file as it was. Steps are matched through the graph: a new
    name, a moved line or another layout are no change.

    \b
    Examples:
      cnnspec diff zoo:resnet101 zoo:resnet152
      cnnspec diff git:HEAD:model.cnn model.cnn
      cnnspec diff model.cnn model.cnn --set-b width=0.5
      cnnspec diff git:origin/main:model.cnn model.cnn --markdown --max-growth params=5%,macs=0
    """
    from cnnspec.collector import collector_paused
    from cnnspec.compare.difference import Difference
    from cnnspec.compare.growth import growths

    context = click.get_current_context()
    if a == b == "-":
        raise click.UsageError("`-` is standard input, which can be read once", context)
    if sum((as_json, as_markdown, form != "text")) > 1:
        raise click.UsageError("`--json`, `--markdown` and `--format` are one question: give one", context)
    form = "json" if as_json else "markdown" if as_markdown else form
    asked = _bounds(growth, context)
    out, err = looks(colour)
    with collector_paused(to_the_end=True):
        found = _both((a, b), given, limits, err)
        if not all(each.whole for each in found):
            if form == "json":
                say_refusal(*found)
            return max(refusal(each) for each in found if not each.whole)
        difference = Difference(*found)
        grown = growths(asked, *difference.numbers)
        say(_printed(difference, grown, form, out, every))
    over = any(each.is_over for each in grown)
    # A budget of A is a matter of the past, whoever brings it to an end.
    return FINDINGS if over or (by_code and not difference.is_identical) else verdict(found[1])


def _bounds(growth: Sequence[str], context: click.Context) -> tuple[Bound, ...]:
    from cnnspec.compare.growth import bounds

    try:
        return bounds(",".join(growth)) if growth else ()
    except ValueError as error:
        raise click.UsageError(str(error), context) from error


def _both(
    names: tuple[str, str], given: dict[str, tuple[str, ...] | str | None], limits: tuple[str, ...], err: Look
) -> tuple[Compiled, Compiled]:
    """Both networks; what is wrong with them is told."""
    found = []
    for name, side in zip(names, ("a", "b"), strict=True):
        compiled = answered(network(name, _options(given, side, limits), err))
        tell_findings(name, compiled, err)
        found.append(compiled)
    return found[0], found[1]


def _options(given: dict[str, tuple[str, ...] | str | None], side: str, limits: tuple[str, ...]) -> Options:
    """What is asked of both, then of this side, which goes before it."""

    def many(name: str) -> tuple[str, ...]:
        both, own = given[name], given[f"{name}_{side}"]
        assert isinstance(both, tuple)
        assert isinstance(own, tuple)
        taken = {_named(each) for each in own}
        return (*(each for each in both if _named(each) not in taken), *own)

    model = given[f"model_{side}"] or given["model"]
    assert model is None or isinstance(model, str)
    return network_options_of(many("set"), model, many("input"), limits)


def _named(given: str) -> str:
    """What `width=0.5` and `left=3x320x320` are for; empty for the only input's shape."""
    name, equals, _ = given.partition("=")
    return name.strip() if equals else ""


def _printed(found: Difference, growth: Sequence[Growth], form: str, look: Look, every: bool) -> str:
    if form == "json":
        import json

        from cnnspec.reports.difference.json import difference_record

        return json.dumps(difference_record(found, growth), indent=2) + "\n"
    if form == "markdown":
        from cnnspec.reports.difference.markdown import difference_markdown

        return difference_markdown(found, growth, every)
    from cnnspec.reports.difference.text import difference_text

    return difference_text(found, growth, look, every)
