"""From what stands behind `--data` to a data set."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from cnnspec.training.data import arrays, folder, idx, table
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.digits import NAME, open_digits
from cnnspec.training.errors import DataError

KNOWN = "a folder of IDX files, of a folder for each class, or of .npy; an .npz or .csv file; or `digits`"


def open_data(where: str | os.PathLike[str], *, several: bool = True) -> Dataset:
    """The set at a path, or `digits`. DataError names the file and what is wrong, and, if there have to be `several`, a
    set of one class; nothing is downloaded."""
    if os.fspath(where) == NAME and not os.path.exists(where):
        return open_digits()
    path = Path(where)
    try:
        dataset = _open(path)
    except OSError as error:
        raise DataError(f"{error.filename or path} cannot be read: {(error.strerror or str(error)).lower()}") from error
    return _checked(dataset, str(path), several)


def _open(path: Path) -> Dataset:
    if path.is_dir():
        if idx.find(path, "train", "images"):
            return idx.open_idx(path)
        if arrays.looks_so(path):
            return arrays.open_npy(path)
        if (path / "train.csv").exists():
            return table.open_csv(path / "train.csv")
        if folder.looks_so(path):
            return folder.open_folder(path)
        raise DataError(f"{path} holds no data set", f"there is {KNOWN}")
    if not path.exists():
        raise DataError(f"{path} does not exist", f"`--data` takes {KNOWN}")
    if path.suffix == ".npz":
        return arrays.open_npz(path)
    if path.suffix == ".csv":
        return table.open_csv(path)
    raise DataError(f"{path} is no data set that is known", f"`--data` takes {KNOWN}")


def _checked(dataset: Dataset, where: str, several: bool) -> Dataset:
    if not dataset.train.samples:
        raise DataError(f"{where} holds no samples to train on")
    found = np.unique(dataset.train.targets)
    if several and len(found) < 2:
        raise DataError(
            f"{where} has one class alone, `{dataset.classes[int(found[0])]}`", "training needs two or more"
        )
    return dataset
