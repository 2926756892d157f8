"""torch's two file formats: the old stream of five pickles and then storages, and the zip of today.

Described in torch/serialization.py (`_legacy_save`, `_save`). A storage is read when a tensor of it is asked for, once,
and only after its size was found to fit the file.
"""

import os
import zipfile
from collections.abc import Callable
from io import BufferedReader, BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnspec.lower.errors import WeightsError, shown
from cnnspec.lower.pickle_reader import MOST_BYTES, PickleReader
from cnnspec.lower.torch_objects import GLOBALS, ITEM_BYTES, Storage, Tensor, storage_of

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
SLACK = 16 << 20
TRUNCATED = "it is truncated: {what} ends {missing:,} bytes early"
TRUNCATED_HINT = "fetch or copy the file again"

Bytes = NDArray[np.uint8]
NUMPY = {
    "float64": "f8", "float32": "f4", "float16": "f2", "bfloat16": "u2", "int64": "i8", "int32": "i4", "int16": "i2",
    "int8": "i1", "uint8": "u1", "bool": "u1", "uint16": "u2", "uint32": "u4", "uint64": "u8",
}  # fmt: skip


class TorchFile:
    """What a file holds: `tree`, plain data with Tensors in it, and the way to their numbers.

    `fetch` gives the raw bytes of a storage; `order` is the byte order of the numbers, "<" or ">".
    """

    def __init__(self, tree: Any, size: int, fetch: Callable[[Storage], Bytes], order: str = "<") -> None:
        self.tree = tree
        self.size = size
        self.fetch = fetch
        self.order = order
        self.storages: dict[str, Bytes] = {}
        self.fetched = 0
        self.given = 0

    def array(self, tensor: Tensor) -> NDArray[Any]:
        """The tensor's numbers in row-major order; half precision is widened to float32."""
        if tensor.dtype not in NUMPY:
            raise WeightsError(f"it holds a {tensor.dtype} tensor; real numbers of 8 to 64 bits are read")
        self.given += tensor.elements * ITEM_BYTES[tensor.dtype]
        if self.given > 16 * self.size + SLACK:  # stride 0 makes terabytes of one number
            raise WeightsError(
                f"its tensors ask for more than {16 * self.size + SLACK:,} bytes, far more than it holds"
            )
        if tensor.elements == 0:
            return widened(np.zeros(tensor.shape, np.dtype(NUMPY[tensor.dtype])), tensor.dtype)
        flat = self._storage(tensor.storage)
        item = ITEM_BYTES[tensor.dtype]
        numbers = flat[: flat.size // item * item].view(np.dtype(self.order + NUMPY[tensor.dtype]))
        strides = tuple(each * item for each in tensor.strides)
        view = np.lib.stride_tricks.as_strided(numbers[tensor.offset :], tensor.shape, strides, writeable=False)
        return widened(view, tensor.dtype)

    def _storage(self, storage: Storage) -> Bytes:
        if storage.key not in self.storages:
            self.fetched += storage.nbytes
            if self.fetched > self.size:
                raise WeightsError("it is damaged: its storages are larger than the file")
            self.storages[storage.key] = self.fetch(storage)
        found = self.storages[storage.key]
        if found.size < storage.nbytes:
            raise WeightsError("it is damaged: two tensors say that their storage has different sizes")
        return found


def widened(array: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Row-major numbers in the machine's order; float16 and bfloat16 (given as its 16 bits) become float32."""
    plain = array if array.flags.c_contiguous else array.copy(order="C")
    if dtype == "bfloat16":  # the upper half of a float32
        return (plain.astype(np.uint32) << np.uint32(16)).view(np.float32)
    if dtype == "float16":
        return plain.astype(np.float32)
    if dtype == "bool":
        return plain.astype(np.bool_)
    return plain.astype(plain.dtype.newbyteorder("="), copy=False)


def read_legacy(stream: BufferedReader) -> TorchFile:
    """The format of torch.save before 1.6: magic number, protocol, system, object, keys; then each storage."""
    size = os.fstat(stream.fileno()).st_size
    known: dict[str, Storage] = {}

    def remember(identity: Any) -> Storage:
        storage = storage_of(identity)
        if storage.nbytes > size:
            raise WeightsError(TRUNCATED.format(what="a storage", missing=storage.nbytes - size), TRUNCATED_HINT)
        return known.setdefault(storage.key, storage)

    def pickle() -> Any:
        return PickleReader(stream, size - stream.tell(), GLOBALS, remember).read()

    if pickle() != MAGIC:
        raise WeightsError("it is a pickle, but not one that torch.save wrote")
    if pickle() != PROTOCOL:
        raise WeightsError("it is of a version of torch.save that is not known")
    system = pickle()
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise WeightsError("it was written on a machine of the other byte order", "save it there as safetensors")
    tree, keys = pickle(), pickle()
    places = _places(stream, size, keys, known)

    def fetch(storage: Storage) -> Bytes:
        if storage.key not in places:
            raise WeightsError("it is damaged: a tensor's storage is not in the file")
        stream.seek(places[storage.key])
        numbers = np.empty(known[storage.key].nbytes, np.uint8)
        if stream.readinto(numbers.data) != numbers.size:
            raise WeightsError(TRUNCATED.format(what="a storage", missing=numbers.size), TRUNCATED_HINT)
        return numbers

    return TorchFile(tree, size, fetch)


def _places(stream: BufferedReader, size: int, keys: Any, known: dict[str, Storage]) -> dict[str, int]:
    """Where each storage's numbers begin; each is preceded by its count of elements."""
    if not isinstance(keys, list):
        raise WeightsError("it is damaged: the list of its storages is missing")
    places: dict[str, int] = {}
    at = stream.tell()
    for key in keys:
        storage = known.get(key) if isinstance(key, str) else None
        if storage is None:
            raise WeightsError("it is damaged: it lists a storage that no tensor has")
        stream.seek(at)
        count = stream.read(8)
        if len(count) < 8 or at + 8 + storage.nbytes > size:
            missing = at + 8 + storage.nbytes - size
            raise WeightsError(TRUNCATED.format(what="a storage", missing=missing), TRUNCATED_HINT)
        if int.from_bytes(count, "little") != storage.elements:
            raise WeightsError("it is damaged: a storage has not the size that its tensors say")
        places[key] = at + 8
        at += 8 + storage.nbytes
    return places


def read_zip(archive: zipfile.ZipFile, size: int) -> TorchFile:
    """The format of torch.save since 1.6: `NAME/data.pkl`, `NAME/data/KEY`, and `NAME/byteorder`."""
    names = set(archive.namelist())
    pickles = sorted((name for name in names if name.endswith("data.pkl")), key=len)
    root = pickles[0].removesuffix("data.pkl")
    if f"{root}constants.pkl" in names:
        raise WeightsError(
            "it is a TorchScript program, not a file of weights", "`torch.save(module.state_dict(), path)` writes one"
        )
    order = _record(archive, f"{root}byteorder", size, most=16) if f"{root}byteorder" in names else b"little"
    if order not in (b"little", b"big"):
        raise WeightsError(f"its byte order is `{shown(order.decode('latin-1'))}`; little and big are known")
    pickle = _record(archive, pickles[0], size, most=MOST_BYTES)
    tree = PickleReader(BytesIO(pickle), len(pickle), GLOBALS, storage_of).read()

    def fetch(storage: Storage) -> Bytes:
        name = f"{root}data/{storage.key}"
        if name not in names:
            raise WeightsError(f"it is damaged: its record `{shown(name)}` is missing")
        found = np.frombuffer(_record(archive, name, size, most=storage.nbytes), np.uint8)
        if found.size < storage.nbytes:
            missing = storage.nbytes - found.size
            raise WeightsError(TRUNCATED.format(what=f"`{shown(name)}`", missing=missing), TRUNCATED_HINT)
        return found

    return TorchFile(tree, size, fetch, ">" if order == b"big" else "<")


def _record(archive: zipfile.ZipFile, name: str, size: int, most: int) -> bytes:
    """One record whole, of at most `most` bytes; torch stores records as they are, so none is larger than the file."""
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
        raise WeightsError("its records are compressed, which torch never does", "save it again with torch.save")
    if info.file_size > size:
        raise WeightsError(TRUNCATED.format(what="a record", missing=info.file_size - size), TRUNCATED_HINT)
    if info.file_size > most:
        raise WeightsError(f"its record `{shown(name)}` has {info.file_size:,} bytes; at most {most:,} are expected")
    return archive.read(info)
