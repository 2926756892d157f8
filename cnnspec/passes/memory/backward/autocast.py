"""Mixed precision as torch.autocast does it on the CPU: which operations run in half precision, and what that copies.

Weights stay float32. An operation of LOWER reads half-precision copies of its weights, made once, and of its input,
made anew for each; one of FULL reads a float32 copy of what is half; all others take what comes.
Source: aten/src/ATen/autocast_mode.cpp. (On CUDA softmax, layer and group norm run in float32 besides.)
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from cnnspec.passes.memory.backward.values import FLOAT, HALF, Kind, Storage, Value, joined, new

LOWER = frozenset(
    (
        *("nn.Conv1d", "nn.Conv2d", "nn.Conv3d"),
        *("nn.ConvTranspose1d", "nn.ConvTranspose2d", "nn.ConvTranspose3d"),
        *("nn.Linear", "nn.PReLU"),
    )
)
FULL = frozenset(
    (
        *("nn.AvgPool3d", "F.avg_pool3d", "nn.MaxPool3d", "nn.AdaptiveAvgPool3d", "nn.AdaptiveMaxPool3d"),
        *("nn.ReflectionPad1d", "nn.ReflectionPad2d"),
        *("nn.ReplicationPad1d", "nn.ReplicationPad2d", "nn.ReplicationPad3d"),
    )
)


class Autocast:
    """The copies of one forward pass."""

    def __init__(self) -> None:
        self._copies: dict[str, Storage] = {}

    def inputs(self, node: str, target: str, read: Sequence[Value]) -> list[Value]:
        """What the operation reads in their place."""
        if target in LOWER:
            return [cast(node, each, HALF) for each in read]
        return [cast(node, each, FLOAT) for each in read] if target in FULL else list(read)

    def weight(self, owner: str, name: str, value: Value) -> Storage:
        """The half-precision copy of a weight, by its owner's name; a frozen one is copied for each use."""
        key = f"{owner}.{name}"
        if key not in self._copies or not value.needs:
            self._copies[key] = Storage(owner, Kind.COPY, 0, prod(value.shape), HALF)
        return self._copies[key]


def cast(node: str, value: Value, width: int) -> Value:
    """A copy of another width, laid out alike; the value itself if it has that width."""
    if value.width == width:
        return value
    return new(node, value.shape, joined([value], value.shape), value.needs, width, Kind.ACTIVATION)
