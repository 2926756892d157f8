"""Other sizes of inputs, the nearest first: where to look for one that works, when the written one does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from cnnspec.contract.sizing import Kept
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.sizes.forms import forms

FARTHEST = 64
"""So far all axes are moved at once: the next multiples of every number up to it are among these."""
ALONE = 32
"""And so far the axes of one size by themselves, or those of one place."""
RESTS = (2, 4, 8, 16, 32, 64)
"""Axes of several sizes are moved to one rest of these, each by as much as it takes."""
MOST_NEAR = 400
FAR = (256, 512, 1024)

Shapes = Mapping[str, Shape]
Move = Callable[[int, int], int]
"""The new size of an axis, by its place in the shape and its size: axes that are alike stay so."""


def of_one_size(graph: Graph, shapes: ShapeTable) -> Node | None:
    """The first step whose weights are as long as the input's size makes them: other sizes make another network."""
    for node, need, operands in forms(graph, shapes).demands:
        if isinstance(need, Kept) and not isinstance(operands[need.operand][need.axis], int):
            return graph.nodes[node]
    return None


def near(written: Shapes) -> list[Shapes]:
    """The sizes around these, by how much they change all in all."""
    sizes = sorted({size for shape in written.values() for size in shape[1:]})
    places = sorted({place for shape in written.values() for place in range(1, len(shape))})
    steps = [sign * step for step in range(1, FARTHEST + 1) for sign in (1, -1)]
    moves = [_all(by) for by in steps]
    if len(sizes) > 1:
        moves += [_to_rest(period, rest) for period in RESTS for rest in range(period)]
        moves += [_of_size(one, by) for one in sizes for by in steps[: 2 * ALONE]]
    elif len(places) > 1:
        moves += [_of_place(one, by) for one in places for by in steps[: 2 * ALONE]]
        moves += [_times_at(one, *by) for one in places for by in ((2, 1), (1, 2))]
    return sorted(_moved(written, moves), key=lambda each: _change(written, each))[:MOST_NEAR]


def far(written: Shapes) -> list[Shapes]:
    """A few that differ much from these and from each other, in size and in what divides them."""
    times = [_times(*by) for by in ((2, 1), (4, 1), (1, 2))]
    return _moved(written, [*times, lambda _, size: 3 * size + 1, _up, *map(_fixed, FAR)])


def _all(by: int) -> Move:
    return lambda _, size: size + by


def _of_size(one: int, by: int) -> Move:
    return lambda _, size: size + by if size == one else size


def _of_place(one: int, by: int) -> Move:
    return lambda place, size: size + by if place == one else size


def _times(by: int, over: int) -> Move:
    return lambda _, size: size * by // over


def _times_at(one: int, by: int, over: int) -> Move:
    return lambda place, size: size * by // over if place == one else size


def _to_rest(period: int, rest: int) -> Move:
    """The nearest size that leaves this rest; of two the larger."""

    def move(_: int, size: int) -> int:
        more = (rest - size) % period
        return size + more if 2 * more <= period else size + more - period

    return move


def _up(_: int, size: int) -> int:
    return -(-size // FARTHEST) * FARTHEST


def _fixed(size: int) -> Move:
    return lambda _, __: size


def _moved(written: Shapes, moves: Iterable[Move]) -> list[Shapes]:
    """Each once, without what is no size and what is written."""
    found: dict[tuple[Shape, ...], Shapes] = {}
    for move in moves:
        one = {
            name: (shape[0], *(move(place, size) for place, size in enumerate(shape[1:], 1)))
            for name, shape in written.items()
        }
        if all(min(shape) > 0 for shape in one.values()) and one != written:
            found.setdefault(tuple(one.values()), one)
    return list(found.values())


def _change(written: Shapes, other: Shapes) -> int:
    return sum(abs(one - two) for name, shape in written.items() for one, two in zip(shape, other[name], strict=True))
