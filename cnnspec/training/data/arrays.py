"""NumPy's files: an `.npz` of `x_train y_train x_test y_test` (Keras' names) or of `x y`; a folder of such `.npy`."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.data.dataset import Dataset, Split, Targets, numbered, pixels, with_targets
from cnnspec.training.errors import DataError

PICTURES = ("x", "images", "data", "pictures")
CLASSES = ("y", "labels", "targets")
Arrays = Mapping[str, NDArray[np.generic]]


def spellings(part: str, names: tuple[str, ...]) -> list[str]:
    """`x_train`, `train_x`; for the whole set `x`."""
    return [*(f"{name}_{part}" for name in names), *(f"{part}_{name}" for name in names)] if part else list(names)


def looks_so(folder: Path) -> bool:
    known = {*spellings("train", PICTURES), *spellings("", PICTURES)}
    return any(each.stem.lower() in known for each in folder.glob("*.npy"))


def open_npy(folder: Path) -> Dataset:
    return _dataset({each.stem.lower(): _load(each) for each in sorted(folder.glob("*.npy"))}, folder, folder.name)


def open_npz(path: Path) -> Dataset:
    try:
        with np.load(path, allow_pickle=False) as held:
            arrays = {name.lower(): held[name] for name in held.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise DataError(
            f"{path} cannot be read: {error}", "it is what `numpy.savez` writes, without objects"
        ) from error
    return _dataset(arrays, path, path.stem)


def _load(path: Path) -> NDArray[np.generic]:
    try:
        array: NDArray[np.generic] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} cannot be read: {error}", "it is what `numpy.save` writes, without objects") from error
    return array


def _dataset(arrays: Arrays, where: Path, name: str) -> Dataset:
    train = _part(arrays, "train", where) or _part(arrays, "", where)
    if train is None:
        held = ", ".join(arrays) or "nothing"
        raise DataError(f"{where} holds {held}", "`x_train` and `y_train` are looked for, or `x` and `y`")
    others = [_part(arrays, each, where) for each in ("test", "val")]
    pictures, labels = train
    if labels.dtype.kind in "US":
        targets, classes = with_targets([str(each) for each in labels])
        test, out = (Split(each[0], _by_name(each[1], classes, where)) if each else None for each in others)
        return Dataset(name, Split(pictures, targets), test, classes, True, held=out)
    first = Split(pictures, labels_of(labels, where))
    test, out = (Split(each[0], labels_of(each[1], where)) if each else None for each in others)
    known = [each.targets for each in (first, test, out) if each]
    return Dataset(name, first, test, numbered(np.concatenate(known), str(where)), False, held=out)


def _part(arrays: Arrays, part: str, where: Path) -> tuple[NDArray[np.uint8], NDArray[np.generic]] | None:
    x = next((each for each in spellings(part, PICTURES) if each in arrays), None)
    y = next((each for each in spellings(part, CLASSES) if each in arrays), None)
    if x is None:
        return None
    if y is None:
        raise DataError(f"{where} has `{x}` without its classes", f"`{spellings(part, CLASSES)[0]}` is looked for")
    pictures, labels = pixels(arrays[x], f"`{x}` of {where}"), arrays[y]
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels  # as Keras' CIFAR has them
    if labels.ndim != 1 or len(labels) != len(pictures):
        shown = " x ".join(map(str, arrays[y].shape))
        raise DataError(f"`{x}` of {where} has {len(pictures):,} pictures, and `{y}` is {shown}", "one class a picture")
    return pictures, labels


def labels_of(labels: NDArray[np.generic], where: Path) -> Targets:
    if labels.dtype.kind not in "iu":
        raise DataError(f"the classes of {where} are {labels.dtype}", "they are whole numbers from 0, or names")
    return labels.astype(np.int64)


def _by_name(labels: NDArray[np.generic], classes: tuple[str, ...], where: Path) -> Targets:
    place = {name: index for index, name in enumerate(classes)}
    strange = sorted({str(each) for each in labels} - set(place))
    if strange:
        raise DataError(f"another part of {where} has the class `{strange[0]}`, which the training part has not")
    return np.array([place[str(each)] for each in labels], np.int64)
