"""From a network and a data set to trained weights, in a folder of their own."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from cnnspec.api.deploy import lowered
from cnnspec.api.weights import Weights, arrays_of
from cnnspec.build.elaborate import Built
from cnnspec.contract.preprocess import Preprocess
from cnnspec.lower.atomic import write_together
from cnnspec.lower.errors import ExportError
from cnnspec.lower.onnx_file import save
from cnnspec.lower.safetensors_file import safetensors_bytes
from cnnspec.pipeline import Compiled
from cnnspec.runtime.session import Session, open_session
from cnnspec.training import checkpoint
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.fit import Fitted, matched, measured, prepared_for
from cnnspec.training.data.open import open_data
from cnnspec.training.errors import DataError, RunError, TrainError
from cnnspec.training.feed import Numbers
from cnnspec.training.loop import Data, Epoch, Loop, Stopped, Updated
from cnnspec.training.metrics import Scores
from cnnspec.training.network import Network, load
from cnnspec.training.plan import planned
from cnnspec.training.split import hold_out

BEST, MODEL, RUN = "best.safetensors", "model.onnx", "run.json"
SAVED_EVERY = 30.0
"""Seconds between checkpoints within an epoch; an epoch's end has one always."""


class Wish(NamedTuple):
    """What is asked besides the recipe: `out` is the run's folder, `resume` whether it is gone on with. `asked` is kept
    with the run, for whoever goes on with it."""

    data: str
    out: Path
    seed: int = 0
    holdout: float = 0.1
    device: str = "auto"
    threads: int | None = None
    weights: Weights = None
    resume: bool = False
    asked: Mapping[str, Any] = {}


class Parity(NamedTuple):
    """How ONNX Runtime's outputs compare with torch's on so many samples."""

    samples: int
    largest: float
    agree: int


class Trained(NamedTuple):
    """What came of it. `test` is of the set's own test part, read once, with the best weights."""

    best_epoch: int
    held: Scores | None
    test: Scores | None
    classes: tuple[str, ...]
    files: tuple[Path, ...]
    parity: Parity | None
    notes: tuple[str, ...]


class Run:
    """A run that is ready: data read and fitted, weights in place; nothing was trained yet. `notes` say all that was
    done to bring data and network together."""

    def __init__(self, compiled: Compiled, wish: Wish, origins: dict[str, str]) -> None:
        """DataError, RunError, WeightsError."""
        self.compiled, self.wish = compiled, wish
        built = compiled.built
        assert built is not None, "there is no model to train"
        shape, outputs = _ends(compiled)
        dataset, classes = matched(open_data(wish.data), built.labels, outputs)
        _fits_outputs(dataset, outputs)
        self.dataset, self.classes = dataset, classes
        self.plan = planned(built.recipe, origins, wish.seed, wish.holdout)
        preprocess, notes = prepared_for(dataset, built.image, shape)
        places, held = self._divided()
        train = Fitted(dataset.train.part(places), preprocess, shape)
        if built.image is None:
            norm = measured(train)
            preprocess = preprocess._replace(steps=(*preprocess.steps, norm))
            notes = (
                *notes,
                f"normalized by the training pictures' mean {_said(norm.mean)} and deviation {_said(norm.std)}",
            )
        self.preprocess: Preprocess = preprocess
        self.notes = (*self._sizes(places, held), *notes)
        self.device = _device(wish.device)
        self._prepare_torch()
        network = Network(built.graph, built.shapes)
        arrays, more = arrays_of(
            built.graph, built.shapes, wish.weights, wish.seed if wish.weights is None else None, everything=True
        )
        self.notes += more
        load(network, arrays)
        network.to(self.device)
        data = Data(
            train,
            Fitted(dataset.train.part(held), preprocess, shape) if len(held) else None,
            Numbers(preprocess, shape, self.device),
        )
        aux = {name: each.weight for name, each in built.graph.aux.items()}
        self.shape = shape
        self.loop = Loop(network, self.plan, data, outputs, aux)
        self.identity = {"data": dataset.digest, "text": _digest(compiled), "plan": self.plan.plain()}
        self._begin()

    def _divided(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        targets = self.dataset.train.targets
        if not self.wish.holdout:
            return np.arange(len(targets)), np.empty(0, np.intp)
        return hold_out(targets, self.wish.holdout, self.wish.seed)

    def _sizes(self, places: np.ndarray[Any, Any], held: np.ndarray[Any, Any]) -> Iterator[str]:
        counts = [np.bincount(self.dataset.train.targets[each], minlength=len(self.classes)) for each in (places, held)]
        there = np.flatnonzero(counts[0] + counts[1])
        test = f", {self.dataset.test.samples:,} to test" if self.dataset.test else ""
        yield f"{self.dataset.name}: {len(places):,} samples to train on, {len(held):,} held out{test}"
        sizes = [f"{self.classes[i]} {counts[0][i]:,}+{counts[1][i]:,}" for i in there[:20]]
        yield "by class, trained on + held out: " + ", ".join(sizes) + (" …" if len(there) > 20 else "")

    def _prepare_torch(self) -> None:
        """What makes two runs equal to the bit."""
        if self.wish.threads:
            torch.set_num_threads(self.wish.threads)
        if self.device.type == "cuda":
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=self.device.type != "cpu")

    # -- the folder -----------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """A folder for a new run, or what an old one left."""
        out = self.wish.out
        if not self.wish.resume:
            if (out / RUN).exists():
                raise RunError(f"{out} holds a run already", "`--resume` goes on with it; another `--out` begins anew")
            try:
                out.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RunError(f"cannot make the folder `{out}`: {error.strerror or error}") from error
            self._write({RUN: json.dumps(self._description(), indent=2)})
            checkpoint.write(out, self._checkpoint())
            return
        found, trouble = checkpoint.read(out)
        self._same(found.plain["identity"], found.plain["threads"])
        if trouble:
            self.notes += (f"{trouble}; the one before it is taken",)
        self.loop.restore(found)
        self.notes += (f"goes on after {self.loop.step:,} of {self.loop.steps:,} steps",)

    def _same(self, before: dict[str, Any], threads: int) -> None:
        """A run that goes on is the same run: text, data and recipe are what they were."""
        if self.wish.threads is None:
            torch.set_num_threads(threads)
        for name, what in (("text", "the network's text"), ("data", "the data")):
            if before[name] != self.identity[name]:
                raise RunError(f"{what} is not what {self.wish.out} was begun with", "another `--out` begins a new run")
        now = json.loads(json.dumps(self.identity["plan"]))
        for word in {**before["plan"], **now}:
            was, said = (each.get(word, {}).get("value") for each in (before["plan"], now))
            if was != said:
                message = f"`{word}` is {_shown(said)}, and the run was begun with {_shown(was)}"
                raise RunError(message, "a run that goes on has the recipe that it had; another `--out` begins anew")

    def _checkpoint(self) -> checkpoint.Checkpoint:
        made = self.loop.checkpoint()
        return made._replace(plain={**made.plain, "identity": self.identity, "threads": torch.get_num_threads()})

    def _description(self) -> dict[str, Any]:
        from cnnspec import __version__

        return {
            "cnnspec": __version__,
            "torch": torch.__version__,
            "model": self.compiled.built.graph.name if self.compiled.built else None,
            "file": self.compiled.source.name if self.compiled.source else None,
            "text_sha256": self.identity["text"],
            "data": {"from": self.wish.data, "sha256": self.identity["data"], "classes": list(self.classes)},
            "device": str(self.device),
            "threads": torch.get_num_threads(),
            "preprocess": json.loads(self.preprocess.to_json()),
            "asked": dict(self.wish.asked),
            "recipe": self.plan.plain(),
            "notes": list(self.notes),
        }

    def _write(self, files: dict[str, str | bytes]) -> None:
        pieces: dict[Path, Iterable[bytes]] = {
            self.wish.out / name: (text.encode() if isinstance(text, str) else text,) for name, text in files.items()
        }
        try:
            for path, each in pieces.items():
                write_together({path: each})
        except ExportError as error:
            raise RunError(error.message, error.hint) from error

    # -- training -------------------------------------------------------------------------------------------------

    def train(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[Updated | Epoch | Stopped]:
        """Every update and every epoch. When `stopped` says so it ends behind the update under way, at a checkpoint."""
        saved = time.monotonic()
        for event in self.loop.run():
            yield event
            if isinstance(event, Epoch):
                self._keep(event)
                saved = time.monotonic()
            elif self.loop.is_between:
                continue  # the epoch's end follows at once
            elif stopped() or time.monotonic() - saved > SAVED_EVERY:
                checkpoint.write(self.wish.out, self._checkpoint())
                saved = time.monotonic()
            if stopped():
                yield Stopped("interrupted")
                return

    def _keep(self, epoch: Epoch) -> None:
        """The best weights before the checkpoint that knows of them: what is lost in between is done again."""
        if epoch.is_best:
            self._write({BEST: safetensors_bytes(self.loop.kept())})
        rows = [each._asdict() for each in self.loop.history]
        self._write(
            {
                "metrics.csv": _table([list(rows[0]), *(list(each.values()) for each in rows)]),
                "metrics.jsonl": "".join(json.dumps(each) + "\n" for each in rows),
            }
        )
        checkpoint.write(self.wish.out, self._checkpoint())

    def finish(self) -> Trained:
        """The best weights: judged on the test part, written as ONNX, and compared with it."""
        from cnnspec.lower.weights import read_weights

        out = self.wish.out
        best = read_weights(out / BEST)
        load(self.loop.network, best)
        self.loop.mean = {}
        held = self.loop.scores(self.loop.data.held) if self.loop.data.held else None
        test = None
        data = self.dataset.test
        fitted = Fitted(data, self.preprocess, self.shape) if data else self.loop.data.held
        if data and fitted:
            test = self.loop.scores(fitted)
        self._write(_judged(test or held, self.classes))
        built = self.compiled.built
        assert built is not None
        ready = _with(self.compiled, built._replace(image=self.preprocess, labels=self.classes))
        model, notes = lowered(ready, best, None)
        files = save(model, out / MODEL)
        parity, more = _parity(self.loop, files[0], fitted)
        return Trained(self.loop.best_epoch, held, test, self.classes, (out / BEST, *files), parity, (*notes, *more))


def _with(compiled: Compiled, built: Built) -> Compiled:
    c = compiled
    return Compiled(c.source, built, c.diagnostics, c.options, c.used, c.trees, c.library)


def _ends(compiled: Compiled) -> tuple[tuple[int, ...], int]:
    """The shape of the only input, and how many numbers the only output is. DataError."""
    built = compiled.built
    assert built is not None
    graph, shapes = built.graph, built.shapes
    for what, names in (("inputs", graph.inputs), ("outputs", graph.outputs)):
        if len(names) != 1:
            raise DataError(
                f"the network has {len(names)} {what}, and a classifier has one", "`train` trains classifiers"
            )
    shape, made = shapes[next(iter(graph.inputs))], shapes[next(iter(graph.outputs.values()))]
    if shape is None or any(each is None for each in shape):
        raise DataError("the input takes any size, and a batch has one", "`--input 3x224x224` says it")
    if made is None or len(made) != 1:
        shown = "unknown" if made is None else "x".join(map(str, made))
        raise DataError(
            f"the output is {shown}, and a classifier's is one number for each class", "`gap -> flatten -> linear 10`"
        )
    return shape, made[0]


def _fits_outputs(dataset: Dataset, outputs: int) -> None:
    largest = int(max(each.targets.max() for each in (dataset.train, dataset.test) if each is not None))
    if largest >= max(outputs, 2):
        raise DataError(f"{dataset.name} has the class {largest}, and the network {outputs:,} outputs")


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise TrainError(f"the device `{name}` is not to be had here", "`--device cpu`") from error
    return device


def _digest(compiled: Compiled) -> str:
    made = sha256()
    for each in (compiled.source, *compiled.used):
        if each is not None:
            made.update(each.text.encode() + b"\0")
    made.update(repr(compiled.options).encode())
    return made.hexdigest()


def _said(values: tuple[float, ...]) -> str:
    return ",".join(f"{each:g}" for each in values)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join([str(value.get("word")), *(f"{k}={v}" for k, v in value.items() if k != "word")])
    return "not said" if value is None else str(value)


def _table(rows: Iterable[Iterable[Any]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def _judged(scores: Scores | None, classes: tuple[str, ...]) -> dict[str, str | bytes]:
    if scores is None:
        return {}
    rows = scores.by_class(classes)
    return {
        "classes.csv": _table([["class", "precision", "recall", "f1", "support"], *rows]),
        "confusion.csv": _table(
            [["", *classes], *([name, *row] for name, row in zip(classes, scores.confusion.tolist(), strict=True))]
        ),
    }


def _parity(loop: Loop, path: Path, data: Fitted | None) -> tuple[Parity | None, tuple[str, ...]]:
    """The ONNX file's outputs beside torch's, on what was judged."""
    from cnnspec.runtime.errors import RunError as RuntimeProblem

    if data is None:
        return None, ()
    try:
        session = open_session(os.fspath(path), "cpu", trusted=True)
    except RuntimeProblem as error:
        return None, (f"not compared with ONNX Runtime: {error.message}",)
    ours, _ = loop.outputs(data)
    theirs = np.concatenate(
        [
            _output(session, loop.data.numbers.of(data.take(np.arange(begin, min(begin + 256, len(data))))))
            for begin in range(0, len(data), 256)
        ]
    )
    scale = float(np.abs(ours).max()) or 1.0
    return Parity(
        len(data), float(np.abs(ours - theirs).max()) / scale, int((ours.argmax(1) == theirs.argmax(1)).sum())
    ), ()


def _output(session: Session, x: torch.Tensor) -> np.ndarray[Any, Any]:
    (made,) = session.run(x.cpu().numpy()).values()
    return made
