"""What `cnnspec train` is asked for, of one run and of several: now, and when the run was begun."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.cli.experiment_options import EXPERIMENT
from cnnspec.cli.manner import MANNER, manner_of
from cnnspec.cli.options import network_options_of
from cnnspec.contract.training.recipe import LINE
from cnnspec.reports.look import Look

if TYPE_CHECKING:
    from cnnspec.api.recipe import Asked
    from cnnspec.api.train import Wish
    from cnnspec.pipeline import Compiled

USUAL: dict[str, Any] = {
    "data": None, "set": (), "model": None, "input": (), "epochs": None, "batch": None, "lr": None,
    "seed": 0, "holdout": 0.1, "weights": None, "device": "auto", "freeze": (), "replace_head": False,
    "tensorboard": False, **EXPERIMENT, **dict.fromkeys(MANNER),
}  # fmt: skip
"""What is taken for what nobody says; a run that goes on has what it began with."""
RUNS = "runs="
"""What `--limit` of how many runs there may be begins with."""
MISSING = "`train` needs torch: pip install 'cnnspec[torch]'"


class Looks(NamedTuple):
    """How standard output and standard error are written to."""

    out: Look
    err: Look


class Request(NamedTuple):
    """What somebody asks for: the network's file, everything given by the names of the options, and bounds. `out` is
    the folder, `resumes` whether it is gone on with."""

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
        several = self.asked["sweep"] or self.asked["seeds"]
        limits = tuple(each for each in self.limits if not (several and each.startswith(RUNS)))
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
        manner = manner_of(self.asked)
        return Wish(out=self.out, resume=self.resumes, threads=self.threads, manner=manner, asked=self.asked, **said)


def asked_for(given: Mapping[str, Any], resume: Path | None) -> dict[str, Any]:
    """What is given, then what the run was begun with, then what is usual. OSError, ValueError, KeyError for a folder
    that holds no run."""
    before = _before(resume) if resume else {}
    said = {name: each for name, each in given.items() if each not in (None, ())}
    return {**USUAL, **before, **said, "set": (*before.get("set", ()), *given["set"])}


def absolute(path: str | None) -> str | None:
    """So that a run can be gone on with from another folder; what is no path stays (`digits`)."""
    return os.path.abspath(path) if path and os.path.exists(path) else path


def _before(run: Path) -> dict[str, Any]:
    """What the run was asked for when it was begun."""
    asked = json.loads((run / "run.json").read_text(encoding="utf-8"))["asked"]
    if not isinstance(asked, dict):
        raise ValueError("its run.json is not what was written")
    if asked.get("fold"):
        raise ValueError(f"it is fold {asked['fold']} of an experiment: `--resume {run.parent}`")
    return {name: asked[name] for name in USUAL if name in asked}
