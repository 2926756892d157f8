"""Memory of inference: the weights, and the most that is alive at once while the nodes run in the order of the text."""

from collections.abc import Mapping, Sequence
from math import prod
from operator import itemgetter
from typing import NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import Kind, ShapeTable, kinds_of
from cnnspec.passes.parameters import elements

Run = Sequence[tuple[str, tuple[str, ...]]]
"""What `working` gives."""

BYTES = {"float32": 4, "int64": 8}


class Owned(NamedTuple):
    """Bytes of the tensors that a network owns, and how many there are."""

    params: int
    buffers: int
    tensors: int
    buffer_tensors: int

    @property
    def bytes(self) -> int:
        return self.params + self.buffers


def owned_bytes(graph: Graph, shapes: ShapeTable) -> Owned:
    """Auxiliary heads included."""
    table, nodes = kinds_of(graph, shapes).table(_owned), graph.nodes
    each = [owned for id, owned in table.items() if nodes[id].reuse_of is None]
    return Owned(*map(sum, zip(*each, strict=True))) if each else Owned(0, 0, 0, 0)


def _owned(kind: Kind) -> Owned:
    sizes = [(each.trainable, BYTES[each.dtype] * elements(each)) for each in kind.weights]
    params, buffers = ([size for trainable, size in sizes if trainable is kind] for kind in (True, False))
    return Owned(sum(params), sum(buffers), len(params), len(buffers))


def weight_bytes(graph: Graph, shapes: ShapeTable) -> int:
    """All tensors that the network owns, buffers included."""
    return owned_bytes(graph, shapes).bytes


def peak_bytes(graph: Graph, shapes: ShapeTable) -> int:
    """The largest sum of float32 values that are alive at the same time, for one sample.

    A value is alive from the node that makes it to the last node that reads it; outputs stay to the end. A node that
    does nothing at inference, or rearranges what it reads, still counts as a value of its own.
    """
    run = working(graph, shapes)
    return max(_walk(graph, run, sizes_of(run, shapes)), default=0)


class Peak(NamedTuple):
    """Where most is alive: while the node `step` runs, `total` bytes. `alive` are the values that are, its result
    among them, by the node that makes each, in bytes, the largest first."""

    step: str
    total: int
    alive: dict[str, int]


def at_peak(graph: Graph, shapes: ShapeTable) -> Peak | None:
    """The first moment of `peak_bytes`, and what is alive then; None where nothing runs."""
    run = working(graph, shapes)
    return peak_of_run(graph, run, sizes_of(run, shapes))


def peak_of_run(graph: Graph, run: Run, sizes: Mapping[str, int]) -> Peak | None:
    """The same of what `working` and `sizes_of` give."""
    if not run:
        return None
    totals = _walk(graph, run, sizes)
    total = max(totals)
    until = totals.index(total)
    last, kept = _last_use(run), set(graph.outputs.values())
    alive = [id for place, (id, _) in enumerate(run[: until + 1]) if id in kept or last.get(id, place) >= until]
    held = sorted([(id, sizes[id]) for id in alive], key=itemgetter(1), reverse=True)
    return Peak(run[until][0], total, dict(held))


def sizes_of(run: Run, shapes: ShapeTable) -> dict[str, int]:
    """The bytes of what each node that runs gives, for one sample."""
    return {id: value_bytes(shapes[id]) for id, _ in run}


def value_bytes(shape: Shape | None) -> int:
    """Of one sample's float32 value; 0 where the shape is unknown."""
    return BYTES["float32"] * prod(shape) if shape is not None else 0


def _walk(graph: Graph, run: Run, sizes: Mapping[str, int]) -> list[int]:
    """The bytes that are alive while each node runs."""
    last, kept = _last_use(run), set(graph.outputs.values())
    alive, found = 0, list[int]()
    for step, (id, inputs) in enumerate(run):
        alive += sizes[id]
        found.append(alive)
        for source in inputs if len(inputs) == 1 else set(inputs):
            if last[source] == step and source not in kept:
                alive -= sizes.get(source, 0)  # not there where a step was refused
        if id not in last and id not in kept:
            alive -= sizes[id]
    return found


def _last_use(run: Run) -> dict[str, int]:
    """By value, the number of the last node that reads it."""
    return {source: step for step, (_, inputs) in enumerate(run) for source in inputs}


def working(graph: Graph, shapes: ShapeTable) -> list[tuple[str, tuple[str, ...]]]:
    """The nodes that inference runs in the order of the text, inputs first, with what they read."""
    running, nodes = graph.running, graph.nodes
    given: list[tuple[str, tuple[str, ...]]] = [(id, ()) for id in graph.inputs]
    return given + [(id, nodes[id].inputs) for id in kinds_of(graph, shapes).of if id in running]
