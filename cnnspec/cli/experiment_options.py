"""The options of `cnnspec train` that ask for several runs: folds, a sweep, seeds."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import click

from cnnspec.cli.kinds import Whole
from cnnspec.cli.options import complete_network

EXPERIMENT: dict[str, Any] = {"folds": None, "refit": None, "sweep": (), "seeds": None, "test": None}
"""What is taken for what nobody says."""


def experiment_options(function: Callable[..., int]) -> Callable[..., int]:
    """`FILE [AXIS]… --folds --refit --sweep --seeds --test`; the verb gets `file`, and the others in one mapping,
    `experiment`. Words behind `--sweep` that are no option are more of its axes."""

    @wraps(function)
    def gathered(*, file: str, axes: tuple[str, ...], sweep: tuple[str, ...], **rest: Any) -> int:
        words = (file, *axes)
        if axes and not sweep:
            message = f"one network is trained, and here are {len(words)} files: {' '.join(words)}"
            raise click.UsageError(message, click.get_current_context())
        network = next((each for each in words if "=" not in each or os.path.exists(each)), file)
        more = [each for each in words if each != network]
        given = {name: rest.pop(name) for name in EXPERIMENT if name != "sweep"}
        return function(file=network, experiment={**given, "sweep": (*sweep, *more)}, **rest)

    for option in (
        click.option("--test", is_flag=True, default=None, help="Read the test set for the sweep's best, once."),
        click.option("--seeds", type=Whole(min=2), metavar="N", help="Train with N seeds: mean, deviation."),
        click.option(
            "--sweep", multiple=True, metavar="AXIS...", help="Train every combination: batch=16,64,256 lr=0.1,0.01."
        ),
        click.option("--refit", is_flag=True, default=None, help="After the folds, train on all of them."),
        click.option("--folds", type=Whole(min=2), metavar="K", help="Stratified K-fold cross-validation."),
        click.argument("axes", nargs=-1, metavar="[AXIS]..."),
        click.argument("file", shell_complete=complete_network, metavar="FILE"),
    ):
        gathered = option(gathered)
    return gathered


def is_experiment(asked: Mapping[str, Any]) -> bool:
    """Whether several runs are asked for. A usage error where what is asked does not go together."""
    context = click.get_current_context(silent=True)
    sweeps = bool(asked["sweep"]) or asked["seeds"] is not None
    if asked["folds"] is not None and sweeps:
        raise click.UsageError("`--folds` and `--sweep` or `--seeds` are two experiments: one of them", context)
    if asked["refit"] and asked["folds"] is None:
        raise click.UsageError("`--refit` follows `--folds K`", context)
    if asked["test"] and not sweeps:
        raise click.UsageError("`--test` goes with `--sweep`: elsewhere the test set is read in the end", context)
    return asked["folds"] is not None or sweeps
