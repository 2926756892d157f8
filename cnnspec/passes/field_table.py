"""The receptive field of every layer in full: for each input by itself, branch by branch, and how much of the input it
is. Where no size and stride says it, why, and which layer is the cause.

The centre is that of Araujo et al., Computing Receptive Fields of Convolutional Neural Networks, 2019: start +
(size - 1) / 2, in pixels of the input, of unit 0.
"""

from enum import Enum
from fractions import Fraction
from math import prod
from typing import NamedTuple

from cnnspec.contract.facts import Reach
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input, Node, Unknown
from cnnspec.passes.field_at import central, seen_by, unit
from cnnspec.passes.fold import ShapeTable, once, operands
from cnnspec.passes.index_maps import IndexMaps
from cnnspec.passes.receptive_field import Field, Fields, Look, behind, looks_of, union
from cnnspec.passes.regions import Extent, Rectangle, count, positions, rectangle
from cnnspec.passes.sights import Sights


class Why(Enum):
    """Why there is no one size and stride for all units."""

    VECTOR = "a vector has no positions"
    WHOLE = "each unit depends on every position of what the layer reads"
    IRREGULAR = "the windows of the units differ in size or spacing"
    UNEVEN = "the branches step differently"


class Lost(NamedTuple):
    """No one size and stride; `cause` is the node that was the first for which there was none."""

    why: Why
    cause: str


Axes = tuple[Field, ...]


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
        if self.windows is None:
            return None
        inside = prod(
            max(0, min(each.last, extent - 1) - max(each.first, 0) + 1)
            for each, extent in zip(self.windows, self.extents, strict=True)
        )
        return 1 - Fraction(inside, prod(each.size for each in self.windows))


class Branch(NamedTuple):
    """What a join sees through one operand; `source` is its node."""

    source: str
    field: Axes | Lost


class View(NamedTuple):
    """One layer and one input. `branches` are those of a join through which it is seen, if there are several."""

    input: str
    field: Axes | Lost
    central: Central
    branches: tuple[Branch, ...] = ()


def centre(field: Field) -> Fraction:
    """The middle of what unit 0 sees; between two pixels if the size is even."""
    return field.start + Fraction(field.size - 1, 2)


def fields_in_full(graph: Graph, shapes: ShapeTable, only: str | None = None) -> dict[str, tuple[View, ...]]:
    """By node, in the order of the inputs; empty where a step has an error, or where no input is seen. With `only` of
    that node alone."""
    maps = IndexMaps()
    sights = Sights(graph, shapes, maps).table
    table: dict[str, dict[str, Axes | Lost]] = {}
    found: dict[str, tuple[View, ...]] = {}
    looks, inputs = once(looks_of), list(graph.inputs)
    for node in graph:
        shape = shapes.get(node.id)
        branches = _branches(node, shapes, table, looks)
        table[node.id] = _fields(node, shape, branches)
        if shape is None or (only is not None and node.id != only):
            continue
        views = []
        for input in inputs:
            if input not in table[node.id]:
                continue
            sight, field = sights[node.id].get(input), table[node.id][input]
            exact = sight.of(central(shape)) if sight is not None and sight.exact else None
            middle = _central(graph, shapes, node.id, input, field, exact, maps)
            parts = branches.get(input, ())
            views.append(View(input, field, middle, parts if len(parts) > 1 else ()))
        found[node.id] = tuple(views)
    return found


def leaving(graph: Graph) -> dict[str, str]:
    """By scope the last node in it, which is what leaves it."""
    found: dict[str, str] = {}
    for node in graph:
        scope: str | None = node.scope
        while scope is not None:
            found[scope] = node.id
            scope = graph.scopes[scope].parent
    return found


def lending(node: Node, shapes: ShapeTable) -> tuple[str, ...]:
    """The operands that lend their shape only (`like=@x`): nothing is seen of them."""
    if shapes.get(node.id) is None or isinstance(node.layer, (Input, Unknown)):
        return ()
    looks = looks_of(node.layer, operands(node, shapes))
    return tuple(source for source, look in zip(node.inputs, looks, strict=True) if look is Reach.NOTHING)


def _branches(
    node: Node, shapes: ShapeTable, table: dict[str, dict[str, Axes | Lost]], looks: Look
) -> dict[str, tuple[Branch, ...]]:
    """By input what comes through each operand, the layer's own window included."""
    if shapes.get(node.id) is None or isinstance(node.layer, (Input, Unknown)):
        return {}
    found: dict[str, list[Branch]] = {}
    for source, look in zip(node.inputs, looks(node.layer, operands(node, shapes)), strict=True):
        if look is Reach.NOTHING:
            continue
        for input, field in table[source].items():
            found.setdefault(input, []).append(Branch(source, _through(field, look, node.id)))
    return {input: tuple(branches) for input, branches in found.items()}


def _through(field: Axes | Lost, look: object, id: str) -> Axes | Lost:
    if isinstance(look, tuple):
        return field if isinstance(field, Lost) else behind(field, look)
    if isinstance(field, Lost) and field.why in (Why.WHOLE, Why.VECTOR):
        return field
    if look is Reach.WHOLE:
        return Lost(Why.WHOLE, id)
    return Lost(Why.IRREGULAR, id) if look is Reach.IRREGULAR and not isinstance(field, Lost) else field


def _fields(node: Node, shape: Shape | None, branches: dict[str, tuple[Branch, ...]]) -> dict[str, Axes | Lost]:
    if shape is None or isinstance(node.layer, Unknown):
        return {}
    if isinstance(node.layer, Input):
        itself = (Field(1, 1, 0),) * (len(shape) - 1)
        return {node.id: itself or Lost(Why.VECTOR, node.id)}
    return {input: _joined(node.id, shape, [each.field for each in parts]) for input, parts in branches.items()}


def _joined(id: str, shape: Shape, fields: list[Axes | Lost]) -> Axes | Lost:
    lost = [each for each in fields if isinstance(each, Lost)]
    if len(shape) == 1:
        return next((each for each in lost if each.why is Why.VECTOR), Lost(Why.VECTOR, id))
    lost = [Lost(Why.WHOLE, id) if each.why is Why.VECTOR else each for each in lost]
    if lost:
        return next((each for each in lost if each.why is Why.WHOLE), lost[0])
    axes = [each for each in fields if not isinstance(each, Lost)]
    if len(axes) == 1:
        return axes[0]
    together = union([Fields("", each) for each in axes], shape)
    return together.axes if together else Lost(Why.UNEVEN, id)


def _central(
    graph: Graph,
    shapes: ShapeTable,
    id: str,
    input: str,
    field: Axes | Lost,
    sets: tuple[int, ...] | None,
    maps: IndexMaps,
) -> Central:
    shape, given = shapes[id], shapes[input]
    assert shape is not None
    assert given is not None
    position = central(shape)
    if sets is None:
        seen = positions(seen_by(graph, shapes, id, unit(shape, position), maps).inputs.get(input, ()))
        pixels = count(seen)
    else:
        seen = (sets,) if all(sets) else ()
        pixels = prod(each.bit_count() for each in sets)
    windows = None if isinstance(field, Lost) else tuple(map(_window_at, field, position))
    return Central(position, rectangle(seen), pixels, given[1:], windows)


def _window_at(field: Field, at: int) -> Extent:
    first = field.start + at * field.stride
    return Extent(first, first + field.size - 1)
