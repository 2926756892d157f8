"""One call of a torch operation at work."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.contract.facts import Torch
from cnnspec.contract.values import Shape
from cnnspec.passes.memory.backward import values
from cnnspec.passes.memory.backward.values import FLOAT, Kind, Storage, Value, joined


class Call:
    """One call at work: the step, what it reads, the shape that it gives, and what it keeps.

    `trained`: its own weights get gradients; `still`: it works in training as at inference (frozen).
    """

    def __init__(
        self, node: str, step: Torch, inputs: Sequence[Value], shape: Shape, trained: bool, still: bool
    ) -> None:
        self.node = node
        self.step = step
        self.inputs = list(inputs)
        self.shape = shape
        self.trained = trained
        self.still = still
        self.kept: list[Storage] = []

    @property
    def x(self) -> Value:
        return self.inputs[0]

    @property
    def needs(self) -> bool:
        """Whether its result gets a gradient, and so anything is kept."""
        return self.trained or any(each.needs for each in self.inputs)

    def keep(self, *kept: Value | Storage) -> None:
        self.kept += [each.storage if isinstance(each, Value) else each for each in kept]

    def keep_fresh(self, kind: Kind, each: int, fixed: int = 0, width: int = FLOAT) -> None:
        """A tensor that only backward reads."""
        self.keep(Storage(self.node, kind, each, fixed, width))

    def result(self, strides: tuple[int, ...], shape: Shape | None = None, width: int | None = None) -> Value:
        """In a storage of its own, as wide as its widest operand."""
        wide = width or max(each.width for each in self.inputs)
        return values.new(self.node, self.shape if shape is None else shape, strides, self.needs, wide, Kind.ACTIVATION)

    def like(self) -> Value:
        """A result of the input's shape, laid out as that is."""
        return self.result(joined([self.x], self.x.shape), self.x.shape)

    def laid(self, value: Value, strides: tuple[int, ...]) -> Value:
        """The value itself, or a copy that is laid out so."""
        if value.lies(strides):
            return value
        return values.new(self.node, value.shape, strides, value.needs, value.width, Kind.ACTIVATION)
