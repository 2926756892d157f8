"""The tensors that a network owns, under the names that torch's state_dict would give them."""

from typing import NamedTuple

from cnnspec.contract.facts import Weight
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import Kind, ShapeTable, kinds_of


class Owned(NamedTuple):
    """The tensors of one node, in torch's order, and how many numbers they hold: `params` those that are trained,
    `buffers` the others."""

    weights: tuple[Weight, ...] = ()
    params: int = 0
    buffers: int = 0


NOTHING = Owned()


def owned_by(graph: Graph, shapes: ShapeTable) -> dict[str, Owned]:
    """By node id, in order; a node that reuses another's weights owns none."""
    table = kinds_of(graph, shapes).table(_owned)
    return table | {node.id: NOTHING for node in graph if node.reuse_of and node.id in table}


def params_of(graph: Graph, shapes: ShapeTable) -> int:
    """All that are trained, auxiliary heads included."""
    kinds = kinds_of(graph, shapes)
    params, of = [each.params for each in kinds.answers(_owned)], kinds.of
    again = [of[node.id] for node in graph if node.reuse_of and node.id in of]
    return sum(map(params.__getitem__, of.values())) - sum(map(params.__getitem__, again))


def _owned(kind: Kind) -> Owned:
    weights = kind.weights
    params = sum(elements(each) for each in weights if each.trainable)
    buffers = sum(elements(each) for each in weights if not each.trainable)
    return Owned(weights, params, buffers)


def weights_of(graph: Graph, shapes: ShapeTable) -> dict[str, tuple[Weight, ...]]:
    """The tensors alone, by node id."""
    return {id: owned.weights for id, owned in owned_by(graph, shapes).items()}


def full_weights(graph: Graph, shapes: ShapeTable) -> dict[str, Weight]:
    """By full name (`layer1.0.conv1.weight`), auxiliary heads included."""
    return {f"{id}.{each.name}": each for id, owned in weights_of(graph, shapes).items() for each in owned}


def elements(weight: Weight) -> int:
    """How many numbers a tensor holds."""
    total = 1
    for each in weight.shape:
        total *= each
    return total
