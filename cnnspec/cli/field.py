"""`cnnspec field`"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import click

from cnnspec.build.options import Options
from cnnspec.cli.kinds import Whole
from cnnspec.cli.network import network
from cnnspec.cli.options import colour_option, complete_network, looks, network_options
from cnnspec.cli.streams import say, tell
from cnnspec.cli.verb import Verb
from cnnspec.cli.verdict import answered, refusal, tell_findings, verdict

if TYPE_CHECKING:
    from cnnspec.api.field import FieldReport
    from cnnspec.pipeline import Compiled

NUMBERS = re.compile(r"\d{1,9}([,x]\d{1,9})*", re.ASCII)


@click.command(cls=Verb)
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.argument("rest", nargs=-1, metavar="[LAYER] [Y X]")
@click.option("--at", metavar="LAYER", help="What the unit Y X of this layer sees, exactly.")
@click.option(
    "--from", "origin", metavar="LAYER", help="What the unit Y X of this layer reaches: its projective field."
)
@click.option("--pixel", is_flag=True, help="What the pixel Y X of the input reaches.")
@click.option("--channel", type=Whole(min=0), metavar="N", help="Of the unit only this channel.")
@click.option("--to", "targets", multiple=True, metavar="LAYER", help="Where to look for what is reached. [outputs]")
@click.option("--branches", is_flag=True, help="Below each join what it sees through each branch.")
@click.option("--levels", type=Whole(min=1), metavar="N", help="Fold what is deeper than N levels.")
@click.option("--json", "as_json", is_flag=True, help="Print data; the fields are in docs/field.md.")
@network_options
@colour_option
def field(
    file: str,
    rest: tuple[str, ...],
    at: str | None,
    origin: str | None,
    pixel: bool,
    channel: int | None,
    targets: tuple[str, ...],
    branches: bool,
    levels: int | None,
    as_json: bool,
    options: Options,
    colour: str,
) -> int:
    """Receptive fields: what each layer, or one unit, sees.

    And the other way round, what a pixel reaches. All of it is theoretical: there is a way through the graph.

    FILE is a path, - for standard input, or zoo:NAME. LAYER is a layer, an input, or a scope (what leaves it). A unit
    is a row and a column, one number in 1-D, three in 3-D; of a vector the number of a unit.

    \b
    Examples:
      cnnspec field zoo:resnet50 --levels 2
      cnnspec field zoo:googlenet inception3a
      cnnspec field model.cnn --at layer4 3 3
      cnnspec field model.cnn --pixel 112 112 --to layer2
    """
    from cnnspec.api.field import Unclear
    from cnnspec.collector import collector_paused

    out, err = looks(colour)
    asked = _question(at, origin, pixel, rest, channel, targets, branches or levels is not None)
    with collector_paused(to_the_end=True):
        compiled = answered(network(file, options, err))
        is_table_as_data = as_json and asked.layer is None and not asked.reaches
        if not is_table_as_data:  # which holds the findings
            tell_findings(file, compiled, err)
        if compiled.built is None:
            if is_table_as_data:
                _say_nothing(compiled)
            return refusal(compiled)
        try:
            answer = _answer(compiled, asked, levels, branches)
        except Unclear as error:
            tell(f"error: {error}\n")
            return refusal(compiled)
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        say(answer.to_json() if as_json else answer.render(out))
    return verdict(compiled)


class Question(NamedTuple):
    """`layer` is None for the table of all layers, and for the only input where a pixel is meant. Of a unit is asked
    what it sees, or, with `reaches`, what it reaches among the `targets`."""

    layer: str | None
    of_unit: bool = False
    reaches: bool = False
    place: tuple[int, ...] = ()
    channel: int | None = None
    targets: tuple[str, ...] = ()


def _question(
    at: str | None,
    origin: str | None,
    pixel: bool,
    rest: tuple[str, ...],
    channel: int | None,
    targets: tuple[str, ...],
    of_table: bool,
) -> Question:
    """A usage error where two things are asked at once, or too little is said."""
    asked = (at is not None) + (origin is not None) + pixel
    if asked > 1:
        raise click.UsageError("`--at`, `--from` and `--pixel` are different questions: ask one")
    reaches = origin is not None or pixel
    if targets and not reaches:
        raise click.UsageError("`--to` says where to look for what `--from` or `--pixel` reaches")
    if of_table and (asked or rest):
        raise click.UsageError("`--branches` and `--levels` are for the table of all layers")
    of_unit = bool(asked)
    if not asked and rest and not _is_place(rest[:1]):
        at, rest = rest[0], rest[1:]
        of_unit = bool(rest) or channel is not None
    place = _place(rest)
    if not of_unit and (place or channel is not None):
        raise click.UsageError("of which layer? `--at LAYER Y X` says what a unit sees, `--pixel Y X` what it reaches")
    return Question(origin if reaches else at, of_unit, reaches, place, channel, targets)


def _answer(compiled: Compiled, asked: Question, levels: int | None, branches: bool) -> FieldReport:
    from cnnspec.api.field import all_fields, field_of, only_input, reached_by, seen_at

    if asked.reaches:
        start = only_input(compiled) if asked.layer is None else asked.layer
        return reached_by(compiled, start, asked.place, asked.channel, asked.targets)
    if asked.layer is None:
        return all_fields(compiled, levels, branches)
    if asked.of_unit:
        return seen_at(compiled, asked.layer, asked.place, asked.channel)
    return field_of(compiled, asked.layer)


def _is_place(tokens: tuple[str, ...]) -> bool:
    return all(NUMBERS.fullmatch(each) for each in tokens)


def _place(tokens: tuple[str, ...]) -> tuple[int, ...]:
    """`3 4`, `3,4` or `3x4`."""
    if not _is_place(tokens):
        wrong = next(each for each in tokens if not NUMBERS.fullmatch(each))
        raise click.UsageError(f"`{wrong}` is no place: a unit is said by whole numbers, `--at LAYER 3 4`")
    return tuple(int(part) for each in tokens for part in re.split("[,x]", each))


def _say_nothing(compiled: Compiled) -> None:
    import json

    from cnnspec.reports.fields.json import table_record

    say(json.dumps(table_record(compiled, {}), indent=2) + "\n")
