"""The tensors that a network owns, under the names that torch's state_dict would give them."""

from cnnspec.contract.facts import Weight
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable, known


def weights_of(graph: Graph, shapes: ShapeTable) -> dict[str, tuple[Weight, ...]]:
    """By node id, in order; a node that reuses another's weights owns none."""
    return {node.id: () if node.reuse_of else node.layer.weights(operands) for node, operands in known(graph, shapes)}


def full_weights(graph: Graph, shapes: ShapeTable) -> dict[str, Weight]:
    """By full name (`layer1.0.conv1.weight`), auxiliary heads included."""
    return {f"{id}.{each.name}": each for id, owned in weights_of(graph, shapes).items() for each in owned}


def elements(weight: Weight) -> int:
    """How many numbers a tensor holds."""
    total = 1
    for each in weight.shape:
        total *= each
    return total
