"""Whether a network that takes any size is the same at every size: the layers are asked again at others."""

from collections.abc import Callable

from cnnspec.contract.errors import LayerError
from cnnspec.contract.values import Shape, dress
from cnnspec.ir.graph import Graph, Input, Node
from cnnspec.lower.errors import ExportError
from cnnspec.passes.fold import ShapeTable

PROBES: tuple[Callable[[int], int], ...] = (lambda size: size + 32, lambda size: size + 64, lambda size: 2 * size)
"""Sizes that leave the same rest as the written one under the usual strides. A size that the network refuses says
nothing."""


def takes_any_size(graph: Graph) -> bool:
    return any(isinstance(node.layer, Input) and node.layer.any_size for node in graph)


def check_any_size(graph: Graph, shapes: ShapeTable) -> None:
    """ExportError where a step would have other nodes or weights at another size of the input."""
    for probe in PROBES:
        other = _at_size(graph, probe)
        for id in other or ():
            node = graph.nodes[id]
            if other and _differs(node, shapes, other):
                size = " and ".join(dress(other[each]) for each in graph.inputs)
                raise ExportError(
                    f"`{id}` ({node.layer.word}) cannot be exported for any size: for an input of {size} it is another",
                    "export one size: write the input without `size=any`",
                )


def _at_size(graph: Graph, probe: Callable[[int], int]) -> dict[str, Shape] | None:
    """The shapes with every open input at another size; None where some step refuses it."""
    shapes: dict[str, Shape] = {}
    for node in graph:
        if node.id not in graph.running:
            continue
        if isinstance(node.layer, Input):
            channels, *spatial = node.layer.shape
            shapes[node.id] = (channels, *(map(probe, spatial) if node.layer.any_size else spatial))
            continue
        try:
            shapes[node.id] = node.layer.infer(tuple(shapes[each] for each in node.inputs))
        except LayerError:
            return None
    return shapes


def _differs(node: Node, shapes: ShapeTable, other: ShapeTable) -> bool:
    if isinstance(node.layer, Input):
        return False
    here = tuple(shape for each in node.inputs if (shape := shapes[each]) is not None)
    there = tuple(shape for each in node.inputs if (shape := other[each]) is not None)
    return node.layer.onnx(here) != node.layer.onnx(there) or node.layer.weights(here) != node.layer.weights(there)
