"""Windows that slide over a map, axis by axis: what they read of it and what they do not."""

from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.contract.facts import Reach
from cnnspec.rules.network import Kind, Network

MOST_TAPS = 1 << 16
"""What is looked at one by one, on one axis of one step."""


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
        """How many pixels at the end no window reads."""
        return self.size - 1 - self._read()[0]

    @property
    def holes(self) -> int:
        """How many pixels before that are never read."""
        return self._read()[1]

    def _read(self) -> tuple[int, int]:
        """The last pixel that is read (-1 if none is), and how many before it are not."""
        if self.dilation > 1 and self.windows * self.kernel <= MOST_TAPS:
            offsets = [tap * self.dilation - self.pad for tap in range(self.kernel)]
            inside = {window * self.stride + each for window in range(self.windows) for each in offsets}
            inside = {each for each in inside if 0 <= each < self.size}
            return max(inside, default=-1), max(inside, default=-1) + 1 - len(inside)
        window = min(self.windows - 1, (self.size - 1 + self.pad) // self.stride)
        reach = self.dilation * (self.kernel - 1) + 1
        last = min(self.size, max(0, window * self.stride - self.pad + reach)) - 1
        if self.stride <= reach or last < 0:
            return last, 0
        return last, max(0, self._gaps(last + 1 + self.pad) - self._gaps(self.pad))

    def _gaps(self, pixels: int) -> int:
        """Of so many pixels from the first window's begin on, how many lie between windows without dilation."""
        whole, rest = divmod(pixels, self.stride)
        return whole * (self.stride - self.kernel) + max(0, rest - self.kernel)

    @property
    def live(self) -> int:
        """How many taps ever lie on a pixel; the others only see padding."""
        before = -(-(self.pad - (self.windows - 1) * self.stride) // self.dilation)
        within = (self.size - 1 + self.pad) // self.dilation + 1
        first, end = max(0, before), min(self.kernel, within)
        if self.stride <= self.size or end - first > MOST_TAPS:
            return max(0, end - first)
        return sum(self._is_live(tap * self.dilation - self.pad) for tap in range(first, end))

    def _is_live(self, offset: int) -> bool:
        """Whether a tap lies on a pixel in some window, although one stride can carry it over the whole map."""
        first, last = max(0, -(offset // self.stride)), min(self.windows - 1, (self.size - 1 - offset) // self.stride)
        return first <= last

    @property
    def blank(self) -> int:
        """How many windows lie in the padding altogether."""
        before = -(-(self.pad - self.dilation * (self.kernel - 1)) // self.stride)
        inside = (self.size - 1 + self.pad) // self.stride + 1
        return max(0, min(before, self.windows)) + max(0, self.windows - inside)


def slid(kind: Kind) -> tuple[Slid, ...]:
    """The axes of a step whose window slides by whole pixels over all of the map; none of any other step."""
    if isinstance(kind.windows, Reach):
        return ()
    if any(not isinstance(each.stride, int) or each.pad < 0 for each in kind.windows):
        return ()
    axes = zip(kind.operands[0][1:], kind.shape[1:], kind.windows, strict=True)
    return tuple(Slid(size, count, each.kernel, each.stride, each.pad, each.dilation) for size, count, each in axes)


def sliding(net: Network) -> Iterator[tuple[Kind, tuple[Slid, ...]]]:
    """Every kind of step with such a window and a kernel of its own."""
    for kind in net.kinds:
        if "kernel" in kind.layer.fields and (axes := slid(kind)):
            yield kind, axes


def touches(axes: tuple[Slid, ...]) -> bool:
    """Whether any window lies on the map at all."""
    return all(each.live for each in axes)


def picks(kind: Kind, axes: tuple[Slid, ...], net: Network) -> bool:
    """Whether it takes single pixels by intent: a 1x1 pool with a stride is nothing else (option A of residual
    networks, the last level of a pyramid), and so is a 1x1 convolution with a stride within a sum (a projection; the
    first of a bottleneck, where the paper has the stride)."""
    if any(each.kernel > 1 for each in axes):
        return False
    return not kind.weights or all(any(net.is_inside(node, each) for each in net.sums) for node in kind.nodes)
