"""Small ONNX models: classifiers that tell red, green and blue pictures apart, with every ending that occurs."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

GAIN = 4.0
"""The logit of a channel that is full."""

ENDINGS = {
    "nothing": [],
    "softmax": ["Softmax"],
    "softmax, reshaped": ["Softmax", "Identity"],
    "log softmax": ["LogSoftmax"],
    "softmax, log": ["Softmax", "Log"],
    "sigmoid": ["Sigmoid"],
    "NaN": ["Neg", "Sqrt"],
}


def node(op, x, y, **attributes):
    return helper.make_node(op, x if isinstance(x, list) else [x], [y], name=f"{op}_{y}", **attributes)


def model(nodes, inputs, outputs, constants=None, functions=(), metadata=None, ir_version=10):
    """Bytes of a model; `inputs` and `outputs` map names to shapes, or to (type, shape)."""

    def infos(named):
        typed = {name: each if isinstance(each, tuple) else (TensorProto.FLOAT, each) for name, each in named.items()}
        return [helper.make_tensor_value_info(name, *each) for name, each in typed.items()]

    tensors = [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()]
    graph = helper.make_graph(nodes, "tiny", infos(inputs), infos(outputs), tensors)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("local", 1)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=ir_version, functions=list(functions))
    helper.set_model_props(made, metadata or {})
    return made.SerializeToString()


def colours(ending="nothing", batch="N", size=(8, 8), metadata=None, flat=True):
    """The mean of each channel, times GAIN, is the logit of red, green, blue."""
    nodes = [node("GlobalAveragePool", "x", "mean"), node("Mul", ["mean", "gain"], "gained")]
    if flat:
        nodes.append(node("Flatten", "gained", "flat"))
    at = nodes[-1].output[0]
    for number, op in enumerate(ENDINGS[ending]):
        nodes.append(node(op, at, f"t{number}"))
        at = f"t{number}"
    nodes.append(node("Identity", at, "y"))
    output = [batch, 3] if flat else [batch, 3, 1, 1]
    return model(nodes, {"x": [batch, 3, *size]}, {"y": output}, {"gain": np.float32(GAIN)}, metadata=metadata)


def half():
    """The same in 16 bits."""
    nodes = [node("GlobalAveragePool", "x", "mean"), node("Flatten", "mean", "y")]
    half = TensorProto.FLOAT16
    return model(nodes, {"x": (half, ["N", 3, 8, 8])}, {"y": (half, ["N", 3])})


def two_inputs():
    return model([node("Add", ["left", "right"], "y")], {"left": ["N", 3], "right": ["N", 3]}, {"y": ["N", 3]})


def a_map():
    return model([node("Relu", "x", "y")], {"x": ["N", 3, 8, 8]}, {"y": ["N", 3, 8, 8]})


def whole_numbers():
    integers = TensorProto.UINT8
    return model([node("Identity", "x", "y")], {"x": (integers, ["N", 3])}, {"y": (integers, ["N", 3])})


def one_number():
    nodes = [node("GlobalAveragePool", "x", "mean"), node("Flatten", "mean", "y")]
    return model(nodes, {"x": ["N", 1, 8, 8]}, {"y": ["N", 1]})


def two_outputs():
    nodes = [node("GlobalAveragePool", "x", "mean"), node("Flatten", "mean", "y"), node("Relu", "x", "z")]
    return model(nodes, {"x": ["N", 3, 8, 8]}, {"y": ["N", 3], "z": ["N", 3, 8, 8]})


def fixed_inside():
    """Promises any size, and fails at all but 8x8."""
    nodes = [node("Reshape", ["x", "shape"], "flat"), node("MatMul", ["flat", "w"], "y")]
    constants = {"shape": np.array([1, 192], np.int64), "w": np.ones((192, 3), np.float32)}
    return model(nodes, {"x": [1, 3, "H", "W"]}, {"y": [1, 3]}, constants)


def crashing():
    """3,000 functions, each calling the next: onnxruntime's inliner recurses to the end of the stack."""
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("local", 1)]
    depth = 3000
    functions = [
        helper.make_function("local", f"F{each}", ["a"], ["b"], [call(f"F{each + 1}", "a", "b")], opsets)
        for each in range(depth)
    ]
    last = helper.make_function("local", f"F{depth}", ["a"], ["b"], [node("Relu", "a", "b")], opsets)
    return model([call("F0", "x", "y")], {"x": ["N", 3]}, {"y": ["N", 3]}, functions=[*functions, last])


def call(function, x, y):
    return helper.make_node(function, [x], [y], domain="local")


def newer_than_known():
    made = onnx.load_model_from_string(colours())
    made.ir_version = 99
    return made.SerializeToString()
