"""The receptive field as size, stride and start for each input by itself, through each branch, and along the narrowest
way; where no size and stride says it, why, and which layer is the cause."""

from collections.abc import Sequence
from enum import Enum
from math import prod
from typing import NamedTuple

from cnnspec.contract.facts import Reach
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input, Node, Unknown
from cnnspec.passes.fold import ShapeTable, once, operands
from cnnspec.passes.receptive_field import Field, Fields, behind, looks_of, union


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


class Branch(NamedTuple):
    """What a join sees through one operand; `source` is its node."""

    source: str
    field: Axes | Lost


class Trace(NamedTuple):
    """One node and one input. `branches` are what comes through each operand by which the input is seen, and
    `narrowest` is the field along the one way through the graph that has the smallest: by shortcuts only, say."""

    field: Axes | Lost
    branches: tuple[Branch, ...]
    narrowest: Axes | Lost


def fields_by_input(graph: Graph, shapes: ShapeTable) -> dict[str, dict[str, Trace]]:
    """By node, then by input that it sees. Empty where a step has an error, and behind it."""
    table: dict[str, dict[str, Trace]] = {}
    unclear: set[str] = set()
    looks = once(looks_of)
    for node in graph:
        shape = shapes.get(node.id)
        if shape is None or isinstance(node.layer, Unknown) or any(each in unclear for each in node.inputs):
            unclear.add(node.id)
            table[node.id] = {}
        elif isinstance(node.layer, Input):
            itself = (Field(1, 1, 0),) * (len(shape) - 1) or Lost(Why.VECTOR, node.id)
            table[node.id] = {node.id: Trace(itself, (), itself)}
        else:
            table[node.id] = _traces(node, shape, looks(node.layer, operands(node, shapes)), table)
    return table


def lending(node: Node, shapes: ShapeTable) -> tuple[str, ...]:
    """The operands that lend their shape only (`like=@x`): nothing is seen of them."""
    if shapes.get(node.id) is None or isinstance(node.layer, (Input, Unknown)):
        return ()
    looks = looks_of(node.layer, operands(node, shapes))
    return tuple(source for source, look in zip(node.inputs, looks, strict=True) if look is Reach.NOTHING)


def _traces(node: Node, shape: Shape, looks: Sequence[object], table: dict[str, dict[str, Trace]]) -> dict[str, Trace]:
    ways: dict[str, list[tuple[Branch, Axes | Lost]]] = {}
    for source, look in zip(node.inputs, looks, strict=True):
        if look is Reach.NOTHING:
            continue
        for input, trace in table[source].items():
            field = _through(trace.field, look, node.id)
            narrow = field if trace.narrowest is trace.field else _through(trace.narrowest, look, node.id)
            ways.setdefault(input, []).append((Branch(source, field), narrow))
    found: dict[str, Trace] = {}
    for input, through in ways.items():
        branches = tuple(branch for branch, _ in through)
        field = _joined(node.id, shape, [each.field for each in branches])
        narrow = min((each for _, each in through), key=_size)
        if narrow is branches[0].field and len(branches) == 1:
            narrow = field
        elif len(shape) == 1:
            narrow = _joined(node.id, shape, [narrow])
        found[input] = Trace(field, branches, narrow)
    return found


def _size(field: Axes | Lost) -> float:
    return float("inf") if isinstance(field, Lost) else prod(each.size for each in field)


def _through(field: Axes | Lost, look: object, id: str) -> Axes | Lost:
    if isinstance(look, tuple):
        return field if isinstance(field, Lost) else behind(field, look)
    if isinstance(field, Lost) and field.why in (Why.WHOLE, Why.VECTOR):
        return field
    if look is Reach.WHOLE:
        return Lost(Why.WHOLE, id)
    return Lost(Why.IRREGULAR, id) if look is Reach.IRREGULAR and not isinstance(field, Lost) else field


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
