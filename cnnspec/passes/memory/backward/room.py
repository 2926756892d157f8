"""What torch may keep besides, by which of its kernels runs: room behind a result that is smaller than the operand.

torch's own kernel for transposed convolutions of three axes takes its result's memory in the size of the operand
(`empty_like`, aten/src/ATen/native/NaiveConvolutionTranspose3d.cpp) and then gives it its shape, which frees nothing.
oneDNN's takes what the result needs. Which of them runs depends on how torch was built, on the batch and the number of
threads (`use_mkldnn` in aten/src/ATen/native/Convolution.cpp): with oneDNN, torch's own is taken for one sample of few
numbers without groups, and on one thread for kernels of one.
"""

from collections.abc import Iterable
from math import prod

from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable, operands
from cnnspec.passes.memory.backward.values import Kind, Storage

OF_THE_OPERANDS_SIZE = "nn.ConvTranspose3d"


def room(graph: Graph, shapes: ShapeTable, kept: Iterable[Storage]) -> dict[Storage, int]:
    """Of what is kept, the storages that may be larger, and by how many bytes for each sample."""
    found = {}
    for each in kept:
        node = graph.nodes.get(each.node)
        if each.kind is not Kind.ACTIVATION or node is None or len(shapes.get(each.node) or ()) != 4:
            continue
        below = operands(node, shapes)
        more = prod(below[0]) - each.each if below else 0
        if more > 0 and node.layer.torch(below)[-1:] and node.layer.torch(below)[-1].target == OF_THE_OPERANDS_SIZE:
            found[each] = more * each.width
    return found
