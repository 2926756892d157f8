"""One step of training as it goes: what is alive while forward runs and while backward goes back, moment by moment.

Bytes are lines `each * N + fixed` in the batch N, so that the largest batch is found without a search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from math import prod
from typing import NamedTuple

from cnnspec.passes.backward.saved import Forward
from cnnspec.passes.backward.values import FLOAT, HALF, Kind, Storage, Value


class Line(NamedTuple):
    """Bytes: `each` for every sample, `fixed` for the batch as a whole."""

    each: int
    fixed: int

    def at(self, batch: int) -> int:
        return self.each * batch + self.fixed

    def __add__(self, other: Line) -> Line:  # type: ignore[override]  # a tuple of two that adds as numbers do
        return Line(self.each + other.each, self.fixed + other.fixed)

    def __sub__(self, other: Line) -> Line:
        return Line(self.each - other.each, self.fixed - other.fixed)


NONE = Line(0, 0)


class Phase(Enum):
    FORWARD = "forward"
    BACKWARD = "backward"


class Moment(NamedTuple):
    """While `node` works: what backward keeps, other values (inputs and results among them), gradients of weights and
    of activations. Weights themselves, and what belongs to the optimizer, are apart."""

    node: str
    phase: Phase
    kept: Line
    others: Line
    weights: Line = NONE
    gradients: Line = NONE

    @property
    def bytes(self) -> Line:
        return self.kept + self.others + self.weights + self.gradients


def line_of(storages: Iterable[Storage]) -> Line:
    each = fixed = 0
    for storage in storages:
        each += storage.each * storage.width
        fixed += storage.fixed * storage.width
    return Line(each, fixed)


def moments(forward: Forward) -> list[Moment]:
    """All moments in order.

    A tensor is alive until the last step that reads it, or, if it is kept, until the backward of the first step that
    keeps it; inputs and results of the network are alive throughout. Backward takes the steps in reverse. A gradient
    is alive from the first step that adds to it to the step whose result it is of, a weight's from then on; where two
    steps add theirs, both and the sum are alive together. The gradient of a view or a summand is one of its own, which
    in torch it need not be. What one operation takes for itself is not counted. When the optimizer changes the weights
    there is no more than at the last of these moments.
    """
    plan = _Plan(forward)
    return [*_forward(forward, plan), *_backward(forward, plan)]


class _Plan:
    """Which storages backward keeps, and from which step on; which stay alive throughout: inputs and results."""

    def __init__(self, forward: Forward) -> None:
        self.first: dict[Storage, int] = {}
        for place, step in enumerate(forward.steps):
            for each in step.kept:
                if each.kind is not Kind.WEIGHT:
                    self.first.setdefault(each, place)
        ends = [step.result.storage for step in forward.steps if step.node.id in forward.ends]
        self.stays = {*(each.storage for each in forward.inputs), *ends}

    def kept_of(self, storages: Iterable[Storage]) -> Line:
        return line_of(each for each in storages if each in self.first)

    def others_of(self, storages: Iterable[Storage]) -> Line:
        return line_of(each for each in storages if each not in self.first)


def _forward(forward: Forward, plan: _Plan) -> list[Moment]:
    last = {each.storage: place for place, step in enumerate(forward.steps) for each in step.inputs}
    alive: set[Storage] = {each.storage for each in forward.inputs}
    kept, others, found = plan.kept_of(alive), plan.others_of(alive), list[Moment]()
    for place, step in enumerate(forward.steps):
        result = step.result.storage
        made = {each for each in (result, *step.kept) if each not in alive and each.kind is not Kind.WEIGHT}
        alive |= made
        kept += plan.kept_of(made)
        others += plan.others_of(made)
        found.append(Moment(step.node.id, Phase.FORWARD, kept, others))
        gone = {each.storage for each in step.inputs if last[each.storage] == place}
        if last.get(result, place) == place:
            gone.add(result)
        gone = {each for each in gone if each in alive and each not in plan.first and each not in plan.stays}
        if gone:
            alive -= gone
            others -= line_of(gone)
    return found


def _backward(forward: Forward, plan: _Plan) -> list[Moment]:
    """Of a step up to three moments: its operations run; where a gradient was there already, the two are added; in
    mixed precision the gradient of a weight is cast, once all its uses have added to it."""
    gradients, weights = _Gradients(), _Gradients()
    uses = {step.owner: place for place, step in reversed(list(enumerate(forward.steps))) if step.trained}
    for step in forward.steps:
        if step.node.id in forward.ends and step.result.needs:
            gradients.take(step.node.id, gradient(step.result))
    done: dict[int, list[Storage]] = {}
    for storage, place in plan.first.items():
        if storage not in plan.stays:
            done.setdefault(place, []).append(storage)
    kept, others, found = line_of(plan.first), plan.others_of(plan.stays), list[Moment]()

    def moment(node: str) -> None:
        found.append(Moment(node, Phase.BACKWARD, kept, others, weights.total, gradients.total))

    for place in range(len(forward.steps) - 1, -1, -1):
        step = forward.steps[place]
        if step.node.id not in gradients.waiting:
            continue
        for id, value in step.sources:
            if value.needs:
                gradients.take(id, gradient(value))
        half = f"half of {step.owner}"
        if step.trained and step.halved:
            weights.take(half, Line(0, step.trained * HALF // FLOAT))
        elif step.trained:
            weights.take(step.owner, Line(0, step.trained))
        moment(step.node.id)
        gradients.drop(step.node.id)
        if place in done:
            kept -= line_of(done[place])
        if gradients.add() | weights.add():
            moment(step.node.id)
            gradients.settle()
            weights.settle()
        if step.halved and uses.get(step.owner) == place:
            weights.take(step.owner, Line(0, step.trained))
            moment(step.node.id)
            weights.drop(half)
    return found


class _Gradients:
    """Those that are alive. Where there is one already, another and then their sum are alive beside it."""

    def __init__(self) -> None:
        self.waiting: dict[str, Line] = {}
        self.total = NONE
        self._passing = NONE

    def take(self, id: str, line: Line) -> None:
        self.total += line
        if id in self.waiting:
            self._passing += line
        else:
            self.waiting[id] = line

    def drop(self, id: str) -> None:
        self.total -= self.waiting.pop(id)

    def add(self) -> bool:
        """Makes the sums; whether there are any."""
        self.total += self._passing
        return self._passing is not NONE

    def settle(self) -> None:
        """The summands are gone."""
        self.total -= self._passing + self._passing
        self._passing = NONE


def gradient(value: Value) -> Line:
    """As large as the tensor."""
    return Line(prod(value.shape) * value.width, 0)


def highest(found: Sequence[Moment], batch: int) -> Moment:
    """The first moment at which most is alive."""
    return max(found, key=lambda each: each.bytes.at(batch))


def largest_batch(lines: Iterable[Line], memory: int) -> int | None:
    """The largest batch at which none of these is over so many bytes; 0 if there is none, None if all batches fit."""
    most: int | None = None
    for line in lines:
        if line.fixed > memory:
            return 0
        if line.each:
            fits = (memory - line.fixed) // line.each
            most = fits if most is None else min(most, fits)
    return most
