"""`cnnspec sweep`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cnnspec.cli import values
from cnnspec.cli.conventions import CLEAN, FINDINGS
from cnnspec.cli.kinds import Choice
from cnnspec.cli.options import colour_option, complete_network, limit_option, limits_of, looks
from cnnspec.cli.streams import say, tell
from cnnspec.cli.verb import Verb
from cnnspec.cli.verdict import refusal, say_refusal, tell_findings
from cnnspec.cli.written import format_options, written
from cnnspec.reports.look import Look, visible
from cnnspec.reports.numbers import counted
from cnnspec.source.diagnostic import Diagnostic

if TYPE_CHECKING:
    from cnnspec.api.grid import Axis, Grid
    from cnnspec.pipeline import Compiled


SHAPES = "left=3x128x128,3x160x160"
MEASURES = ("params", "macs", "ops", "activations", "memory", "depth", "field")


class Measure(Choice):
    """One of the numbers, by its name or by that which `require` has for it."""

    def __init__(self) -> None:
        super().__init__(MEASURES)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from cnnspec.api.grid import REQUIRED

        return super().convert(REQUIRED.get(value.lower(), value), param, ctx)


@click.command(cls=Verb)
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=V1,V2,...", help="A parameter's values: width=0.25,0.5,1."
)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="[NAME=]SHAPE,...",
    help="Inputs: 3x128x128,3x160x160. NAME= of several.",
)
@click.option("--batch", metavar="N,...", help="MACs, ops, activations and memory for so many samples at once: 1,8,32.")
@click.option("--model", metavar="NAME,...", help="Which models, if the file holds several.")
@click.option("--pivot", type=Measure(), help="This number alone: one axis down, the other across.")
@click.option("--sort", type=Measure(), help="By this number, the least first.")
@format_options("sweep", "sweep.md", ("table", "json", "csv", "markdown"))
@limit_option
@colour_option
def sweep(
    file: str,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
    batch: str | None,
    model: str | None,
    pivot: str | None,
    sort: str | None,
    form: str,
    output: str | None,
    limits: tuple[str, ...],
    colour: str,
) -> int:
    """Numbers of every combination of parameters and inputs.

    FILE is a path, - for standard input, or zoo:NAME. Nothing is trained; that is `cnnspec train --sweep`. A
    combination that is no network is a line that says why, and the exit code is 1.

    \b
    Examples:
      cnnspec sweep zoo:mobilenet_v1 --set width=0.25,0.5,0.75,1 --input 3x128x128,3x160x160,3x192x192,3x224x224
      cnnspec sweep zoo:mobilenet_v1 --set width=0.5,1 --input 3x128x128,3x224x224 --pivot macs
      cnnspec sweep model.cnn --set "widths=16,32|32,64" --csv > sizes.csv
    """
    from cnnspec.api.grid import COMBINATIONS, MOST, check_axes, check_pivot, computed, no_network, sorted_by
    from cnnspec.api.parted import AxisError, most_of
    from cnnspec.build.options import Options
    from cnnspec.files import read_source
    from cnnspec.pipeline import Compiled

    out, err = looks(colour)
    _check_form(form, pivot)
    plain = tuple(each for each in limits if not each.startswith(f"{COMBINATIONS}="))
    base = Options(limits=limits_of(plain))
    try:
        axes = _axes(settings, inputs, batch, model)
        check_axes(axes, most_of(limits, COMBINATIONS, MOST))
        if pivot:
            check_pivot(axes)
    except ValueError as error:
        hint = f"; {error.hint}" if isinstance(error, AxisError) and error.hint else ""
        message = error.message if isinstance(error, AxisError) else str(error)
        raise click.UsageError(message + hint, click.get_current_context()) from error
    source = read_source(file, base.limits)
    if isinstance(source, Diagnostic):
        return _refused(file, Compiled(None, None, (source,)), form, err)
    grid = computed(source, axes, base)
    if why := no_network(grid):
        return _refused(file, grid.first.telling(why), form, err)
    shown = sorted_by(grid, sort) if sort else grid
    if output is None:
        say(_printed(shown, form, out, pivot))
    elif code := written(output, _printed(shown, form, Look(), pivot), err):
        return code
    return _verdict(grid, err)


def _refused(file: str, nothing: Compiled, form: str, err: Look) -> int:
    """Tells why there is no network to ask about."""
    tell_findings(file, nothing, err)
    if form == "json":
        say_refusal(nothing)
    return refusal(nothing)


def _check_form(form: str, pivot: str | None) -> None:
    """A usage error where what is printed does not fit."""
    if pivot and form == "json":
        context = click.get_current_context()
        raise click.UsageError("`--pivot` is for tables; json has every number of every combination", context)


def _axes(settings: tuple[str, ...], inputs: tuple[str, ...], batch: str | None, model: str | None) -> tuple[Axis, ...]:
    """ValueError where one is not understood."""
    from cnnspec.api.grid import batch_axis, input_axis, model_axis, parameter
    from cnnspec.api.parted import check_named_once, named_values, values_in

    axes = [] if model is None else [model_axis(values_in(model))]
    for text in settings:
        name, parts = named_values(text, "a sweep", "width=0.25,0.5,1", "widths=16,32|32,64")
        check_named_once(name, parts, "--set")
        axes.append(parameter(name, [(each, values.value(each)) for each in parts]))
    for text in inputs:
        given, shapes = named_values(text, "a sweep", SHAPES, SHAPES) if "=" in text else (None, values_in(text))
        if given:
            check_named_once(given, shapes, "--input")
        axes.append(input_axis(given, [values.shape(each) for each in shapes]))
    if batch is not None:
        axes.append(batch_axis([_whole(each) for each in values_in(batch)]))
    return tuple(axes)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise ValueError(f"`--batch`: {text[:40]} is no whole number above 0")
    return int(text)


def _printed(grid: Grid, form: str, look: Look, pivot: str | None) -> str:
    if form == "table":
        from cnnspec.reports.sweep.table import sweep_table

        return sweep_table(grid, look, pivot)
    from cnnspec.reports.sweep.plain import sweep_csv, sweep_markdown, sweep_record

    if form == "json":
        import json

        return json.dumps(sweep_record(grid), indent=2) + "\n"
    return (sweep_csv if form == "csv" else sweep_markdown)(grid, pivot)


def _verdict(grid: Grid, look: Look) -> int:
    """1 where a combination has errors: how many, and how to see all that is wrong with the first of them."""
    wrong = [each for each in grid.points if each.errors]
    if not wrong:
        return CLEAN
    import shlex

    tell(f"{len(wrong):,} of {counted(len(grid.points), 'combination')} did not pass\n")
    from cnnspec.api.grid import disjoined

    if joined := disjoined(grid):
        words = f"`--input {visible(joined, look.encoding)}` sweeps inputs that go together, as one axis"
        tell(f"{look.paint('bold', 'help:')} {words}\n")
    asked = [word for axis in grid.axes for word in _words(axis, wrong[0].settings[axis.title].text)]
    line = shlex.join(["cnnspec", "check", grid.file, *asked])
    tell(f"{look.paint('bold', 'help:')} `{visible(line, look.encoding)}` shows all that is wrong with the first\n")
    return FINDINGS


def _words(axis: Axis, text: str) -> list[str]:
    """How a single network is asked for with this value; the batch is no matter of the network."""
    if axis.kind == "batch":
        return []
    if axis.kind == "model":
        return ["--model", text]
    option = "--input" if axis.kind == "input" else "--set"
    names = axis.name.split(",") if axis.name else []
    return [word for name in names for word in (option, f"{name}={text}")] or [option, text]
