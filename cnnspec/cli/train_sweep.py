"""`cnnspec train --sweep AXIS…`"""

from __future__ import annotations

from cnnspec.api.axes import MOST, NUMBERS, SEED, axes_of, unambiguous
from cnnspec.api.experiment import Begun, Done, Experiment, Failed
from cnnspec.api.parted import AxisError, most_of
from cnnspec.api.sweep import CSV, JSON, PNG, by_loss, comparable, drawn_sweep, rows, sweep_members, tested, write_sweep
from cnnspec.cli.conventions import CLEAN, INTERRUPTED
from cnnspec.cli.experiments import train_all
from cnnspec.cli.network import fitting
from cnnspec.cli.refusal import note
from cnnspec.cli.request import Looks, Request
from cnnspec.cli.streams import say
from cnnspec.cli.verdict import answered, refused_work, tell_findings
from cnnspec.reports.numbers import counted
from cnnspec.reports.training.experiments import (
    failed_line,
    plans_lines,
    run_line,
    sweep_outcome,
    sweep_table,
    test_line,
)
from cnnspec.training.data.open import open_data
from cnnspec.training.errors import TrainError
from cnnspec.training.split import hold_out


def sweep(request: Request, looks: Looks) -> int:
    """Trains every combination; says which are best by what is held out. TrainError, before any is trained, for all
    that cannot be."""
    asked = request.asked
    axes = axes_of(asked["sweep"], asked["seeds"], asked["seed"], _most(request.limits))
    settings = (*asked["set"], *(f"train.freeze={each}" for each in asked["freeze"]))
    numbers = {name: asked[name] for name in NUMBERS}
    unambiguous(axes, settings, numbers, asked["seed"] if asked["seeds"] is None else 0)
    if not any(each.is_parameter for each in axes):
        compiled = fitting(request.file, request.compile(), looks.err)
        tell_findings(request.file, answered(compiled), looks.err)
        if not compiled.ok:
            return refused_work(compiled, looks.err)
    members = sweep_members(request.compile, request.recipe, request.wish, axes)
    dataset = open_data(asked["data"])
    comparable(members, dataset)
    made = Experiment(request.out, members, dataset, asked, request.resumes)
    for each in _said(made, any(each.name == SEED for each in axes)):
        note(each, looks.err)
    say(plans_lines([each.plan for each in members], "--sweep", looks.out))
    ends: list[Done | Failed] = []
    least, told = by_loss(members), set[str]()

    def at_end(end: Done | Failed) -> None:
        ends.append(end)
        many = len(members)
        say(run_line(end, many, looks.out) if isinstance(end, Done) else failed_line(end, many, looks.out))
        write_sweep(made, axes, rows(ends, least), least)

    def notes(begun: Begun) -> tuple[str, ...]:
        found = tuple(each for each in begun.run.notes if each not in told)
        told.update(found)
        return found

    if not train_all(made, looks, at_end, notes=notes, tolerant=True):
        return INTERRUPTED
    table = rows(ends, least)
    say(sweep_table(table, least, _held(made), looks.out))
    if table[0].accuracy is None:
        raise TrainError("no run came to an end", "smaller learning rates, a `warmup`, or `clip 1`")
    if asked["test"]:
        say(test_line(table[0], tested(made, table[0]), looks.out))
        write_sweep(made, axes, table, least)
    else:
        say(sweep_outcome(table[0], made.out, request.file, asked["data"], dataset.test is not None, looks.out))
    missing = drawn_sweep(made, axes, table)
    if missing:
        note(missing, looks.err)
    say("wrote " + ", ".join(str(made.out / each) for each in (CSV, JSON, *(() if missing else (PNG,)))) + "\n")
    return CLEAN


def _said(made: Experiment, several: bool) -> list[str]:
    dataset, members = made.dataset, made.members
    runs = counted(len(members), "run")
    held = "the set's validation part" if dataset.held else "the same samples held out"
    said = [f"{runs}, compared by {held}; all with the seed {members[0].wish.seed}"]
    if several:
        own = "weights and order" if dataset.held else "weights, order and hold-out"
        said = [f"{runs}; each seed has {own} of its own, the same for all combinations"]
    if dataset.test is not None:
        again = ", but for the best, once, in the end" if made.asked["test"] else ""
        said.append(
            f"the test part, {dataset.test.samples:,} samples, is not read{again}: it cannot judge what it chose"
        )
    kinds = {each.plan.loss.word for each in members}
    if len(kinds) > 1:
        said.append(f"losses of different kinds are no measure of one another: {', '.join(sorted(kinds))}")
    finished = sum(made.result(each) is not None for each in members)
    return [*said, *([f"{finished} of {len(members)} runs were finished before"] if finished else [])]


def _held(made: Experiment) -> int:
    """How many samples a run is judged by."""
    dataset, wish = made.dataset, made.members[0].wish
    return dataset.held.samples if dataset.held else len(hold_out(dataset.train.targets, wish.holdout, wish.seed)[1])


def _most(limits: tuple[str, ...]) -> int:
    """How many runs there may be."""
    try:
        return most_of(limits, "runs", MOST)
    except AxisError as error:
        raise TrainError(error.message, error.hint) from error
