"""How a receptive field grows from the input on: the windows on the way to a step, one behind the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnnspec.contract.facts import Reach, Window
from cnnspec.ir.graph import Graph
from cnnspec.passes.analysis import Row
from cnnspec.passes.fields.receptive_field import PIXEL, Fields
from cnnspec.passes.fold import ShapeTable, operands


class Grown(NamedTuple):
    """A step that looks through windows, and the field behind it."""

    node: str
    windows: tuple[Window, ...]
    field: Fields


def growth(graph: Graph, shapes: ShapeTable, rows: Mapping[str, Row], id: str) -> tuple[Grown, ...]:
    """From the input to this step, where branches meet along the one with the largest field; nothing where the step has
    no single field. What takes each position by itself is left out."""
    found: list[Grown] = []
    node, field = graph.nodes[id], rows[id].field
    while field is not None and node.inputs:
        entering = operands(node, shapes)
        # One value may stand at several places, and be seen at one of them alone.
        looks = [(each, node.layer.window(entering, place)) for place, each in enumerate(node.inputs)]
        seen = [(each, look) for each, look in looks if look is not Reach.NOTHING]
        above, look = max(seen, key=lambda each: _size(rows[each[0]].field))
        if not isinstance(look, Reach) and set(look) != {PIXEL}:
            found.append(Grown(node.id, look, field))
        node, field = graph.nodes[above], rows[above].field
    return tuple(reversed(found))


def origin(graph: Graph, rows: Mapping[str, Row], id: str) -> str:
    """The first step without a single field, of those that lead to this one; itself if all above have one."""
    while True:
        lost = next((each for each in graph.nodes[id].inputs if rows[each].field is None), None)
        if lost is None:
            return id
        id = lost


def _size(field: Fields | None) -> int:
    return max((axis.size for axis in field.axes), default=0) if field else 0
