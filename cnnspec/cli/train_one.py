"""`cnnspec train` of one network: from what is asked for to what came of it."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from cnnspec.cli.conventions import CLEAN, INTERRUPTED
from cnnspec.cli.interrupts import interrupts
from cnnspec.cli.network import fitting
from cnnspec.cli.panel import watched
from cnnspec.cli.refusal import note, refuse
from cnnspec.cli.request import MISSING, Looks, Request
from cnnspec.cli.streams import hush, say
from cnnspec.cli.train_board import board
from cnnspec.cli.verdict import answered, refused_work, tell_findings

if TYPE_CHECKING:
    from cnnspec.api.train import Run
    from cnnspec.reports.look import Look


def train_one(request: Request, looks: Looks) -> int:
    """Trains it, and gives the exit code."""
    compiled = fitting(request.file, request.compile(), looks.err)
    tell_findings(request.file, answered(compiled), looks.err)
    if not compiled.ok:
        return refused_work(compiled, looks.err)
    try:
        from cnnspec.api.recipe import with_recipe
        from cnnspec.api.train import Run
        from cnnspec.lower.errors import ExportError, WeightsError
        from cnnspec.training.errors import TrainError
        from cnnspec.training.processes import LostError, joined
    except ImportError as error:
        if error.name == "torch":
            return refuse("torch is not installed", MISSING, looks.err)
        raise
    wish = request.wish
    try:
        compiled, origins = with_recipe(compiled, request.recipe)
        with joined(wish.device) as processes:
            try:
                return _run(Run(compiled, wish, origins, processes=processes), looks.out, looks.err)
            except LostError:
                hush(not processes.tells())
                raise
            except BaseException:  # the first that ends says why, and nobody else says that it has gone
                processes.tells()
                raise
    except (TrainError, WeightsError, ExportError) as error:
        return refuse(error.message, error.hint, looks.err)


def _run(run: Run, look: Look, err: Look) -> int:
    from cnnspec.reports.training.text import epoch_line, heading, outcome, plan_lines
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
        self.samples, self.begin = 0, monotonic()

    def add(self, samples: int) -> None:
        self.samples += samples

    def take(self) -> float:
        made = self.samples / max(monotonic() - self.begin, 1e-9)
        self.samples, self.begin = 0, monotonic()
        return made
