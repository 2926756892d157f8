"""Precision and recall of each class against the rest, at every threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

POINTS = 500
"""A curve has no more; its average precision is of all."""

ROWS = 4096
"""So many samples have their softmax at a time."""


class Curve(NamedTuple):
    """Of one class, at falling thresholds: a sample is taken for the class if its score is at least the threshold.

    A threshold that finds no sample more of the class than the one above it is left out, as it only costs precision; of
    more than `POINTS` that are left, so many are kept, evenly, with the first and the last. `ap` is the average
    precision, the sum of (R[n] - R[n-1]) P[n] over all thresholds, equal scores taken together (scikit-learn's
    `average_precision_score`); None where no sample is of the class. `found` thresholds were there before thinning.
    """

    threshold: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    ap: float | None
    found: int


def curves(
    outputs: NDArray[Any], targets: NDArray[np.int64], *, softmax: bool, threshold: float = 0.0
) -> tuple[Curve, ...]:
    """A curve a class, of outputs N x K that are numbers. With `softmax` the scores are its probabilities, else the
    outputs. One output has two classes: 1 by itself, 0 by its mirror image at the `threshold` between them."""
    return tuple(_curve(score, targets == place) for place, score in enumerate(_scores(outputs, softmax, threshold)))


def mean_ap(made: Sequence[Curve]) -> float | None:
    """The macro mean: over the classes that there are samples of."""
    found = [each.ap for each in made if each.ap is not None]
    return sum(found) / len(found) if found else None


def _scores(outputs: NDArray[Any], softmax: bool, threshold: float) -> Iterator[NDArray[np.float64]]:
    if outputs.shape[1] == 1:
        single = outputs[:, 0].astype(np.float64)
        yield from (2 * threshold - single, single)
        return
    largest, total = outputs.max(axis=1).astype(np.float64), np.ones(len(outputs))
    if softmax:
        for begin in range(0, len(outputs), ROWS):
            powers = np.exp(outputs[begin : begin + ROWS] - largest[begin : begin + ROWS, None])
            # In order of size, so that rows of the same numbers have the same sum: equal scores must be equal.
            total[begin : begin + ROWS] = np.sort(powers, axis=1).sum(axis=1)
    for column in outputs.T:  # one at a time: a thousand classes are many numbers
        yield np.exp(column - largest) / total if softmax else column.astype(np.float64)


def _curve(score: NDArray[np.float64], is_it: NDArray[np.bool_]) -> Curve:
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # equal scores pass a threshold together
    hits = np.cumsum(is_it[order])[ends]
    every = int(is_it.sum())
    if not every:
        nothing = np.zeros(0)
        return Curve(nothing, nothing, nothing, None, 0)
    more = np.flatnonzero(np.diff(hits, prepend=0))
    precision, recall = hits[more] / (ends[more] + 1), hits[more] / every
    ap = float((np.diff(recall, prepend=0) * precision).sum())
    kept = np.unique(np.linspace(0, len(more) - 1, min(POINTS, len(more))).round().astype(int))
    return Curve(ranked[ends[more][kept]], precision[kept], recall[kept], ap, len(more))
