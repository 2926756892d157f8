"""Naming what is on pictures."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.contract.preprocess import show
from cnnspec.runtime.device import CPU
from cnnspec.runtime.errors import ImageError, ModelError
from cnnspec.runtime.images import open_image
from cnnspec.runtime.labels import check_count
from cnnspec.runtime.pictures import Found, expand
from cnnspec.runtime.preprocess import Preprocess, prepare
from cnnspec.runtime.reading import Reading, classes, read_as_classifier
from cnnspec.runtime.scores import Scores, probabilities
from cnnspec.runtime.session import Session


class Guess(NamedTuple):
    """One class; `score` is a probability, if the model gives any; `label` is None where the classes have no names."""

    score: float
    label: str | None
    index: int  # type: ignore[assignment]  # it hides tuple's method; everyone's records call it so


class Prediction(NamedTuple):
    """What was found on one picture, best first, and what was done to read it; or why there is nothing."""

    image: str
    top: tuple[Guess, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None
    hint: str | None = None


class _Ready(NamedTuple):
    image: str
    array: NDArray[np.float32]
    notes: tuple[str, ...]


def predict(
    session: Session,
    paths: str | Path | Iterable[str | Path],
    preprocess: Preprocess | None = None,
    labels: Sequence[str] | None = None,
    top: int = 5,
    batch_size: int | None = None,
    *,
    scores: Scores | None = None,
) -> Iterator[Prediction]:
    """One record a picture, in order; `paths` may name files, folders and patterns.

    `batch_size` is what the model fixes, else as given, else 1 on a CPU, where more gains nothing, and 16 on a card.
    What is not given comes from the model file or is assumed: `read_as_classifier` says which. A picture that cannot
    be read is a record with its error, and the others go on. What is wrong with the model is raised, here, as
    ModelError or LabelError.
    """
    reading = read_as_classifier(session, preprocess, labels, scores)
    size = reading.batch or max(1, batch_size or (1 if session.provider == CPU else 16))
    return _records(session, reading, expand(paths), max(1, top), size)


def _records(session: Session, reading: Reading, found: Iterator[Found], top: int, size: int) -> Iterator[Prediction]:
    while chunk := [_ready(each, reading) for each in islice(found, size)]:
        ready = [each for each in chunk if isinstance(each, _Ready)]
        rows: Iterator[NDArray[Any] | ModelError] = iter(_run(session, reading, ready))
        for each in chunk:
            yield _named(each, next(rows), reading, top) if isinstance(each, _Ready) else each


def _ready(found: Found, reading: Reading) -> _Ready | Prediction:
    try:
        if found.error:
            raise found.error
        image, notes = open_image(found.path, reading.preprocess.channels or "rgb")
        return _Ready(found.path, prepare(image, reading.preprocess, reading.picture), notes)
    except ImageError as problem:
        return Prediction(found.path, error=problem.message, hint=problem.hint)


def _run(session: Session, reading: Reading, ready: list[_Ready]) -> list[NDArray[Any] | ModelError]:
    """One row of outputs a picture, or what the model said. Pictures of different sizes run one by one."""
    if not ready:
        return []
    if len({each.array.shape for each in ready}) > 1:
        return [row for each in ready for row in _run(session, reading, [each])]
    batch = np.stack([each.array for each in ready])
    if reading.batch is not None and len(ready) < reading.batch:
        batch = np.concatenate([batch, np.zeros((reading.batch - len(ready), *batch.shape[1:]), batch.dtype)])
    try:
        made = session.run(batch)[reading.output.name]
    except ModelError as problem:
        return [problem] * len(ready)
    if made.ndim == 0 or len(made) < len(ready):
        return [ModelError(f"the model gave {show(made.shape) or 'one number'} for a batch of {len(batch)}")] * len(
            ready
        )
    return list(made[: len(ready)])


def _named(ready: _Ready, row: NDArray[Any] | ModelError, reading: Reading, top: int) -> Prediction:
    if isinstance(row, ModelError):
        return Prediction(ready.image, notes=ready.notes, error=row.message, hint=row.hint)
    check_count(reading.labels, classes(reading.output.name, row.shape) or 0)
    values = row.reshape(-1)
    likely = probabilities(values, reading.scores)
    if not np.isfinite(likely).all():
        return Prediction(ready.image, notes=ready.notes, error="the model's output is not finite (NaN or infinity)")
    order = np.argsort(-likely, kind="stable")[:top]
    names = reading.labels
    guesses = (Guess(float(likely[index]), names[index] if names else None, int(index)) for index in order)
    return Prediction(ready.image, tuple(guesses), ready.notes)
