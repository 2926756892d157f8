"""A network at one other size, step by step: who refuses it, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Weight
from cnnspec.contract.symbols import letters
from cnnspec.contract.values import Shape, Shapes
from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.fold import ShapeTable, operands


class Refused(NamedTuple):
    """The first step that cannot be: its layer's `error`, or else its weights as they would have to be and as they
    are. `worked` is the arithmetic that led to its operands."""

    node: Node
    operands: Shapes
    error: LayerError | None = None
    needed: Weight | None = None
    owned: Weight | None = None
    worked: tuple[str, ...] = ()


def refused(
    graph: Graph, shapes: ShapeTable, inputs: Mapping[str, Shape], nodes: Iterable[Node] | None = None
) -> Refused | None:
    """Why the network does not take these inputs with the weights that it has; None where it does. `nodes` are those
    of `checked`, where somebody has them at hand."""
    made: dict[str, Shape] = dict(inputs)
    for node in nodes or checked(graph):
        given = tuple([made[each] for each in node.inputs])
        written = operands(node, shapes)
        if given == written:
            made[node.id] = shapes[node.id] or ()
            continue
        try:
            made[node.id] = node.layer.infer(given)
        except LayerError as error:
            return Refused(node, given, error, worked=_worked(graph, node, made))
        needed, owned = node.layer.weights(given), node.layer.weights(written)
        if needed != owned and node.id in graph.computed:
            a, b = next(((a, b) for a, b in zip(needed, owned, strict=False) if a != b), (None, None))
            return Refused(node, given, None, a, b, _worked(graph, node, made))
    return None


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
