"""Weights that load under their names and then meet something else, as a step before them reads its operands in another
order."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cnnspec.compare.steps import Side, Step
from cnnspec.compare.tensors import Tensors
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable, operands


class Unsettled(NamedTuple):
    """A step of the second network whose weights go on from the first one's, and the `join` before it. `channels`: the
    join lays its operands one behind the other, so that the step meets its input channels in another order; else it
    meets other values."""

    step: str
    join: str
    channels: bool


def unsettled(steps: Sequence[Step], side: Side, tensors: Tensors) -> tuple[Unsettled, ...]:
    """Behind each join of the second network (`side`) the first steps with weights, on every way."""
    joins = [each.id for each in steps if each.reordered]
    if not joins:
        return ()
    known = {*tensors.kept, *tensors.renamed.values()}
    going_on = {name.rpartition(".")[0] for name in known}
    owned = {each.b.node.id for each in steps if each.b and each.b.weights}
    readers = _readers(side.graph)
    found: dict[str, Unsettled] = {}
    for join in joins:
        channels = _is_side_by_side(side.graph, side.shapes, join)
        for id in _first(side.graph, readers, owned, join):
            if (side.graph.nodes[id].reuse_of or id) in going_on:
                found.setdefault(id, Unsettled(id, join, channels))
    return tuple(found.values())


def _readers(graph: Graph) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {id: [] for id in graph.nodes}
    for node in graph:
        for each in dict.fromkeys(node.inputs):
            found[each].append(node.id)
    return found


def _first(graph: Graph, readers: Mapping[str, Sequence[str]], owned: set[str], join: str) -> list[str]:
    """The steps with weights, own ones or another's, that are reached from one without passing such."""
    waiting, seen, found = [join], {join}, list[str]()
    while waiting:
        for id in readers[waiting.pop()]:
            if id in seen:
                continue
            seen.add(id)
            if id in owned or graph.nodes[id].reuse_of:
                found.append(id)
            else:
                waiting.append(id)
    places = {id: place for place, id in enumerate(graph.nodes)}
    return sorted(found, key=places.__getitem__)


def _is_side_by_side(graph: Graph, shapes: ShapeTable, join: str) -> bool:
    result = shapes[join]
    return result is not None and result[0] == sum(each[0] for each in operands(graph.nodes[join], shapes))
