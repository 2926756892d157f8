"""The answers to two questions about one unit: what it sees of each input, and what it reaches."""

from collections.abc import Iterable, Mapping
from math import prod
from typing import NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Unknown
from cnnspec.passes.fields.at import reached_from, seen_by, unclipped, unit
from cnnspec.passes.fields.regions import Rectangle, Region, channels, count, everything, members, positions, rectangle
from cnnspec.passes.fold import ShapeTable


class Unit(NamedTuple):
    """A position of a value with all its channels or with one; no position: all of them (of a vector, all units)."""

    node: str
    position: tuple[int, ...] | None = None
    channel: int | None = None


class Patch(NamedTuple):
    """A part of one node's value: the smallest `rectangle` around it (None if it is empty, or a vector's), how many
    `positions` of it it holds and in which `channels`, and how many `values` they are together. `windows` is the
    rectangle that the windows cover on an input, in its padding too; None where that is not asked."""

    node: str
    shape: Shape
    rectangle: Rectangle | None
    positions: int
    channels: tuple[int, ...]
    values: int
    windows: Rectangle | None = None

    @property
    def of(self) -> int:
        """How many positions there are."""
        return prod(self.shape[1:])

    @property
    def around(self) -> int:
        """How many positions the rectangle holds."""
        return prod(each.size for each in self.rectangle) if self.rectangle is not None else 0


class SeenPart(NamedTuple):
    """What a unit sees: a patch for each input, an empty one too. `unclear` are steps with errors through which it may
    see more."""

    unit: Unit
    shape: Shape
    patches: tuple[Patch, ...]
    unclear: tuple[str, ...]


class ReachedPart(NamedTuple):
    """What a unit reaches: a patch for each node that was asked for. `unclear` are those of them of which more may be
    reached, through a step with an error."""

    unit: Unit
    shape: Shape
    patches: tuple[Patch, ...]
    unclear: tuple[str, ...]


def seen_part(graph: Graph, shapes: ShapeTable, asked: Unit) -> SeenPart:
    """The receptive field of one unit, exactly; its node has a shape."""
    shape, region = _region(shapes, asked)
    seen = seen_by(graph, shapes, asked.node, region)
    slides = asked.position and asked.channel is None
    windows = unclipped(graph, shapes, asked.node, asked.position or ()) if slides else {}
    patches = (_patch(shapes, each, seen.inputs.get(each, ()), windows.get(each)) for each in graph.inputs)
    return SeenPart(asked, shape, tuple(patches), seen.unclear)


def reached_part(graph: Graph, shapes: ShapeTable, asked: Unit, targets: Iterable[str]) -> ReachedPart:
    """The projective field of one unit in the values of `targets`, exactly; nodes without a shape are left out."""
    shape, region = _region(shapes, asked)
    reached = reached_from(graph, shapes, asked.node, region)
    known = [each for each in dict.fromkeys(targets) if shapes.get(each) is not None]
    patches = tuple(_patch(shapes, each, reached.get(each, ())) for each in known)
    unclear = _behind_errors(graph, reached)
    return ReachedPart(asked, shape, patches, tuple(each for each in known if each in unclear))


def _behind_errors(graph: Graph, reached: Mapping[str, Region]) -> set[str]:
    """The nodes that read something of what is reached through a step with an error."""
    found: set[str] = set()
    for node in graph:
        is_reached = any(each in reached for each in node.inputs) and isinstance(node.layer, Unknown)
        if is_reached or any(each in found for each in node.inputs):
            found.add(node.id)
    return found


def _region(shapes: ShapeTable, asked: Unit) -> tuple[Shape, Region]:
    shape = shapes[asked.node]
    assert shape is not None
    if asked.position is not None:
        return shape, unit(shape, asked.position, asked.channel)
    ((whole, *axes),) = everything(shape)
    return shape, ((whole if asked.channel is None else 1 << asked.channel, *axes),)


def _patch(shapes: ShapeTable, id: str, region: Region, windows: Rectangle | None = None) -> Patch:
    shape = shapes[id]
    assert shape is not None
    flat = positions(region)
    seen = tuple(members(channels(region)))
    return Patch(id, shape, rectangle(flat) if len(shape) > 1 else None, count(flat), seen, count(region), windows)
