"""The receptive field of every layer in full: for each input by itself, branch by branch, and how much of the input it
is.

The centre is that of Araujo et al., Computing Receptive Fields of Convolutional Neural Networks, 2019: start +
(size - 1) / 2, in pixels of the input, of unit 0.
"""

from fractions import Fraction
from math import prod
from typing import NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.fields.at import central, seen_by, unit
from cnnspec.passes.fields.by_input import Axes, Branch, Lost, Traces, fields_by_input
from cnnspec.passes.fields.index_maps import IndexMaps
from cnnspec.passes.fields.receptive_field import Field
from cnnspec.passes.fields.regions import Extent, Rectangle, count, positions, rectangle
from cnnspec.passes.fields.sights import Sights
from cnnspec.passes.fold import ShapeTable

address = id


class Central(NamedTuple):
    """What the unit in the middle sees, exactly: so many `pixels`, the rectangle around them (None if it sees nothing),
    and the rectangle of the windows, which may hang over the edge (None where windows do not say it). `extents` are
    those of the input."""

    position: tuple[int, ...]
    seen: Rectangle | None
    pixels: int
    extents: Shape
    windows: Rectangle | None

    @property
    def of(self) -> int:
        """How many pixels the input has."""
        return prod(self.extents)

    @property
    def outside(self) -> Fraction | None:
        """The part of the windows' rectangle that lies in padding."""
        return None if self.windows is None else outside(self.windows, self.extents)


class View(NamedTuple):
    """One layer and one input. `branches` are those of a join through which it is seen, if there are several;
    `narrowest` is the field along the narrowest way through the graph. Where units differ, `furthest` are the pixels
    on each axis from the first to the last that the unit sees which sees furthest; None also on axes that are too long
    (sights.LONGEST)."""

    input: str
    field: Axes | Lost
    central: Central
    branches: tuple[Branch, ...]
    narrowest: Axes | Lost
    furthest: Shape | None


def centre(field: Field) -> Fraction:
    """The middle of what unit 0 sees; between two pixels if the size is even."""
    return field.start + Fraction(field.size - 1, 2)


def outside(windows: Rectangle, extents: Shape) -> Fraction:
    """The part of a rectangle that lies beyond the edges."""
    axes = zip(windows, extents, strict=True)
    inside = prod(max(0, min(each.last, extent - 1) - max(each.first, 0) + 1) for each, extent in axes)
    return 1 - Fraction(inside, prod(each.size for each in windows))


def fields_in_full(graph: Graph, shapes: ShapeTable, only: str | None = None) -> dict[str, tuple[View, ...]]:
    """By node, in the order of the inputs; empty where a step has an error, or where no input is seen. With `only` of
    that node alone."""
    table, middles = fields_by_input(graph, shapes), _Middles(graph, shapes)
    found: dict[str, tuple[View, ...]] = {}
    alike: dict[tuple[int, int, Shape], tuple[View, ...]] = {}
    for id, traces in table.items():
        shape = shapes.get(id)
        if shape is None or (only is not None and id != only):
            continue
        sights = middles.sights[id]
        key = address(traces), address(sights), shape[1:]  # the tables keep both
        if (known := alike.get(key)) is None:
            known = middles.views(id, shape, traces)
            if all(input in sights and sights[input].exact for input in traces):
                alike[key] = known
        found[id] = known
    return found


class _Middles:
    """What the units in the middle see."""

    def __init__(self, graph: Graph, shapes: ShapeTable) -> None:
        self._graph, self._shapes, self._inputs = graph, shapes, tuple(graph.inputs)
        self._maps = IndexMaps()
        self.sights = Sights(graph, shapes, self._maps).table

    def views(self, id: str, shape: Shape, traces: Traces) -> tuple[View, ...]:
        """One node's."""
        position, found = central(shape), list[View]()
        for input in self._inputs:
            if (trace := traces.get(input)) is not None:
                middle = self._middle(id, shape, position, input, trace.field)
                furthest = self._furthest(id, shape, input, middle) if isinstance(trace.field, Lost) else None
                found.append(View(input, trace.field, middle, trace.branches, trace.narrowest, furthest))
        return tuple(found)

    def _furthest(self, id: str, shape: Shape, input: str, middle: Central) -> Shape | None:
        """None on long axes, where it is not known which unit that is."""
        sight = self.sights[id].get(input)
        if sight is None:
            return None
        position = sight.widest(shape)
        seen = middle.seen if position == middle.position else self._seen(id, shape, position, input)[0]
        return tuple([each.size for each in seen]) if seen else None

    def _seen(self, id: str, shape: Shape, position: tuple[int, ...], input: str) -> tuple[Rectangle | None, int]:
        """The rectangle around what a unit sees, and how many pixels it sees."""
        sight = self.sights[id].get(input)
        if sight is not None and sight.exact:
            sets = sight.of(position)
            return rectangle((sets,) if all(sets) else ()), prod([each.bit_count() for each in sets])
        walked = seen_by(self._graph, self._shapes, id, unit(shape, position), self._maps).inputs.get(input, ())
        return rectangle(positions(walked)), count(positions(walked))

    def _middle(self, id: str, shape: Shape, position: tuple[int, ...], input: str, field: Axes | Lost) -> Central:
        seen, pixels = self._seen(id, shape, position, input)
        windows = None if isinstance(field, Lost) else tuple(map(_window_at, field, position))
        return Central(position, seen, pixels, (self._shapes[input] or ())[1:], windows)


def _window_at(field: Field, at: int) -> Extent:
    first = field.start + at * field.stride
    return Extent(first, first + field.size - 1)


def leaving(graph: Graph) -> dict[str, str]:
    """By scope the last node in it, which is what leaves it."""
    found: dict[str, str] = {}
    for node in graph:
        scope: str | None = node.scope
        while scope is not None:
            found[scope] = node.id
            scope = graph.scopes[scope].parent
    return found
