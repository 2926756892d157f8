"""The options that several verbs share."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from cnnspec.build.options import Limits, Options
from cnnspec.cli import values
from cnnspec.cli.kinds import Choice, Whole
from cnnspec.contract.values import Shape, Value
from cnnspec.reports.look import Look, look_of

F = TypeVar("F", bound=Callable[..., Any])


def complete_network(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """For an argument that is a path, `-`, or `zoo:NAME`."""
    from cnnspec.resources import ZOO, zoo_names

    found = [ZOO + name for name in zoo_names() if (ZOO + name).startswith(incomplete)] if incomplete else []
    files = [] if incomplete.startswith(ZOO) else [CompletionItem(incomplete, type="file")]
    return [*map(CompletionItem, found), *files]


def limit_option(function: F) -> F:
    """`--limit NAME=N`, which the verb gets as `limits`; see `limits_of`."""
    help = "Raise a bound: nodes=1000000."
    return click.option("--limit", "limits", multiple=True, metavar="NAME=N", help=help)(function)


def limits_of(limits: tuple[str, ...]) -> Limits:
    """The bounds with those raised that are named; a usage error where one is not understood."""
    try:
        return values.limits(values.by_name((values.pair(each, "nodes=1000000") for each in limits), "--limit"))
    except ValueError as error:
        raise click.UsageError(str(error), click.get_current_context(silent=True)) from error


def network_options(function: Callable[..., int]) -> Callable[..., int]:
    """`--set --model --input --limit`, which the verb gets as `options`, understood."""

    @wraps(function)
    def understood(
        *,
        settings: tuple[str, ...],
        model: str | None,
        inputs: tuple[str, ...],
        limits: tuple[str, ...],
        **others: Any,
    ) -> int:
        return function(options=network_options_of(settings, model, inputs, limits), **others)

    return network_texts(understood)


def network_texts(function: F) -> F:
    """The same four as they are typed, for a verb that keeps them: `settings`, `model`, `inputs` and `limits`."""
    for option in (
        limit_option,
        click.option(
            "--input",
            "inputs",
            multiple=True,
            metavar="[NAME=]SHAPE",
            help="Another input: 3x320x320. NAME= where there are several.",
        ),
        click.option("--model", metavar="NAME", help="Which model, if the file holds several."),
        click.option(
            "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Replace a model's parameter: width=0.5."
        ),
    ):
        function = option(function)
    return function


def network_options_of(
    settings: tuple[str, ...], model: str | None, inputs: tuple[str, ...], limits: tuple[str, ...]
) -> Options:
    """What the four options say together; a usage error where one is not understood."""
    try:
        return Options(
            model=model,
            parameters=_parameters(settings),
            inputs=_inputs(inputs),
            limits=limits_of(limits),
        )
    except ValueError as error:
        raise click.UsageError(str(error), click.get_current_context(silent=True)) from error


def _parameters(settings: tuple[str, ...]) -> dict[str, Value]:
    pairs = (values.pair(each, "width=0.5") for each in settings)
    return values.by_name(((name, values.value(text)) for name, text in pairs), "--set")


def _inputs(given: tuple[str, ...]) -> dict[str | None, Shape]:
    named = (values.pair(each, "left=3x320x320") if "=" in each else (None, each) for each in given)
    return values.by_name(((name, values.shape(text)) for name, text in named), "--input")


def colour_option(function: F) -> F:
    """`--color auto|always|never`, which the verb gets as `colour`."""
    choice = Choice(["auto", "always", "never"])
    help = "Colour on terminals (auto), always or never; NO_COLOR and FORCE_COLOR are honoured."
    return click.option("--color", "colour", type=choice, default="auto", help=help)(function)


def looks(colour: str) -> tuple[Look, Look]:
    """How standard output and standard error are written to."""
    return _look(sys.stdout, colour), _look(sys.stderr, colour)


def _look(stream: Any, colour: str) -> Look:
    return Look() if stream is None else look_of(stream, colour)


def weight_options(function: F) -> F:
    """`--weights --seed`; see `check_weights`."""
    seed = click.option("--seed", type=Whole(min=0), metavar="N", help="Fresh weights, the same everywhere.")
    weights = click.option("--weights", type=click.Path(), metavar="PATH", help="Weights: .safetensors, .npz, .pth.")
    return weights(seed(function))


def check_weights(weights: str | None, seed: int | None) -> None:
    """A usage error if both are given."""
    if weights is not None and seed is not None:
        message = "`--weights` and `--seed` are two answers to one question: give one"
        raise click.UsageError(message, click.get_current_context(silent=True))
