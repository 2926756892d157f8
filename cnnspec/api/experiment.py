"""Several runs that belong together, one after the other, each in a folder of its own below one: folds, a sweep."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

import torch

from cnnspec.api.identity import same, text_digest
from cnnspec.api.recipe import without_hold_out
from cnnspec.api.train import Run, Wish
from cnnspec.api.transfer import beginning, with_fitting_labels
from cnnspec.lower.errors import ExportError, WeightsError
from cnnspec.pipeline import Compiled
from cnnspec.training import run_folder
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.errors import Diverged, TrainError
from cnnspec.training.folds import Fold
from cnnspec.training.loop import Epoch, Stopped, Updated
from cnnspec.training.plan import Plan, planned
from cnnspec.training.prepared import paired

STD = "sample standard deviation, n - 1"
SECONDS = "seconds.json"
"""How long each run was trained, of all sessions."""
TOLD = 10
"""So many refusals are told one by one."""


class Member(NamedTuple):
    """One run: `name` is its folder's, `title` what is said of it. With `fold`, of that part of the data. `settings`
    are those of its combination in a sweep, without the seed."""

    name: str
    title: str
    compiled: Compiled
    origins: dict[str, str]
    wish: Wish
    fold: Fold | None = None
    settings: Mapping[str, str] = {}

    @property
    def plan(self) -> Plan:
        built = self.compiled.built
        assert built is not None
        return planned(built.recipe, self.origins, self.wish.seed, self.wish.holdout, self.wish.manner)


class Begun(NamedTuple):
    """A run begins or is gone on with; `length` is its number of updates."""

    member: Member
    number: int
    run: Run
    length: int


class Done(NamedTuple):
    """A run has come to its end, now or `before`; `result` is what its result.json says, `seconds` of training; `notes`
    are those of its end."""

    member: Member
    number: int
    result: Mapping[str, Any]
    seconds: float
    before: bool
    notes: tuple[str, ...] = ()


class Failed(NamedTuple):
    """A run's loss became no number: it has no result."""

    member: Member
    number: int
    why: str


Event = Begun | Updated | Epoch | Stopped | Done | Failed


class Spread(NamedTuple):
    """The mean of several, and their sample standard deviation (n - 1); None of a single one."""

    mean: float
    std: float | None


def spread(numbers: Sequence[float]) -> Spread:
    """Of one number or more."""
    return Spread(fmean(numbers), stdev(numbers) if len(numbers) > 1 else None)


class Experiment:
    """All runs are known and were checked against the data before the first begins."""

    def __init__(
        self, out: Path, members: Sequence[Member], dataset: Dataset, asked: Mapping[str, Any], resume: bool
    ) -> None:
        """TrainError, before anything is trained, for whatever does not go with the data or is not what was begun."""
        self.out, self.members, self.dataset, self.asked = out, tuple(members), dataset, asked
        digest = dataset.digest
        self.identity = {
            each.name: {"text": text_digest(each.compiled), "data": digest, "plan": each.plan.plain()}
            for each in self.members
        }
        self.threads = self.members[0].wish.threads
        self.seconds: dict[str, float] = {}
        _check(self.members, dataset)
        if resume:
            self._go_on()
        else:
            run_folder.begin(out)
            self.threads = self.threads or torch.get_num_threads()
            run_folder.write(out, {run_folder.RUN: json.dumps(self._description(), indent=2)})

    def _go_on(self) -> None:
        before = json.loads((self.out / run_folder.RUN).read_text(encoding="utf-8"))
        runs = before.get("runs")
        if not isinstance(runs, dict) or [*runs] != [*self.identity]:
            raise TrainError(
                f"these are not the runs that {self.out} was begun with",
                "`--resume` alone goes on with what was asked for; another `--out` begins anew",
            )
        for name, each in self.identity.items():
            same(runs[name], each, self.out)
        self.threads = self.threads or before["threads"]
        with suppress(OSError, ValueError):
            self.seconds = dict(json.loads((self.out / SECONDS).read_text(encoding="utf-8")))

    def _description(self) -> dict[str, Any]:
        from cnnspec import __version__

        return {
            "cnnspec": __version__,
            "torch": torch.__version__,
            "threads": self.threads,
            "asked": dict(self.asked),
            "runs": self.identity,
        }

    def run(self, stopped: Callable[[], bool] = lambda: False, *, tolerant: bool = False) -> Iterator[Event]:
        """Run after run: one that is finished is only read, the one under way goes on from its checkpoint. When
        `stopped` says so it ends at a checkpoint. A loss that is no number is told if it is `tolerant`, else raised."""
        for number, member in enumerate(self.members, 1):
            result, before, notes = self.result(member), True, tuple[str, ...]()
            if result is None:
                try:
                    notes = yield from self._train(number, member, stopped)
                except Diverged as error:
                    if not tolerant:
                        raise
                    yield Failed(member, number, error.message)
                    continue
                if stopped():
                    return
                result, before = self.result(member), False
                assert result is not None, "a run's end is a result"
            yield Done(member, number, result, self.seconds.get(member.name, 0.0), before, notes)

    def _train(
        self, number: int, member: Member, stopped: Callable[[], bool]
    ) -> Generator[Event, None, tuple[str, ...]]:
        run = self.opened(member)
        yield Begun(member, number, run, run.loop.steps)
        begin = time.monotonic()
        for event in run.train(stopped):
            yield event
            if isinstance(event, Epoch):
                begin = self._count(member, begin)
        self._count(member, begin)
        return () if stopped() else run.finish().notes

    def opened(self, member: Member, *, test: bool | None = None) -> Run:
        """The member's run, begun or gone on with. With `test` the set's test part is judged in the end, else it is as
        the member wishes."""
        folder = self.out / member.name
        wish = member.wish._replace(
            out=folder,
            threads=self.threads,
            resume=(folder / run_folder.RUN).exists(),
            test=member.wish.test if test is None else test,
        )
        dataset = member.fold.of(self.dataset) if member.fold else self.dataset
        return Run(member.compiled, wish, member.origins, dataset)

    def result(self, member: Member) -> dict[str, Any] | None:
        """What came of it; None before its end."""
        path = self.out / member.name / run_folder.RESULT
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise TrainError(f"{path} cannot be read: {error}", "without it the run's end is done again") from error

    def _count(self, member: Member, begin: float) -> float:
        now = time.monotonic()
        self.seconds[member.name] = self.seconds.get(member.name, 0.0) + now - begin
        run_folder.write(self.out, {SECONDS: json.dumps(self.seconds, indent=2)})
        return now


def _check(members: Sequence[Member], dataset: Dataset) -> None:
    """Each network with the data, each recipe with the hold-out. TrainError tells of all that do not go."""
    found: list[tuple[str, str, str | None]] = []
    known: set[str] = set()
    for member in members:
        built, text = member.compiled.built, text_digest(member.compiled)
        assert built is not None
        try:
            if text not in known:
                paired(with_fitting_labels(member.compiled)[0], dataset)
                if (wish := member.wish).weights is not None:
                    beginning(built.graph, built.shapes, wish.weights, wish.seed, wish.replace_head)
                known.add(text)
            if built.recipe and not member.wish.holdout and dataset.held is None:
                without_hold_out(built.recipe)
        except (TrainError, WeightsError, ExportError) as error:
            found.append((member.title, error.message, error.hint))
    if found:
        raise refused(found, len(members))


def refused(found: Sequence[tuple[str, str, str | None]], of: int) -> TrainError:
    """One error of all: which run, and what is wrong with it. What is wrong with every one alike is told once."""
    if len({message for _, message, _ in found}) == 1 and len(found) in (1, of):
        title, message, hint = found[0]
        return TrainError(message if len(found) == of else f"{title}: {message}", hint)
    hints = {hint for *_, hint in found if hint}
    lines = [
        f"{title}: {message}" + (f" ({hint})" if hint and len(hints) > 1 else "")
        for title, message, hint in found[:TOLD]
    ]
    more = [f"and {len(found) - TOLD} more"] if len(found) > TOLD else []
    return TrainError(
        "\n".join([f"{len(found)} of {of} runs cannot be", *lines, *more]), hints.pop() if len(hints) == 1 else None
    )
