"""IDX, the files of MNIST: `train-images-idx3-ubyte` and its three sisters, gzipped or not.

Source: LeCun, Cortes and Burges, The MNIST database: a magic number 0 0 TYPE AXES, the extents as big-endian 32-bit
numbers, then the bytes, the last axis fastest.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.data.dataset import Dataset, Split, numbered, pixels
from cnnspec.training.errors import DataError

PARTS = {"train": "train", "test": "t10k"}
UNSIGNED_BYTE = 8
LARGEST = 2**31


def find(folder: Path, begin: str, kind: str) -> Path | None:
    """`train-images-idx3-ubyte`, `train-images.idx3-ubyte`, either with `.gz`."""
    found = sorted(folder.glob(f"{begin}-{kind}[-.]idx[0-9]-ubyte*"))
    return next((each for each in found if each.name.endswith(("ubyte", "ubyte.gz"))), None)


def read(path: Path) -> NDArray[np.uint8]:
    """The array of a file. DataError names the file and what is wrong with it."""
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) < 4 or data[:2] != b"\0\0":
        raise DataError(f"{path} is no IDX file: it does not begin with two zeros", "fetch or copy the file again")
    kind, axes = data[2], data[3]
    if kind != UNSIGNED_BYTE:
        raise DataError(f"{path} holds numbers of type {kind:#x}", "pictures and classes are unsigned bytes, 0x8")
    begin = 4 + 4 * axes
    if len(data) < begin:
        raise DataError(f"{path} ends within its header", "fetch or copy the file again")
    shape = struct.unpack(f">{axes}I", data[4:begin])
    if prod(shape) > LARGEST or len(data) - begin != prod(shape):
        shown = " x ".join(map(str, shape))
        raise DataError(
            f"{path} has {len(data) - begin:,} bytes of data, and says that it is {shown}",
            "fetch or copy the file again",
        )
    return np.frombuffer(data, np.uint8, offset=begin).reshape(shape)


def open_idx(folder: Path) -> Dataset:
    train = _split(folder, "train")
    test = _split(folder, "t10k") if find(folder, "t10k", "images") else None
    whole = np.concatenate([each.targets for each in (train, test) if each])
    classes = numbered(whole, str(folder))
    return Dataset(folder.name, train, test, classes, named=False, notes=("IDX files",))


def _split(folder: Path, begin: str) -> Split:
    images, labels = (find(folder, begin, kind) for kind in ("images", "labels"))
    if images is None or labels is None:
        missing = "images" if images is None else "labels"
        raise DataError(f"{folder} has no `{begin}-{missing}-…-ubyte`", "pictures and classes are two files")
    pictures, targets = read(images), read(labels)
    if targets.ndim != 1 or len(pictures) != len(targets):
        raise DataError(f"{images.name} has {len(pictures):,} pictures, {labels.name} {len(targets):,} classes")
    return Split(pixels(pictures, str(images)), targets.astype(np.int64))
