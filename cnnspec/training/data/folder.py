"""Folders of pictures, a folder a class: `cats/1.jpg`, or `train/cats/1.jpg` and `test/cats/2.jpg`."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from cnnspec.runtime.images import SUFFIXES
from cnnspec.training.data.dataset import Dataset, Split, with_targets
from cnnspec.training.errors import DataError

TRAIN, TEST, HELD = ("train", "training"), ("test", "testing"), ("val", "valid", "validation")


def looks_so(folder: Path) -> bool:
    return any(each.is_dir() and not each.name.startswith(".") for each in folder.iterdir())


def open_folder(folder: Path) -> Dataset:
    inner = {each.name.lower(): each for each in folder.iterdir() if each.is_dir()}
    train, test, held = (next((inner[name] for name in names if name in inner), None) for names in (TRAIN, TEST, HELD))
    found, labels = _pictures(folder if train is None else train)
    targets, classes = with_targets(labels)
    if train is None:
        return Dataset(folder.name, Split(tuple(found), targets), None, classes, True, ("a folder for each class",))
    parts = [_part(each, train, classes) if each else None for each in (test, held)]
    names = ", ".join(f"{each.name}/" for each in (train, held, test) if each)
    return Dataset(folder.name, Split(tuple(found), targets), parts[0], classes, True, (f"parts {names}",), parts[1])


def _part(folder: Path, train: Path, classes: tuple[str, ...]) -> Split:
    """Its classes are matched by name."""
    found, labels = _pictures(folder)
    strange = sorted(set(labels) - set(classes))
    if strange:
        raise DataError(
            f"{folder} has the class `{strange[0]}`, which {train} has not",
            f"classes are matched by the names of their folders: {', '.join(classes[:10])}",
        )
    place = {name: index for index, name in enumerate(classes)}
    return Split(tuple(found), np.array([place[each] for each in labels], np.int64))


def _pictures(folder: Path) -> tuple[list[str], list[str]]:
    """Every picture below the folders of classes, and its class. DataError where a class has none."""
    found: list[str] = []
    labels: list[str] = []
    for each in sorted(folder.iterdir()):
        if not each.is_dir() or each.name.startswith("."):
            continue
        inside = sorted(
            os.path.join(where, name)
            for where, _, names in os.walk(each)
            for name in names
            if os.path.splitext(name)[1].lower() in SUFFIXES and not name.startswith(".")
        )
        if not inside:
            raise DataError(f"{each} holds no picture", f"pictures end in {', '.join(sorted(SUFFIXES))}")
        found += inside
        labels += [each.name] * len(inside)
    if not found:
        raise DataError(f"{folder} holds no folders of pictures", "each class has a folder: `cats/1.jpg`, `dogs/1.jpg`")
    return found, labels
