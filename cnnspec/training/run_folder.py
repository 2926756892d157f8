"""The folder of a run: every file is whole or not there."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cnnspec.lower.atomic import write_together
from cnnspec.lower.errors import ExportError
from cnnspec.training.curves import POINTS
from cnnspec.training.errors import TrainError
from cnnspec.training.metrics import Metrics

LOCK = ".lock"
BEST, MODEL, RUN, RESULT = "best.safetensors", "model.onnx", "run.json", "result.json"
JUDGED = ("classes.csv", "confusion.csv", "pr.csv")
PLOTS = ("curves.png", "confusion.png", "pr.png")
OURS = (BEST, MODEL, RESULT, "metrics.csv", "metrics.jsonl", *JUDGED, *PLOTS)


def begin(folder: Path) -> None:
    """Makes it. TrainError where a run lies there, or it cannot be made."""
    if (folder / RUN).exists():
        raise TrainError(f"{folder} holds a run already", "`--resume` goes on with it; another `--out` begins anew")
    strange = next((name for name in OURS if (folder / name).exists()), None)
    if strange:
        raise TrainError(f"{folder} holds a `{strange}` that is no run's", "`-o` takes a folder of its own")
    if folder.is_file():
        raise TrainError(f"{folder} is a file", "`-o` takes a folder, which is made")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainError(f"cannot make the folder `{folder}`: {error.strerror or error}") from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else trains in it meanwhile, where the system has such locks; a process that is killed holds none.
    TrainError."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    try:
        file = (folder / LOCK).open("wb")
    except OSError as error:
        raise TrainError(f"{folder / LOCK} cannot be written: {error.strerror or error}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrainError(f"another process trains in {folder}", "another `--out` begins a new run") from None
        except OSError:  # a file system without locks
            pass
        yield


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    """Each by its name. TrainError; what stood there before stays."""
    try:
        for name, content in files.items():
            write_together({folder / name: (content.encode() if isinstance(content, str) else content,)})
    except ExportError as error:
        raise TrainError(error.message, error.hint) from error


def history(rows: Sequence[dict[str, Any]]) -> dict[str, str | bytes]:
    """A row an epoch."""
    return {
        "metrics.csv": table([list(rows[0]), *(list(each.values()) for each in rows)]),
        "metrics.jsonl": "".join(json.dumps(each) + "\n" for each in rows),
    }


def judged(found: Metrics, classes: tuple[str, ...]) -> dict[str, str | bytes]:
    """Each class, which were taken for which, and precision and recall by threshold."""
    rows = zip(classes, found.confusion.tolist(), strict=True)
    return {
        "classes.csv": table([["class", "precision", "recall", "f1", "support", "ap"], *found.by_class(classes)]),
        "confusion.csv": table([["", *classes], *([name, *row] for name, row in rows)]),
        "pr.csv": table([["class", "threshold", "precision", "recall"], *_points(found, classes)]),
    }


def thinned(found: Metrics) -> tuple[str, ...]:
    """What is to be said of `pr.csv` where it does not hold every threshold."""
    most = max((each.found for each in found.curves), default=0)
    return (f"pr.csv holds {POINTS} thresholds a class, evenly, of up to {most:,}",) if most > POINTS else ()


def _points(found: Metrics, classes: tuple[str, ...]) -> Iterator[list[Any]]:
    for name, curve in zip(classes, found.curves, strict=False):  # none where none were made
        for point in zip(curve.threshold.tolist(), curve.precision.tolist(), curve.recall.tolist(), strict=True):
            yield [name, *point]


def table(rows: Iterable[Iterable[Any]]) -> str:
    """As CSV (RFC 4180)."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
