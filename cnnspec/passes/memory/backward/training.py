"""The memory of training in full: weights, their gradients, the optimizer's state, what backward keeps, the peak."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import NamedTuple

from cnnspec.contract.training.optimizers import Adam, Optimizer
from cnnspec.contract.training.recipe import Recipe
from cnnspec.contract.training.transfer import named
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.memory.backward.room import room
from cnnspec.passes.memory.backward.saved import Forward, forward
from cnnspec.passes.memory.backward.step import Line, Moment, highest, largest_batch, line_of, moments
from cnnspec.passes.memory.backward.values import FLOAT, HALF, Kind, Storage
from cnnspec.passes.memory.peak import Owned, owned_bytes
from cnnspec.passes.parameters import weights_of

UNSAID = Adam(lr=0.001)
"""What `cnnspec train` takes where the text says no optimizer."""


class Setup(NamedTuple):
    """How it is trained: `average` is whether a mean of the weights is kept beside them (`ema`), `frozen` the steps
    that are not trained, `mixed` whether weighted sums run in half precision."""

    optimizer: Optimizer = UNSAID
    mixed: bool = False
    average: bool = False
    frozen: frozenset[str] = frozenset()


class Training:
    """Bytes, of which those that grow with the batch are lines. What is `settled` does not. `gradients` of weights are
    float32; in mixed precision some are cast from `half_gradients`. `single`: for one sample alone, of which less may
    be kept; else for any batch above."""

    def __init__(self, graph: Graph, shapes: ShapeTable, setup: Setup, single: bool = False) -> None:
        self.setup, self._graph, self._shapes, self._single = setup, graph, shapes, single
        self.weights: Owned = owned_bytes(graph, shapes)
        self.forward: Forward = forward(graph, shapes, setup.frozen, setup.mixed, single)
        trained = {step.owner: step.trained for step in self.forward.steps if step.trained}
        tensors = weights_of(graph, shapes)
        count = sum(each.trainable for owner in trained for each in tensors[owner])
        self.gradients = sum(trained.values())
        halved = {step.owner: step.trained for step in self.forward.steps if step.halved}
        self.half_gradients = sum(halved.values()) * HALF // FLOAT
        self.state = setup.optimizer.copies * self.gradients + FLOAT * count * setup.optimizer.counts
        self.average = self.weights.bytes if setup.average else 0
        self.moments: list[Moment] = moments(self.forward)

    @property
    def settled(self) -> int:
        """Weights, the optimizer's state and the mean of the weights: there from one step to the next."""
        return self.weights.bytes + self.state + self.average

    @cached_property
    def saved(self) -> dict[str, list[Storage]]:
        """What backward keeps, by the first step that keeps it; each storage once."""
        return self.forward.saved()

    @cached_property
    def kept(self) -> Line:
        return line_of(each for storages in self.saved.values() for each in storages)

    @cached_property
    def room(self) -> dict[str, int]:
        """What torch may keep beyond that, by whose result it stands behind: bytes for each sample."""
        found = room(self._graph, self._shapes, (each for storages in self.saved.values() for each in storages))
        return {storage.node: bytes for storage, bytes in found.items()}

    def kinds(self, batch: int) -> dict[Kind, int]:
        """What is kept by what it is, the most first."""
        found: Counter[Kind] = Counter()
        for storages in self.saved.values():
            for each in storages:
                found[each.kind] += each.bytes(batch)
        return dict(found.most_common())

    def peak(self, batch: int) -> Moment:
        """The moment at which most is alive, beside what is settled."""
        return highest(self.moments, batch)

    def total(self, batch: int) -> int:
        """All that is alive at the peak."""
        return self.settled + self.peak(batch).bytes.at(batch)

    def largest_batch(self, memory: int) -> int | None:
        """The largest batch whose peak is at most so many bytes; 0 if none is, None if all are."""
        found = largest_batch((each.bytes for each in self._other(single=False).moments), memory - self.settled)
        return found if found != 0 or self._other(single=True).total(1) > memory else 1

    def _other(self, single: bool) -> Training:
        """The same for one sample, or for any batch."""
        return self if single == self._single else Training(self._graph, self._shapes, self.setup, single)


def setup_of(recipe: Recipe | None, graph: Graph, optimizer: Optimizer | None = None, mixed: bool = False) -> Setup:
    """As the train section says; what is frozen for a time only counts as trained, as it will be."""
    said = recipe or Recipe()
    for_good = [pattern for line in said.freeze or () if line.until is None for pattern in line.patterns]
    own = [node.id for node in graph if node.reuse_of is None and node.inputs]
    frozen = set(named(for_good, own))
    frozen.update(node.id for node in graph if node.reuse_of in frozen)
    return Setup(optimizer or said.optimizer or UNSAID, mixed, said.ema is not None, frozenset(frozen))


def batch_of(recipe: Recipe | None) -> int:
    """How many samples are in memory at once, as the train section says; 1 where it says nothing."""
    return recipe.batch.size // recipe.batch.accumulate if recipe and recipe.batch else 1
