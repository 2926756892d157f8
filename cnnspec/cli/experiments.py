"""`cnnspec train` of several runs: what folds and sweeps have in common."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from cnnspec.cli.interrupts import interrupts
from cnnspec.cli.refusal import note, refuse
from cnnspec.cli.request import MISSING, Looks, Request
from cnnspec.cli.streams import tell
from cnnspec.cli.train_board import board
from cnnspec.reports.look import Look, visible
from cnnspec.training.errors import TrainError
from cnnspec.training.launch import place

if TYPE_CHECKING:
    from cnnspec.api.experiment import Begun, Done, Experiment, Failed


def experiment(request: Request, looks: Looks) -> int:
    """Trains the folds or the sweep that is asked for; gives the exit code."""
    try:
        several = place().size > 1
    except TrainError as error:
        return refuse(error.message, error.hint, looks.err)
    if several:
        message = "folds and sweeps are trained by one process, and `torchrun` has started several"
        return refuse(message, "`cnnspec train` alone", looks.err)
    try:
        from cnnspec.cli.train_folds import folds
        from cnnspec.cli.train_sweep import sweep
        from cnnspec.lower.errors import ExportError, WeightsError
    except ImportError as error:
        if error.name == "torch":
            return refuse("torch is not installed", MISSING, looks.err)
        raise
    try:
        return folds(request, looks) if request.asked["folds"] is not None else sweep(request, looks)
    except (TrainError, WeightsError, ExportError) as error:
        return refuse(error.message, error.hint, looks.err)


def train_all(
    made: Experiment,
    looks: Looks,
    at_end: Callable[[Done | Failed], None],
    *,
    notes: Callable[[Begun], tuple[str, ...]],
    tolerant: bool = False,
) -> bool:
    """Trains run after run; whether it came to its end. `at_end` hears of each run that did, `notes` says what is told
    when one begins; `tolerant` goes on behind a run whose loss is no number."""
    from cnnspec.api.experiment import Begun, Done, Failed
    from cnnspec.training.loop import Epoch, Stopped

    ticker, told = _Ticker(looks.err), set[str]()
    wanted = bool(made.asked.get("tensorboard"))
    with interrupts() as stopped, ExitStack() as boards:
        begun: Begun | None = None
        for event in made.run(lambda: bool(stopped), tolerant=tolerant):
            if isinstance(event, Begun):
                begun = event
                ticker.clear()
                for each in notes(event):
                    note(each, looks.err)
                boards.close()
                write = boards.enter_context(board(event.run, wanted, looks.err))
                ticker.show(f"{event.number} of {len(made.members)}  {event.member.title}")
            elif isinstance(event, Epoch) and begun is not None:
                write(event, None)
                held = "" if event.held_accuracy is None else f", {event.held_accuracy:.2%} of those held out"
                done = f"epoch {event.epoch}, {event.step / begun.run.loop.steps:.0%}{held}"
                ticker.show(f"{begun.number} of {len(made.members)}  {done}  {begun.member.title}")
            elif isinstance(event, Done | Failed):
                ticker.clear()
                for each in event.notes if isinstance(event, Done) else ():
                    if each not in told:
                        note(each, looks.err)
                    told.add(each)
                at_end(event)
            elif isinstance(event, Stopped) and begun is not None:
                ticker.clear()
                note(f"{begun.member.title} stopped: {event.why}", looks.err)
    ticker.clear()
    if stopped:
        note(f"`--resume {made.out}` goes on; runs that are finished are not trained again", looks.err)
    return not stopped


class _Ticker:
    """One line on a terminal that says what is going on, and is gone when there is something to keep."""

    def __init__(self, look: Look) -> None:
        is_terminal = sys.stderr is not None and sys.stderr.isatty()
        self.look, self.on = look, is_terminal and os.environ.get("TERM") != "dumb"

    def show(self, text: str) -> None:
        if self.on:
            tell("\r" + visible(text, self.look.encoding)[: self.look.width - 1] + "\x1b[K")

    def clear(self) -> None:
        if self.on:
            tell("\r\x1b[K")
