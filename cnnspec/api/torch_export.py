"""From a network to a Python file that needs torch alone, with weights beside it where they are given."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.contract.values import Shape, describe
from cnnspec.lower.atomic import failure, write_together
from cnnspec.lower.torch_source.arguments import free_arguments
from cnnspec.lower.torch_source.module import Header, torch_source
from cnnspec.pipeline import Compiled

if TYPE_CHECKING:
    from cnnspec.api.weights import Weights

MODEL = "model.py"
WEIGHTS = "weights.safetensors"


class TorchExported(NamedTuple):
    """What was written. `files` begins with the source; shapes are without the batch; `notes` are about the weights,
    and about a `train.py` that was not written."""

    files: tuple[Path, ...]
    bytes: int
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]
    aux: dict[str, Shape]
    notes: tuple[str, ...]


def export_torch(
    compiled: Compiled, folder: str | os.PathLike[str], weights: Weights, seed: int | None, overwrite: bool = False
) -> TorchExported:
    """Writes `model.py` into the folder, which is made where it is missing; beside it `train.py`, if the network can be
    trained by itself, and `weights.safetensors` with all tensors if there are weights or a seed. Files of these names
    are replaced; but a `train.py` that somebody has changed stays, unless `overwrite`. NoWeights; WeightsError,
    ExportError."""
    built = compiled.built
    assert built is not None, "there is no model to write"
    room = Path(folder)
    files: dict[Path, Iterable[bytes]] = {}
    notes: tuple[str, ...] = ()
    with_weights = weights is not None or seed is not None
    if with_weights:
        tensors, notes = _tensors(compiled, weights, seed)
        files[room / WEIGHTS] = (tensors,)
    script, more = _script(compiled, room, overwrite)
    notes += more
    files |= {room / name: (text.encode(),) for name, text in script.items()}
    files[room / MODEL] = (source(compiled, WEIGHTS if with_weights else None).encode(),)
    try:
        room.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failure(room, error) from error
    write_together(files)
    graph, shapes = built.graph, built.shapes
    return TorchExported(
        tuple(reversed(files)),
        sum(path.stat().st_size for path in files),
        {id: shapes[id] or () for id in graph.inputs},
        {name: shapes[id] or () for name, id in graph.outputs.items()},
        {name: shapes[head.node] or () for name, head in graph.aux.items()},
        notes,
    )


def source(compiled: Compiled, weights: str | None = None) -> str:
    """The text of `model.py`; `weights` is the file beside it that its header names."""
    built = compiled.built
    assert built is not None, "there is no model to write"
    free = free_arguments(built.graph, built.shapes, built.parameters)
    return torch_source(built.graph, built.shapes, _header(compiled, weights), free)


def _header(compiled: Compiled, weights: str | None = None) -> Header:
    from cnnspec import __version__

    built = compiled.built
    assert built is not None, "there is no model to write"
    assert compiled.source is not None
    texts = {compiled.source.name: compiled.source.text}
    texts |= {node.span.source.name: node.span.source.text for node in built.graph}
    given = {name: describe(value) for name, value in built.parameters.items()}
    return Header(__version__, texts, given, weights)


def _script(compiled: Compiled, room: Path, overwrite: bool) -> tuple[dict[str, str], tuple[str, ...]]:
    """`train.py` and what it reads, by name; none where there cannot be one, or somebody's own is, and a note on it."""
    from cnnspec.api.torch_train import TRAIN, train_script
    from cnnspec.lower.train_source.signature import is_as_made

    script = train_script(compiled, _header(compiled))
    if script.why:
        return {}, (f"there is no {TRAIN}: {script.why}",)
    path = room / TRAIN
    try:
        theirs = path.is_file() and not is_as_made(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        theirs = True
    except OSError as error:
        raise failure(path, error) from error
    if theirs and not overwrite:
        return {}, (f"{path} was changed since it was made, and stays as it is; `--overwrite` writes it anew",)
    return script.files, ()


def _tensors(compiled: Compiled, weights: Weights, seed: int | None) -> tuple[bytes, tuple[str, ...]]:
    from cnnspec.api.weights import arrays_of
    from cnnspec.lower.safetensors_file import safetensors_bytes

    assert compiled.built is not None
    arrays, notes = arrays_of(compiled.built.graph, compiled.built.shapes, weights, seed, everything=True)
    return safetensors_bytes(arrays), notes
