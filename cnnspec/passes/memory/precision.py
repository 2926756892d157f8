"""In which precision a network runs and is trained: what a number takes at inference, and how training has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph
    from cnnspec.passes.fold import ShapeTable
    from cnnspec.passes.memory.inference import Inference


class Precision(NamedTuple):
    """`told` names the numbers at inference, `bytes` is what each of them takes. `mixed`: training is that of
    torch.autocast, else float32."""

    told: str
    bytes: int
    mixed: bool


FP32 = Precision("float32", 4, False)
PRECISIONS = {
    "fp32": FP32,
    "mixed": Precision("float32", 4, True),
    "bf16": Precision("bfloat16", 2, True),
    "fp16": Precision("float16", 2, True),
    "int8": Precision("int8", 1, False),
}


def narrowed(found: Inference, precision: Precision, graph: Graph, shapes: ShapeTable) -> Inference:
    """The memory of inference in float32 told in another precision: every number of a weight, a buffer and a value
    takes so many bytes, but for counters (int64), which stay as they are. That is `model.half()` of torch.

    All values shrink alike, so that the peak and the best order stay where they are.
    """
    if precision.bytes == FP32.bytes:
        return found
    from cnnspec.passes.parameters import elements, full_weights

    def less(bytes: int) -> int:
        return bytes * precision.bytes // FP32.bytes

    owned, peak, best = found.weights, found.peak, found.best
    tensors = full_weights(graph, shapes).values()
    counters = COUNTER_BYTES * sum(elements(each) for each in tensors if each.dtype == COUNTER)
    return found._replace(
        weights=owned._replace(params=less(owned.params), buffers=less(owned.buffers - counters) + counters),
        inputs=less(found.inputs),
        activations=less(found.activations),
        peak=peak
        and peak._replace(total=less(peak.total), alive={id: less(bytes) for id, bytes in peak.alive.items()}),
        best=best._replace(bytes=less(best.bytes), least=less(best.least)),
    )


COUNTER, COUNTER_BYTES = "int64", 8
"""Of numbers that no precision concerns: how many batches a batch norm has seen."""
