"""What is counted of predictions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.curves import Curve, mean_ap


class ClassScore(NamedTuple):
    """Of one class: `support` samples are of it. 0 where nothing was predicted, or nothing is of it; `ap`, the average
    precision, is None there, and where no curves were made."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    ap: float | None


class Metrics(NamedTuple):
    """`confusion[i, j]`: how many samples of class i were taken for class j. `curves` are one a class; only a last
    judgement has them."""

    loss: float
    accuracy: float
    top5: float | None
    confusion: NDArray[np.int64]
    curves: tuple[Curve, ...] = ()

    @property
    def mean_ap(self) -> float | None:
        """The mean of the classes' average precisions."""
        return mean_ap(self.curves)

    def by_class(self, names: tuple[str, ...]) -> list[ClassScore]:
        """Precision, recall and F1 of each class (van Rijsbergen, Information Retrieval, 1979); average precision."""
        right = np.diagonal(self.confusion).astype(np.float64)
        said, there = self.confusion.sum(axis=0), self.confusion.sum(axis=1)
        precision, recall = right / np.maximum(said, 1), right / np.maximum(there, 1)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
        aps = [each.ap for each in self.curves] or [None] * len(names)
        rows = zip(names, precision, recall, f1, there, aps, strict=True)
        return [ClassScore(name, float(p), float(r), float(f), int(n), ap) for name, p, r, f, n, ap in rows]


def said(outputs: NDArray[np.float32], threshold: float) -> NDArray[np.intp]:
    """The class of each row N x K; of a single output, 1 above the threshold."""
    if outputs.shape[1] == 1:
        return (outputs[:, 0] > threshold).astype(np.intp)
    taken: NDArray[np.intp] = outputs.argmax(axis=1)
    return taken


def metrics(outputs: NDArray[np.float32], targets: NDArray[np.int64], loss: float, threshold: float = 0.0) -> Metrics:
    """Of outputs N x K that are numbers."""
    classes = max(2, outputs.shape[1])
    taken = said(outputs, threshold)
    confusion = np.bincount(targets * classes + taken, minlength=classes**2).reshape(classes, classes)
    top5 = top_share(outputs, targets, 5) if classes > 5 else None
    return Metrics(loss, float((taken == targets).mean()), top5, confusion)


def top_share(outputs: NDArray[np.float32], targets: NDArray[np.int64], k: int) -> float:
    """The share of samples whose class is among the `k` with the largest outputs, of N x K; of equal outputs the first
    class comes first, as `argmax` has it."""
    right = outputs[np.arange(len(targets)), targets][:, None]
    is_before = np.arange(outputs.shape[1]) < targets[:, None]
    return float((((outputs > right) | ((outputs == right) & is_before)).sum(axis=1) < k).mean())
