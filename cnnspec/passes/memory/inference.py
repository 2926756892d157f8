"""The memory of inference in full: weights, all activations, the peak in the order of the text and in the best one.

Assumed is what `peak.py` assumes: each step writes a float32 value of its own, nothing is done in place, and
no kernel takes memory besides. A runtime may join steps and take another order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.memory.best_order import best_order
from cnnspec.passes.memory.order_search import Step
from cnnspec.passes.memory.peak import Owned, Peak, Run, owned_bytes, peak_of_run, sizes_of, working


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


def inference_memory(graph: Graph, shapes: ShapeTable) -> Inference:
    run = working(graph, shapes)
    sizes = sizes_of(run, shapes)
    peak = peak_of_run(graph, run, sizes)
    inputs = sum(map(sizes.__getitem__, graph.inputs))
    best = _best(graph, run, sizes, peak.total) if peak else Best(0, 0, None)
    return Inference(owned_bytes(graph, shapes), inputs, sum(sizes.values()) - inputs, peak, best)


def _best(graph: Graph, run: Run, sizes: Mapping[str, int], written: int) -> Best:
    if written == max([sizes[id] + sum([sizes[one] for one in set(read)]) for id, read in run]):
        return Best(written, written, None)  # a step's operands and its result are alive together in every order
    numbers = {id: number for number, (id, _) in enumerate(run)}
    kept = set(graph.outputs.values())
    steps = [Step(tuple([numbers[one] for one in read]), sizes[id], id in kept) for id, read in run]
    found = best_order(steps, len(graph.inputs))
    if written <= found.peak:
        return Best(written, found.least, None)
    return Best(found.peak, found.least, tuple(run[number][0] for number in found.order))
