"""What a network keeps between forward and backward: by step, and each storage once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from math import prod
from typing import NamedTuple

from cnnspec.contract.facts import Torch, Weight
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input, Node, Unknown
from cnnspec.passes.fold import Kinds, ShapeTable, kinds_of
from cnnspec.passes.memory.backward import keep_maps, keep_values
from cnnspec.passes.memory.backward.autocast import LOWER, Autocast
from cnnspec.passes.memory.backward.call import Call
from cnnspec.passes.memory.backward.patterns import Layouts, Pattern, pattern, shared
from cnnspec.passes.memory.backward.rules import rule_of
from cnnspec.passes.memory.backward.values import FLOAT, Kind, Storage, Value, new, packed


class Worked(NamedTuple):
    """One step in training: what it gives and what it keeps, in order; a storage may be kept by several steps.

    `read` are the places of the operands whose values it reads, None for all: one that lends its shape alone gets no
    gradient. `trained` are the bytes of the gradients of its weights, which are those of the step `owner`; `halved`:
    these are worked out in half precision and then cast.
    """

    node: Node
    result: Value
    inputs: tuple[Value, ...]
    read: tuple[int, ...] | None
    kept: tuple[Storage, ...]
    owner: str
    trained: int
    halved: bool

    @property
    def sources(self) -> Iterable[tuple[str, Value]]:
        """What it reads, by node."""
        if len(self.inputs) == 1:
            return ((self.node.inputs[0], self.inputs[0]),)
        pairs = zip(self.node.inputs, self.inputs, strict=True)
        return pairs if self.read is None else map(list(pairs).__getitem__, self.read)


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


def forward(
    graph: Graph, shapes: ShapeTable, frozen: Collection[str] = (), mixed: bool = False, single: bool = False
) -> Forward:
    """Training's walk from the inputs, which need no gradient, to outputs and auxiliary heads. `frozen` steps get no
    gradients for their weights and work as at inference; `mixed`: under autocast. `single`: for one sample, where a
    part of the channels lies without gaps, and need not be copied; what is told holds for that batch alone."""
    made, runs = _Steps(shapes, kinds_of(graph, shapes), frozen, mixed, single), graph.training
    done: list[Worked] = []
    for id, node in graph.nodes.items():
        if id not in runs or shapes.get(id) is None or isinstance(node.layer, Unknown):
            continue
        if isinstance(node.layer, Input):
            made.given(id)
        else:
            done.append(made.step(node))
    ends = frozenset((*graph.outputs.values(), *(each.node for each in graph.aux.values())))
    all_read = all(step.read is None for step in done)
    steps = tuple(done) if all_read else _with_ends(done, ends)  # if so, all that runs reaches an end
    return Forward(steps, tuple(made.values[id] for id in graph.inputs if id in made.values), ends)


class _Steps:
    """The steps as they run one after another. Those that are alike are worked out once, but under autocast, which
    remembers what it cast."""

    def __init__(self, shapes: ShapeTable, kinds: Kinds, frozen: Collection[str], mixed: bool, single: bool) -> None:
        self.values: dict[str, Value] = {}
        self._shapes = shapes
        self._kinds = kinds
        self._frozen = frozen
        self._single = single
        self._half = Autocast() if mixed else None
        self._layouts = Layouts()
        self._lies: dict[str, int] = {}  # the number of each value's layout
        self._patterns: dict[object, Pattern] = {}

    def given(self, id: str) -> None:
        shape = self._shapes[id]
        assert shape is not None
        self.values[id] = new(id, shape, packed(shape), False, FLOAT, Kind.INPUT)
        self._lies[id] = self._layouts.number(shape, self.values[id])

    def step(self, node: Node) -> Worked:
        id, names, reused, kind = node.id, node.inputs, node.reuse_of, self._kinds.of[node.id]
        owner, still = reused or id, id in self._frozen
        inputs = tuple([self.values[each] for each in names])
        alike: tuple[object, ...]
        if len(names) == 1:
            alike = (kind, still, self._lies[names[0]])
        else:
            alike = (kind, still, *[self._lies[each] for each in names], shared(inputs))
        known = self._patterns.get(alike)
        if known is not None:
            result, kept = known.again(id, owner, inputs)
        else:
            result, kept, known = self._first(node, inputs, still)
            if self._half is None:
                self._patterns[alike] = known
        self.values[id], self._lies[id] = result, known.lies
        return Worked(node, result, inputs, known.read, kept, owner, known.trained, known.halved)

    def _first(self, node: Node, inputs: Sequence[Value], still: bool) -> tuple[Value, tuple[Storage, ...], Pattern]:
        """A step of which none was seen that is alike."""
        kind = self._kinds.kinds[self._kinds.of[node.id]]
        steps, shape = kind.torch, kind.result
        own = {each.name: _weight(node, each, each.trainable and not still) for each in kind.weights}
        result, kept = _worked(node, steps, inputs, shape, own, still, self._half, self._single)
        halved = self._half is not None and any(each.target in LOWER for each in steps)
        lies = self._layouts.number(shape, result)
        return result, kept, pattern(inputs, own, result, kept, _places(steps, len(inputs)), halved, lies)


def _places(steps: Sequence[Torch], operands: int) -> tuple[int, ...] | None:
    """Which operands are read, by their places; None for all."""
    if operands == 1:
        return None
    if not steps:
        return (0,)
    if not steps[0].inputs:
        return None
    read = {int(each[1:]) for step in steps for each in step.inputs if each[0] == "x" and each[1:].isdigit()}
    return tuple(sorted(read))


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
    single: bool,
) -> tuple[Value, tuple[Storage, ...]]:
    """The chain of a layer's steps; an empty one gives its first operand back."""
    names = {f"x{place}": each for place, each in enumerate(inputs)} | own
    learns = True in [each.needs for each in own.values()]
    last, kept = list(inputs), list[Storage]()
    result = inputs[0]
    for place, step in enumerate(steps):
        behind = steps[place + 1] if place + 1 < len(steps) else step
        gives = shape if behind is step else keep_maps.before(behind, shape)
        read = [names[each] for each in step.inputs] if step.inputs else last
        if half is not None:
            read = half.inputs(node.id, step.target, read)
        call = Call(node.id, step, read, gives, learns and step.target.startswith("nn."), still)
        found = rule_of(step.target)
        assert found is not None, f"no rule says what {step.target} keeps"
        result = found.rule(call)
        if single:  # there is no step to another sample
            result = result._replace(step=prod(result.shape))
        kept += call.kept
        if half is not None and step.target in LOWER and keep_values.keeps_weight(call):
            kept.append(half.weight(node.reuse_of or node.id, "weight", own["weight"]))
        last = [result]
        if step.output:
            names[step.output] = result
    return result, tuple(kept)
