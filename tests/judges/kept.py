"""What torch keeps for backward, counted by torch: the storages that are packed and still held when forward has ended.

Parameters and buffers are apart. Storages are counted once, whole, whichever tensors look at them.
"""

import weakref
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from cnnspec.api.torch_export import source
from cnnspec.passes.memory.backward.saved import Forward
from cnnspec.pipeline import Compiled
from tests.judges import torch_written

Sizes = Counter[int]
"""How many storages there are of each number of bytes."""


class Held:
    """In place of a packed tensor, as long as its node of the autograd graph lives."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor.detach()  # or the graph would hold itself


def exported(result: Compiled) -> nn.Module:
    """The exported source in training."""
    assert result.built is not None
    return torch_written.module(source(result), result.built.graph.name).train()


def samples(result: Compiled, batch: int) -> list[Tensor]:
    """Random ones; they need no gradient."""
    assert result.built is not None
    chance = torch.Generator().manual_seed(1)
    shapes = [result.built.shapes[id] for id in result.built.graph.inputs]
    return [torch.randn((batch, *(shape or ())), generator=chance) for shape in shapes]


def kept_by_torch(module: nn.Module, inputs: Sequence[Tensor], mixed: bool = False) -> Sizes:
    """The storages by their bytes."""
    own = {each.untyped_storage().data_ptr() for each in (*module.parameters(), *module.buffers())}
    packed: list[weakref.ref[Held]] = []

    def pack(tensor: Tensor) -> Held:
        held = Held(tensor)
        packed.append(weakref.ref(held))
        return held

    def unpack(held: Held) -> Tensor:
        return held.tensor

    half = torch.autocast("cpu", torch.bfloat16) if mixed else nullcontext()
    with torch.autograd.graph.saved_tensors_hooks(pack, unpack), half:
        results = module(*inputs)
    found: dict[int, int] = {}
    for each in packed:
        if (held := each()) is not None:
            storage = held.tensor.untyped_storage()
            if storage.nbytes() and storage.data_ptr() not in own:
                found[storage.data_ptr()] = storage.nbytes()
    del results
    return Counter(found.values())


def kept_by_us(forward: Forward, batch: int) -> Sizes:
    return Counter(each.bytes(batch) for storages in forward.saved().values() for each in storages)


def total(sizes: Sizes) -> int:
    return sum(bytes * count for bytes, count in sizes.items())


class Alive(TorchDispatchMode):
    """Counts the bytes of all storages that operations made and that are alive: `peak` the most so far."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._known: set[int] = set()

    def watch(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key, bytes = storage._cdata, storage.nbytes()
        if key in self._known:
            return
        self._known.add(key)
        self.now += bytes
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._gone, key, bytes)

    def _gone(self, key: int, bytes: int) -> None:
        self._known.discard(key)
        self.now -= bytes

    def __torch_dispatch__(self, function: Callable, types: object, args: tuple = (), kwargs: dict | None = None):  # type: ignore
        results = function(*args, **(kwargs or {}))
        for each in tree_leaves(results):
            if isinstance(each, Tensor):
                self.watch(each)
        return results
