"""One layer as an ONNX model: checked, its shape inferred strictly, and run in onnxruntime."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.judges.examples import Arrays, Case

DTYPES = {"float32": np.float32, "int64": np.int64}


def model(case: Case, values: Arrays) -> onnx.ModelProto:
    """The layer between inputs x0, x1 … and y; the batch is the symbol N, and nothing is said of y but its rank."""
    lowered = case.layer.onnx(case.inputs)
    nodes = [
        helper.make_node(each.op, each.inputs, each.outputs, name=f"node{place}", **each.attributes)
        for place, each in enumerate(lowered.nodes)
    ] or [helper.make_node("Identity", ["x0"], ["y"])]
    held = {name for each in nodes for name in each.input}
    tensors = {name: each for name, each in values.items() if name in held}
    for name, constant in lowered.constants.items():
        tensors[name] = np.array(constant.values, DTYPES[constant.dtype]).reshape(constant.shape)
    graph = helper.make_graph(
        nodes,
        case.layer.word,
        [_value(f"x{place}", ["N", *shape]) for place, shape in enumerate(case.inputs)],
        [_value("y", ["N", *(None for _ in case.result)])],
        [numpy_helper.from_array(each, name) for name, each in tensors.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def _value(name: str, dims: Sequence[int | str | None]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)


def inferred(made: onnx.ModelProto) -> tuple[int | str, ...]:
    """The result's shape by onnx's strict inference: numbers, and symbols by name."""
    known = onnx.shape_inference.infer_shapes(made, check_type=True, strict_mode=True, data_prop=True)
    dims = known.graph.output[0].type.tensor_type.shape.dim
    return tuple(each.dim_value if each.HasField("dim_value") else each.dim_param for each in dims)


def session(made: onnx.ModelProto):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"])


def run(running, arrays: Sequence[np.ndarray]) -> np.ndarray:
    return running.run(["y"], {f"x{place}": each for place, each in enumerate(arrays)})[0]
