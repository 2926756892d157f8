"""From a model's output to probabilities: what its last operation has done already, and what is left to do."""

from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnspec.runtime.errors import ModelError

CARRIES = frozenset(
    ("Identity", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Cast", "Dropout", "QuantizeLinear", "DequantizeLinear")
)
"""Operations that hand their first operand on; what made the scores stands before them."""


class Scores(Enum):
    """What a model's output holds."""

    LOGITS = "softmax of the output"
    PROBABILITIES = "the output, which ends in softmax"
    LOG_PROBABILITIES = "exp of the output, which ends in log softmax"
    INDEPENDENT = "the output, which ends in sigmoid: each class for itself"
    VALUE = "the output, a single number"


def last_activation(model: bytes | Path, output: str) -> Scores:
    """What the operation that makes the output says of it: softmax, log softmax, sigmoid, or else logits."""
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # its types are another package

    try:
        if isinstance(model, bytes):
            graph = onnx.load_model_from_string(model).graph
        else:
            graph = onnx.load(str(model), load_external_data=False).graph
    except (DecodeError, OSError, ValueError) as problem:
        raise ModelError(f"the model's graph cannot be read: {problem}") from problem
    makers = {name: node for node in graph.node for name in node.output}
    seen: set[str] = set()
    while output in makers and output not in seen:
        seen.add(output)
        node = makers[output]
        before = makers.get(node.input[0]) if node.input else None
        if node.op_type == "LogSoftmax" or (node.op_type == "Log" and before and before.op_type == "Softmax"):
            return Scores.LOG_PROBABILITIES
        if node.op_type == "Softmax":
            return Scores.PROBABILITIES
        if node.op_type == "Sigmoid":
            return Scores.INDEPENDENT
        if node.op_type not in CARRIES or not node.input:
            break
        output = node.input[0]
    return Scores.LOGITS


def probabilities(values: NDArray[np.floating], scores: Scores) -> NDArray[np.float64]:
    """One row of outputs as scores; softmax is applied only to logits, so never twice."""
    exact = values.astype(np.float64)
    if scores is Scores.LOG_PROBABILITIES:
        return np.exp(exact)
    if scores is not Scores.LOGITS or exact.size == 1:  # the softmax of one number is 1, whatever it is
        return exact
    with np.errstate(invalid="ignore"):  # infinity makes NaN, which the caller looks for
        powers = np.exp(exact - exact.max())
    made: NDArray[np.float64] = powers / powers.sum()
    return made
