"""K-fold cross-validation: a run for each fold, and what they say together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from cnnspec.api.experiment import STD, Done, Experiment, Member, spread
from cnnspec.api.train import Wish
from cnnspec.pipeline import Compiled
from cnnspec.training import run_folder
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.folds import Fold, folded

CSV, JSON = "folds.csv", "folds.json"
REFIT = "refit"


class FoldScore(NamedTuple):
    """A fold's line. `held_accuracy` and `held_loss` are what the best epoch was chosen by; `accuracy`, `top5` and
    `loss` are of the fold's own test part, read once."""

    fold: int
    seed: int
    trained_on: int
    held_out: int
    tested: int
    best_epoch: int
    held_accuracy: float | None
    held_loss: float | None
    accuracy: float
    top5: float | None
    loss: float


def fold_members(
    compiled: Compiled, origins: dict[str, str], wish: Wish, dataset: Dataset, folds: int, *, refit: bool
) -> list[Member]:
    """A run a fold, with fresh weights: its seed is the experiment's plus its number. With `refit` one more, on all
    training samples and with the experiment's own seed. DataError where a class is too small."""
    made, alone = [], {**wish.asked, "folds": None, "refit": False}
    for fold in folded(dataset, folds, wish.holdout, wish.seed):
        own = {**origins, "seed": "--folds"}
        one = wish._replace(seed=fold.seed, asked={**alone, "seed": fold.seed, "fold": fold.number})
        made.append(Member(f"fold-{fold.number}", f"fold {fold.number}", compiled, own, one, fold))
    return [*made, *([Member(REFIT, "refit", compiled, origins, wish._replace(asked=alone))] if refit else [])]


def fold_score(done: Done) -> FoldScore:
    """Of a fold that has come to its end."""
    fold, result = done.member.fold, done.result
    assert isinstance(fold, Fold)
    held, test = result["held_out"] or {}, result["test"]
    return FoldScore(
        fold.number,
        fold.seed,
        fold.trained,
        fold.held,
        fold.tested,
        result["best_epoch"],
        held.get("accuracy"),
        held.get("loss"),
        test["accuracy"],
        test["top5"],
        test["loss"],
    )


def write_folds(experiment: Experiment, scores: Sequence[FoldScore], refit: Done | None) -> None:
    """folds.csv and folds.json, of the folds that are done."""
    accuracy, loss = spread([each.accuracy for each in scores]), spread([each.loss for each in scores])
    record: dict[str, Any] = {
        "folds": [each._asdict() for each in scores],
        "accuracy": accuracy._asdict(),
        "loss": loss._asdict(),
        "std_is": STD,
        "refit": refit and dict(refit.result),
    }
    rows = [FoldScore._fields, *(["" if each is None else each for each in score] for score in scores)]
    run_folder.write(experiment.out, {CSV: run_folder.table(rows), JSON: json.dumps(record, indent=2) + "\n"})
