"""Writes a model to disk: whole or not at all, and without another copy of the weights.

Beyond protobuf's 2 GB the numbers go into a second file beside the first, `NAME.onnx.data`.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from onnx import GraphProto, ModelProto, TensorProto

from cnnspec.lower.atomic import write_together

LIMIT = 1_900_000_000
"""Bytes of one file: below protobuf's 2**31 - 1, with room for what others add."""

ALIGNMENT = 4096
SMALLEST_OUTSIDE = 1024
"""A tensor of fewer bytes stays in the model: constants that make shapes must be there to be read."""

MODEL_GRAPH = ModelProto.DESCRIPTOR.fields_by_name["graph"].number
GRAPH_INITIALIZER = GraphProto.DESCRIPTOR.fields_by_name["initializer"].number
TENSOR_NUMBERS = TensorProto.DESCRIPTOR.fields_by_name["raw_data"].number


def save(model: ModelProto, path: str | os.PathLike[str], limit: int = LIMIT) -> tuple[Path, ...]:
    """Writes the model, above `limit` bytes as a pair of files; gives the files' paths, the model first.

    The same model gives the same bytes. ExportError if it cannot be written: what stood there before stands there
    still, unless a pair replaces a pair: then the old model goes first, so that it never meets other numbers.
    """
    path = Path(path)
    if path.is_symlink():
        path = path.resolve()
    whole = _Layout(model, model.graph.initializer)
    if whole.size <= limit:
        write_together({path: whole.pieces()})
        return (path,)
    beside = path.with_name(f"{path.name}.data")
    outside = _Layout(model, list(_outside(model, beside.name)))
    write_together({beside: _numbers(model), path: outside.pieces()})
    return path, beside


def size_of(model: ModelProto) -> int:
    """Bytes of the model in one file, however large (`ByteSize` fails beyond 2 GB)."""
    return _Layout(model, model.graph.initializer).size


def _outside(model: ModelProto, location: str) -> Iterator[TensorProto]:
    """The initializers, the large ones without their numbers: where those begin in the other file stands there."""
    offset = 0
    for each in model.graph.initializer:
        length = len(each.raw_data)
        if length < SMALLEST_OUTSIDE:
            yield each
            continue
        offset += -offset % ALIGNMENT
        tensor = TensorProto(name=each.name, data_type=each.data_type, dims=each.dims)
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
        offset += length
        yield tensor


def _numbers(model: ModelProto) -> Iterator[bytes]:
    """The large initializers' numbers, each at the beginning of a page, so that the file can be mapped."""
    offset = 0
    for each in model.graph.initializer:
        data = each.raw_data
        if len(data) >= SMALLEST_OUTSIDE:
            yield bytes(-offset % ALIGNMENT)
            yield data
            offset += -offset % ALIGNMENT + len(data)


class _Layout:
    """The bytes of `model.SerializeToString(deterministic=True)` with these initializers, in pieces.

    A tensor's numbers are a piece of their own: they are fetched when their turn comes.
    """

    def __init__(self, model: ModelProto, tensors: Sequence[TensorProto]) -> None:
        self.tensors = tensors
        self.frames = [_frame(each) for each in tensors]
        self.first, self.last = _split(model, MODEL_GRAPH)
        self.graph_first, self.graph_last = _split(model.graph, GRAPH_INITIALIZER)
        inside = sum(len(before) + count + len(after) for before, count, after in self.frames)
        inside += len(self.graph_first) + len(self.graph_last)
        self.first += _tag(MODEL_GRAPH) + _varint(inside)
        self.size = len(self.first) + inside + len(self.last)

    def pieces(self) -> Iterator[bytes]:
        yield self.first + self.graph_first
        for tensor, (before, count, after) in zip(self.tensors, self.frames, strict=True):
            yield before
            if count:
                yield tensor.raw_data
            yield after
        yield self.graph_last + self.last


def _frame(tensor: TensorProto) -> tuple[bytes, int, bytes]:
    """What stands before and after a tensor's numbers, and how many bytes those have."""
    before, after = _split(tensor, TENSOR_NUMBERS)
    count = len(tensor.raw_data)
    if count:
        before += _tag(TENSOR_NUMBERS) + _varint(count)
    return _tag(GRAPH_INITIALIZER) + _varint(len(before) + count + len(after)) + before, count, after


def _split(message: Any, number: int) -> tuple[bytes, bytes]:
    """The serialized fields before and after the one with this number, which is left out."""
    sides = type(message)(), type(message)()
    for field, value in message.ListFields():
        if field.number != number:
            side = sides[field.number > number]
            if isinstance(value, (int, str, bytes)):
                setattr(side, field.name, value)
            else:
                getattr(side, field.name).MergeFrom(value)
    before, after = (side.SerializeToString(deterministic=True) for side in sides)
    return before, after


def _tag(number: int) -> bytes:
    """The key of a length-delimited field (protobuf's wire type 2)."""
    return _varint(number << 3 | 2)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
