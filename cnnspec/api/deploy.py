"""From a network and its weights to ONNX, in a file or at work."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, ValueInfoProto

from cnnspec.contract.facts import Weight
from cnnspec.contract.values import describe
from cnnspec.ir.graph import Graph
from cnnspec.lower.init import initialise
from cnnspec.lower.match import Match, checked, match
from cnnspec.lower.onnx import IR_VERSION, OPSET, lower
from cnnspec.lower.onnx_file import LIMIT, save
from cnnspec.lower.onnx_metadata import Metadata
from cnnspec.lower.weights import read_weights
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.parameters import elements, weights_of
from cnnspec.pipeline import Compiled, expansion
from cnnspec.runtime.predict import Prediction, predict
from cnnspec.runtime.reading import Reading, read_as_classifier
from cnnspec.runtime.session import Session, open_session

Weights = str | os.PathLike[str] | Mapping[str, Any] | None
Shape = tuple[int | str, ...]


class NoWeights(ValueError):
    """Nothing says what the weights of a network are, or two things do."""


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
    arrays, notes = _arrays(built.graph, built.shapes, weights, seed)
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


def _arrays(
    graph: Graph, shapes: ShapeTable, weights: Weights, seed: int | None
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """The tensors of what runs, and what there is to say about them."""
    owned = weights_of(graph, shapes)
    owners = {node.reuse_of or node.id for node in graph if node.id in graph.running}
    names = {id: [f"{id}.{each.name}" for each in held] for id, held in owned.items()}
    needed = {name for id in owners for name in names.get(id, ())}
    expected: dict[str, Weight] = {}
    for id, held in owned.items():
        expected |= zip(names[id], held, strict=True)
    if weights is not None and seed is not None:
        raise NoWeights("there are weights and a seed: one of them is too much")
    if weights is not None:
        return _loaded(expected, needed, weights)
    if not needed:
        return {}, ()
    if seed is None:
        count = sum(elements(expected[name]) for name in needed if expected[name].trainable)
        raise NoWeights(f"the network has {count:,} parameters, and nothing says what they are")
    return initialise({name: each for name, each in expected.items() if name in needed}, seed), ()


def _loaded(
    expected: dict[str, Weight], needed: set[str], weights: str | os.PathLike[str] | Mapping[str, Any]
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """Auxiliary heads may be missing from the file, as they do not run."""
    if isinstance(weights, Mapping):
        found, where = {name: _array(each) for name, each in weights.items()}, "the given arrays"
    else:
        found, where = read_weights(weights), os.fspath(weights)
    result = match(expected, found)
    result = result._replace(allow_missing=not any(each.name in needed for each in result.missing))
    return checked(result, where), _notes(result)


def _array(given: Any) -> NDArray[Any]:
    """A NumPy array or a torch tensor."""
    return np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)


def _notes(result: Match) -> tuple[str, ...]:
    notes = []
    if result.converted:
        first, count = result.converted[0], len(result.converted)
        notes.append(
            f"numbers of {count:,} tensors were converted: `{first.name}` from {first.found} to {first.expected}"
        )
    if result.not_finite:
        each, count = result.not_finite[0], len(result.not_finite)
        bad = each.nans + each.infinities
        notes.append(f"{count:,} tensors hold numbers that are not finite: `{each.name}` holds {bad:,}")
    return tuple(notes)
