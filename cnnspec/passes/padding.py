"""How many multiply-adds have a zero of the padding for a factor."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import prod

from cnnspec.contract.facts import Window
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape
from cnnspec.passes.analysis import Row


def padding_macs(rows: Iterable[Row]) -> dict[str, int]:
    """By node id, for one sample, of every convolution: what its own padding makes it multiply by zero. Steps without a
    shape are left out. The zeros of a border that is a step of its own are values of the map, and counted with it."""
    shapes: dict[str, Shape | None] = {}
    found: dict[str, int] = {}
    ask = cache(_of_padding)
    for row in rows:
        shapes[row.node.id] = row.shape
        if row.node.layer.multiplies_padding and row.shape is not None:
            read = shapes[row.node.inputs[0]]
            assert read is not None, "what has a result has an operand"
            found[row.node.id] = ask(row.node.layer, read, row.shape, row.cost.macs)
    return found


def running_padding_macs(rows: Iterable[Row]) -> int:
    """The sum for what runs at inference."""
    rows = list(rows)
    table = padding_macs(rows)
    return sum(table.get(row.node.id, 0) for row in rows if row.runs)


def _of_padding(layer: Layer, read: Shape, result: Shape, macs: int) -> int:
    """A tap meets a pixel on all axes or it meets padding, so that the pairs of tap and result are counted axis by
    axis."""
    windows = layer.window((read,))
    assert isinstance(windows, tuple), "what multiplies its padding slides"
    axes = list(zip(windows, read[1:], result[1:], strict=True))
    everywhere = prod(window.kernel * results for window, _, results in axes)
    return macs - macs // everywhere * prod(map(_on_pixels, *zip(*axes, strict=True)))


def _on_pixels(window: Window, extent: int, results: int) -> int:
    """How many pairs of a tap and a result of one axis lie on the map: tap t of result i is at i * stride + t *
    dilation - pad."""
    found = 0
    for tap in range(window.kernel):
        at = tap * window.dilation - window.pad
        first = max(0, -(at // window.stride))  # the first result whose tap is at 0 or behind it
        behind = min(results, -((at - extent) // window.stride))  # the first one whose tap has left the map
        found += max(0, behind - first)
    return found
