"""One step of training as it goes: what is alive while forward runs and while backward goes back, moment by moment.

Bytes are lines `each * N + fixed` in the batch N, so that the largest batch is found without a search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from math import prod
from typing import NamedTuple

from cnnspec.passes.backward.saved import Forward
from cnnspec.passes.backward.values import Kind, Storage, Value


class Line(NamedTuple):
    """Bytes: `each` for every sample, `fixed` for the batch as a whole."""

    each: int
    fixed: int

    def at(self, batch: int) -> int:
        return self.each * batch + self.fixed

    def __add__(self, other: object) -> Line:
        assert isinstance(other, Line)
        return Line(self.each + other.each, self.fixed + other.fixed)

    def __sub__(self, other: Line) -> Line:
        return Line(self.each - other.each, self.fixed - other.fixed)


NONE = Line(0, 0)


class Phase(Enum):
    FORWARD = "forward"
    BACKWARD = "backward"
    UPDATE = "update"


class Moment(NamedTuple):
    """While `node` works, or, without one, the optimizer: what backward keeps, other values (inputs and results among
    them), gradients of weights and of activations. Weights themselves, and what belongs to the optimizer, are apart."""

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
    in torch it need not be. What one operation takes for itself is not counted.
    """
    plan = _Plan(forward)
    update = Moment("", Phase.UPDATE, NONE, line_of(plan.stays), Line(0, sum(_trained(forward).values())))
    return [*_forward(forward, plan), *_backward(forward, plan), update]


class _Plan:
    """Which storages backward keeps, and from which step on; which stay alive throughout: inputs and results."""

    def __init__(self, forward: Forward) -> None:
        self.first: dict[Storage, int] = {}
        for place, step in enumerate(forward.steps):
            for each in step.kept:
                if each.kind is not Kind.WEIGHT:
                    self.first.setdefault(each, place)
        ends = [step.result.storage for step in forward.steps if step.node.id in forward.ends]
        self.stays = dict.fromkeys((*(each.storage for each in forward.inputs), *ends))

    def split(self, storages: Iterable[Storage]) -> tuple[Line, Line]:
        """What of them is kept, and the others."""
        found = list(storages)
        return line_of(each for each in found if each in self.first), line_of(
            each for each in found if each not in self.first
        )


def _trained(forward: Forward) -> dict[str, int]:
    return {step.owner: step.trained for step in forward.steps}


def _forward(forward: Forward, plan: _Plan) -> list[Moment]:
    last = {each.storage: place for place, step in enumerate(forward.steps) for each in step.inputs}
    alive, found = dict.fromkeys(each.storage for each in forward.inputs), list[Moment]()
    kept, others = plan.split(alive)
    for place, step in enumerate(forward.steps):
        made = [each for each in dict.fromkeys((step.result.storage, *step.kept)) if each not in alive]
        made = [each for each in made if each.kind is not Kind.WEIGHT]
        alive.update(dict.fromkeys(made))
        more, rest = plan.split(made)
        kept, others = kept + more, others + rest
        found.append(Moment(step.node.id, Phase.FORWARD, kept, others))
        read = dict.fromkeys((*(each.storage for each in step.inputs), step.result.storage))
        gone = [each for each in read if each in alive and last.get(each, place) <= place]
        gone = [each for each in gone if each not in plan.first and each not in plan.stays]
        for each in gone:
            del alive[each]
        others -= line_of(gone)
    return found


def _backward(forward: Forward, plan: _Plan) -> list[Moment]:
    gradients, weights = _Gradients(), _Gradients()
    for step in forward.steps:
        if step.node.id in forward.ends and step.result.needs:
            gradients.take(step.node.id, gradient(step.result))
    kept, found = line_of(plan.first), list[Moment]()
    others = line_of(each for each in plan.stays if each not in plan.first)
    for place in range(len(forward.steps) - 1, -1, -1):
        step = forward.steps[place]
        if step.node.id not in gradients.waiting:
            continue
        for id, value in step.sources:
            if value.needs:
                gradients.take(id, gradient(value))
        if step.trained:
            weights.take(step.owner, Line(0, step.trained))
        half = line_of(each for each in step.kept if each.kind is Kind.COPY)  # the weight's gradient before it is cast
        found.append(Moment(step.node.id, Phase.BACKWARD, kept, others, weights.total + half, gradients.total))
        gradients.settle(step.node.id)
        weights.settle()
        done = (each for each in dict.fromkeys(step.kept) if plan.first.get(each) == place)
        kept -= line_of(each for each in done if each not in plan.stays)
    return found


class _Gradients:
    """Those that are alive. Where there is one already, another and their sum are alive beside it for a moment."""

    def __init__(self) -> None:
        self.waiting: dict[str, Line] = {}
        self.total = NONE
        self._passing = NONE

    def take(self, id: str, line: Line) -> None:
        if id in self.waiting:
            self._passing += line + line
            self.total += line + line
        else:
            self.waiting[id] = line
            self.total += line

    def settle(self, done: str | None = None) -> None:
        """The step is done: sums are made, and the gradient of its result is gone."""
        self.total -= self._passing + (NONE if done is None else self.waiting.pop(done))
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
