"""From what the user names (files, folders, patterns) to files, in an order that a person expects."""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cnnspec.runtime.errors import ImageError
from cnnspec.runtime.images import SUFFIXES


class Found(NamedTuple):
    """A file that is meant, or a path and what is wrong with it."""

    path: str
    error: ImageError | None = None


def expand(paths: str | Path | Iterable[str | Path]) -> Iterator[Found]:
    """The files that are meant, in the order given.

    A folder is searched to its depths for pictures (by suffix; hidden files are passed over). A pattern, which may
    hold `**`, stands for what matches, unless a file is called so. Both are sorted as people count: 2 before 10.
    """
    for each in [str(paths)] if isinstance(paths, (str, Path)) else map(str, paths):
        if os.path.isdir(each):
            yield from _folder(each)
        elif not os.path.lexists(each) and glob.has_magic(each):
            found = sorted(filter(os.path.isfile, glob.iglob(each, recursive=True)), key=natural)
            yield from map(Found, found)
            if not found:
                yield Found(each, ImageError(f"{each} matches no file"))
        else:
            yield Found(each)


def natural(name: str) -> list[tuple[bool, int, str]]:
    """A sort key: digits count as numbers, and stand before letters."""
    parts = (part for part in re.split(r"(\d+)", name.lower()) if part)
    return [(False, int(part), "") if part.isdecimal() else (True, 0, part) for part in parts]


def _folder(root: str) -> Iterator[Found]:
    troubles: list[OSError] = []
    empty = True
    for folder, inner, files in os.walk(root, onerror=troubles.append):
        inner[:] = sorted((each for each in inner if not each.startswith(".")), key=natural)
        for name in sorted(files, key=natural):
            if os.path.splitext(name)[1].lower() in SUFFIXES and not name.startswith("."):
                empty = False
                yield Found(os.path.join(folder, name))
    for trouble in troubles:
        why = (trouble.strerror or str(trouble)).lower()
        yield Found(str(trouble.filename), ImageError(f"{trouble.filename} cannot be read: {why}"))
    if empty and not troubles:
        yield Found(root, ImageError(f"{root} holds no picture", f"pictures end in {', '.join(sorted(SUFFIXES))}"))
