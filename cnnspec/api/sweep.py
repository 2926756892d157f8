"""Every combination of some settings, trained alike and compared by what is held out; the test part is not read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from cnnspec.api.axes import NUMBERS, SEED, Axis, Combination, applied, combinations, parameters, said
from cnnspec.api.experiment import STD, Done, Experiment, Failed, Member, Spread, refused, spread
from cnnspec.api.plots import MISSING
from cnnspec.api.recipe import Asked, with_recipe
from cnnspec.api.train import Wish
from cnnspec.contract.training.recipe import LINE, Train
from cnnspec.pipeline import Compiled
from cnnspec.source.nearest import nearest
from cnnspec.training import run_folder
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.errors import TrainError

CSV, JSON, PNG = "sweep.csv", "sweep.json", "sweep.png"
Compile = Callable[[tuple[str, ...]], Compiled]
"""The network with these of its parameters (`width=0.5`) beside what is asked for anyway."""


class Row(NamedTuple):
    """A combination's line: of one run or, with several seeds, of several, in the seeds' order. `failed` says why there
    are no numbers, or fewer."""

    settings: Mapping[str, str]
    seeds: tuple[int, ...]
    best_epochs: tuple[int, ...]
    accuracy: Spread | None
    loss: Spread | None
    seconds: float
    params: int
    folders: tuple[str, ...]
    failed: str | None


def sweep_members(compile_with: Compile, base: Asked, wish: Wish, axes: Sequence[Axis]) -> list[Member]:
    """A run for each combination, none of which reads the test part. TrainError tells of all that cannot be."""
    every = [*combinations(axes, wish.seed)]
    several = any(each.name == SEED for each in axes)
    found: list[tuple[str, str, str | None]] = []
    made: list[Member] = []
    for number, each in enumerate(every, 1):
        title = said({**each.settings, SEED: str(each.seed)}) if several else each.title
        try:
            compiled = _compiled(compile_with, each)
            compiled, origins = with_recipe(compiled, applied(base, each))
        except TrainError as error:
            found.append((title, error.message, error.hint))
            continue
        name = f"{number:0{len(str(len(every)))}}-{_slug(title)}"
        one = wish._replace(seed=each.seed, test=False, asked=_alone(wish.asked, each))
        made.append(Member(name, title, compiled, _from_sweep(origins, each), one, settings=each.settings))
    if found:
        raise refused(found, len(every))
    return made


def _compiled(compile_with: Compile, combination: Combination) -> Compiled:
    compiled = compile_with(parameters(combination))
    wrong = next((each for each in compiled.diagnostics if each.is_error), None)
    if wrong is not None or compiled.built is None:
        message, hint = (wrong.message, wrong.help) if wrong else ("there is no model", None)
        if wrong and wrong.id == "unknown-parameter":
            raise TrainError(f"{message}, and a recipe no such line", _meant(parameters(combination)) or hint)
        raise TrainError(message, hint)
    twice = next((each for each in combination.settings if each in compiled.built.parameters and not _own(each)), None)
    if twice is not None:
        raise TrainError(f"`{twice}` is a parameter of the network and a line of the recipe, too", f"`{LINE}{twice}=…`")
    return compiled


def _own(name: str) -> bool:
    return name.startswith(LINE) or Axis(name, ()).is_parameter


def _meant(given: Sequence[str]) -> str | None:
    known = (*Train.steps, *NUMBERS, SEED)
    near = next(filter(None, (nearest(each.partition("=")[0], known) for each in given)), None)
    return f"did you mean `{near}`?" if near else None


def _slug(title: str) -> str:
    """A name for a folder."""
    return re.sub(r"[^A-Za-z0-9.=+-]+", "_", title.replace('"', "")).strip("_.")[:80] or "run"


def _alone(asked: Mapping[str, Any], combination: Combination) -> dict[str, Any]:
    """What the run would be asked for alone: with it, its folder can be gone on with, too."""
    made = {**asked, "sweep": (), "seeds": None, "test": None, "seed": combination.seed}
    sets = list(asked.get("set", ()))
    for name, text in combination.settings.items():
        line = Axis(name, ()).line
        if name in NUMBERS:
            made[name] = getattr(applied(Asked(), combination), name)
        else:
            sets.append(f"{name}={text}" if line is None else f"{LINE}{line}={text}")
    return {**made, "set": tuple(sets)}


def _from_sweep(origins: dict[str, str], combination: Combination) -> dict[str, str]:
    made = {**origins, SEED: "--sweep"} if SEED in combination.settings else dict(origins)
    for name in combination.settings:
        line = Axis(name, ()).line or (name if name in NUMBERS else None)
        if line == "lr":
            made["optimizer"] = made["optimizer"].replace("--lr", "--sweep")
        elif line is not None:
            made[line] = "--sweep"
    return made


def comparable(members: Sequence[Member], dataset: Dataset) -> None:
    """TrainError where nothing is held out to compare by."""
    if dataset.held is None and any(not each.wish.holdout for each in members):
        raise TrainError("a sweep compares by samples that are held out, and none are", "`--holdout 0.1`")


def by_loss(members: Sequence[Member]) -> bool:
    """Whether the best is that of the least loss, as all recipes' `stop` has it; else accuracy counts, then loss."""
    stops = [each.plan.recipe.stop for each in members]
    return all(each is not None and each.metric == "loss" for each in stops)


def rows(ends: Sequence[Done | Failed], order_by_loss: bool) -> list[Row]:
    """A line a combination, the best first; one that failed stands last."""
    held: dict[str, list[Done | Failed]] = {}
    for each in ends:
        held.setdefault(json.dumps(dict(each.member.settings)), []).append(each)
    made = [_row(each) for each in held.values()]

    def worth(row: Row) -> tuple[float, ...]:
        if row.accuracy is None or row.loss is None:
            return (float("inf"),)
        return (row.loss.mean,) if order_by_loss else (-row.accuracy.mean, row.loss.mean)

    return sorted(made, key=lambda row: (row.failed is not None, worth(row)))


def _row(ends: Sequence[Done | Failed]) -> Row:
    done = [each for each in ends if isinstance(each, Done)]
    held = [each.result["held_out"] for each in done]
    failed = next((each.why for each in ends if isinstance(each, Failed)), None)
    member = ends[0].member
    return Row(
        member.settings,
        tuple(each.member.wish.seed for each in ends),
        tuple(each.result["best_epoch"] for each in done),
        spread([each["accuracy"] for each in held]) if held else None,
        spread([each["loss"] for each in held]) if held else None,
        sum(each.seconds for each in done),
        member.compiled.analysis.totals.params,
        tuple(each.member.name for each in ends),
        failed,
    )


def write_sweep(experiment: Experiment, axes: Sequence[Axis], table: Sequence[Row], order_by_loss: bool) -> None:
    """sweep.csv, a row a combination; sweep.json, each run besides."""
    names = [each.name for each in axes if each.name != SEED]
    head = [*names, "seeds", "best_epoch", "held_accuracy", "held_accuracy_std", "held_loss", "held_loss_std"]
    lines = [[*head, "seconds", "params", "folders", "failed"]]
    for row in table:
        spreads = [value for each in (row.accuracy, row.loss) for value in (each or (None, None))]
        cells: list[Any] = [
            *(row.settings[name] for name in names),
            " ".join(map(str, row.seeds)),
            " ".join(map(str, row.best_epochs)),
            *spreads,
            round(row.seconds, 1),
            row.params,
            " ".join(row.folders),
            row.failed,
        ]
        lines.append(["" if each is None else each for each in cells])
    record = {
        "axes": {each.name: list(each.values) for each in axes},
        "sorted_by": "held-out loss" if order_by_loss else "held-out accuracy, then loss",
        "std_is": STD,
        "rows": [_plain(row, experiment) for row in table],
    }
    content: dict[str, str | bytes] = {CSV: run_folder.table(lines), JSON: json.dumps(record, indent=2) + "\n"}
    run_folder.write(experiment.out, content)


def _plain(row: Row, experiment: Experiment) -> dict[str, Any]:
    by_name = {each.name: each for each in experiment.members}
    runs = []
    for name, seed in zip(row.folders, row.seeds, strict=True):
        result = experiment.result(by_name[name]) or {}
        seconds = experiment.seconds.get(name)
        runs.append({"folder": name, "seed": seed, "seconds": seconds, **result})
    spreads = {"accuracy": row.accuracy and row.accuracy._asdict(), "loss": row.loss and row.loss._asdict()}
    return {**row._asdict(), **spreads, "runs": runs}


def drawn_sweep(experiment: Experiment, axes: Sequence[Axis], table: Sequence[Row]) -> str | None:
    """Writes sweep.png; a note where it cannot be, as matplotlib is missing."""
    from cnnspec.reports.training.plot_sweep import Drawn, sweep_png

    drawn = []
    for row in table:
        runs = tuple(_accuracies(experiment, name) for name in row.folders)
        mean, std = row.accuracy or (None, None)
        drawn.append(Drawn(said(row.settings), row.settings, runs, mean, std))
    names = [each.name for each in axes if each.name != SEED and len(each.values) > 1]
    try:
        png = sweep_png(names[0] if names else None, drawn)
    except ImportError as error:
        if error.name and error.name.partition(".")[0] == "matplotlib":
            return MISSING
        raise
    run_folder.write(experiment.out, {PNG: png})
    return None


def _accuracies(experiment: Experiment, name: str) -> tuple[float, ...]:
    """Of those held out, epoch by epoch; none where the run has had no epoch."""
    path = experiment.out / name / "metrics.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple(json.loads(each)["held_accuracy"] for each in lines)


def tested(experiment: Experiment, row: Row) -> list[Mapping[str, Any]]:
    """The best combination's runs, judged on the set's test part: read for no other."""
    found = []
    for member in experiment.members:
        if member.name in row.folders:
            if not (experiment.result(member) or {}).get("test"):
                experiment.opened(member, test=True).finish()
            found.append((experiment.result(member) or {})["test"])
    return found
