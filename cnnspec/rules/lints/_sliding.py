"""Windows that slide over a map, axis by axis: what they read of it and what they do not."""

from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.contract.facts import Reach
from cnnspec.rules.network import Kind, Network

NAMES = {1: ("value",), 2: ("row", "column"), 3: ("plane", "row", "column")}
"""What a position on each axis is called."""


class Slid(NamedTuple):
    """One axis: `size` pixels under `windows` windows of `kernel` taps, `dilation` apart, the first at -`pad`."""

    size: int
    windows: int
    kernel: int
    stride: int
    pad: int
    dilation: int

    @property
    def lost(self) -> int:
        """How many pixels at the end no window reaches."""
        return max(0, self.size - ((self.windows - 1) * self.stride + self.dilation * (self.kernel - 1) + 1 - self.pad))

    @property
    def read_of_stride(self) -> int:
        """How many of `stride` pixels one behind the other are read."""
        return len({tap * self.dilation % self.stride for tap in range(min(self.kernel, self.stride))})

    @property
    def skips(self) -> bool:
        """Whether pixels between two windows are never read."""
        return self.windows > 1 and self.read_of_stride < self.stride

    @property
    def live(self) -> int:
        """How many taps ever lie on a pixel; the others only see padding."""
        return sum(self._is_live(tap * self.dilation - self.pad) for tap in range(self.kernel))

    def _is_live(self, offset: int) -> bool:
        first, last = max(0, -(offset // self.stride)), min(self.windows - 1, (self.size - 1 - offset) // self.stride)
        return first <= last

    @property
    def blank(self) -> int:
        """How many windows lie in the padding altogether."""
        before = -(-(self.pad - self.dilation * (self.kernel - 1)) // self.stride)
        inside = (self.size - 1 + self.pad) // self.stride + 1
        return max(0, min(before, self.windows)) + max(0, self.windows - inside)


def slid(kind: Kind) -> tuple[Slid, ...]:
    """The axes of a step whose window slides by whole pixels; none of any other step."""
    if isinstance(kind.windows, Reach) or any(not isinstance(each.stride, int) for each in kind.windows):
        return ()
    axes = zip(kind.operands[0][1:], kind.shape[1:], kind.windows, strict=True)
    return tuple(Slid(size, count, each.kernel, each.stride, each.pad, each.dilation) for size, count, each in axes)


def sliding(net: Network) -> Iterator[tuple[Kind, tuple[Slid, ...]]]:
    """Every kind of step with such a window and a kernel of its own."""
    for kind in net.kinds:
        if "kernel" in kind.layer.fields and (axes := slid(kind)):
            yield kind, axes


def picks(kind: Kind, axes: tuple[Slid, ...], net: Network) -> bool:
    """Whether it takes single pixels by intent: a 1x1 pool with a stride is nothing else (option A of residual
    networks, the last level of a pyramid), and so is a 1x1 convolution with a stride within a sum (a projection; the
    first of a bottleneck, where the paper has the stride)."""
    if any(each.kernel > 1 for each in axes):
        return False
    return not kind.weights or all(any(net.is_inside(node, each) for each in net.sums) for node in kind.nodes)
