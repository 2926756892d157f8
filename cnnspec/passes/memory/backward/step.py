"""One step of training as it goes: what is alive while forward runs and while backward goes back, moment by moment.

Bytes are lines `each * N + fixed` in the batch N, so that the largest batch is found without a search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from math import prod
from typing import NamedTuple

from cnnspec.passes.memory.backward.saved import Forward
from cnnspec.passes.memory.backward.values import FLOAT, HALF, Storage, Value


class Line(NamedTuple):
    """Bytes: `each` for every sample, `fixed` for the batch as a whole."""

    each: int
    fixed: int

    def at(self, batch: int) -> int:
        return self.each * batch + self.fixed

    def __sub__(self, other: Line) -> Line:
        return Line(self.each - other.each, self.fixed - other.fixed)


class Phase(Enum):
    FORWARD = "forward"
    BACKWARD = "backward"


FORWARD, BACKWARD = Phase.FORWARD, Phase.BACKWARD


class Moment(NamedTuple):
    """While `node` works, in bytes: what backward keeps, other values (inputs and results among them), gradients of
    weights, and of activations for each sample. Weights themselves, and what belongs to the optimizer, are apart."""

    node: str
    phase: Phase
    kept: Line
    others: Line
    weights: int = 0
    gradients: int = 0

    @property
    def bytes(self) -> Line:
        kept, others = self.kept, self.others
        return Line(kept.each + others.each + self.gradients, kept.fixed + others.fixed + self.weights)


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
    """Which storages backward keeps, and which stay alive throughout: inputs and results. `done` has what is free after
    the backward of a step, which is the first one that keeps it."""

    def __init__(self, forward: Forward) -> None:
        ends = [step.result.storage for step in forward.steps if step.node.id in forward.ends]
        self.stays = {*(each.storage for each in forward.inputs), *ends}
        self.kept: set[Storage] = set()
        self.done: dict[int, Line] = {}
        for place, step in enumerate(forward.steps):
            sample = batch = 0
            for each in step.kept:
                if each not in self.kept:
                    self.kept.add(each)
                    if each not in self.stays:
                        sample += each.each * each.width
                        batch += each.fixed * each.width
            if sample or batch:
                self.done[place] = Line(sample, batch)


def _forward(forward: Forward, plan: _Plan) -> list[Moment]:
    first, stays, found = plan.kept, plan.stays, list[Moment]()
    last = {each.storage: place for place, step in enumerate(forward.steps) for each in step.inputs}
    alive = {each.storage for each in forward.inputs}
    gone: dict[int, list[Storage]] = {}  # by the step after which they are
    kept_each, kept_fixed = line_of(each for each in alive if each in first)
    others_each, others_fixed = line_of(each for each in alive if each not in first)
    for place, step in enumerate(forward.steps):
        for each in (step.result.storage, *step.kept):
            if each in alive:
                continue
            alive.add(each)
            if each in first:
                kept_each += each.each * each.width
                kept_fixed += each.fixed * each.width
                continue
            others_each += each.each * each.width
            others_fixed += each.fixed * each.width
            if each not in stays:
                gone.setdefault(last.get(each, place), []).append(each)
        kept, others = Line(kept_each, kept_fixed), Line(others_each, others_fixed)
        found.append(Moment(step.node.id, FORWARD, kept, others))
        for each in gone.pop(place, ()):
            others_each -= each.each * each.width
            others_fixed -= each.fixed * each.width
    return found


def _backward(forward: Forward, plan: _Plan) -> list[Moment]:
    """Of a step up to three moments: its operations run; where a gradient was there already, the two are added; in
    mixed precision the gradient of a weight is cast, once all its uses have added to it."""
    gradients, weights = _Gradients(), _Gradients()
    uses: dict[str, int] = {}  # the first place of those that are halved
    for place, step in enumerate(forward.steps):
        if step.halved and step.trained:
            uses.setdefault(step.owner, place)
        if step.node.id in forward.ends and step.result.needs:
            gradients.take(step.node.id, gradient(step.result))
    kept, others = line_of(plan.kept), line_of(plan.stays - plan.kept)
    found = list[Moment]()

    def moment(node: str) -> None:
        found.append(Moment(node, BACKWARD, kept, others, weights.total, gradients.total))

    for place in range(len(forward.steps) - 1, -1, -1):
        step = forward.steps[place]
        id = step.node.id
        if id not in gradients.waiting:
            continue
        for operand, value in step.sources:
            if value.needs:
                gradients.take(operand, gradient(value))
        if step.trained and step.halved:
            weights.take(f"half of {step.owner}", step.trained * HALF // FLOAT)
        elif step.trained:
            weights.take(step.owner, step.trained)
        moment(id)
        gradients.drop(id)
        if place in plan.done:
            kept -= plan.done[place]
        if gradients.passing or weights.passing:
            gradients.add()
            weights.add()
            moment(id)
            gradients.settle()
            weights.settle()
        if step.halved and uses.get(step.owner) == place:
            weights.take(step.owner, step.trained)
            moment(id)
            weights.drop(f"half of {step.owner}")
    return found


class _Gradients:
    """Those that are alive, in bytes: of activations for a sample, of weights for the batch. Where there is one
    already, another and then their sum are alive beside it; `passing` are the summands."""

    def __init__(self) -> None:
        self.waiting: dict[str, int] = {}
        self.total = 0
        self.passing = 0

    def take(self, id: str, bytes: int) -> None:
        self.total += bytes
        if id in self.waiting:
            self.passing += bytes
        else:
            self.waiting[id] = bytes

    def drop(self, id: str) -> None:
        self.total -= self.waiting.pop(id)

    def add(self) -> None:
        """Makes the sums."""
        self.total += self.passing

    def settle(self) -> None:
        """The summands are gone."""
        self.total -= 2 * self.passing
        self.passing = 0


def gradient(value: Value) -> int:
    """As large as the tensor: bytes of a sample."""
    return prod(value.shape) * value.storage.width


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
