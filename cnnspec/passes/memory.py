"""Memory of inference: the weights, and the most that is alive at once while the nodes run in the order of the text."""

from collections.abc import Iterator, Sequence
from math import prod
from operator import itemgetter
from typing import NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable, known
from cnnspec.passes.parameters import full_weights

Run = Sequence[tuple[str, tuple[str, ...]]]
"""What `working` gives."""

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
    return max((alive for _, alive in _walk(graph, shapes, list(working(graph, shapes)))), default=0)


class Peak(NamedTuple):
    """Where most is alive: while the node `step` runs, `total` bytes. `alive` are the values that are, its result
    among them, by the node that makes each, in bytes, the largest first."""

    step: str
    total: int
    alive: dict[str, int]


def at_peak(graph: Graph, shapes: ShapeTable) -> Peak | None:
    """The first moment of `peak_bytes`, and what is alive then; None where nothing runs."""
    run = list(working(graph, shapes))
    if not run:
        return None
    step, total = max(_walk(graph, shapes, run), key=itemgetter(1))
    until = next(place for place, (id, _) in enumerate(run) if id == step)
    last, kept = _last_use(run), set(graph.outputs.values())
    alive = [id for place, (id, _) in enumerate(run[: until + 1]) if id in kept or last.get(id, place) >= until]
    sizes = {id: value_bytes(shapes[id]) for id in alive}
    return Peak(step, total, dict(sorted(sizes.items(), key=itemgetter(1), reverse=True)))


def value_bytes(shape: Shape | None) -> int:
    """Of one sample's float32 value; 0 where the shape is unknown."""
    return BYTES["float32"] * prod(shape) if shape is not None else 0


def _walk(graph: Graph, shapes: ShapeTable, run: Run) -> Iterator[tuple[str, int]]:
    """Each node that runs, with the bytes that are alive while it does."""
    last, kept = _last_use(run), set(graph.outputs.values())
    alive = 0
    for step, (id, inputs) in enumerate(run):
        alive += value_bytes(shapes[id])
        yield id, alive
        for source in {*inputs, id}:
            if last.get(source, step) <= step and source not in kept:
                alive -= value_bytes(shapes[source])


def _last_use(run: Run) -> dict[str, int]:
    """By value, the number of the last node that reads it."""
    return {source: step for step, (_, inputs) in enumerate(run) for source in inputs}


def working(graph: Graph, shapes: ShapeTable) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The nodes that inference runs in the order of the text, inputs first, with what they read."""
    for id in graph.inputs:
        yield id, ()
    for node, _ in known(graph, shapes):
        if node.id in graph.running:
            yield node.id, node.inputs
