"""Types and shapes of all values in an ONNX graph, so that viewers can write them on the edges.

The results' shapes are ours. What only ONNX knows (values inside of a layer, and how a symbolic size spreads) is asked
of its shape inference, on a copy of the graph without the weights' numbers.
"""

from collections.abc import Mapping, Sequence

from onnx import (
    GraphProto,
    ModelProto,
    TensorProto,
    TypeProto,
    ValueInfoProto,
    helper,
    shape_inference,
)

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input, Node
from cnnspec.lower.any_size import takes_any_size
from cnnspec.passes.fold import ShapeTable

BATCH = "batch"
AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
Dims = Sequence[int | str | None]


def input_value(node: Node, graph: Graph) -> ValueInfoProto:
    """An input: the batch is a symbol, and so are the sizes of one that takes any."""
    assert isinstance(node.layer, Input)
    channels, *spatial = node.layer.shape
    dims: list[int | str] = [BATCH, channels, *spatial]
    if node.layer.any_size and spatial:
        dims[2:] = _symbols(node.id, len(spatial), graph)
    return helper.make_tensor_value_info(node.id, TensorProto.FLOAT, dims)


def _symbols(id: str, rank: int, graph: Graph) -> tuple[str, ...]:
    """`height` and `width`; with several inputs of any size each has its own."""
    several = sum(isinstance(each.layer, Input) and each.layer.any_size for each in graph) > 1
    return tuple(f"{id}_{axis}" if several else axis for axis in AXES[rank])


def add_values(model: ModelProto, graph: Graph, shapes: ShapeTable, results: Mapping[str, str]) -> None:
    """Fills in the outputs and the `value_info` of everything else that a node writes, in the nodes' order.

    `results` gives the ONNX value of every node that runs.
    """
    made, known = model.graph, _inferred(model, graph)
    ours = {results[id]: shape for id, shape in shapes.items() if id in results and shape is not None}
    for name, id in graph.outputs.items():
        shape = shapes[id]
        if shape is not None:
            ours[name] = shape
    closed = not takes_any_size(graph)
    symbols = {each.dim_param for value in made.input for each in value.type.tensor_type.shape.dim}
    for name in [name for node in made.node for name in node.output if name]:
        if name in ours:
            dims = _result(ours[name], known.get(name), symbols, closed)
            value = helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)
        elif name in known:
            value = _within(known[name], symbols)
        else:
            continue
        if name not in graph.outputs:
            made.value_info.append(value)
    _add_outputs(made, graph, ours, known, symbols, closed)


def _add_outputs(
    made: GraphProto,
    graph: Graph,
    ours: Mapping[str, Shape],
    known: Mapping[str, ValueInfoProto],
    symbols: set[str],
    closed: bool,
) -> None:
    for name in graph.outputs:
        dims = _result(ours[name], known.get(name), symbols, closed)
        made.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, dims))


def _inferred(model: ModelProto, graph: Graph) -> dict[str, ValueInfoProto]:
    """What ONNX finds by itself. Weights stand as inputs there; constants keep their numbers, for they make shapes."""
    bare = GraphProto(name="shapes", node=model.graph.node, input=model.graph.input)
    for each in model.graph.initializer:
        if ":" in each.name:
            bare.initializer.append(each)
        else:
            bare.input.append(helper.make_tensor_value_info(each.name, each.data_type, each.dims))
    bare.output.extend(
        ValueInfoProto(name=name, type=TypeProto(tensor_type={"elem_type": 1})) for name in graph.outputs
    )
    asked = ModelProto(ir_version=model.ir_version, graph=bare, opset_import=model.opset_import)
    found = shape_inference.infer_shapes(asked, check_type=True, data_prop=True).graph
    return {each.name: each for each in (*found.value_info, *found.output)}


def _result(shape: Shape, known: ValueInfoProto | None, symbols: set[str], closed: bool) -> Dims:
    """A layer's result. Where sizes are open, only what ONNX finds about them may be promised."""
    channels, *spatial = shape
    found = _dims(known, symbols) if known else []
    if len(found) == len(shape) + 1:
        for ours, theirs in zip(shape, found[1:], strict=True):
            assert not closed or theirs in (ours, None), f"{known} is not {shape}"
    if closed:
        return [BATCH, *shape]
    return [BATCH, channels, *(found[2:] if len(found) == len(shape) + 1 else (None for _ in spatial))]


def _within(known: ValueInfoProto, symbols: set[str]) -> ValueInfoProto:
    """A value inside of a layer, without the symbols that the inference makes up (`unk__0`)."""
    kind = known.type.tensor_type
    dims = _dims(known, symbols) if kind.HasField("shape") else None
    return helper.make_tensor_value_info(known.name, kind.elem_type, dims)


def _dims(known: ValueInfoProto, symbols: set[str]) -> list[int | str | None]:
    dims: list[int | str | None] = []
    for each in known.type.tensor_type.shape.dim:
        symbol = each.dim_param if each.dim_param and each.dim_param in symbols else None
        dims.append(each.dim_value if each.HasField("dim_value") else symbol)
    return dims
