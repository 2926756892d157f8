"""The memory of a network, from Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled


class Fits(NamedTuple):
    """The largest batch; 0 if not one sample fits, None if nothing grows with the batch."""

    inference: int | None
    training: int | None


class Memory:
    """What inference and training take, in bytes; docs/memory.md says what is counted."""

    def __init__(
        self,
        compiled: Compiled,
        batch: int | None = None,
        optimizer: str | None = None,
        precision: str = "fp32",
        memory: int | None = None,
        levels: int | None = None,
    ) -> None:
        from cnnspec.contract.training.optimizers import named_optimizers
        from cnnspec.passes.memory.precision import PRECISIONS
        from cnnspec.reports.memory.figures import MemoryAsked, MemoryFigures

        for name, value in (("batch", batch), ("memory", memory), ("levels", levels)):
            if value is not None and value < 1:
                raise ValueError(f"{name} is a whole number above 0, not {value}")
        known = named_optimizers()
        if optimizer is not None and optimizer not in known:
            raise ValueError(f"{optimizer!r} is no optimizer; those are {', '.join(known)}")
        if precision not in PRECISIONS:
            raise ValueError(f"{precision!r} is no precision; those are {', '.join(PRECISIONS)}")
        chosen = known[optimizer] if optimizer is not None else None
        self._figures = MemoryFigures(compiled, MemoryAsked(batch, chosen, PRECISIONS[precision], memory, levels))

    @property
    def weights(self) -> int:
        """Parameters and buffers."""
        return self._figures.inference.weights.bytes

    @property
    def peak(self) -> int:
        """The most that is alive at once at inference, in the order of the text, without the weights; exact."""
        return self._figures.inference_peak

    @property
    def kept(self) -> int:
        """What training keeps between forward and backward; exact, but for what `to_dict` has in `may_add`."""
        return self._figures.training.kept.at(self._figures.train_batch)

    @property
    def training(self) -> int:
        """The most that is alive in a step of training, weights and optimizer included; an estimate."""
        return self._figures.training.total(self._figures.train_batch)

    def largest_batch(self, memory: int) -> Fits:
        """The largest batches that take at most so many bytes."""
        return Fits(*self._figures.fitting(memory))

    def to_dict(self) -> dict[str, Any]:
        """By docs/memory.md."""
        from cnnspec.reports.memory.json import memory_record

        return memory_record(self._figures)

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def to_text(self, width: int = 120) -> str:
        """As `cnnspec memory` prints it."""
        from cnnspec.reports.look import Look
        from cnnspec.reports.memory.text import memory_text

        return memory_text(self._figures, Look(width=width))

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        name = self._figures.built.graph.name
        return f"<cnnspec.Memory of {name}: {self.weights:,} bytes of weights, {self.training:,} in training>"
