"""One layer as an ONNX model: checked, its shape inferred strictly, and run in onnxruntime."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cnnspec.contract.facts import OnnxNode
from cnnspec.contract.values import Shape
from tests.judges.examples import Arrays, Case

DTYPES = {"float32": np.float32, "int64": np.int64}


def model(case: Case, values: Arrays, *, any_size: bool = False) -> onnx.ModelProto:
    """The layer between inputs x0, x1 … and y; the batch is the symbol N, and nothing is said of y but its rank. With
    `any_size` it is what the layer says for all sizes at once, and nothing is said of the spatial axes either."""
    lowered = case.layer.onnx(case.inputs)
    if any_size and lowered.open is not None:
        lowered = lowered.open
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
        [_value(f"x{place}", _known(shape, any_size)) for place, shape in enumerate(case.inputs)],
        [_value("y", ["N", *(None for _ in case.result)])],
        [numpy_helper.from_array(each, name) for name, each in tensors.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def _known(shape: Shape, any_size: bool) -> list[int | str | None]:
    return ["N", shape[0], *((None for _ in shape[1:]) if any_size else shape[1:])]


def _value(name: str, dims: Sequence[int | str | None]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)


def beside(cases: Sequence[Case]) -> onnx.ModelProto:
    """Layers without weights side by side in one model, on operands of one shape: many are run by one session. Their
    results are y0, y1 …"""
    nodes, tensors = [], []
    for place, case in enumerate(cases):
        lowered = case.layer.onnx(case.inputs)

        def own(name: str, place: int = place) -> str:
            return name if name[:1] in ("", "x") else f"y{place}" if name == "y" else f"{name}_{place}"

        for each in lowered.nodes or (OnnxNode("Identity"),):
            nodes.append(helper.make_node(each.op, map(own, each.inputs), map(own, each.outputs), **each.attributes))
        for name, constant in lowered.constants.items():
            values = np.array(constant.values, DTYPES[constant.dtype]).reshape(constant.shape)
            tensors.append(numpy_helper.from_array(values, own(name)))
    inputs = [_value(f"x{place}", ["N", *shape]) for place, shape in enumerate(cases[0].inputs)]
    outputs = [_value(f"y{place}", ["N", *(None for _ in case.result)]) for place, case in enumerate(cases)]
    graph = helper.make_graph(nodes, "beside", inputs, outputs, tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


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
    return run_all(running, arrays)[0]


def run_all(running, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    return running.run(None, {f"x{place}": each for place, each in enumerate(arrays)})
