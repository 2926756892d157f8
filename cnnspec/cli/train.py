"""`cnnspec train`"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cnnspec.cli.experiment_options import experiment_options, is_experiment
from cnnspec.cli.kinds import Whole
from cnnspec.cli.manner import manner_options
from cnnspec.cli.options import colour_option, looks, network_texts
from cnnspec.cli.refusal import refuse
from cnnspec.cli.request import Looks, Request, absolute, asked_for
from cnnspec.cli.verb import Verb


@click.command(cls=Verb)
@click.option("--data", metavar="DATA", help="A folder, an .npz or .csv file, or `digits`.")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="RUN", help="The run's folder, which is made.")
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Go on with the run in this folder, as it was asked for.",
)
@click.option("--epochs", type=Whole(min=1), metavar="N", help="How long; else what `train { … }` says, or 10.")
@click.option("--batch", type=Whole(min=1), metavar="N", help="Samples an update; else the file's, or 64.")
@click.option("--lr", type=click.FloatRange(min=0, min_open=True), metavar="RATE", help="The learning rate.")
@click.option("--seed", type=Whole(min=0), metavar="N", help="Of all chance; 0.")
@click.option(
    "--holdout", type=click.FloatRange(0, 0.9), metavar="SHARE",
    help="Of each class, to choose the best epoch by; 0.1.",
)  # fmt: skip
@click.option("--weights", type=click.Path(), metavar="PATH", help="Begin with these: .safetensors, .npz, .pth.")
@click.option("--replace-head", is_flag=True, help="The last layer begins anew, for other classes than PATH has.")
@click.option("--freeze", multiple=True, metavar="GLOB", help="These steps stay as they are: 'features.*'; repeatable.")
@click.option("--device", metavar="auto|cpu|cuda[:N]", help="Where; auto is CUDA if torch has it.")
@click.option("--threads", type=Whole(min=1), metavar="N", help="Of the CPU; results are equal for equal N.")
@click.option("--tensorboard", is_flag=True, help="Each epoch goes to RUN/tensorboard, too.")
@experiment_options
@manner_options
@network_texts
@colour_option
def train(
    file: str,
    data: str | None,
    out: Path | None,
    resume: Path | None,
    epochs: int | None,
    batch: int | None,
    lr: float | None,
    seed: int | None,
    holdout: float | None,
    weights: str | None,
    replace_head: bool,
    freeze: tuple[str, ...],
    device: str | None,
    threads: int | None,
    tensorboard: bool,
    experiment: Mapping[str, Any],
    settings: tuple[str, ...],
    model: str | None,
    inputs: tuple[str, ...],
    limits: tuple[str, ...],
    colour: str,
    **manner: Any,
) -> int:
    """Train a network on pictures, and write it as ONNX.

    The recipe is what the file's `train { … }` says; `--set "train.optimizer=sgd 0.1 momentum=0.9"` takes the place of
    a line. What nothing says is cross-entropy, adam 0.001, batches of 64, 10 epochs. RUN gets the best weights, the
    model, metrics, and a checkpoint: a run that was stopped goes on as if it had not been.

    \b
    Examples:
      cnnspec train zoo:digits --data digits -o run
      cnnspec train model.cnn --data photos/ --epochs 30 --lr 0.05 -o run
      cnnspec train model.cnn --resume run
      cnnspec train zoo:digits --data digits -o folds --folds 5
      cnnspec train zoo:digits --data digits -o sweep --sweep batch=16,64,256
      torchrun --nproc-per-node 2 -m cnnspec train model.cnn --data photos/ -o run
    """
    context = click.get_current_context()
    if (out is None) is (resume is None):
        raise click.UsageError("one of `--out RUN` and `--resume RUN` says which folder the run has", context)
    if resume and weights:
        raise click.UsageError("a run that goes on has its own weights: `--weights` begins a new one", context)
    if replace_head and not weights:
        raise click.UsageError("`--replace-head` is about `--weights`, and none are given", context)
    look, err = looks(colour)
    given = {
        "data": absolute(data), "set": settings, "model": model, "input": inputs, "epochs": epochs, "batch": batch,
        "lr": lr, "seed": seed, "holdout": holdout, "weights": absolute(weights), "device": device,
        "freeze": freeze, "replace_head": replace_head or None, "tensorboard": tensorboard or None,
        **experiment,
        **manner,
    }  # fmt: skip
    try:
        asked = asked_for(given, resume)
    except (OSError, ValueError, KeyError) as error:
        why = "there is no run.json" if isinstance(error, FileNotFoundError) else error
        return refuse(f"{resume} holds no run that could go on: {why}", "`--out` begins a new one", err)
    if asked["data"] is None:
        raise click.UsageError("missing option '--data'", context)
    request = Request(file, asked, limits, Path(resume or out or "."), resume is not None, threads)
    if is_experiment(asked):
        from cnnspec.cli.experiments import experiment as several

        return several(request, Looks(look, err))
    from cnnspec.cli.train_one import train_one

    return train_one(request, Looks(look, err))
