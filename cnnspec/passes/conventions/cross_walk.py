"""A tool's total for a network, and where it parts from ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.conventions.calls import Call, calls
from cnnspec.passes.conventions.rules import Nothing, Part, Told, Tool, Undefined
from cnnspec.passes.fold import Kind, ShapeTable, kinds_of

IDLE = "runs in the source, though no output of the network needs it"


class Difference(NamedTuple):
    """One way in which the tool counts other than we do: at these layers (in order, as often as they run), by so much
    in all."""

    target: str
    how: str
    layers: tuple[str, ...]
    number: int


class Silence(NamedTuple):
    """Steps for which the tool gives no number, or one that is too small; `layers` as above."""

    target: str
    why: str
    layers: tuple[str, ...]


class CrossWalk(NamedTuple):
    """`value` is what the tool prints; None where it is not defined, and `undefined` says why. `ours` are the network's
    own MACs for `batch` samples; with the numbers of all `differences` they make `value`. `unseen` are the steps that
    compute something and that the tool has no rule for, `short` those of which its rule counts less than it means to:
    with either its number is a lower bound in its own sense."""

    tool: Tool
    batch: int
    ours: int
    value: int | None
    differences: tuple[Difference, ...]
    unseen: tuple[Silence, ...]
    undefined: tuple[Silence, ...]
    short: tuple[Silence, ...] = ()

    @property
    def complete(self) -> bool:
        return self.value is not None and not self.unseen and not self.short


class _Tally:
    """Counts and layers by what they have in common, in the order in which it is first met."""

    def __init__(self) -> None:
        self.layers: dict[tuple[str, str], list[str]] = {}
        self.numbers: dict[tuple[str, str], int] = {}

    def add(self, target: str, how: str, layer: str, number: int = 0) -> None:
        key = target, how
        layers = self.layers.get(key)
        if layers is None:
            self.layers[key], self.numbers[key] = [layer], number
            return
        if layers[-1] != layer:  # of a chain of steps of one layer
            layers.append(layer)
        self.numbers[key] += number

    def silences(self) -> tuple[Silence, ...]:
        return tuple(Silence(*key, tuple(layers)) for key, layers in self.layers.items())

    def differences(self) -> tuple[Difference, ...]:
        found = ((key, layers, self.numbers[key]) for key, layers in self.layers.items())
        return tuple(Difference(*key, tuple(layers), number) for key, layers, number in found if number)


def cross_walk(tool: Tool, graph: Graph, shapes: ShapeTable, ran: Iterable[Node], batch: int = 1) -> CrossWalk:
    """What a tool prints for the torch source of a network without errors. `ran` are the layers that the source runs in
    evaluation, as often as it runs them (lower/torch_source/rooms.py)."""
    batch = 1 if tool.one_sample else batch
    kinds, running = kinds_of(graph, shapes), graph.running
    told = [_told(tool, kind, batch) for kind in kinds.kinds]
    parted, unseen, undefined, short = _Tally(), _Tally(), _Tally(), _Tally()
    ours = total = 0
    for node in ran:
        (left, steps), needed = told[kinds.of[node.id]], node.id in running
        if not needed:
            left = 0
        ours += left
        for call, said in steps:
            if isinstance(said, Undefined):
                undefined.add(call.target, said.why, node.id)
            elif isinstance(said, Nothing):
                if not said.knows:
                    unseen.add(call.target, said.why, node.id)
            else:
                total += sum([part.number for part in said])
                left = _part(parted, call, said, node, left, needed)
                for part in said:
                    if part.short:
                        short.add(call.target, part.how, node.id)
        if left:
            parted.add(steps[0][0].step.target, "its multiply-adds are not counted", node.id, -left)
    if tool.asks_a_parameter and not any(own.trainable for kind in kinds.kinds for own in kind.weights):
        undefined.add("", f"{tool.package} stops at a network without a parameter", "")
    value = None if undefined.layers else total
    silences = unseen.silences(), undefined.silences(), short.silences()
    return CrossWalk(tool, batch, ours, value, parted.differences(), *silences)


def _told(tool: Tool, kind: Kind, batch: int) -> tuple[int, list[tuple[Call, Told]]]:
    """Our multiply-adds of a layer, and what the tool says of its steps."""
    return batch * kind.cost.macs, [(call, tool.told(call)) for call in calls(kind, batch)]


def _part(parted: _Tally, call: Call, said: tuple[Part, ...], node: Node, left: int, needed: bool) -> int:
    """Writes down where a step's numbers part from ours; `left`, and given back, are our MACs of the layer that no
    step has stood for yet."""
    for part in said:
        if not needed:
            parted.add(call.target, IDLE, node.id, part.number)
        elif part.macs:
            parted.add(call.target, part.how, node.id, part.number - left)
            left = 0
        else:
            parted.add(call.target, part.how, node.id, part.number)
    return left
