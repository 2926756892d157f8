"""A network at one other size, step by step: who refuses it, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Weight
from cnnspec.contract.symbols import letters
from cnnspec.contract.values import Shape, Shapes
from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.fold import ShapeTable, operands


class Refused(NamedTuple):
    """A step that cannot be: its layer's `error`, or else its weights as they would have to be and as they are.
    `worked` is the arithmetic that led to its operands."""

    node: Node
    operands: Shapes
    error: LayerError | None = None
    needed: Weight | None = None
    owned: Weight | None = None
    worked: tuple[str, ...] = ()


def refused(
    graph: Graph, shapes: ShapeTable, inputs: Mapping[str, Shape], nodes: Iterable[Node] | None = None
) -> Refused | None:
    """Why the network does not take these inputs with the weights that it has: the first step; None where it does.
    `nodes` are those of `checked`, where somebody has them at hand."""
    return next(refusals(graph, shapes, inputs, nodes), None)


def refusals(
    graph: Graph, shapes: ShapeTable, inputs: Mapping[str, Shape], nodes: Iterable[Node] | None = None
) -> Iterator[Refused]:
    """The first such step on each way; what follows one is not looked at."""
    made: dict[str, Shape] = dict(inputs)
    for node in nodes or checked(graph):
        if any(each not in made for each in node.inputs):
            continue
        given = tuple([made[each] for each in node.inputs])
        written = operands(node, shapes)
        if given == written:
            made[node.id] = shapes[node.id] or ()
            continue
        try:
            result = node.layer.infer(given)
        except LayerError as error:
            yield Refused(node, given, error, worked=_worked(graph, node, made))
            continue
        needed, owned = node.layer.weights(given), node.layer.weights(written)
        if needed != owned and node.id in graph.computed:
            a, b = next(((a, b) for a, b in zip(needed, owned, strict=False) if a != b), (None, None))
            yield Refused(node, given, None, a, b, _worked(graph, node, made))
        else:
            made[node.id] = result


def inputs_behind(graph: Graph, node: Node) -> frozenset[str]:
    """The inputs that a step's operands come of."""
    found, todo = set[str](), [*node.inputs]
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += graph.nodes[each].inputs
    return frozenset(found & graph.inputs.keys())


def checked(graph: Graph) -> list[Node]:
    """What must take a size, in order, without the inputs."""
    inputs = graph.inputs
    return [node for node in graph if node.id in graph.checked and node.id not in inputs]


def _worked(graph: Graph, node: Node, made: Mapping[str, Shape]) -> tuple[str, ...]:
    """How the operands came to be as large as they are."""
    lines: list[str] = []
    for each in dict.fromkeys(node.inputs):
        before = graph.nodes[each]
        told = before.layer.worked(tuple(made[source] for source in before.inputs)) if before.inputs else ()
        lines += (f"`{each}`{axis}: {line}" for axis, line in zip(_axes(made[each], told), told, strict=True))
    return tuple(lines)


def _axes(shape: Shape, told: tuple[str, ...]) -> list[str]:
    """`, H` and `, W` where each axis has a line of its own, which ends with its extent."""
    axes = list(zip(letters(shape)[1:], shape[1:], strict=True))
    if len(axes) < 2 or len(told) != len(axes):
        return [""] * len(told)
    if any(f" = {extent}" not in line for (_, extent), line in zip(axes, told, strict=True)):
        return [""] * len(told)
    return [f", {letter}" for letter, _ in axes]
