"""What is counted of predictions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class ClassScore(NamedTuple):
    """Of one class: `support` samples are of it. 0 where nothing was predicted, or nothing is of it."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


class Metrics(NamedTuple):
    """`confusion[i, j]`: how many samples of class i were taken for class j."""

    loss: float
    accuracy: float
    top5: float | None
    confusion: NDArray[np.int64]

    def by_class(self, names: tuple[str, ...]) -> list[ClassScore]:
        """Precision, recall and F1 of each class (van Rijsbergen, Information Retrieval, 1979)."""
        right = np.diagonal(self.confusion).astype(np.float64)
        said, there = self.confusion.sum(axis=0), self.confusion.sum(axis=1)
        precision, recall = right / np.maximum(said, 1), right / np.maximum(there, 1)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
        rows = zip(names, precision, recall, f1, there, strict=True)
        return [ClassScore(name, float(p), float(r), float(f), int(n)) for name, p, r, f, n in rows]


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
    top5 = None
    if classes > 5:
        right = outputs[np.arange(len(targets)), targets]
        top5 = float(((outputs > right[:, None]).sum(axis=1) < 5).mean())
    return Metrics(loss, float((taken == targets).mean()), top5, confusion)
