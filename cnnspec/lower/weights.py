"""Reads weights: safetensors, NumPy's npz, and torch's files, without torch and without running anything.

Which format a file has is read off its first bytes, not off its name. There is no way back to an unsafe reader.
"""

import os
import stat
import zipfile
import zlib
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from cnnspec.lower.checkpoint import pick, stripped
from cnnspec.lower.errors import WeightsError
from cnnspec.lower.npz_file import read_npz
from cnnspec.lower.torch_file import TorchFile, read_legacy, read_zip

FORMATS = "weights are read from .safetensors, .npz, and torch's .pth or .pt"
TORCH_SUFFIXES = (".pth", ".pt", ".bin", ".ckpt", ".pkl", ".tar")
STRANGERS = (
    (b"version https://git-lfs", "it is a pointer of Git LFS, not the file itself", "`git lfs pull` brings the file"),
    (b"<", "it is a web page, not weights", "fetch the file again; the address may ask for a login"),
    (b"\x89HDF\r\n", "it is an HDF5 file, as Keras writes", FORMATS),
    (b"\x93NUMPY", "it is a single array, without a name", "save the arrays by name with `numpy.savez`"),
    (b"\x1f\x8b", "it is compressed with gzip", "unpack it first"),
)


class Weights(NamedTuple):
    """What a file holds.

    `arrays` are the tensors by name, in the file's order. `format` is safetensors, npz, torch or torch (legacy);
    `entry` is the part of a checkpoint that was taken and `others` its parts that hold tensors too; `prefix` was before
    every name and is gone (`module.`).
    """

    arrays: dict[str, NDArray[Any]]
    format: str
    entry: str | None = None
    others: tuple[str, ...] = ()
    prefix: str = ""


def read_weights(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """The tensors of a file by name; half precision is widened to float32. WeightsError where it cannot be."""
    return read_checkpoint(path).arrays


def read_checkpoint(path: str | os.PathLike[str], entry: str | None = None) -> Weights:
    """The tensors of a file and what was chosen on the way; `entry` names the part of a checkpoint that is meant."""
    path = Path(path)
    try:
        with path.open("rb") as stream:
            return _read(stream, path, entry)
    except WeightsError as error:
        raise WeightsError(f"cannot read weights from `{path}`: {error.message}", error.hint) from error
    except FileNotFoundError as error:
        raise WeightsError(f"there is no file `{path}`") from error
    except OSError as error:
        raise WeightsError(f"cannot read weights from `{path}`: {error.strerror or error}") from error
    except MemoryError as error:
        raise WeightsError(f"cannot read weights from `{path}`: not enough memory") from error


def _read(stream: BufferedReader, path: Path, entry: str | None) -> Weights:
    status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise WeightsError("it is no regular file")
    if status.st_size == 0:
        raise WeightsError("it is empty", "fetch or copy the file again")
    head = stream.peek(16)[:16]
    if head[:4] == b"PK\x03\x04":
        return _read_archive(stream, status.st_size, entry)
    if head[8:9] == b"{":
        from cnnspec.lower.safetensors_file import read_safetensors

        try:
            arrays, prefix = stripped(read_safetensors(stream, path))
        except (ValueError, KeyError, TypeError, AttributeError) as error:  # changed since the library checked it
            raise WeightsError(f"it is no sound safetensors file ({error})") from error
        return Weights(arrays, "safetensors", prefix=prefix)
    for begin, what, hint in STRANGERS:
        if head.startswith(begin[:16]):
            raise WeightsError(what, hint)
    if stream.peek(512)[257:262] == b"ustar":
        raise WeightsError("it is a tar archive, as torch wrote before 0.1.10", "save it again with a newer torch")
    if head[:1] == b"\x80" or path.suffix in TORCH_SUFFIXES:
        return _from_torch(read_legacy(stream), "torch (legacy)", entry)
    raise WeightsError("it is in no format that is known", FORMATS)


def _read_archive(stream: BufferedReader, size: int, entry: str | None) -> Weights:
    """npz and torch's files of today are both zip archives; `data.pkl` tells them apart."""
    try:
        with zipfile.ZipFile(stream) as archive:
            if any(name.endswith("data.pkl") for name in archive.namelist()):
                return _from_torch(read_zip(archive, size), "torch", entry)
            arrays, prefix = stripped(read_npz(archive, size))
            return Weights(arrays, "npz", prefix=prefix)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise WeightsError(f"its archive is damaged or truncated ({error})", "fetch or copy the file again") from error
    except (NotImplementedError, RuntimeError, ValueError) as error:  # encryption, methods, offsets that no zip has
        raise WeightsError(f"its archive cannot be unpacked ({error})", "fetch or copy the file again") from error


def _from_torch(file: TorchFile, format: str, entry: str | None) -> Weights:
    picked = pick(file.tree, entry)
    tensors, prefix = stripped(picked.tensors)
    arrays = {name: file.array(tensor) for name, tensor in tensors.items()}
    return Weights(arrays, format, picked.entry, picked.others, prefix)
