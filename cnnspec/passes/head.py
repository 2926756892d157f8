"""The last weighted sums before a network's ends: what is made anew for other classes."""

from __future__ import annotations

from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.parameters import owned_by


def heads(graph: Graph, shapes: ShapeTable) -> tuple[str, ...]:
    """On each way back from an output or an auxiliary head the first step with a tensor of two axes or more, and what
    has tensors behind it (a norm, a scale); by name of the owner, in order."""
    owned = owned_by(graph, shapes)
    waiting = [*graph.outputs.values(), *(each.node for each in graph.aux.values())]
    seen: set[str] = set()
    found: set[str] = set()
    while waiting:
        id = waiting.pop()
        if id in seen:
            continue
        seen.add(id)
        node = graph.nodes[id]
        owner = node.reuse_of or id
        weights = owned[owner].weights if owner in owned else ()
        if weights:
            found.add(owner)
        if not any(each.trainable and len(each.shape) > 1 for each in weights):
            waiting += node.inputs
    return tuple(id for id in graph.nodes if id in found)
