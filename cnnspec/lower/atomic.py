"""Files that are there whole or not at all: written beside, brought to the disk, then renamed."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from cnnspec.lower.errors import ExportError


def write_together(files: Mapping[Path, Iterable[bytes]]) -> None:
    """Writes files of one folder, given in pieces; the last one is what leads to the others, and is renamed last.

    All of them are on the disk before any is renamed. Where several replace what is there, the old leading file is
    removed first: a stop at any moment leaves the old set, no leading file, or the new set, and never a mixture.
    What replaces a file has its permissions. ExportError names the file and the cause.
    """
    paths = list(files)
    leading = paths[-1]
    beside = {path: path.parent / f".{path.name}.{secrets.token_hex(6)}.tmp" for path in paths}  # `.` has no name
    at = leading
    try:
        for path, pieces in files.items():
            at = path
            _refuse_special(path)
            _write(beside[path], pieces)
            if path.exists():
                shutil.copymode(path, beside[path])
        if any(path.exists() for path in paths[:-1]):
            at = leading
            leading.unlink(missing_ok=True)
        for path in paths:
            at = path
            os.replace(beside[path], path)
        _sync_folder(leading.parent)
    except OSError as error:
        raise failure(at, error) from error
    finally:
        for path in beside.values():
            with suppress(OSError):
                path.unlink()


def _refuse_special(path: Path) -> None:
    """A folder cannot be replaced, and a device must not be: the superuser's `-o /dev/null` would be its end."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no regular file")


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("xb") as stream:
        for each in pieces:
            stream.write(each)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """The renaming itself reaches the disk. Windows cannot open a folder, and needs it not."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def failure(path: Path, error: OSError) -> ExportError:
    """What to say where a file cannot be written."""
    message = f"cannot write `{path}`: {error.strerror or error}"
    if error.errno == errno.ENOSPC:
        return ExportError(message, f"{shutil.disk_usage(path.parent).free:,} bytes are free there")
    if error.errno == errno.ENOENT:
        return ExportError(message, f"the folder `{path.parent}` does not exist")
    return ExportError(message)
