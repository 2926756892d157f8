"""A whole network in ONNX: every value's shape by strict inference, and every node's numbers by onnxruntime."""

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import ModelProto

from cnnspec.lower.onnx import lower
from cnnspec.lower.onnx_metadata import Metadata
from cnnspec.lower.onnx_names import layer_of, value_name
from cnnspec.pipeline import Compiled, expansion
from tests.judges import assemble, network_sizes

Arrays = Mapping[str, np.ndarray]
Dims = tuple[int | str, ...]


def exported(result: Compiled, weights: Arrays) -> ModelProto:
    """The model, which onnx's checker finds sound."""
    assert result.built is not None
    made = lower(result.built.graph, result.built.shapes, weights, Metadata("the text"), expansion(result))
    onnx.checker.check_model(made, full_check=True)
    return made


def structure(result: Compiled) -> bytes:
    """The model but for what is said in words: nodes, names, shapes, and weights that are the same for the same names
    and shapes."""
    made = exported(result, assemble.draw(result, 1))
    del made.metadata_props[:]
    made.ClearField("doc_string")
    for node in made.graph.node:
        node.ClearField("doc_string")
    return made.SerializeToString(deterministic=True)


def results(result: Compiled, made: ModelProto) -> dict[str, str]:
    """The value of every node that runs: its own, which an output may lend its name, or the one that it hands on."""
    assert result.built is not None
    graph = result.built.graph
    written = {
        name: layer_of(node.name) for node in made.graph.node for name in node.output if node.op_type != "Identity"
    }
    own = {maker: name for name, maker in written.items() if name in graph.outputs or name == value_name(maker)}
    found: dict[str, str] = {}
    for node in graph:
        if node.id in graph.running:
            found[node.id] = own.get(node.id) or (found[node.inputs[0]] if node.inputs else node.id)
    return found


def check_shapes(result: Compiled, made: ModelProto) -> None:
    """What strict inference finds from the inputs alone is what cnnspec says, of every value; and so is what the file
    tells its readers. Of a batch that went through Pad or Resize onnx knows no more than that it is a number."""
    assert result.built is not None
    bare = ModelProto()
    bare.CopyFrom(made)
    del bare.graph.value_info[:]
    for each in bare.graph.output:
        each.type.tensor_type.ClearField("shape")
    found = onnx.shape_inference.infer_shapes(bare, check_type=True, strict_mode=True, data_prop=True).graph
    theirs = {each.name: dims(each) for each in (*found.value_info, *found.input, *found.output)}
    told = {each.name: dims(each) for each in (*made.graph.value_info, *made.graph.input, *made.graph.output)}
    for id, name in results(result, made).items():
        shape = ("batch", *(result.built.shapes[id] or ()))
        assert told[name] == shape, f"the file says {name} is {told[name]}, not {shape}"
        batch, *rest = theirs[name]
        assert rest == [*shape[1:]], f"onnx finds that {name} is {theirs[name]}, not {shape}"
        assert batch == "batch" or str(batch).startswith("unk__"), f"onnx finds that {name} is {theirs[name]}"
    values = {name for node in made.graph.node for name in node.output if name}
    assert values <= set(told), f"nothing is said of {values - set(told)}"


def check_open_shapes(result: Compiled, made: ModelProto) -> None:
    """Of a network of any size the file tells the batch, the channels and the number of axes of every node, and no
    extent that another size could change."""
    assert result.built is not None
    told = {each.name: dims(each) for each in (*made.graph.value_info, *made.graph.input, *made.graph.output)}
    other = next(network_sizes.at_other_sizes(result), result).built
    assert other is not None
    for id, name in results(result, made).items():
        here, there = result.built.shapes[id] or (), other.shapes[id] or ()
        batch, channels, *spatial = told[name]
        assert (batch, channels, len(spatial)) == ("batch", here[0], len(here) - 1), f"the file says {name} is {told}"
        for said, one, another in zip(spatial, here[1:], there[1:], strict=True):
            assert isinstance(said, str) or said == 0 or said == one == another, f"the file says {name} is {told}"


def dims(value: onnx.ValueInfoProto) -> Dims:
    return tuple(each.dim_param or each.dim_value for each in value.type.tensor_type.shape.dim)


class Runtime:
    """onnxruntime on one model, with or without its optimisations; without, every node's value comes out."""

    def __init__(self, made: ModelProto, *, optimised: bool) -> None:
        import onnxruntime

        opened = ModelProto()
        opened.CopyFrom(made)
        if not optimised:
            outputs = {each.name for each in made.graph.output}
            opened.graph.output.extend(each for each in made.graph.value_info if each.name not in outputs)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        level = onnxruntime.GraphOptimizationLevel
        options.graph_optimization_level = level.ORT_ENABLE_ALL if optimised else level.ORT_DISABLE_ALL
        content = opened.SerializeToString()
        self.session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self.names = [each.name for each in self.session.get_outputs()]

    def __call__(self, inputs: Arrays) -> dict[str, np.ndarray]:
        return dict(zip(self.names, self.session.run(self.names, dict(inputs)), strict=True))
