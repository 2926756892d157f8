"""The memory of inference in full: weights, all activations, the peak in the order of the text and in the best one.

Assumed is what `passes/memory.py` assumes: each step writes a float32 value of its own, nothing is done in place, and
no kernel takes memory besides. A runtime may join steps and take another order.
"""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.ir.graph import Graph
from cnnspec.passes.best_order import best_order
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.memory import BYTES, Peak, at_peak, value_bytes, working
from cnnspec.passes.order_search import Step
from cnnspec.passes.parameters import elements, full_weights


class Owned(NamedTuple):
    """Bytes of the tensors that a network owns, and how many there are."""

    params: int
    buffers: int
    tensors: int
    buffer_tensors: int

    @property
    def bytes(self) -> int:
        return self.params + self.buffers


class Best(NamedTuple):
    """The least peak of all orders, in bytes for one sample. `bytes` is an upper bound and `least` a lower one; they
    are equal where the search came to its end. `order` are the steps, None where that of the text is as good."""

    bytes: int
    least: int
    order: tuple[str, ...] | None


class Inference(NamedTuple):
    """Bytes of one sample, but for `weights`, which are for all. `activations` are the results of all steps."""

    weights: Owned
    inputs: int
    activations: int
    peak: Peak | None
    best: Best


def owned_bytes(graph: Graph, shapes: ShapeTable) -> Owned:
    """Auxiliary heads included."""
    weights = full_weights(graph, shapes).values()
    sizes = [(each.trainable, BYTES[each.dtype] * elements(each)) for each in weights]
    buffers = [size for trainable, size in sizes if not trainable]
    params = [size for trainable, size in sizes if trainable]
    return Owned(sum(params), sum(buffers), len(params), len(buffers))


def inference_memory(graph: Graph, shapes: ShapeTable) -> Inference:
    run = list(working(graph, shapes))
    inputs = graph.inputs
    peak = at_peak(graph, shapes)
    return Inference(
        owned_bytes(graph, shapes),
        sum(value_bytes(shapes[id]) for id in inputs),
        sum(value_bytes(shapes[id]) for id, _ in run if id not in inputs),
        peak,
        _best(graph, shapes, run, len(inputs), peak.total if peak else 0),
    )


def _best(graph: Graph, shapes: ShapeTable, run: list[tuple[str, tuple[str, ...]]], given: int, written: int) -> Best:
    numbers = {id: number for number, (id, _) in enumerate(run)}
    kept = set(graph.outputs.values())
    steps = [Step(tuple(numbers[one] for one in read), value_bytes(shapes[id]), id in kept) for id, read in run]
    found = best_order(steps, given)
    if written <= found.peak:
        return Best(written, found.least, None)
    return Best(found.peak, found.least, tuple(run[number][0] for number in found.order))
