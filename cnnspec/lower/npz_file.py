"""NumPy's `.npz`: a zip of `.npy` files, read without numpy.load, so that nothing can be unpickled.

The header of a `.npy` is matched against its one form instead of being evaluated (numpy/lib/format.py, versions 1, 2).
"""

import re
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnspec.lower.errors import WeightsError, shown

RATIO = 20
SLACK = 64 << 20
LONGEST_HEADER = 10_000
_HEADER = re.compile(
    r"\{'descr': '(?P<descr>[^']*)', 'fortran_order': (?P<order>True|False), 'shape': \((?P<shape>[0-9L, ]*)\),? ?\}\s*"
)
_NUMBERS = re.compile(r"[<>|=](b1|[iu][1248]|f[248])")


def read_npz(archive: zipfile.ZipFile, size: int) -> dict[str, NDArray[Any]]:
    """Every array by name; float16 widened to float32. `size` is the file's own, for the bound on what is unpacked."""
    most = RATIO * size + SLACK
    if sum(info.file_size for info in archive.infolist()) > most:
        raise WeightsError(
            f"unpacked, it has more than {most:,} bytes, {RATIO} times its own size",
            "real weights hardly shrink: this is no file of weights, or save it with `numpy.savez`",
        )
    found: dict[str, NDArray[Any]] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if name == info.filename or name in found:
            raise WeightsError(f"its record `{shown(info.filename)}` is no array, or is there twice")
        found[name] = _array(archive.read(info), name)
    return found


def _array(record: bytes, name: str) -> NDArray[Any]:
    header, body = _split(record, name)
    form = _HEADER.fullmatch(header)
    if form is None:
        raise WeightsError(f"`{shown(name)}` is no plain array of numbers", "object and record arrays are never read")
    if not _NUMBERS.fullmatch(form["descr"]):
        hint = "save it as float32; object arrays are never read, for they are pickles"
        raise WeightsError(f"`{shown(name)}` holds `{shown(form['descr'])}`, not numbers of up to 64 bits", hint)
    dtype = np.dtype(form["descr"])
    shape = tuple(int(each[:20]) for each in re.findall(r"[0-9]+", form["shape"]))
    elements = 1
    for each in shape:
        elements *= each
    if elements * dtype.itemsize != len(body) or len(shape) > 32:
        expected = "x".join(map(str, shape)) or "a single number"
        raise WeightsError(f"`{shown(name)}` is damaged: {len(body):,} bytes are not {expected} of {dtype.name}")
    array = np.frombuffer(body, dtype).reshape(shape, order="F" if form["order"] == "True" else "C")
    kind = np.dtype(np.float32) if dtype.itemsize == 2 and dtype.kind == "f" else dtype.newbyteorder("=")
    return array.astype(kind, order="C", copy=False)


def _split(record: bytes, name: str) -> tuple[str, memoryview]:
    """The header's text and the numbers behind it."""
    width = {1: 2, 2: 4}.get(record[6], 0) if len(record) > 12 and record[:6] == b"\x93NUMPY" else 0
    length = int.from_bytes(record[8 : 8 + width], "little")
    if not width or length > min(LONGEST_HEADER, len(record) - 8 - width):
        raise WeightsError(f"`{shown(name)}` is no `.npy` of version 1 or 2")
    begin = 8 + width
    return record[begin : begin + length].decode("latin-1"), memoryview(record)[begin + length :]
