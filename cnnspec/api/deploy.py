"""From a network and its weights to ONNX, in a file or at work."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from onnx import ModelProto, ValueInfoProto

from cnnspec.api.weights import Weights, arrays_of
from cnnspec.contract.values import describe
from cnnspec.lower.onnx import IR_VERSION, OPSET, lower
from cnnspec.lower.onnx_file import LIMIT, save
from cnnspec.lower.onnx_metadata import Metadata
from cnnspec.pipeline import Compiled, expansion
from cnnspec.runtime.predict import Prediction, predict
from cnnspec.runtime.reading import Reading, read_as_classifier
from cnnspec.runtime.session import Session, open_session

Shape = tuple[int | str, ...]


class Exported(NamedTuple):
    """What was written. `files` begins with the model; shapes begin with the name of the batch, and `?` stands for an
    extent that depends on an open size; `notes` are about the weights."""

    files: tuple[Path, ...]
    bytes: int
    opset: int
    ir_version: int
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]
    notes: tuple[str, ...]


class Lowered(NamedTuple):
    model: ModelProto
    notes: tuple[str, ...]


def lowered(compiled: Compiled, weights: Weights, seed: int | None) -> Lowered:
    """The network as ONNX in memory. NoWeights; WeightsError, ExportError."""
    built, source = compiled.built, compiled.source
    assert built is not None, "there is no model to lower"
    assert source is not None
    arrays, notes = arrays_of(built.graph, built.shapes, weights, seed)
    more = {}
    if built.parameters:
        said = {name: describe(value) for name, value in sorted(built.parameters.items())}
        more["cnnspec.parameters"] = json.dumps(said)
    if arrays and seed is not None:
        more["cnnspec.seed"] = str(seed)
    preprocess = built.image.to_json() if built.image else None
    meta = Metadata(source.text, preprocess, built.labels, more)
    return Lowered(lower(built.graph, built.shapes, arrays, meta, expansion(compiled)), notes)


def export(compiled: Compiled, path: str | os.PathLike[str], weights: Weights, seed: int | None) -> Exported:
    """Writes the network; what stood at the path is replaced once the new file is whole."""
    model, notes = lowered(compiled, weights, seed)
    inputs, outputs = _shapes(model.graph.input), _shapes(model.graph.output)
    files = save(model, path)
    size = sum(each.stat().st_size for each in files)
    return Exported(files, size, OPSET, IR_VERSION, inputs, outputs, notes)


class Predictor(NamedTuple):
    """A model that is open, and how its inputs and outputs are read."""

    session: Session
    reading: Reading
    notes: tuple[str, ...]

    def name(self, images: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], top: int) -> Iterator[Prediction]:
        """One record a picture, in order."""
        paths = [images] if isinstance(images, (str, os.PathLike)) else images
        reading = self.reading
        found = [os.fspath(each) for each in paths]
        return predict(self.session, found, reading.preprocess, reading.labels, top, scores=reading.scores)


@contextmanager
def opened(compiled: Compiled, weights: Weights, seed: int | None, device: str) -> Iterator[Predictor]:
    """The network, at work on a device. NoWeights; WeightsError, ExportError, RunError."""
    model, notes = lowered(compiled, weights, seed)
    if seed is not None:
        notes = (*notes, f"the weights are fresh, from seed {seed}: what is said of a picture means nothing")
    if model.ByteSize() <= LIMIT:
        yield _predictor(open_session(model.SerializeToString(), device), notes)
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="cnnspec-") as folder:
        path = save(model, Path(folder) / "model.onnx")[0]
        yield _predictor(open_session(path, device, trusted=True), notes)


def opened_onnx(path: str | os.PathLike[str], device: str) -> Predictor:
    """A model file, at work on a device. RunError."""
    return _predictor(open_session(os.fspath(path), device), ())


def _predictor(session: Session, notes: tuple[str, ...]) -> Predictor:
    reading = read_as_classifier(session)
    return Predictor(session, reading, (*notes, *session.notes, *reading.notes))


def _shapes(values: Iterable[ValueInfoProto]) -> dict[str, Shape]:
    return {
        each.name: tuple(dim.dim_param or dim.dim_value or "?" for dim in each.type.tensor_type.shape.dim)
        for each in values
    }
