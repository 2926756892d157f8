"""Several processes that train one network: each takes its share of every batch, and what they find is summed.

torchrun starts them and says which is which (RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT);
torch.distributed brings them together, by gloo on CPUs and by nccl on GPUs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist

from cnnspec.training.errors import Diverged, TrainError
from cnnspec.training.launch import place

LONGEST = timedelta(hours=1)
"""How long one may wait for another: that one may have to read and decode a data set."""


class LostError(TrainError):
    """Another process has gone."""

    def __init__(self) -> None:
        super().__init__("another process of this run has ended", "the last checkpoint is kept: `--resume` goes on")


class VagueError(Diverged):
    """Of which another process may know more, and then that is said."""


class Processes:
    """The processes of a run, seen from one of them. Alone, as it is here, there is nothing to do. What is `together`
    is done by all, in the same order: so an error of one is an error of all, and nobody waits for one that has gone."""

    rank, size, backend = 0, 1, ""

    def __init__(self, device: torch.device | None = None) -> None:
        self.device = device or torch.device("cpu")

    @property
    def is_first(self) -> bool:
        """Whether this is the one that writes files."""
        return self.rank == 0

    def settled(self, values: Sequence[float], error: Exception | None = None) -> list[float]:
        """Each value summed over the processes. The error of the first that has one is raised by all: its own as it is,
        another's as TrainError."""
        if error is not None:
            raise error
        return list(values)

    @contextmanager
    def together(self, *kinds: type[Exception]) -> Iterator[None]:
        """What is done within has gone well in all processes, or fails in all with the error of the first; for
        TrainError, and errors of more kinds that have a message and a hint. No other call of this class may stand
        within."""
        error: Exception | None = None
        try:
            yield
        except LostError:
            raise
        except Exception as found:
            if not isinstance(found, (TrainError, *kinds)):
                raise
            error = found
        self.settled((), error)

    def any(self, flag: bool) -> bool:
        """Whether it is so in one of them."""
        return self.settled([float(flag)])[0] > 0

    def add(self, tensors: Sequence[Tensor]) -> None:
        """Puts the sum over the processes into each; float32."""

    def same(self, text: str, what: str) -> None:
        """TrainError where the text of another process is not this one."""

    def tells(self) -> bool:
        """Whether this is the one to say that another has gone; the first that asks is."""
        return True

    def is_loss(self, error: Exception) -> bool:
        """Whether torch's error is about a process that has gone."""
        return False


ALONE = Processes()


class Joined(Processes):
    """As many processes as torchrun has started."""

    def __init__(self, device: torch.device) -> None:
        super().__init__(device)
        self.store, self.rank, self.size = next(dist.rendezvous("env://", timeout=LONGEST))
        self.backend = "nccl" if device.type == "cuda" else "gloo"
        dist.init_process_group(
            self.backend, store=dist.PrefixStore("cnnspec", self.store), rank=self.rank, world_size=self.size,
            timeout=LONGEST,
        )  # fmt: skip

    def settled(self, values: Sequence[float], error: Exception | None = None) -> list[float]:
        failed, *sums = self._all([float(error is not None), *values])
        if failed:
            raise self._first(error)
        return sums

    def _all(self, values: Sequence[float]) -> list[float]:
        # Of 64 bits: counts are exact, and a NaN of one is one of all.
        found = torch.tensor(values, dtype=torch.float64, device=self.device)
        with self._guarded():
            dist.all_reduce(found)
        made: list[float] = found.tolist()
        return made

    def _first(self, error: Exception | None) -> Exception:
        """The error of the first process that has one, which says it to the others; a vague one if all are."""
        place = self.rank + self.size * (2 if error is None else isinstance(error, VagueError))
        first = torch.tensor(place, device=self.device)
        with self._guarded():
            dist.all_reduce(first, dist.ReduceOp.MIN)
            said = self._told_by(int(first) % self.size, json.dumps(_told(error)).encode())
        if int(first) == place and error is not None:
            return error
        return TrainError(*json.loads(said))

    def _told_by(self, rank: int, text: bytes) -> bytes:
        """What that process says. Plain bytes: nothing is unpickled."""
        length = torch.tensor(len(text), device=self.device)
        dist.broadcast(length, rank)
        held = bytearray(text if rank == self.rank else bytes(int(length)))
        buffer = torch.frombuffer(held, dtype=torch.uint8).to(self.device)
        dist.broadcast(buffer, rank)
        return bytes(buffer.cpu().numpy())

    def add(self, tensors: Sequence[Tensor]) -> None:
        if not tensors:
            return
        flat = torch.cat([each.reshape(-1) for each in tensors]).to(self.device)  # one message, not one a tensor
        with self._guarded():
            dist.all_reduce(flat)
        for each, found in zip(tensors, flat.split([each.numel() for each in tensors]), strict=True):
            each.copy_(found.view(each.shape))

    def same(self, text: str, what: str) -> None:
        with self._guarded():
            first = self._told_by(0, text.encode())
        wrong = TrainError(f"{what} differ between the processes", "they have to see the same files")
        self.settled((), None if first == text.encode() else wrong)

    def tells(self) -> bool:
        try:
            return int(self.store.add("cnnspec/said", 1)) == 1
        except RuntimeError:  # the store has gone, too
            return True

    def is_loss(self, error: Exception) -> bool:
        return isinstance(error, dist.DistError) or "gloo" in str(error)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            raise LostError from error


def _told(error: Any) -> tuple[str, str | None]:
    return ("", None) if error is None else (error.message, error.hint)


def device_of(name: str) -> str:
    """Where this process works: with several, each has a GPU of its own. TrainError where there are too few."""
    _, size, local, here = place()
    if size == 1 or name.startswith("cpu") or (name == "auto" and not torch.cuda.is_available()):
        return "cpu" if name == "auto" and size > 1 else name
    if ":" in name:
        raise TrainError(
            f"`{name}` is one device, and there are {size} processes", "`--device cuda` gives each its own"
        )
    if name in ("auto", "cuda") and local >= torch.cuda.device_count():
        there = torch.cuda.device_count()
        raise TrainError(
            f"there are {there} GPUs for {here} processes", "`--nproc-per-node` as many, or `--device cpu`"
        )
    return f"cuda:{local}" if name in ("auto", "cuda") else name


@contextmanager
def joined(device: str) -> Iterator[Processes]:
    """Those that were started together with this one; it alone if there are none."""
    if place().size == 1:
        yield ALONE
        return
    name = device_of(device)
    where = torch.device(name if name.startswith("cuda") else "cpu")
    if where.type == "cuda":
        torch.cuda.set_device(where)
    try:
        found = Joined(where)
    except (RuntimeError, ValueError) as error:
        raise TrainError(f"the processes do not find each other: {error}") from error
    try:
        yield found
    finally:
        dist.destroy_process_group()
