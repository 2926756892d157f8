"""A network at one size, step by step: what `infer` and the weights say, and nothing else."""

from collections.abc import Mapping

from cnnspec.contract.errors import LayerError
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable, operands


def shapes_at(graph: Graph, shapes: ShapeTable, inputs: Mapping[str, Shape]) -> dict[str, Shape] | None:
    """The shapes for these inputs of all but auxiliary heads; None where a step refuses them, or one that runs has
    other weights."""
    made, left_out = dict(inputs), _of_heads(graph)
    for node in graph:
        if node.id in left_out or node.id in made:
            continue
        given = tuple(made[each] for each in node.inputs)
        try:
            made[node.id] = node.layer.infer(given)
        except LayerError:
            return None
        runs = node.id in graph.running
        if runs and node.layer.weights(given) != node.layer.weights(operands(node, shapes)):
            return None
    return made


def _of_heads(graph: Graph) -> set[str]:
    """The steps of which every way down ends in an auxiliary head."""
    readers: dict[str, list[str]] = {id: [] for id in graph.nodes}
    for node in graph:
        for each in node.inputs:
            readers[each].append(node.id)
    ends, outputs, found = {each.node for each in graph.aux.values()}, set(graph.outputs.values()), set[str]()
    for id in reversed(list(graph.nodes)):
        if id not in outputs and (readers[id] or id in ends) and all(each in found for each in readers[id]):
            found.add(id)
    return found


def resized(graph: Graph, size: int, other: int | None = None) -> dict[str, Shape]:
    """Every input with this size on its first spatial axis and `other` on the rest, or the same on all."""
    found = {}
    for id, node in graph.inputs.items():
        first, *rest = node.layer.infer(())
        axes = (size, *([size if other is None else other] * (len(rest) - 1)))
        found[id] = (first, *(axes if rest else ()))
    return found
