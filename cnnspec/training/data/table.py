"""CSV: a class first, then either the path of a picture or all its pixels. A first line that names columns is passed
over; `train.csv` beside `test.csv`, or one file."""

from __future__ import annotations

import csv
import os
from math import isqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnspec.runtime.images import SUFFIXES
from cnnspec.training.data.dataset import Dataset, Split, pixels, with_targets
from cnnspec.training.errors import DataError

Rows = list[list[str]]


def open_csv(path: Path) -> Dataset:
    sister = path.with_name(path.name.replace("train", "test"))
    others = _rows(sister) if sister != path and sister.exists() else []
    rows = _rows(path)
    targets, classes = with_targets([_class(row) for row in rows])
    place = {name: index for index, name in enumerate(classes)}
    strange = sorted({_class(row) for row in others} - set(place))
    if strange:
        raise DataError(f"{sister} has the class `{strange[0]}`, which {path} has not")
    test = None
    if others:
        held = np.array([place[_class(row)] for row in others], np.int64)
        test = Split(_pictures(others, sister), held)
    named = not all(name.isdecimal() for name in classes)
    if not named and list(map(int, classes)) != list(range(len(classes))):
        named = True  # numbers with gaps are names: what stands at place 3 need not be class 3
    return Dataset(path.stem, Split(_pictures(rows, path), targets), test, classes, named, ("the class stands first",))


def _rows(path: Path) -> Rows:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = [row for row in csv.reader(stream) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    if rows and _is_heading(rows[0]):
        rows = rows[1:]
    if not rows:
        raise DataError(f"{path} has no rows", "each row is a class and then its pixels, or a path")
    short = next((place for place, row in enumerate(rows, 1) if len(row) != len(rows[0]) or len(row) < 2), None)
    if short is not None:
        raise DataError(f"row {short} of {path} has {len(rows[short - 1])} columns, and the first {len(rows[0])}")
    return rows


def _is_heading(row: list[str]) -> bool:
    """`label,pixel1,pixel2`: what stands behind the class is neither a number nor a picture's path."""
    if len(row) < 2:
        return True
    second = row[1].strip()
    return not _is_number(second) and not _is_path(second)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _class(row: list[str]) -> str:
    """`3`, also where it is written as `3.0`."""
    name = row[0].strip()
    return str(int(float(name))) if _is_number(name) and float(name).is_integer() else name


def _is_path(text: str) -> bool:
    return os.path.splitext(text)[1].lower() in SUFFIXES


def _pictures(rows: Rows, path: Path) -> NDArray[np.uint8] | tuple[str, ...]:
    if len(rows[0]) == 2 and _is_path(rows[0][1].strip()):
        return tuple(os.path.join(path.parent, row[1].strip()) for row in rows)
    try:
        numbers = np.array([row[1:] for row in rows], np.float64)
    except ValueError as error:
        raise DataError(
            f"{path} holds what is no number: {error}", "behind the class stand pixels, or a path"
        ) from error
    return square(numbers, str(path))


def square(numbers: NDArray[np.float64], where: str) -> NDArray[np.uint8]:
    """Rows of pixels as square pictures, grey or with the channels last."""
    count = numbers.shape[1]
    for channels in (1, 3):
        side = isqrt(count // channels)
        if side * side * channels == count:
            break
    else:
        raise DataError(f"{where} has {count:,} pixels a row, which make no square picture", "28 x 28 are 784")
    if not (numbers.min(initial=0) >= 0 and numbers.max(initial=0) <= 255):
        raise DataError(f"{where} holds pixels outside 0 to 255")
    return pixels(numbers.reshape(-1, side, side, channels), where)
