"""A network that takes any size, at other sizes than the one that is written."""

import re
from collections.abc import Iterator

from cnnspec.contract.errors import LayerError
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input
from cnnspec.lower.any_size import takes_any_size
from cnnspec.lower.errors import ExportError
from cnnspec.passes.fold import ShapeTable
from cnnspec.pipeline import Compiled

LARGER = (1, 2, 5)
"""By how much an open extent grows."""


def is_open(result: Compiled) -> bool:
    assert result.built is not None
    return takes_any_size(result.built.graph)


def fixed(result: Compiled) -> Compiled:
    """The same network at its own size only."""
    assert result.built is not None
    return _changed(result, 0, result.built.shapes)


def at_other_sizes(result: Compiled) -> Iterator[Compiled]:
    """What runs, at every larger size at which each step finds a shape; what does not run has none."""
    assert result.built is not None
    graph = result.built.graph
    for more in LARGER:
        shapes: dict[str, Shape | None] = {}
        try:
            for node in graph:
                if node.id in graph.running:
                    layer = _grown(node.layer, more)
                    shapes[node.id] = layer.infer(tuple(shapes[each] or () for each in node.inputs))
        except LayerError:
            continue
        yield _changed(result, more, shapes)


def _changed(result: Compiled, more: int, shapes: ShapeTable) -> Compiled:
    assert result.built is not None
    graph = result.built.graph
    nodes = {node.id: node._replace(layer=_grown(node.layer, more)) for node in graph}
    other = Graph(graph.name, nodes, graph.scopes, graph.outputs, graph.aux)
    return Compiled(result.source, result.built._replace(graph=other, shapes=shapes), result.diagnostics)


def _grown(layer: Layer, more: int) -> Layer:
    """An open input larger, and no longer open."""
    if not isinstance(layer, Input):
        return layer
    channels, *spatial = layer.shape
    return Input((channels, *(each + more if layer.any_size else each for each in spatial)))


def binding(result: Compiled, error: ExportError) -> str:
    """The word of the step that keeps a network from one file for all sizes."""
    assert result.built is not None
    found = re.match(r"`([^`]+)`", error.message)
    assert found, error.message
    return result.built.graph.nodes[found[1]].layer.word
