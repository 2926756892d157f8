"""`cnnspec train`"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnnspec.cli.conventions import CLEAN, INTERRUPTED
from cnnspec.cli.experiment_options import EXPERIMENT, experiment_options, is_experiment
from cnnspec.cli.interrupts import interrupts
from cnnspec.cli.manner import MANNER, manner_of, manner_options
from cnnspec.cli.options import colour_option, looks, network_options, network_options_of
from cnnspec.cli.panel import watched
from cnnspec.cli.refusal import note, refuse
from cnnspec.cli.streams import hush, say
from cnnspec.cli.train_board import board
from cnnspec.cli.verdict import answered, refusal, tell_findings

if TYPE_CHECKING:
    from cnnspec.api.train import Run
    from cnnspec.pipeline import Compiled
    from cnnspec.reports.look import Look

LINE = "train."
"""What `--set train.LINE=…` begins with: a line of the recipe."""
USUAL: dict[str, Any] = {
    "data": None, "set": (), "model": None, "input": (), "epochs": None, "batch": None, "lr": None,
    "seed": 0, "holdout": 0.1, "weights": None, "device": "auto", "freeze": (), "replace_head": False,
    "tensorboard": False, **EXPERIMENT, **dict.fromkeys(MANNER),
}  # fmt: skip
"""What is taken for what nobody says; a run that goes on has what it began with."""
MISSING = "`train` needs torch: pip install 'cnnspec[torch]'"


@click.command()
@click.option("--data", metavar="DATA", help="A folder, an .npz or .csv file, or `digits`.")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="RUN", help="The run's folder, which is made.")
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Go on with the run in this folder, as it was asked for.",
)
@click.option(
    "--epochs", type=click.IntRange(min=1), metavar="N", help="How long; else what `train { … }` says, or 10."
)
@click.option("--batch", type=click.IntRange(min=1), metavar="N", help="Samples an update; else the file's, or 64.")
@click.option("--lr", type=click.FloatRange(min=0, min_open=True), metavar="RATE", help="The learning rate.")
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Of all chance; 0.")
@click.option(
    "--holdout", type=click.FloatRange(0, 0.9), metavar="SHARE",
    help="Of each class, to choose the best epoch by; 0.1.",
)  # fmt: skip
@click.option("--weights", type=click.Path(), metavar="PATH", help="Begin with these: .safetensors, .npz, .pth.")
@click.option("--replace-head", is_flag=True, help="The last layer begins anew, for other classes than PATH has.")
@click.option("--freeze", multiple=True, metavar="GLOB", help="These steps stay as they are: 'features.*'; repeatable.")
@click.option("--device", metavar="auto|cpu|cuda[:N]", help="Where; auto is CUDA if torch has it.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Of the CPU; results are equal for equal N.")
@click.option("--tensorboard", is_flag=True, help="Each epoch goes to RUN/tensorboard, too.")
@experiment_options
@manner_options
@network_options
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
        "data": _absolute(data), "set": settings, "model": model, "input": inputs, "epochs": epochs, "batch": batch,
        "lr": lr, "seed": seed, "holdout": holdout, "weights": _absolute(weights), "device": device,
        "freeze": freeze, "replace_head": replace_head or None, "tensorboard": tensorboard or None,
        **experiment,
        **manner,
    }  # fmt: skip
    try:
        asked = _asked(given, resume)
    except (OSError, ValueError, KeyError) as error:
        why = "there is no run.json" if isinstance(error, FileNotFoundError) else error
        return refuse(f"{resume} holds no run that could go on: {why}", "`--out` begins a new one", err)
    if asked["data"] is None:
        raise click.UsageError("missing option '--data'", context)
    if is_experiment(asked):
        from cnnspec.cli.experiments import Looks, Request
        from cnnspec.cli.experiments import experiment as several

        request = Request(file, asked, limits, Path(resume or out or "."), resume is not None, threads)
        return several(request, Looks(look, err))
    lines = tuple(each for each in asked["set"] if each.startswith(LINE))
    plain = tuple(each for each in asked["set"] if each not in lines)
    options = network_options_of(plain, asked["model"], tuple(asked["input"]), limits)

    from cnnspec.pipeline import compile_file

    compiled = compile_file(file, options)
    tell_findings(file, answered(compiled), err)
    if not compiled.ok:
        return refusal(compiled)
    return _begun(compiled, asked, (resume or out, resume is not None, threads), look, err)


def _asked(given: Mapping[str, Any], resume: Path | None) -> dict[str, Any]:
    """What is given, then what the run was begun with, then what is usual. OSError, ValueError, KeyError for a folder
    that holds no run."""
    before = _before(resume) if resume else {}
    said = {name: each for name, each in given.items() if each not in (None, ())}
    return {**USUAL, **before, **said, "set": (*before.get("set", ()), *given["set"])}


def _begun(
    compiled: Compiled, asked: dict[str, Any], run: tuple[Path | None, bool, int | None], look: Look, err: Look
) -> int:
    """Trains; `run` is its folder, whether it is gone on with, and the threads."""
    try:
        from cnnspec.api.recipe import Asked, with_recipe
        from cnnspec.api.train import Run, Wish
        from cnnspec.lower.errors import ExportError, WeightsError
        from cnnspec.training.errors import TrainError
        from cnnspec.training.processes import LostError, joined
    except ImportError as error:
        if error.name == "torch":
            return refuse("torch is not installed", MISSING, err)
        raise
    folder, resumes, threads = run
    assert folder is not None
    lines = tuple(each.removeprefix(LINE) for each in asked["set"] if each.startswith(LINE))
    wish = Wish(
        asked["data"],
        folder,
        seed=asked["seed"],
        holdout=asked["holdout"],
        device=asked["device"],
        threads=threads,
        weights=asked["weights"],
        replace_head=asked["replace_head"],
        resume=resumes,
        manner=manner_of(asked),
        asked=asked,
    )
    try:
        recipe = Asked(lines, asked["epochs"], asked["batch"], asked["lr"], tuple(asked["freeze"]))
        compiled, origins = with_recipe(compiled, recipe)
        with joined(wish.device) as processes:
            try:
                return _run(Run(compiled, wish, origins, processes=processes), look, err)
            except LostError:
                hush(not processes.tells())
                raise
            except BaseException:  # the first that ends says why, and nobody else says that it has gone
                processes.tells()
                raise
    except (TrainError, WeightsError, ExportError) as error:
        return refuse(error.message, error.hint, err)


def _absolute(path: str | None) -> str | None:
    """So that a run can be gone on with from another folder; what is no path stays (`digits`)."""
    return os.path.abspath(path) if path and os.path.exists(path) else path


def _before(run: Path) -> dict[str, Any]:
    """What the run was asked for when it was begun."""
    import json

    asked = json.loads((run / "run.json").read_text(encoding="utf-8"))["asked"]
    if not isinstance(asked, dict):
        raise ValueError("its run.json is not what was written")
    if asked.get("fold"):
        raise ValueError(f"it is fold {asked['fold']} of an experiment: `--resume {run.parent}`")
    return {name: asked[name] for name in USUAL if name in asked}


def _run(run: Run, look: Look, err: Look) -> int:
    from cnnspec.reports.training import epoch_line, heading, outcome, plan_lines
    from cnnspec.training.loop import Epoch, Stopped

    for each in run.notes:
        note(each, err)
    say(plan_lines(run.plan, look))
    say(heading(run.loop.data.held is not None, look))
    for before in run.loop.history:
        say(epoch_line(before, None, look))
    wanted = run.processes.is_first and bool(run.wish.asked.get("tensorboard"))
    with interrupts() as stopped, board(run, wanted, err) as write, watched(run.loop, look) as watch:
        speed = _Speed()
        for event in run.train(lambda: bool(stopped)):
            if isinstance(event, Epoch):
                pace = speed.take()
                say(epoch_line(event, pace, look))
                write(event, pace)
            elif isinstance(event, Stopped):
                note(f"stopped: {event.why}", err)
            else:
                speed.add(event.samples)
            watch(event)
    if stopped:
        note(f"`--resume {run.wish.out}` goes on after {run.loop.step:,} of {run.loop.steps:,} steps", err)
        return INTERRUPTED
    say(outcome(run.finish(), look))
    return CLEAN


class _Speed:
    """Samples a second of training, an epoch at a time."""

    def __init__(self) -> None:
        from time import monotonic

        self.now = monotonic
        self.samples, self.begin = 0, monotonic()

    def add(self, samples: int) -> None:
        self.samples += samples

    def take(self) -> float:
        made = self.samples / max(self.now() - self.begin, 1e-9)
        self.samples, self.begin = 0, self.now()
        return made
