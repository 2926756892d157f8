"""What a network keeps between forward and backward: by step, and each storage once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import prod
from typing import NamedTuple

from cnnspec.contract.facts import Torch, Weight
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input, Node, Unknown
from cnnspec.passes.backward import keep_maps, keep_values
from cnnspec.passes.backward.autocast import LOWER, Autocast
from cnnspec.passes.backward.call import Call
from cnnspec.passes.backward.patterns import Pattern, layout, pattern
from cnnspec.passes.backward.rules import rule_of
from cnnspec.passes.backward.values import FLOAT, Kind, Storage, Value, new, packed
from cnnspec.passes.fold import ShapeTable, once, operands


class Worked(NamedTuple):
    """One step in training: what it gives and what it keeps, in order; a storage may be kept by several steps.

    `sources` are the operands, by node, whose values it reads: one that lends its shape alone gets no gradient.
    `trained` are the bytes of the gradients of its weights, which are those of the step `owner`; `halved`: these are
    worked out in half precision and then cast.
    """

    node: Node
    result: Value
    inputs: tuple[Value, ...]
    sources: tuple[tuple[str, Value], ...]
    kept: tuple[Storage, ...]
    owner: str
    trained: int
    halved: bool


class Forward(NamedTuple):
    """Every step that training runs, in order. A step from which no value reaches an end keeps nothing: torch forgets
    it with its result."""

    steps: tuple[Worked, ...]
    inputs: tuple[Value, ...]
    ends: frozenset[str]

    def saved(self) -> dict[str, list[Storage]]:
        """By the first step that keeps it; each storage once, weights left out."""
        seen: set[Storage] = set()
        found: dict[str, list[Storage]] = {}
        for step in self.steps:
            for each in step.kept:
                if each not in seen and each.kind is not Kind.WEIGHT:
                    seen.add(each)
                    found.setdefault(step.node.id, []).append(each)
        return found

    def saved_bytes(self, batch: int) -> int:
        return sum(each.bytes(batch) for storages in self.saved().values() for each in storages)


def trained_nodes(graph: Graph) -> frozenset[str]:
    """What outputs and auxiliary heads need, and every input."""
    needed = {*graph.outputs.values(), *(each.node for each in graph.aux.values()), *graph.inputs}
    for id in reversed(list(graph.nodes)):
        if id in needed:
            needed.update(graph.nodes[id].inputs)
    return frozenset(needed)


def forward(graph: Graph, shapes: ShapeTable, frozen: Collection[str] = (), mixed: bool = False) -> Forward:
    """Training's walk from the inputs, which need no gradient, to outputs and auxiliary heads. `frozen` steps get no
    gradients for their weights and work as at inference; `mixed`: under autocast."""
    half = Autocast() if mixed else None
    steps_of = once(lambda layer, shapes: layer.torch(shapes))
    weights_of = once(lambda layer, shapes: layer.weights(shapes))
    runs, values, done = trained_nodes(graph), dict[str, Value](), list[Worked]()
    patterns: dict[object, Pattern] = {}
    ends = frozenset((*graph.outputs.values(), *(each.node for each in graph.aux.values())))
    for node in graph:
        shape = shapes.get(node.id)
        if node.id not in runs or shape is None or isinstance(node.layer, Unknown):
            continue
        if isinstance(node.layer, Input):
            values[node.id] = new(node.id, shape, packed(shape), False, FLOAT, Kind.INPUT)
            continue
        below = operands(node, shapes)
        still = node.id in frozen
        inputs = tuple([values[each] for each in node.inputs])
        steps = steps_of(node.layer, below)
        alike = (node.layer, below, still, layout(inputs))
        known = patterns.get(alike) if half is None else None  # autocast remembers what it cast
        if known is not None:
            result, kept = known.again(node.id, node.reuse_of or node.id, inputs)
        else:
            tensors = weights_of(node.layer, below)
            own = {each.name: _weight(node, each, each.trainable and not still) for each in tensors}
            result, kept = _worked(node, steps, inputs, shape, own, still, half)
            known = patterns[alike] = pattern(inputs, own, result, kept)
        sources = tuple(zip(node.inputs, inputs, strict=True))
        if len(sources) > 1 and (read := _places(steps)) is not None:
            sources = tuple(each for place, each in enumerate(sources) if place in read)
        values[node.id] = result
        halved = mixed and any(each.target in LOWER for each in steps)
        done.append(Worked(node, result, inputs, sources, kept, node.reuse_of or node.id, known.trained, halved))
    return Forward(_with_ends(done, ends), tuple(values[id] for id in graph.inputs if id in values), ends)


def _places(steps: Sequence[Torch]) -> set[int] | None:
    """Which operands are read, by their places; None for all."""
    if not steps:
        return {0}
    if not steps[0].inputs:
        return None
    return {int(each[1:]) for step in steps for each in step.inputs if each[0] == "x" and each[1:].isdigit()}


def _with_ends(steps: Sequence[Worked], ends: Collection[str]) -> tuple[Worked, ...]:
    """The same, keeping nothing where no end is reached."""
    reaching = set(ends)
    for step in reversed(steps):
        if step.node.id in reaching:
            reaching.update(id for id, _ in step.sources)
    return tuple(each if each.node.id in reaching else each._replace(kept=(), trained=0) for each in steps)


def _weight(node: Node, weight: Weight, needs: bool) -> Value:
    storage = Storage(f"{node.reuse_of or node.id}.{weight.name}", Kind.WEIGHT, 0)
    return Value(storage, weight.shape, packed(weight.shape), prod(weight.shape), needs)


def _worked(
    node: Node,
    steps: Sequence[Torch],
    inputs: Sequence[Value],
    shape: Shape,
    own: dict[str, Value],
    still: bool,
    half: Autocast | None,
) -> tuple[Value, tuple[Storage, ...]]:
    """The chain of a layer's steps; an empty one gives its first operand back."""
    names = {f"x{place}": each for place, each in enumerate(inputs)} | own
    last, kept = list(inputs), list[Storage]()
    result = inputs[0]
    for place, step in enumerate(steps):
        behind = steps[place + 1] if place + 1 < len(steps) else step
        gives = shape if behind is step else keep_maps.before(behind, shape)
        read = [names[each] for each in step.inputs] if step.inputs else last
        trained = step.target.startswith("nn.") and any(each.needs for each in own.values())
        if half is not None:
            read = half.inputs(node.id, step.target, read)
        call = Call(node.id, step, read, gives, trained, still)
        found = rule_of(step.target)
        assert found is not None, f"no rule says what {step.target} keeps"
        result = found.rule(call)
        kept += call.kept
        if half is not None and step.target in LOWER and keep_values.keeps_weight(call):
            kept.append(half.weight(node.reuse_of or node.id, "weight", own["weight"]))
        last = [result]
        if step.output:
            names[step.output] = result
    return result, tuple(kept)
