"""What a step does to tensors, told without them, so that its like need not be worked out again: deep networks repeat
themselves, and what is given and kept depends on how the operands lie, not on which they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.passes.backward.values import FLOAT, Kind, Storage, Value


class Pattern(NamedTuple):
    """Storages are numbers: the operands' first, then `weights` by name, then `fresh` ones by kind, `each`, `fixed` and
    `width`. `trained` are the bytes of the weights' gradients."""

    storage: int
    shape: Shape
    strides: tuple[int, ...]
    step: int
    needs: bool
    kept: tuple[int, ...]
    weights: tuple[str, ...]
    fresh: tuple[tuple[Kind, int, int, int], ...]
    trained: int

    def again(self, node: str, owner: str, inputs: Sequence[Value]) -> tuple[Value, tuple[Storage, ...]]:
        """The same for another node and its operands."""
        storages = [each.storage for each in inputs]
        storages += [Storage(f"{owner}.{name}", Kind.WEIGHT, 0) for name in self.weights]
        storages += [Storage(node, *each) for each in self.fresh]
        result = Value(storages[self.storage], self.shape, self.strides, self.step, self.needs)
        return result, tuple([storages[each] for each in self.kept])


def layout(inputs: Sequence[Value]) -> tuple[Any, ...]:
    """All that a step may ask of its operands: equal for those that lie alike, and share storages alike."""
    found = [(each.shape, each.strides, each.step, each.needs, each.storage.width) for each in inputs]
    if len(inputs) == 1:
        return (*found[0],)
    storages = [each.storage for each in inputs]
    return (*found, *map(storages.index, storages))


def pattern(inputs: Sequence[Value], own: Mapping[str, Value], result: Value, kept: Sequence[Storage]) -> Pattern:
    """Of a step that was worked out; `own` are its weights."""
    names = {each.storage: name for name, each in own.items()}
    given = [each.storage for each in inputs]
    others = [each for each in dict.fromkeys((result.storage, *kept)) if each not in given]
    weights = [each for each in others if each in names]
    fresh = [each for each in others if each not in names]
    number = {each: place for place, each in reversed(list(enumerate((*given, *weights, *fresh))))}
    return Pattern(
        number[result.storage],
        result.shape,
        result.strides,
        result.step,
        result.needs,
        tuple(number[each] for each in kept),
        tuple(names[each] for each in weights),
        tuple((each.kind, each.each, each.fixed, each.width) for each in fresh),
        sum(FLOAT * prod(each.shape) for each in own.values() if each.needs),
    )
