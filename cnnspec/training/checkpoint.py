"""Checkpoints: tensors and plain data in one safetensors file. The new one is whole on the disk before it takes the
place of the old, which is kept as the one before."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from cnnspec.lower.atomic import write_together
from cnnspec.lower.errors import ExportError
from cnnspec.lower.safetensors_file import safetensors_bytes
from cnnspec.training.errors import TrainError

LAST, BEFORE = "last.safetensors", "before_last.safetensors"
ENTRY = "cnnspec"
VERSION = 1


class Checkpoint(NamedTuple):
    """`tensors` by name; `plain` is what JSON holds."""

    tensors: Mapping[str, NDArray[Any]]
    plain: Mapping[str, Any]


def write(folder: Path, checkpoint: Checkpoint) -> None:
    """TrainError where it cannot be written; the one that is there stays whole."""
    said = json.dumps({"version": VERSION, **checkpoint.plain})
    last = folder / LAST
    try:
        data = safetensors_bytes(checkpoint.tensors, {ENTRY: said})
        if _is_whole(last):  # a damaged one would take the place of the only one that is sound
            _keep(last, folder / BEFORE)
        write_together({last: (data,)})
    except ExportError as error:
        raise TrainError(error.message, error.hint) from error
    except OSError as error:
        raise TrainError(f"cannot keep the checkpoint before: {error.strerror or error}") from error


def _is_whole(path: Path) -> bool:
    try:
        with safe_open(path, framework="numpy") as held:
            return ENTRY in (held.metadata() or {})
    except (SafetensorError, OSError):
        return False


def _keep(last: Path, before: Path) -> None:
    """A second name for the same file, or a copy where the disk has none; `last` itself is never missing."""
    beside = before.with_name(f".{before.name}.tmp")
    beside.unlink(missing_ok=True)
    try:
        os.link(last, beside)
    except OSError:
        shutil.copyfile(last, beside)
    os.replace(beside, before)


def read(folder: Path) -> tuple[Checkpoint, str | None]:
    """The last one that is sound, and what is wrong with a later one. TrainError where there is none."""
    troubles: list[str] = []
    for name in (LAST, BEFORE):
        path = folder / name
        if not path.exists():
            continue
        try:
            return _read(path), troubles[0] if troubles else None
        except (SafetensorError, OSError, ValueError, KeyError) as error:
            troubles.append(f"{path} is damaged ({error})")
    raise TrainError(troubles[0] if troubles else f"{folder} holds no checkpoint", "`--out` begins a new run")


def _read(path: Path) -> Checkpoint:
    with safe_open(path, framework="numpy") as held:
        plain = json.loads((held.metadata() or {})[ENTRY])
        if plain.pop("version") != VERSION:
            raise ValueError("it is of another version")
        return Checkpoint({name: held.get_tensor(name) for name in held.keys()}, plain)  # noqa: SIM118 - no mapping
