"""Hugging Face's safetensors: eight bytes of length, a JSON header, raw numbers.

The library checks the file (no holes, no overlaps, sizes that fit); the numbers are then read here, since NumPy has
no bfloat16 and since a second copy of the weights is not wanted.
"""

import json
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from cnnspec.lower.errors import SHORTER, ExportError, WeightsError, shown
from cnnspec.lower.torch_file import NUMPY, widened

DTYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32",
    "I16": "int16", "I8": "int8", "U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8", "BOOL": "bool",
}  # fmt: skip


def read_safetensors(stream: BufferedReader, path: Path) -> dict[str, NDArray[Any]]:
    """Every tensor by name, in the header's order; F16 and BF16 widened to float32."""
    try:
        with safe_open(path, framework="numpy"):
            pass
    except SafetensorError as error:
        raise WeightsError(f"it is no sound safetensors file ({error})", "fetch or copy the file again") from error
    length = int.from_bytes(stream.read(8), "little")
    header = json.loads(stream.read(length))
    header.pop("__metadata__", None)
    return {name: _tensor(stream, 8 + length, name, entry) for name, entry in header.items()}


def safetensors_bytes(arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None) -> bytes:
    """The file of these tensors, with texts in its header; the same arrays give the same bytes. ExportError where all
    that does not fit into the header."""
    from safetensors.numpy import save

    try:
        whole = {name: np.asarray(each, order="C") for name, each in arrays.items()}
        return bytes(save(whole, dict(metadata) if metadata else None))
    except SafetensorError as error:
        raise ExportError(f"{len(arrays):,} tensors cannot be one safetensors file: {error}", SHORTER) from error


def _tensor(stream: BufferedReader, start: int, name: str, entry: dict[str, Any]) -> NDArray[Any]:
    dtype = DTYPES.get(entry["dtype"])
    if dtype is None:
        raise WeightsError(f"`{shown(name)}` holds {entry['dtype']}; real numbers of 8 to 64 bits are read")
    begin, end = entry["data_offsets"]
    numbers = np.empty(end - begin, np.uint8)
    stream.seek(start + begin)
    if stream.readinto(numbers.data) != numbers.size:
        raise WeightsError("it shrank while it was read")
    return widened(numbers.view("<" + NUMPY[dtype]).reshape(entry["shape"]), dtype)
