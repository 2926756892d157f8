"""Exactly what one unit sees of each input, and what one value reaches: a walk over the graph, in one sweep.

Dependence is that of the graph: there is a path from the one value to the other. That the values along it could cancel,
or that a maximum lies elsewhere, is the data's affair; so a pool by maximum sees all of its window.
"""

from collections.abc import Mapping
from typing import NamedTuple

from cnnspec.contract.facts import Reach
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input, Unknown
from cnnspec.passes.fields.index_maps import IndexMap, IndexMaps
from cnnspec.passes.fields.regions import Extent, Rectangle, Region, positions, rectangle, span, united
from cnnspec.passes.fold import Kind, ShapeTable, kinds_of

LONGEST = 1 << 20
"""Places along an axis that are looked at one by one."""


def too_long(shapes: ShapeTable) -> str | None:
    """The first node with a map that is longer on some axis than what can be walked."""
    return next((id for id, shape in shapes.items() if shape and max(shape[1:], default=0) > LONGEST), None)


class Seen(NamedTuple):
    """By input what is seen of it; an input of which nothing is seen is left out. `unclear` are steps with errors
    through which more may be seen."""

    inputs: Mapping[str, Region]
    unclear: tuple[str, ...] = ()


def unit(shape: Shape, position: tuple[int, ...] = (), channel: int | None = None) -> Region:
    """The values at one position: of all channels, or of one. Of a vector the position is empty."""
    whole = (1 << shape[0]) - 1 if channel is None else 1 << channel
    return ((whole, *(1 << at for at in position)),)


def central(shape: Shape) -> tuple[int, ...]:
    """The position in the middle, of two the second."""
    return tuple(extent // 2 for extent in shape[1:])


def seen_by(graph: Graph, shapes: ShapeTable, id: str, region: Region, maps: IndexMaps | None = None) -> Seen:
    """What a region of one node's value depends on, walking back from it."""
    maps, kinds = maps or IndexMaps(), kinds_of(graph, shapes)
    wanted, found, unclear = {id: region}, dict[str, Region](), list[str]()
    for name in reversed(list(graph.nodes)):
        here = wanted.pop(name, ())
        if not here:
            continue
        node = graph.nodes[name]
        if isinstance(node.layer, Input):
            found[name] = here
        elif (kind := kinds.kind(name)) is None:
            unclear.append(name)
        else:
            for place, source in enumerate(node.inputs):
                read = maps.of(kind, place).back(here)
                wanted[source] = united(wanted[source], read) if source in wanted else read
    return Seen({each: found[each] for each in graph.inputs if each in found}, tuple(reversed(unclear)))


def reached_from(graph: Graph, shapes: ShapeTable, id: str, region: Region) -> dict[str, Region]:
    """By node what depends on a region of one node's value, itself included; what it does not reach is left out."""
    maps, kinds = IndexMaps(), kinds_of(graph, shapes)
    reached = {id: region}
    for node in graph:
        kind = kinds.kind(node.id)
        if kind is None or not any(each in reached for each in node.inputs):
            continue
        here: Region = ()
        for place, source in enumerate(node.inputs):
            if source in reached:
                there = maps.of(kind, place).onward(reached[source])
                here = united(here, there) if here else there
        if here:
            reached[node.id] = here
    return reached


def unclipped(graph: Graph, shapes: ShapeTable, id: str, position: tuple[int, ...]) -> dict[str, Rectangle]:
    """By input the rectangle that the windows cover, as if every map went on beyond its edge: what is outside of the
    input lies in padding. Behind a layer whose windows do not slide evenly there is nothing to go on with: there the
    rectangle is cut to the map."""
    maps, kinds = IndexMaps(), kinds_of(graph, shapes)
    looks: dict[tuple[Kind, int], Reach | tuple[tuple[int, int, int], ...]] = {}
    wanted: dict[str, Rectangle] = {id: tuple(Extent(at, at) for at in position)}
    found: dict[str, Rectangle] = {}
    for name in reversed(list(graph.nodes)):
        here = wanted.pop(name, None)
        node = graph.nodes[name]
        if here is None or isinstance(node.layer, Unknown):
            continue
        if isinstance(node.layer, Input):
            found[name] = here
            continue
        kind = kinds.kind(name)
        if kind is None:
            continue
        for place, source in enumerate(node.inputs):
            key = kind, place
            if key not in looks:
                looks[key] = _look(*key)
            back = _behind(here, looks[key], maps, key)
            if back is not None:
                wanted[source] = _hull(wanted[source], back) if source in wanted else back
    return {each: found[each] for each in graph.inputs if each in found}


def _look(kind: Kind, place: int) -> Reach | tuple[tuple[int, int, int], ...]:
    """A window as stride, first and last tap of result 0."""
    look = kind.layer.window(kind.operands, place)
    if isinstance(look, Reach):
        return look
    return tuple((each.stride, -each.pad, (each.kernel - 1) * each.dilation - each.pad) for each in look)


def _behind(
    here: Rectangle,
    look: Reach | tuple[tuple[int, int, int], ...],
    maps: IndexMaps,
    key: tuple[Kind, int],
) -> Rectangle | None:
    if look is Reach.NOTHING:
        return None
    if look is Reach.POINTWISE:
        return here
    if not isinstance(look, Reach):
        axes = zip(here, look, strict=True)
        return tuple(Extent(one.first * stride + a, one.last * stride + b) for one, (stride, a, b) in axes)
    return _through(here, maps.of(*key))


def _through(here: Rectangle, map: IndexMap) -> Rectangle | None:
    channels, *extents = map.after
    cut = [span(one.first, one.last, extent) for one, extent in zip(here, extents, strict=True)]
    if not all(cut):
        return None
    return rectangle(positions(map.back((((1 << channels) - 1, *cut),))))


def _hull(one: Rectangle, other: Rectangle) -> Rectangle:
    axes = zip(one, other, strict=True)
    return tuple(Extent(min(a.first, b.first), max(a.last, b.last)) for a, b in axes)
