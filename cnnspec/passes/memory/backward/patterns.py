"""What a step does to tensors, told without them, so that its like need not be worked out again: deep networks repeat
themselves, and what is given and kept depends on how the operands lie, not on which they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.passes.memory.backward.values import FLOAT, Kind, Storage, Value


class Pattern(NamedTuple):
    """Storages are numbers: the operands' first, then the `made` ones, by kind, `each`, `fixed` and `width`, behind the
    name of the weight that they hold, if they do. `read` are the places of the operands whose values are read, None for
    all. `trained` are the bytes of the weights' gradients; `halved`: these are worked out in half precision. `lies` is
    the number of the result's layout."""

    storage: int
    shape: Shape
    strides: tuple[int, ...]
    step: int
    needs: bool
    kept: tuple[int, ...]
    made: tuple[tuple[str, Kind, int, int, int], ...]
    read: tuple[int, ...] | None
    trained: int
    halved: bool
    lies: int

    def again(self, node: str, owner: str, inputs: Sequence[Value]) -> tuple[Value, tuple[Storage, ...]]:
        """The same for another node and its operands."""
        storages = [each.storage for each in inputs]
        for name, kind, each, fixed, width in self.made:
            storages.append(Storage(f"{owner}.{name}" if name else node, kind, each, fixed, width))
        result = Value(storages[self.storage], self.shape, self.strides, self.step, self.needs)
        return result, tuple([storages[each] for each in self.kept])


class Layouts:
    """Numbers for all that a step may ask of an operand, equal for those that lie alike: its shape, that of its node
    among them."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Any, ...], int] = {}

    def number(self, shape: Shape, value: Value) -> int:
        lies = (shape, value.shape, value.strides, value.step, value.needs, value.width)
        return self._numbers.setdefault(lies, len(self._numbers))


def shared(inputs: Sequence[Value]) -> tuple[int, ...]:
    """Which of several operands lie in the same storage: for each the first that does."""
    storages = [each.storage for each in inputs]
    return tuple(map(storages.index, storages))


def pattern(
    inputs: Sequence[Value],
    own: Mapping[str, Value],
    result: Value,
    kept: Sequence[Storage],
    read: tuple[int, ...] | None,
    halved: bool,
    lies: int,
) -> Pattern:
    """Of a step that was worked out; `own` are its weights."""
    numbers: dict[Storage, int] = {}
    for place, each in enumerate(inputs):
        numbers.setdefault(each.storage, place)
    names = {each.storage: name for name, each in own.items()}
    made: list[tuple[str, Kind, int, int, int]] = []
    for one in (result.storage, *kept):
        if one not in numbers:
            numbers[one] = len(inputs) + len(made)
            made.append((names.get(one, ""), one.kind, one.each, one.fixed, one.width))
    return Pattern(
        numbers[result.storage],
        result.shape,
        result.strides,
        result.step,
        result.needs,
        tuple([numbers[each] for each in kept]),
        tuple(made),
        read,
        sum([FLOAT * prod(each.shape) for each in own.values() if each.needs]),
        halved,
        lies,
    )
