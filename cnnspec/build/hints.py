"""What would be right: how sizes came about, and small repairs that are tried before they are named."""

from collections.abc import Iterator, Mapping

from cnnspec.contract.errors import LayerError
from cnnspec.contract.values import Shape, dress
from cnnspec.ir.graph import Input, Node

LONGEST_CHAIN = 6


def sizes_along(id: str, nodes: Mapping[str, Node], shapes: Mapping[str, Shape | None]) -> str:
    """How a value's shape came about, from the input on: `3x32x32 → conv1 8x30x30 → maxpool1 8x15x15`."""
    way: list[str] = []
    at: str | None = id
    while at is not None:
        node, shape = nodes[at], shapes[at]
        source = node.inputs[0] if node.inputs else None
        if source is None or shape != shapes[source]:
            way.append(dress(shape) if isinstance(node.layer, Input) else f"{at} {dress(shape)}")
        at = source
    if len(way) > LONGEST_CHAIN:
        way[LONGEST_CHAIN - 1 : -1] = ["…"]
    return " → ".join(reversed(way))


def repadded(node: Node, shapes: Mapping[str, Shape | None]) -> Iterator[tuple[int, Shape]]:
    """The paddings that a layer could have instead, none wider than its kernel, and the shapes that they give."""
    layer = node.layer
    operands = tuple(shape for each in node.inputs if (shape := shapes[each]) is not None)
    if not {"pad", "kernel"} <= set(layer.fields) or len(operands) != len(node.inputs):
        return
    kernel = layer.arguments["kernel"]
    for pad in range(kernel if isinstance(kernel, int) else max(kernel)):
        try:
            yield pad, type(layer)(**{**layer.arguments, "pad": pad}).infer(operands)
        except LayerError:
            continue
