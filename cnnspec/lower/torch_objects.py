"""The few things of torch that a file of weights names, and what stands for them here.

A tensor is only described while the pickle is read; its numbers are fetched later, if they are wanted
(torch/_utils.py: `_rebuild_tensor_v2` and its kin).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from cnnspec.lower.errors import WeightsError
from cnnspec.lower.pickle_reader import Known

LARGEST = 2**48
MOST_AXES = 32


class Storage:
    """A run of numbers in the file: `key` finds it, `dtype` is torch's name (`uint8` for an untyped storage)."""

    __slots__ = ("dtype", "elements", "key")

    def __init__(self, key: str, dtype: str, elements: int) -> None:
        self.key = key
        self.dtype = dtype
        self.elements = elements

    @property
    def nbytes(self) -> int:
        return self.elements * ITEM_BYTES[self.dtype]


class Tensor:
    """A view of a storage. `offset`, `shape` and `strides` count elements of the tensor's own `dtype`."""

    __slots__ = ("dtype", "offset", "shape", "storage", "strides")

    def __init__(
        self, storage: Storage, dtype: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]
    ) -> None:
        self.storage = storage
        self.dtype = dtype
        self.offset = offset
        self.shape = shape
        self.strides = strides

    @property
    def elements(self) -> int:
        count = 1
        for each in self.shape:
            count *= each
        return count


ITEM_BYTES: Mapping[str, int] = {
    "float64": 8, "float32": 4, "float16": 2, "bfloat16": 2,
    "int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint8": 1, "bool": 1,
    "uint16": 2, "uint32": 4, "uint64": 8,
    "complex32": 4, "complex64": 8, "complex128": 16,
    "float8_e4m3fn": 1, "float8_e5m2": 1, "float8_e4m3fnuz": 1, "float8_e5m2fnuz": 1,
}  # fmt: skip

STORAGES: Mapping[str, str] = {
    "DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
    "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8",
    "ByteStorage": "uint8", "BoolStorage": "bool", "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128", "UntypedStorage": "uint8",
}  # fmt: skip


def storage_of(identity: Any) -> Storage:
    """What a persistent id names: ("storage", its type, key, device, elements); in old files a view follows, None."""
    if not isinstance(identity, tuple) or len(identity) not in (5, 6) or identity[0] != "storage":
        raise WeightsError("its pickle is damaged: it refers to something that is no storage")
    _, kind, key, _, elements = identity[:5]
    if not isinstance(kind, Known) or kind.name not in STORAGES or not isinstance(key, str):
        raise WeightsError("its pickle is damaged: it refers to a storage of no known kind")
    if len(identity) == 6 and identity[5] is not None:
        raise WeightsError("it holds a view of a storage, as torch before 0.4 wrote", _SAVE_AGAIN)
    return Storage(key, STORAGES[kind.name], _count(elements))


_SAVE_AGAIN = "open it with the torch that wrote it and save the state_dict again"


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST:
        raise WeightsError("its pickle is damaged: a size is no whole number from 0 on")
    return value


def _counts(values: Any) -> tuple[int, ...]:
    if not isinstance(values, (tuple, list)) or len(values) > MOST_AXES:
        raise WeightsError("its pickle is damaged: a shape is no list of numbers")
    return tuple(_count(each) for each in values)


def _tensor(parts: tuple[Any, ...], dtype: str | None = None) -> Tensor:
    storage, offset, shape, strides = parts
    if not isinstance(storage, Storage):
        raise WeightsError("its pickle is damaged: a tensor has no storage")
    tensor = Tensor(storage, dtype or storage.dtype, _count(offset), _counts(shape), _counts(strides))
    if len(tensor.shape) != len(tensor.strides):
        raise WeightsError("its pickle is damaged: a tensor has more axes than strides, or fewer")
    last = tensor.offset + sum((size - 1) * step for size, step in zip(tensor.shape, tensor.strides, strict=True))
    if 0 not in tensor.shape and (last + 1) * ITEM_BYTES[tensor.dtype] > storage.nbytes:
        raise WeightsError("its pickle is damaged: a tensor reaches beyond its storage")
    return tensor


def _rebuild_tensor(arguments: tuple[Any, ...]) -> Tensor:
    """(storage, offset, shape, strides), then gradient flags and hooks that are of no use here."""
    if not 4 <= len(arguments) <= 7:
        raise _miscounted("_rebuild_tensor_v2")
    return _tensor(arguments[:4])


def _rebuild_tensor_v3(arguments: tuple[Any, ...]) -> Tensor:
    """(storage, offset, shape, strides, requires_grad, hooks, dtype, …): types that have no storage of their own."""
    if not 7 <= len(arguments) <= 8 or not isinstance(arguments[6], Known) or arguments[6].name not in ITEM_BYTES:
        raise _miscounted("_rebuild_tensor_v3")
    return _tensor(arguments[:4], arguments[6].name)


def _rebuild_parameter(arguments: tuple[Any, ...]) -> Tensor:
    if not 3 <= len(arguments) <= 4 or not isinstance(arguments[0], Tensor):
        raise _miscounted("_rebuild_parameter")
    return arguments[0]


def _rebuild_from_type(arguments: tuple[Any, ...]) -> Any:
    """(function, type, its arguments, state): a tensor with attributes; the attributes are dropped."""
    if len(arguments) != 4 or not isinstance(arguments[0], Known) or arguments[0].name not in _OF_TENSORS:
        raise _miscounted("_rebuild_from_type_v2")
    if not isinstance(arguments[2], tuple):
        raise _miscounted("_rebuild_from_type_v2")
    return _OF_TENSORS[arguments[0].name](arguments[2])


def _miscounted(name: str) -> WeightsError:
    return WeightsError(f"its pickle is damaged: `{name}` has other arguments than torch gives it")


def _ordered_dict(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    """OrderedDict() or, from Python 2, OrderedDict([[key, value], …]).

    The pairs are taken out of their list, so that a pickle cannot have one long list copied again and again.
    """
    pairs = arguments[0] if len(arguments) == 1 else []
    if len(arguments) > 1 or not isinstance(pairs, list):
        raise _miscounted("OrderedDict")
    made: dict[Any, Any] = {}
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not isinstance(pair[0], (str, int)):
            raise _miscounted("OrderedDict")
        made[pair[0]] = pair[1]
    pairs.clear()
    return made


def _size(arguments: tuple[Any, ...]) -> tuple[int, ...]:
    if len(arguments) != 1:
        raise _miscounted("Size")
    return _counts(arguments[0])


_OF_TENSORS = {
    "_rebuild_tensor": _rebuild_tensor,
    "_rebuild_tensor_v2": _rebuild_tensor,
    "_rebuild_tensor_v3": _rebuild_tensor_v3,
    "_rebuild_parameter": _rebuild_parameter,
    "_rebuild_parameter_with_state": _rebuild_parameter,
}


def _table() -> Mapping[tuple[str, str], Known]:
    table = {("torch._utils", name): Known(name, call) for name, call in _OF_TENSORS.items()}
    table["collections", "OrderedDict"] = Known("OrderedDict", _ordered_dict)
    table["torch._tensor", "_rebuild_from_type_v2"] = Known("_rebuild_from_type_v2", _rebuild_from_type)
    table["torch", "Size"] = Known("Size", _size)
    table["torch", "device"] = Known("device", lambda arguments: None)
    table["torch", "Tensor"] = Known("Tensor")
    table["torch.nn.parameter", "Parameter"] = Known("Parameter")
    table["torch.nn.parameter", "Buffer"] = Known("Buffer")
    for name in STORAGES:
        for module in ("torch", "torch.cuda", "torch.storage"):
            table[module, name] = Known(name)
    for name in ITEM_BYTES:
        table["torch", name] = Known(name)
    return MappingProxyType(table)


GLOBALS = _table()
