"""Stratified K-fold: each sample is tested once, by a network that never saw it.

Source: Stone, Cross-Validatory Choice and Assessment of Statistical Predictions, 1974; Kohavi, A Study of
Cross-Validation and Bootstrap for Accuracy Estimation and Model Selection, 1995 (stratified).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnspec.training.data.dataset import Dataset, Targets
from cnnspec.training.errors import DataError
from cnnspec.training.split import Places, hold_out, shuffled


class Fold(NamedTuple):
    """Who is in one fold: `inside` are the places of the samples that it may learn from, all others are tested. `seed`
    is its own; so many samples are trained on, held out to choose the epoch by, and tested."""

    number: int
    inside: Places
    seed: int
    trained: int
    held: int
    tested: int

    def of(self, dataset: Dataset) -> Dataset:
        """The set of this fold: its test part is what the fold is judged on, once, in the end."""
        tested = np.setdiff1d(np.arange(dataset.train.samples), self.inside)
        return dataset._replace(train=dataset.train.part(self.inside), test=dataset.train.part(tested))


def stratified(targets: Targets, folds: int, seed: int) -> Places:
    """In which fold, from 0, each sample is tested. Each class is shuffled (a stream of its own: seed, purpose, class),
    and the classes are dealt one after the other as cards are: of a class, and of all, no fold has two more than
    another; sizes are those of sklearn.model_selection.StratifiedKFold."""
    dealt = []
    for each in np.unique(targets):
        places = np.flatnonzero(targets == each)
        dealt.append(places[shuffled(len(places), seed, "fold", each)])
    made = np.empty(len(targets), np.intp)
    made[np.concatenate(dealt)] = np.arange(len(targets)) % folds
    return made


def folded(dataset: Dataset, folds: int, holdout: float, seed: int) -> list[Fold]:
    """The training part in `folds` parts, each of which is the test part of one fold. The set's own test part is in
    none of them; a validation part of its own is held out in all. DataError where a class is too small."""
    targets = dataset.train.targets
    counts = np.bincount(targets, minlength=len(dataset.classes))
    there = np.flatnonzero(counts)
    small = int(min(there, key=lambda each: counts[each]))
    least = int(counts[small])
    if least < folds:
        raise DataError(
            f"class {dataset.classes[small]} has {least} sample{'s' * (least > 1)}, and {folds} folds want one each",
            f"`--folds {least}`" if least > 1 else "leave the class out",
        )
    fold = stratified(targets, folds, seed)
    return [_fold(dataset, np.flatnonzero(fold != each), each + 1, holdout, seed) for each in range(folds)]


def _fold(dataset: Dataset, inside: Places, number: int, holdout: float, seed: int) -> Fold:
    own = seed + number  # other weights, another order and another hold-out in each
    tested, trained = dataset.train.samples - len(inside), len(inside)
    if dataset.held is not None or not holdout:
        return Fold(number, inside, own, trained, dataset.held.samples if dataset.held else 0, tested)
    held = len(hold_out(dataset.train.targets[inside], holdout, own)[1])
    return Fold(number, inside, own, trained - held, held, tested)
