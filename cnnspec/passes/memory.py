"""Memory of inference: the weights, and the most that is alive at once while the nodes run in the order of the text."""

from collections.abc import Iterator

from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable, known
from cnnspec.passes.parameters import full_weights

BYTES = {"float32": 4, "int64": 8}


def weight_bytes(graph: Graph, shapes: ShapeTable) -> int:
    """All tensors that the network owns, buffers included."""
    total = 0
    for weight in full_weights(graph, shapes).values():
        size = BYTES[weight.dtype]
        for each in weight.shape:
            size *= each
        total += size
    return total


def peak_bytes(graph: Graph, shapes: ShapeTable) -> int:
    """The largest sum of float32 values that are alive at the same time, for one sample.

    A value is alive from the node that makes it to the last node that reads it; outputs stay to the end. A node that
    does nothing at inference, or rearranges what it reads, still counts as a value of its own.
    """
    last_use = {source: step for step, (_, inputs) in enumerate(_run(graph, shapes)) for source in inputs}
    kept = set(graph.outputs.values())
    alive = peak = 0
    for step, (id, inputs) in enumerate(_run(graph, shapes)):
        alive += _bytes(shapes, id)
        peak = max(peak, alive)
        for source in {*inputs, id}:
            if last_use.get(source, step) <= step and source not in kept:
                alive -= _bytes(shapes, source)
    return peak


def _run(graph: Graph, shapes: ShapeTable) -> Iterator[tuple[str, tuple[str, ...]]]:
    for id in graph.inputs:
        yield id, ()
    for node, _ in known(graph, shapes):
        if node.id in graph.running:
            yield node.id, node.inputs


def _bytes(shapes: ShapeTable, id: str) -> int:
    size = BYTES["float32"]
    for each in shapes[id] or ():
        size *= each
    return size
