"""What a data set is, wherever it came from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.errors import DataError

Pixels = NDArray[np.uint8]
"""N x H x W x C, C being 1 or 3."""
NEARLY_ONE = 1.01
"""Real numbers up to here are from 0 to 1: a picture that was resized goes a little beyond."""
Targets = NDArray[np.int64]
"""The class of each sample, from 0."""


class Split(NamedTuple):
    """Samples with their classes. `pictures` are pixels of one size, or paths of files."""

    pictures: Pixels | tuple[str, ...]
    targets: Targets

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return len(self.targets)

    def part(self, places: NDArray[np.intp]) -> Split:
        """The samples at these places."""
        if isinstance(self.pictures, tuple):
            return Split(tuple(self.pictures[place] for place in places), self.targets[places])
        return Split(self.pictures[places], self.targets[places])

    @property
    def size(self) -> tuple[int, int, int] | None:
        """Height, width and channels, where all pictures have the same."""
        if isinstance(self.pictures, tuple):
            return None
        _, height, width, channels = self.pictures.shape
        return height, width, channels


class Dataset(NamedTuple):
    """`test` is None where the set has no part of its own for the end, `held` where it has none to choose the best by.
    `classes` are names, in the order of the targets; `named` says whether the set gives them, or they are its numbers.
    `notes` say how it was read."""

    name: str
    train: Split
    test: Split | None
    classes: tuple[str, ...]
    named: bool
    notes: tuple[str, ...] = ()
    held: Split | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of samples and targets: whether a run goes on with what it began with."""
        made = sha256()
        for split in (self.train, self.test, self.held):
            if split is None:
                continue
            pictures = split.pictures
            if isinstance(pictures, tuple):
                made.update("".join(map(_stamp, pictures)).encode())
            else:
                made.update(pictures.tobytes())
            made.update(split.targets.tobytes())
        return made.hexdigest()


def _stamp(path: str) -> str:
    """A picture's name in its folder, its size and when it was last changed."""
    try:
        found = os.stat(path)
    except OSError:
        return f"{path} missing\n"
    return f"{os.sep.join(path.split(os.sep)[-2:])} {found.st_size} {found.st_mtime_ns}\n"


def with_targets(labels: Sequence[str]) -> tuple[Targets, tuple[str, ...]]:
    """Classes in the order of their names, numbers by their value (`2` before `10`), and the class of each sample."""
    names = sorted(set(labels), key=_natural)
    place = {name: index for index, name in enumerate(names)}
    return np.array([place[each] for each in labels], np.int64), tuple(names)


def _natural(name: str) -> tuple[int, int, str]:
    return (0, int(name), name) if name.isdecimal() and name.isascii() else (1, 0, name)


def numbered(whole: Targets, where: str) -> tuple[str, ...]:
    """The names of classes that are numbers: as many as the largest says. DataError for a negative one, or one that is
    far beyond the number of samples."""
    if whole.size and whole.min() < 0:
        raise DataError(f"{where} holds the class {whole.min()}", "classes are numbered from 0")
    if whole.size and whole.max() > 1000 + 10 * whole.size:
        raise DataError(
            f"{where} holds the class {whole.max():,}, and {whole.size:,} samples", "classes are numbered from 0"
        )
    return tuple(map(str, range(int(whole.max(initial=-1)) + 1)))


def pixels(array: NDArray[np.generic], where: str) -> Pixels:
    """The array as pixels: N x H x W, N x H x W x C or N x C x H x W of whole numbers from 0 to 255, or of real ones
    from 0 to 1. DataError for anything else."""
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4:
        raise DataError(f"{where} has {array.ndim} axes", "pictures are N x H x W, N x H x W x C or N x C x H x W")
    if array.shape[3] not in (1, 3) and array.shape[1] in (1, 3):
        array = array.transpose(0, 2, 3, 1)
    if array.shape[3] not in (1, 3):
        shown = " x ".join(map(str, array.shape))
        raise DataError(f"{where} is {shown}, which has neither 1 nor 3 channels", "grey has 1 channel, RGB 3")
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array, np.uint8)
    return np.ascontiguousarray(np.rint(_scaled(array, where)).astype(np.uint8))


def _scaled(array: NDArray[np.generic], where: str) -> NDArray[np.float64]:
    if array.dtype.kind not in "iuf":
        raise DataError(
            f"{where} holds {array.dtype}", "pixels are whole numbers from 0 to 255, or real ones from 0 to 1"
        )
    numbers = array.astype(np.float64)
    low, high = float(numbers.min(initial=0)), float(numbers.max(initial=0))
    if not (low >= 0 and high <= 255):  # NaN is neither
        raise DataError(f"{where} holds numbers from {low:g} to {high:g}", "pixels lie between 0 and 255, or 0 and 1")
    if array.dtype.kind == "f" and NEARLY_ONE < high < 2:
        message = f"{where} holds real numbers up to {high:g}: neither from 0 to 1 nor, it seems, from 0 to 255"
        raise DataError(message, "clip them to 1, or save whole numbers")
    return np.minimum(numbers, 1) * 255 if array.dtype.kind == "f" and high <= NEARLY_ONE else numbers
