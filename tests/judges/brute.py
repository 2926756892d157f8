"""A network at one size, step by step: what `infer` and the weights say, and nothing else."""

from collections.abc import Mapping

from cnnspec.contract.errors import LayerError
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable, operands


def shapes_at(graph: Graph, shapes: ShapeTable, inputs: Mapping[str, Shape]) -> dict[str, Shape] | None:
    """The shapes of what runs, for these inputs; None where a step refuses them or has other weights."""
    made = dict(inputs)
    for node in graph:
        if node.id not in graph.running or node.id in made:
            continue
        given = tuple(made[each] for each in node.inputs)
        try:
            made[node.id] = node.layer.infer(given)
        except LayerError:
            return None
        if node.layer.weights(given) != node.layer.weights(operands(node, shapes)):
            return None
    return made


def resized(graph: Graph, size: int, other: int | None = None) -> dict[str, Shape]:
    """Every input with this size on its first spatial axis and `other` on the rest, or the same on all."""
    found = {}
    for id, node in graph.inputs.items():
        first, *rest = node.layer.infer(())
        axes = (size, *([size if other is None else other] * (len(rest) - 1)))
        found[id] = (first, *(axes if rest else ()))
    return found
