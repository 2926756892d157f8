"""What each position of each value sees of each input, for all layers at once: one fold forward.

A position sees a product of sets of pixels, one for each axis of the input, as long as no two branches of different
form meet (a 1x3 beside a 3x1) and no part of the channels goes its own way. Where that is so the fold is exact, and it
says where it is not: then a walk from the one unit in question is (at.py).
"""

from collections.abc import Callable, Mapping, Sequence
from operator import or_
from types import MappingProxyType
from typing import NamedTuple

from cnnspec.contract.reads import Moved
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input, Node, Unknown
from cnnspec.passes.fields.index_maps import Axis, IndexMap, IndexMaps
from cnnspec.passes.fold import ShapeTable, kinds_of

LONGEST = 1 << 12
"""Pixels of an axis up to which sets are kept for each position; beyond them units are walked back from."""

Sets = tuple[int, ...]


class Line(NamedTuple):
    """One axis of the input. `axis` is the axis of the value (channels being 0) whose place decides, and `sets[i]` the
    pixels that place i sees; without it the one set is what all see."""

    axis: int | None
    sets: Sets


class Sight(NamedTuple):
    """`exact`: the product of the lines is what a position sees, all its channels together, and not only holds it.
    `alike`: each channel by itself sees the same."""

    lines: tuple[Line, ...]
    exact: bool = True
    alike: bool = True

    def of(self, position: tuple[int, ...]) -> Sets:
        """What one position sees, axis by axis of the input."""
        return tuple(sets[0] if axis is None else sets[position[axis - 1]] for axis, sets in self.lines)

    def widest(self, shape: Shape) -> tuple[int, ...]:
        """The position, of a value of this shape, that sees furthest; of several the one next to the middle."""
        position = [extent // 2 for extent in shape[1:]]
        for axis, sets in self.lines:
            if axis:
                spans, middle = list(map(_span, sets)), position[axis - 1]
                most = max(spans)
                position[axis - 1] = min((abs(at - middle), at) for at, span in enumerate(spans) if span == most)[1]
        return tuple(position)


NOTHING: Mapping[str, Sight] = MappingProxyType({})


class Sights:
    """The fold. Sets that come of the same sets through the same windows are made once: most maps are square."""

    def __init__(self, graph: Graph, shapes: ShapeTable, maps: IndexMaps) -> None:
        self._made: dict[tuple[int, int], Sets] = {}
        self._kept: list[object] = []  # what `_made` knows by its address
        self.table: dict[str, Mapping[str, Sight]] = {}
        kinds = kinds_of(graph, shapes)
        through = [[maps.of(kind, place) for place in range(len(kind.operands))] for kind in kinds.kinds]
        for id, node in graph.nodes.items():
            shape = shapes.get(id)
            if shape is None or isinstance(node.layer, Unknown):
                self.table[id] = NOTHING
            elif isinstance(node.layer, Input):
                self.table[id] = {id: _itself(shape)} if max(shape[1:], default=1) <= LONGEST else NOTHING
            else:
                self.table[id] = self._seen(node, through[kinds.of[id]], shape)

    def _seen(self, node: Node, maps: Sequence[IndexMap], shape: Shape) -> Mapping[str, Sight]:
        """Of each input; a node through which the same is seen as through its operand shares that one's."""
        if len(maps) == 1:
            entering, behind = self.table[node.inputs[0]], maps[0]
            if behind.same:
                return entering
            if behind.nothing:
                return NOTHING
            seen = {input: self._through(sight, behind) for input, sight in entering.items()}
            return entering if seen == entering else seen
        found: dict[str, Sight] = {}
        for source, behind in zip(node.inputs, maps, strict=True):
            if behind.nothing:
                continue
            for input, sight in self.table[source].items():
                sight = self._through(sight, behind)
                found[input] = self._join(found[input], sight, shape) if input in found else sight
        return found

    def _once(self, of: Callable[[], Sets], one: object, other: object) -> Sets:
        key = id(one), id(other)
        if (made := self._made.get(key)) is None:
            made = self._made[key] = of()
            self._kept += [one, other]
        return made

    def _through(self, sight: Sight, behind: IndexMap) -> Sight:
        if behind.same:
            return sight
        if behind.moved:
            return self._moved(sight, behind.moved, behind)
        channels = behind.axes[0]
        lines = tuple(self._line(each, behind.axes) for each in sight.lines)
        turned = any(each.axis and behind.axes[each.axis].axis == 0 for each in sight.lines)
        if channels.axis is None:
            return Sight(lines, sight.exact, not turned)
        if channels.axis:  # the channels are positions now
            return Sight(lines, sight.exact and sight.alike, sight.alike and not turned)
        exact = sight.exact and (sight.alike or channels.reads_all)
        return Sight(lines, exact, sight.alike and not channels.has_blind and not turned)

    def _line(self, line: Line, axes: tuple[Axis, ...]) -> Line:
        if line.axis is None:
            return line
        along = axes[line.axis]
        if not along.axis:
            return Line(None, self._pooled(line.sets))
        if along.is_same:
            return Line(along.axis, line.sets)
        if along.places is None:
            sets = tuple(line.sets[at] if 0 <= at < len(line.sets) else 0 for at in along.shifted)
            return Line(along.axis if len(sets) > 1 else None, sets)
        sets = self._once(lambda: _read(line.sets, along), line.sets, along.places)
        return Line(along.axis if len(sets) > 1 else None, sets)

    def _pooled(self, sets: Sets) -> Sets:
        return self._once(lambda: (_all_of(sets),), sets, None)

    def _moved(self, sight: Sight, moved: Moved, behind: IndexMap) -> Sight:
        """A vector's units together see what the map's did; what is made of a vector sees what its units saw."""
        is_vector = len(behind.after) == 1
        if all(line.axis is None for line in sight.lines):
            return sight._replace(exact=sight.exact and (sight.alike or is_vector))
        if moved.spatial:
            pairs = zip(moved.spatial, behind.before[1:], strict=True)
            axes = [Axis(each, extent, behind.after) for each, extent in pairs]
            lines = tuple(self._line(each, (axes[0], *axes)) for each in sight.lines)
            return Sight(lines, sight.exact and sight.alike, sight.alike)
        lines = tuple(each if each.axis is None else Line(None, self._pooled(each.sets)) for each in sight.lines)
        return Sight(lines, sight.exact and is_vector, False)

    def _join(self, one: Sight, other: Sight, shape: Shape) -> Sight:
        if one.lines == other.lines:
            return Sight(one.lines, one.exact and other.exact, one.alike and other.alike)
        for more, less in ((one, other), (other, one)):
            if all(self._holds(a, b) for a, b in zip(more.lines, less.lines, strict=True)):
                return more
        lines = tuple(self._both(a, b, shape) for a, b in zip(one.lines, other.lines, strict=True))
        differing = sum(a != b for a, b in zip(one.lines, other.lines, strict=True))
        exact = one.exact and other.exact and differing == 1
        return Sight(lines, exact, one.alike and other.alike)

    def _holds(self, more: Line, less: Line) -> bool:
        if more.axis is None:
            return not self._pooled(less.sets)[0] & ~more.sets[0]
        if more.axis == less.axis:
            return more.sets is less.sets or tuple(map(or_, more.sets, less.sets)) == more.sets
        if less.axis is None:
            return not any(less.sets[0] & ~each for each in more.sets)
        return False

    def _both(self, one: Line, other: Line, shape: Shape) -> Line:
        if one.axis is None and other.axis is None:
            return Line(None, (one.sets[0] | other.sets[0],))
        if one.axis is not None and other.axis is not None and one.axis != other.axis:
            return Line(None, (_all_of(one.sets) | _all_of(other.sets),))
        axis = one.axis if one.axis is not None else other.axis
        assert axis is not None
        places = range(shape[axis])
        mine, theirs = (each.sets * len(places) if each.axis is None else each.sets for each in (one, other))
        return Line(axis, tuple(mine[at] | theirs[at] for at in places))


def _itself(shape: Shape) -> Sight:
    """Each pixel sees itself. Axes of the same extent share their sets."""
    sets = {extent: tuple(1 << at for at in range(extent)) for extent in shape[1:]}
    return Sight(tuple(Line(axis if extent > 1 else None, sets[extent]) for axis, extent in enumerate(shape) if axis))


def _read(sets: Sets, along: Axis) -> Sets:
    assert along.places is not None
    return tuple(_all_of(sets[each.start : each.stop : each.step]) for each in along.places)


def _span(pixels: int) -> int:
    """From the first pixel to the last."""
    return pixels.bit_length() - (pixels & -pixels).bit_length() + 1 if pixels else 0


def _all_of(sets: Sets) -> int:
    whole = 0
    for each in sets:
        whole |= each
    return whole
