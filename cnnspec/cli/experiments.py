"""`cnnspec train` of several runs: what folds and sweeps have in common."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.cli.interrupts import interrupts
from cnnspec.cli.manner import manner_of
from cnnspec.cli.options import network_options_of
from cnnspec.cli.refusal import note, refuse
from cnnspec.cli.streams import tell
from cnnspec.cli.train_board import board
from cnnspec.reports.look import Look, visible
from cnnspec.training.errors import TrainError
from cnnspec.training.launch import place

if TYPE_CHECKING:
    from cnnspec.api.experiment import Begun, Done, Experiment, Failed
    from cnnspec.api.recipe import Asked
    from cnnspec.api.train import Wish
    from cnnspec.pipeline import Compiled

LINE, RUNS = "train.", "runs="
"""What `--set` of a line of the recipe, and `--limit` of how many runs there may be, begin with."""


class Looks(NamedTuple):
    """How standard output and standard error are written to."""

    out: Look
    err: Look


class Request(NamedTuple):
    """What somebody asks for: the network's file, everything given by the names of the options, and bounds. `out` is
    the experiment's folder, `resumes` whether it is gone on with."""

    file: str
    asked: Mapping[str, Any]
    limits: tuple[str, ...]
    out: Path
    resumes: bool
    threads: int | None

    def compile(self, more: tuple[str, ...] = ()) -> Compiled:
        """The network, with `width=0.5` as `more` of its parameters."""
        from cnnspec.pipeline import compile_file

        plain = tuple(each for each in self.asked["set"] if not each.startswith(LINE))
        limits = tuple(each for each in self.limits if not each.startswith(RUNS))
        options = network_options_of((*plain, *more), self.asked["model"], tuple(self.asked["input"]), limits)
        return compile_file(self.file, options)

    @property
    def recipe(self) -> Asked:
        from cnnspec.api.recipe import Asked

        lines = tuple(each.removeprefix(LINE) for each in self.asked["set"] if each.startswith(LINE))
        return Asked(lines, self.asked["epochs"], self.asked["batch"], self.asked["lr"], tuple(self.asked["freeze"]))

    @property
    def wish(self) -> Wish:
        from cnnspec.api.train import Wish

        names = ("data", "seed", "holdout", "device", "weights", "replace_head")
        said = {each: self.asked[each] for each in names}
        return Wish(out=self.out, threads=self.threads, manner=manner_of(self.asked), asked=self.asked, **said)


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
            from cnnspec.cli.train import MISSING

            return refuse("torch is not installed", MISSING, looks.err)
        raise
    try:
        return folds(request, looks) if request.asked["folds"] is not None else sweep(request, looks)
    except (TrainError, WeightsError, ExportError) as error:
        return refuse(error.message, error.hint, looks.err)


def watched(
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
