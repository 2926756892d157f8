"""How good a model is on a data set, in ONNX Runtime."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.api.deploy import Predictor
from cnnspec.contract.preprocess import show
from cnnspec.runtime.errors import ModelError
from cnnspec.runtime.scores import Scores, probabilities
from cnnspec.training.curves import curves
from cnnspec.training.data.dataset import Dataset, Split
from cnnspec.training.data.fit import matched, one
from cnnspec.training.data.open import open_data
from cnnspec.training.errors import DataError
from cnnspec.training.metrics import Metrics, metrics, top_share
from cnnspec.training.prepared import within

AT_A_TIME = 64
PARTS = ("test", "train")


class Evaluated(NamedTuple):
    """`part` of the set was judged; `metrics.loss` is the cross-entropy, NaN where outputs are no probabilities. `top`
    is a number that was asked for, and the share of samples whose class is among the so many likeliest."""

    data: str
    part: str
    samples: int
    metrics: Metrics
    classes: tuple[str, ...]
    notes: tuple[str, ...]
    top: tuple[int, float] | None = None


def evaluated(predictor: Predictor, data: str, part: str | None, top: int | None = None) -> Evaluated:
    """On the part that is asked for; unasked on the set's test part, or all of it where it has none. DataError,
    ModelError."""
    reading = predictor.reading
    outputs = reading.output.shape[1]
    dataset = open_data(data, several=False)
    count = outputs if isinstance(outputs, int) else len(reading.labels or dataset.classes)
    dataset, classes = matched(dataset, reading.labels or None, max(count, 2), exact=False)
    within(dataset, count)
    if top is not None and top >= len(classes):
        raise DataError(f"of {len(classes)} classes every one is among the first {top}", "a smaller `--top`")
    name, split = _chosen(dataset, part)
    made = np.concatenate([_outputs(predictor, split, places) for places in _batches(split.samples, reading.batch)])
    loss = _cross_entropy(made, split.targets, reading.scores)
    if not np.isfinite(made).all():
        raise ModelError("some of the model's outputs are no numbers")
    # Of a single number nobody knows whether it is a logit; behind a sigmoid it is none.
    threshold = 0.5 if reading.scores is Scores.INDEPENDENT else 0.0
    softmax = reading.scores is Scores.LOGITS
    found = metrics(made, split.targets, loss, threshold)._replace(
        curves=curves(made, split.targets, softmax=softmax, threshold=threshold)
    )
    first = None if top is None else (top, found.accuracy if top == 1 else top_share(made, split.targets, top))
    return Evaluated(dataset.name, name, split.samples, found, classes, (*predictor.notes, *dataset.notes), first)


def _chosen(dataset: Dataset, part: str | None) -> tuple[str, Split]:
    if part is None and dataset.test is None and dataset.held is None:
        return "all", dataset.train
    if part == "train" or (part is None and dataset.test is None):
        return "train", dataset.train
    if dataset.test is None:
        raise DataError(f"{dataset.name} has no test part", "`--part train` takes all of it")
    return "test", dataset.test


def _batches(samples: int, batch: int | None) -> list[NDArray[np.intp]]:
    size = batch or AT_A_TIME
    if samples % size and batch:
        raise ModelError(
            f"the model takes {batch} pictures at a time, and {samples:,} are no multiple of it",
            "a model that cnnspec exports takes any number",
        )
    return [np.arange(begin, min(begin + size, samples)) for begin in range(0, samples, size)]


def _outputs(predictor: Predictor, split: Split, places: NDArray[np.intp]) -> NDArray[np.float32]:
    reading = predictor.reading
    batch = np.stack([one(split, int(place), reading.preprocess, reading.picture) for place in places])
    made = predictor.session.run(batch)[reading.output.name]
    if made.size % len(places):
        raise ModelError(f"the output is {show(made.shape)}, not a row for each of {len(places)} pictures")
    return np.asarray(made, np.float32).reshape(len(places), -1)


def _cross_entropy(outputs: NDArray[np.float32], targets: NDArray[np.int64], kind: Scores) -> float:
    if kind in (Scores.VALUE, Scores.INDEPENDENT):
        return float("nan")
    right = np.array([probabilities(row, kind)[target] for row, target in zip(outputs, targets, strict=True)])
    return float(-np.log(np.maximum(right, 1e-300)).mean())
