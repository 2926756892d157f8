"""Whether a network that takes any size is the same at every size: the layers are asked again at others."""

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Onnx
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes, dress
from cnnspec.ir.graph import Graph, Input, Node
from cnnspec.lower.errors import ExportError
from cnnspec.passes.fold import ShapeTable

PROBES = (1, 2, 3, 4, 5, 7, 8, 16, 32, 64)
"""How much larger than the written size: every rest that strides up to 8 leave, and the same rest under the usual
strides of whole networks. A size that the network refuses says nothing."""


def takes_any_size(graph: Graph) -> bool:
    return any(isinstance(node.layer, Input) and node.layer.any_size for node in graph)


def facts_of(layer: Layer, operands: Shapes, any_size: bool) -> Onnx:
    """What a layer is in ONNX; where sizes are open, what it says for all of them at once, if it says that apart."""
    facts = layer.onnx(operands)
    return facts.open if any_size and facts.open is not None else facts


def check_any_size(graph: Graph, shapes: ShapeTable) -> None:
    """ExportError where a step would have other nodes or weights at another size of the input."""
    for more in PROBES:
        other = _at_size(graph, more)
        for id in other or ():
            node = graph.nodes[id]
            if other and _differs(node, shapes, other):
                size = " and ".join(dress(other[each]) for each in graph.inputs)
                raise ExportError(
                    f"`{id}` ({node.layer.word}) cannot be exported for any size: for an input of {size} it is another",
                    "export one size: write the input without `size=any`",
                )


def _at_size(graph: Graph, more: int) -> dict[str, Shape] | None:
    """The shapes with every open input at another size; None where some step refuses it."""
    shapes: dict[str, Shape] = {}
    for node in graph:
        if node.id not in graph.running:
            continue
        if isinstance(node.layer, Input):
            channels, *spatial = node.layer.shape
            shapes[node.id] = (channels, *(each + more if node.layer.any_size else each for each in spatial))
            continue
        try:
            shapes[node.id] = node.layer.infer(tuple(shapes[each] for each in node.inputs))
        except LayerError:
            return None
    return shapes


def _differs(node: Node, shapes: ShapeTable, other: ShapeTable) -> bool:
    if isinstance(node.layer, Input):
        return False
    here = tuple(shape for each in node.inputs if (shape := shapes[each]) is not None)
    there = tuple(shape for each in node.inputs if (shape := other[each]) is not None)
    if facts_of(node.layer, here, True) != facts_of(node.layer, there, True):
        return True
    return node.layer.weights(here) != node.layer.weights(there)
