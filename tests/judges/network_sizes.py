"""A network that takes any size, at other sizes than the one that is written."""

import re
from collections.abc import Iterator, Mapping

from cnnspec.contract.errors import LayerError
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input
from cnnspec.lower.any_size import takes_any_size
from cnnspec.lower.errors import ExportError
from cnnspec.passes.fold import ShapeTable
from cnnspec.pipeline import Compiled, expansion

LARGER = (1, 2, 5)
"""By how much an open extent grows."""


def is_open(result: Compiled) -> bool:
    assert result.built is not None
    return takes_any_size(result.built.graph)


def fixed(result: Compiled) -> Compiled:
    """The same network at its own size only."""
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    return _closed(result, graph, shapes, {id: shapes[id] or () for id in graph.inputs})


def at_other_sizes(result: Compiled) -> Iterator[Compiled]:
    """What runs, at every larger size that the text takes; what does not run has no shape there."""
    assert result.built is not None
    graph, expand = result.built.graph, expansion(result)
    for more in LARGER:
        entries = {id: _grown(node.layer, more).shape for id, node in graph.inputs.items()}
        found = expand(entries) if expand else _reshaped(graph, entries)
        if found is not None:
            other, shapes = found
            yield _closed(result, other, {id: shapes[id] for id in other.nodes if id in other.running}, entries)


def _reshaped(graph: Graph, entries: Mapping[str, Shape]) -> tuple[Graph, ShapeTable] | None:
    """The same steps for other inputs; None where one of them refuses what it gets."""
    shapes = dict(entries)
    try:
        for node in graph:
            if node.id in graph.running and node.id not in entries:
                shapes[node.id] = node.layer.infer(tuple(shapes[each] for each in node.inputs))
    except LayerError:
        return None
    return graph, shapes


def _closed(result: Compiled, graph: Graph, shapes: ShapeTable, entries: Mapping[str, Shape]) -> Compiled:
    """A network of these inputs and no other."""
    assert result.built is not None
    nodes = {id: node._replace(layer=Input(entries[id])) if id in entries else node for id, node in graph.nodes.items()}
    other = Graph(graph.name, nodes, graph.scopes, graph.outputs, graph.aux)
    return Compiled(result.source, result.built._replace(graph=other, shapes=shapes), result.diagnostics)


def _grown(entry: Layer, more: int) -> Input:
    assert isinstance(entry, Input)
    channels, *spatial = entry.shape
    return Input((channels, *(each + more if entry.any_size else each for each in spatial)))


def binding(result: Compiled, error: ExportError) -> str:
    """The word of the step that keeps a network from one file for all sizes; or that no other size is taken."""
    assert result.built is not None
    found = re.match(r"`([^`]+)`", error.message)
    if not found:
        assert not any(at_other_sizes(result)), error.message
        return "taking no other"
    return result.built.graph.nodes[found[1]].layer.word
