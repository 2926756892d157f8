"""A network to ONNX: opset 18, IR 10, batch symbolic, names that viewers group by, the same bytes every time.

The two versions are pinned by hand: `onnx` would stamp its newest, which onnxruntime refuses until it knows them. IR 10
is the first that lets nodes carry metadata (onnx 1.16, onnxruntime 1.18).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, helper

from cnnspec.contract.facts import Onnx
from cnnspec.contract.values import Shapes, dress
from cnnspec.ir.graph import Graph, Input, Node
from cnnspec.lower.any_size import Expand, check_any_size, facts_of, takes_any_size
from cnnspec.lower.errors import SHORTER, ExportError
from cnnspec.lower.onnx_metadata import Metadata, add_metadata, describe_node
from cnnspec.lower.onnx_names import node_names, value_name
from cnnspec.lower.onnx_values import add_values, input_value
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.parameters import full_weights

OPSET = 18
IR_VERSION = 10
LARGEST_PROTO = 2**31 - 1
"""Bytes of a message of protobuf, without the weights that stand beside it."""
TIMES_NAMED = 12
"""How often a layer's name stands in a model: of its node, results and weights, and in what tells their shapes; and
once more in part for each scope around it."""
Arrays = Mapping[str, NDArray[Any]]


def lower(graph: Graph, shapes: ShapeTable, arrays: Arrays, meta: Metadata, expand: Expand | None = None) -> ModelProto:
    """The model of what runs at inference: auxiliary heads are left out, and so is every weight that no node reads.

    `arrays` are the weights by full name, in the types and shapes of `full_weights`. Each array is copied once, into
    the model. `expand` is for a network of any size whose text reads sizes. ExportError where an array is missing or
    misfits, where two names would be the same, or where a network of any size is another at another size.
    """
    if sum(len(id) * (TIMES_NAMED + id.count(".")) for id in graph.running) > LARGEST_PROTO:
        message = f"the names of {len(graph.running):,} layers are too long for one ONNX file"
        raise ExportError(message, SHORTER)
    if takes_any_size(graph):
        check_any_size(graph, shapes, expand)
    model = ModelProto(ir_version=IR_VERSION, opset_import=[helper.make_opsetid("", OPSET)])
    results = _Lowering(graph, shapes, arrays, model.graph).fill()
    add_values(model, graph, shapes, results)
    add_metadata(model, graph, meta)
    return model


class _Step(NamedTuple):
    node: Node
    facts: Onnx


class _Lowering:
    """One network on its way into `made`, which is filled in place: a copy of it would be one of the weights, too."""

    def __init__(self, graph: Graph, shapes: ShapeTable, arrays: Arrays, made: GraphProto) -> None:
        self.source = graph
        self.arrays = arrays
        self.weights = full_weights(graph, shapes)
        self.made = made
        self.stored: set[str] = set()
        self.steps: list[_Step] = []
        self.results: dict[str, str] = {}
        self.copies: list[tuple[str, str]] = []
        self._name_results(self._makers(shapes))

    def fill(self) -> Mapping[str, str]:
        """Inputs, nodes and initializers; gives the ONNX value of every node that runs."""
        self.made.name = self.source.name
        self.made.input.extend(input_value(node, self.source) for node in self.source.inputs.values())
        for step in self.steps:
            self.made.node.extend(self._nodes(step))
        for origin, name in self.copies:
            self.made.node.append(helper.make_node("Identity", [origin], [name], name=f"/{name}:Identity"))
        self._check_names()
        return self.results

    def _makers(self, shapes: ShapeTable) -> dict[str, str]:
        """The node whose result each running node's result is: itself, or the one that it hands on (dropout)."""
        makers: dict[str, str] = {}
        any_size = takes_any_size(self.source)
        for node in self.source:
            if node.id not in self.source.running:
                continue
            makers[node.id] = node.id
            if not isinstance(node.layer, Input):
                facts = facts_of(node.layer, _operands(node, shapes), any_size)
                if facts.nodes:
                    self.steps.append(_Step(node, facts))
                else:
                    makers[node.id] = makers[node.inputs[0]]
        return makers

    def _name_results(self, makers: Mapping[str, str]) -> None:
        """An output lends its name to the value, if it is the first to ask; inputs keep their own names."""
        named = {id: id for id in self.source.inputs}
        for name, id in self.source.outputs.items():
            if makers[id] in named:
                self.copies.append((named[makers[id]], name))
            else:
                named[makers[id]] = name
        self.results = {id: named.get(maker, value_name(maker)) for id, maker in makers.items()}

    def _nodes(self, step: _Step) -> list[NodeProto]:
        node, facts = step
        names = self._names(step)
        protos = []
        for title, each in zip(node_names(node.id, facts.nodes), facts.nodes, strict=True):
            inputs, outputs = ([names[name] for name in side] for side in (each.inputs, each.outputs))
            proto = helper.make_node(each.op, inputs, outputs, name=title, **each.attributes)
            describe_node(proto, node)
            protos.append(proto)
        return protos

    def _names(self, step: _Step) -> dict[str, str]:
        """What a layer's own names mean here; its weights and constants are stored on the way."""
        node, facts = step
        names = {"": "", "y": self.results[node.id]}
        names |= {f"x{place}": self.results[id] for place, id in enumerate(node.inputs)}
        for each in facts.nodes:
            for name in (*each.inputs, *each.outputs):
                if name in names:
                    continue
                if name.startswith("t_"):
                    names[name] = value_name(node.id, name)
                elif name in facts.constants:
                    constant = facts.constants[name]
                    names[name] = value_name(node.id, name)
                    values = np.array(constant.values, constant.dtype).reshape(constant.shape)
                    self._store(names[name], values)
                else:
                    names[name] = self._weight(f"{node.reuse_of or node.id}.{name}")
        return names

    def _weight(self, name: str) -> str:
        weight, array = self.weights[name], self.arrays.get(name)
        if array is None:
            raise ExportError(f"the weight `{name}` is missing")
        if array.shape != weight.shape or array.dtype.name != weight.dtype:
            expected, given = (f"{each.dtype} {dress(each.shape)}".strip() for each in (weight, array))
            raise ExportError(f"the weight `{name}` is {expected}, but {given} was given")
        if name not in self.stored:  # another node may have stored it, if it is used again
            self._store(name, array)
        return name

    def _store(self, name: str, array: NDArray[Any]) -> None:
        """Little-endian raw bytes, whatever the machine."""
        self.stored.add(name)
        plain = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        self.made.initializer.add(name=name, data_type=kind, dims=array.shape, raw_data=plain.tobytes())

    def _check_names(self) -> None:
        for name in self.source.outputs:
            if name in self.stored or name in self.source.inputs:
                kind = "a weight" if name in self.stored else "an input"
                raise ExportError(f"the output `{name}` has the name of {kind}", "give the output another name")


def _operands(node: Node, shapes: ShapeTable) -> Shapes:
    known = []
    for each in (node.id, *node.inputs):
        shape = shapes.get(each)
        if shape is None:
            raise ExportError(
                f"the shape of `{each}` is not known", "the network has errors; `cnnspec check` tells them"
            )
        known.append(shape)
    return tuple(known[1:])
