"""Convolutions in a row, and the one kernel that sees as much as all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from cnnspec.contract.facts import Formula, Reach, Window
from cnnspec.contract.symbols import taps, times
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input, Node, Unknown
from cnnspec.passes.fold import ShapeTable, operands


class Run(NamedTuple):
    """`nodes` in order, the last one being asked about; `kernels` are theirs, `kernel` that of the one instead of them.
    `own` are their weights together, layer by layer in numbers, `single` those of the one; of both without biases."""

    nodes: tuple[str, ...]
    kernels: tuple[Shape, ...]
    kernel: Shape
    stride: Shape
    own: Formula
    single: Formula


def run_to(graph: Graph, shapes: ShapeTable, node: Node) -> Run | None:
    """The convolutions that end with this one, with nothing between them but what takes each value by itself; None if
    it stands alone. All but the last go pixel by pixel (stride and dilation 1), as a longer step would leave gaps."""
    last = _windows(node, shapes)
    if last is None or max(each.kernel for each in last) == 1 or any(each.dilation != 1 for each in last):
        return None
    found = [node]
    while (before := _before(graph, shapes, found[0])) is not None:
        found.insert(0, before)
    if len(found) == 1:
        return None
    windows = [each for each in (_windows(node, shapes) for node in found) if each is not None]
    kernels = tuple(tuple(each.kernel for each in axes) for axes in windows)
    kernel = tuple(1 + sum(side - 1 for side in sides) for sides in zip(*kernels, strict=True))
    entering, leaving = shapes[found[0].inputs[0]], shapes[node.id]
    assert entering is not None
    assert leaving is not None
    window, sides = taps(kernel)
    single = Formula(f"{window}*C*K", {**sides, "C": entering[0], "K": leaving[0]})
    own = _together([_filters(each, shapes) for each in found])
    return Run(tuple(each.id for each in found), kernels, kernel, tuple(each.stride for each in last), own, single)


def _before(graph: Graph, shapes: ShapeTable, node: Node) -> Node | None:
    """The next convolution further up, if only pointwise steps lie between."""
    above = graph.nodes[node.inputs[0]]
    while len(above.inputs) == 1 and shapes.get(above.id) is not None and _windows(above, shapes) is None:
        if above.layer.window(operands(above, shapes)) is not Reach.POINTWISE:
            return None
        if shapes[above.id] != shapes[above.inputs[0]]:
            return None
        above = graph.nodes[above.inputs[0]]
    windows = _windows(above, shapes)
    if windows is None or {(each.stride, each.dilation) for each in windows} != {(1, 1)}:
        return None
    return above if max(each.kernel for each in windows) > 1 else None


def _windows(node: Node, shapes: ShapeTable) -> tuple[Window, ...] | None:
    """The windows of a layer that shares its weights over all positions, and sees all channels; None of others."""
    if isinstance(node.layer, (Input, Unknown)) or shapes.get(node.id) is None:
        return None
    entering = operands(node, shapes)
    others = node.layer.instead(entering)
    windows = node.layer.window(entering)
    shares = "unshared" in others and "ungrouped" not in others
    return windows if shares and not isinstance(windows, Reach) else None


def _filters(node: Node, shapes: ShapeTable) -> str:
    """The largest tensor of a layer as a product: kernel, channels in, filters."""
    filters, channels, *kernel = max((each.shape for each in node.layer.weights(operands(node, shapes))), key=prod)
    return times(map(str, (*kernel, channels, filters)))


def _together(products: Sequence[str]) -> Formula:
    """Their sum, equal ones as a multiple."""
    counted = Counter(products)
    return Formula(" + ".join(f"{count}*{each}" if count > 1 else each for each, count in counted.items()))
