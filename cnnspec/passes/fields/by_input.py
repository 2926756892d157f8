"""The receptive field as size, stride and start for each input by itself, through each branch, and along the narrowest
way; where no size and stride says it, why, and which layer is the cause."""

from collections.abc import Mapping, Sequence
from enum import Enum
from math import prod
from types import MappingProxyType
from typing import NamedTuple

from cnnspec.contract.facts import Reach
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input, Node, Unknown
from cnnspec.passes.fields.receptive_field import Field, behind, looks_of, union
from cnnspec.passes.fold import ShapeTable, kinds_of


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
    """One node and one input. `branches` are what comes through each operand of a join by which the input is seen, if
    there are several, and `narrowest` is the field along the one way through the graph that has the smallest: by
    shortcuts only, say."""

    field: Axes | Lost
    branches: tuple[Branch, ...]
    narrowest: Axes | Lost


Traces = Mapping[str, Trace]
"""By input. Nodes of which the same is to be said share one."""

NOTHING: Traces = MappingProxyType({})


def fields_by_input(graph: Graph, shapes: ShapeTable) -> dict[str, Traces]:
    """By node, then by input that it sees. Empty where a step has an error, and behind it."""
    table: dict[str, Traces] = {}
    unclear: set[str] = set()
    kinds = kinds_of(graph, shapes)
    looks = kinds.answers(looks_of)
    for id, node in graph.nodes.items():
        shape, inputs = shapes.get(id), node.inputs
        if shape is None or isinstance(node.layer, Unknown) or not unclear.isdisjoint(inputs):
            unclear.add(id)
            table[id] = NOTHING
        elif isinstance(node.layer, Input):
            itself = (Field(1, 1, 0),) * (len(shape) - 1) or Lost(Why.VECTOR, id)
            table[id] = {id: Trace(itself, (), itself)}
        else:
            kind = kinds.of[id]
            look = looks[kind]
            if len(look) == 1 and look[0] is Reach.POINTWISE and len(kinds.kinds[kind].operands[0]) == len(shape):
                table[id] = _unbranched(table[inputs[0]])
            else:
                table[id] = _traces(node, shape, look, table)
    return table


def _unbranched(traces: Traces) -> Traces:
    """What is seen through a step that takes each position by itself."""
    for each in traces.values():
        if each.branches:
            return {input: Trace(trace.field, (), trace.narrowest) for input, trace in traces.items()}
    return traces


def lending(graph: Graph, shapes: ShapeTable, node: Node) -> tuple[str, ...]:
    """The operands that lend their shape only (`like=@x`): nothing is seen of them."""
    kinds = kinds_of(graph, shapes)
    if node.id not in kinds.of:
        return ()
    looks = kinds.answers(looks_of)[kinds.of[node.id]]
    return tuple(source for source, look in zip(node.inputs, looks, strict=True) if look is Reach.NOTHING)


def _traces(node: Node, shape: Shape, looks: Sequence[object], table: Mapping[str, Traces]) -> Traces:
    seen = [each for each in zip(node.inputs, looks, strict=True) if each[1] is not Reach.NOTHING]
    if len(seen) == 1:
        ((source, look),) = seen
        return {input: _behind(node.id, shape, trace, look) for input, trace in table[source].items()}
    ways: dict[str, list[tuple[Branch, Axes | Lost]]] = {}
    for source, look in seen:
        for input, trace in table[source].items():
            field = _through(trace.field, look, node.id)
            narrow = field if trace.narrowest is trace.field else _through(trace.narrowest, look, node.id)
            ways.setdefault(input, []).append((Branch(source, field), narrow))
    return {input: _together(node.id, shape, through) for input, through in ways.items()}


def _behind(id: str, shape: Shape, trace: Trace, look: object) -> Trace:
    """What a node sees of an input through its only operand."""
    field = _joined(id, shape, [_through(trace.field, look, id)])
    if trace.narrowest is trace.field:
        return Trace(field, (), field)
    narrow = _through(trace.narrowest, look, id)
    return Trace(field, (), narrow if len(shape) > 1 else _joined(id, shape, [narrow]))


def _together(id: str, shape: Shape, through: list[tuple[Branch, Axes | Lost]]) -> Trace:
    """What a join sees of an input through some of its operands; beside each the narrowest."""
    branches = tuple([branch for branch, _ in through])
    field = _joined(id, shape, [each.field for each in branches])
    narrow = min([each for _, each in through], key=_size)
    if len(through) == 1:
        return Trace(field, (), field if narrow is branches[0].field else narrow)
    return Trace(field, branches, narrow if len(shape) > 1 else _joined(id, shape, [narrow]))


def _size(field: Axes | Lost) -> float:
    return float("inf") if isinstance(field, Lost) else prod([each.size for each in field])


def _through(field: Axes | Lost, look: object, id: str) -> Axes | Lost:
    if isinstance(look, tuple):
        return field if isinstance(field, Lost) else behind(field, look)
    if isinstance(field, Lost) and field.why in (Why.WHOLE, Why.VECTOR):
        return field
    if look is Reach.WHOLE:
        return Lost(Why.WHOLE, id)
    return Lost(Why.IRREGULAR, id) if look is Reach.IRREGULAR and not isinstance(field, Lost) else field


def _joined(id: str, shape: Shape, fields: list[Axes | Lost]) -> Axes | Lost:
    axes = [each for each in fields if not isinstance(each, Lost)]
    if len(axes) == len(fields) and len(shape) > 1:
        return axes[0] if len(axes) == 1 else union(axes, shape) or Lost(Why.UNEVEN, id)
    lost = [each for each in fields if isinstance(each, Lost)]
    if len(shape) == 1:
        return next((each for each in lost if each.why is Why.VECTOR), Lost(Why.VECTOR, id))
    lost = [Lost(Why.WHOLE, id) if each.why is Why.VECTOR else each for each in lost]
    return next((each for each in lost if each.why is Why.WHOLE), lost[0])
