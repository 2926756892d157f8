"""What `require` may ask of a finished model: `params macs rf memory depth`."""

from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.analysis import Analysis, Row
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.memory.peak import peak_bytes, weight_bytes


def quantities(graph: Graph, shapes: ShapeTable, analysis: Analysis) -> dict[str, int]:
    """By the names that the language has for them.

    `params` and `macs` as the report's totals (auxiliary heads are in `params` only), `depth` as there; `memory` the
    bytes of the weights and of the activations that are alive at once, for one float32 sample; `rf` the pixels that a
    unit of the last map sees (`last_map`); it is left out where there is no map, or none that can be looked at.
    """
    last = last_map(graph, shapes, analysis)
    found = {
        "params": analysis.totals.params,
        "macs": analysis.totals.macs,
        "depth": analysis.totals.depth,
        "memory": weight_bytes(graph, shapes) + peak_bytes(graph, shapes),
    }
    return found | {"rf": last.sees} if last else found


class LastMap(NamedTuple):
    """The last step that runs and gives a map of more than one position (one position is no map any more). `sees` are
    the pixels of a unit on the axis where that is least: of every unit, or, where units differ (behind transposed
    convolutions, or what is scaled by the whole map), of the one that sees furthest, without what lies in padding."""

    row: Row
    shape: Shape
    sees: int
    units_differ: bool


def last_map(graph: Graph, shapes: ShapeTable, analysis: Analysis) -> LastMap | None:
    """Where there is one, and it depends on an input."""
    for row in reversed(analysis.rows):
        if row.runs and row.shape and max(row.shape[1:], default=1) > 1:
            if row.field:
                return LastMap(row, row.shape, min(axis.size for axis in row.field.axes), False)
            sees = _seen_at_most(graph, shapes, row.node.id, row.shape)
            return LastMap(row, row.shape, sees, True) if sees else None
    return None


DIFFERING = 64
"""So many units in a row."""


def _around(middle: Shape, extents: Shape) -> Iterator[Shape]:
    """The middle, and those beside it on the longest axis."""
    axis = extents.index(max(extents))
    first = max(0, middle[axis] - DIFFERING // 2)
    for at in range(first, min(first + DIFFERING, extents[axis])):
        yield (*middle[:axis], at, *middle[axis + 1 :])


def _seen_at_most(graph: Graph, shapes: ShapeTable, id: str, shape: Shape) -> int:
    """Of the input of which that is most; 0 where nothing is, or the way there is too long to be walked. On axes that
    are longer than 4,096 the unit that sees furthest is looked for in the middle, among as many as strides are
    likely to make differ."""
    from cnnspec.passes.fields.at import central, too_long  # only few networks need it
    from cnnspec.passes.fields.index_maps import IndexMaps
    from cnnspec.passes.fields.sights import Sights
    from cnnspec.passes.fields.unit import Unit, seen_part

    if too_long(shapes):
        return 0
    sights = Sights(graph, shapes, IndexMaps()).table[id]
    units = {sight.widest(shape) for sight in sights.values()} or set(_around(central(shape), shape[1:]))
    patches = [patch for unit in units for patch in seen_part(graph, shapes, Unit(id, unit)).patches]
    return max((min(each.size for each in patch.rectangle) for patch in patches if patch.rectangle), default=0)
