"""A whole network in torch: the modules' tree with its names, and every node's value in either precision."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cnnspec.contract.values import Shapes
from cnnspec.ir.graph import Input, Node
from cnnspec.passes.fold import known
from cnnspec.passes.parameters import full_weights
from cnnspec.pipeline import Compiled
from tests.judges import assemble, torch_module
from tests.judges.examples import Case

Values = dict[str, Tensor]
Weights = dict[str, Values]
"""Tensors by node and by torch's suffix."""

LAST_BIT = 2.0**-23
SMALLEST = 2.0**-126
"""Below it float32 has fewer digits, or none where such values are taken for 0."""
BY_WAY_OF_ONE = frozenset({"Elu", "Erf", "LogSoftmax", "Mish", "Selu", "Sigmoid", "Softplus"})
"""Operators of ONNX that are exponential functions."""
MEANS = frozenset({"AveragePool", "GlobalAveragePool", "ReduceMean"})
"""Operators of ONNX that sum many values, one after the other, and divide."""


def module_tree(result: Compiled) -> nn.Module:
    """The network's modules under the paths of its nodes; what is reused is there once."""
    assert result.built is not None
    root = nn.Module()
    for node, operands in known(result.built.graph, result.built.shapes):
        if "@" in node.id:
            continue
        *rooms, name = node.id.split(".")
        room = root
        for each in rooms:
            if each not in dict(room.named_children()):
                room.add_module(each, nn.Module())
            room = room.get_submodule(each)
        room.add_module(name, torch_module.fresh(Case(node.id, node.layer, operands, 0)))
    return root


def check_names(result: Compiled) -> None:
    """Paths, and the parameters' names, shapes, order and count, are those of the torch module."""
    assert result.built is not None
    root = module_tree(result)
    paths = {path for path, _ in root.named_modules()}
    for node in result.built.graph:
        if not isinstance(node.layer, Input) and "@" not in node.id:
            assert {node.id, node.scope} <= paths, f"torch has no module {node.id}"
    ours = full_weights(result.built.graph, result.built.shapes)
    stated = {name: (name, each.shape, each.dtype, each.trainable) for name, each in ours.items()}
    assert [stated.get(name, name) for name in in_rooms(stated)] == torch_module.state(root)
    count = sum(each.numel() for each in root.parameters())
    assert result.analysis.totals.params == count, f"{result.analysis.totals.params} parameters, torch has {count}"


def in_rooms(names: Mapping[str, Any]) -> list[str]:
    """In the order of a tree: a label with dots may go back to a room that others had left."""
    tree: dict[str, Any] = {}
    for name in names:
        room = tree
        for part in name.split("."):
            room = room.setdefault(part, {})
    return list(_leaves(tree, ""))


def _leaves(room: Mapping[str, Any], before: str) -> Iterator[str]:
    for part, inner in room.items():
        if inner:
            yield from _leaves(inner, f"{before}{part}.")
        else:
            yield before + part


def settled(result: Compiled, inputs: Values) -> Weights:
    """Weights that float32 holds exactly, with which whatever a layer multiplies and adds comes out with a mean square
    of 1 for these inputs in float64."""
    weights: Weights = {}
    for name, each in assemble.draw(result, 1).items():
        path, _, suffix = name.rpartition(".")
        tensor = torch.from_numpy(each)
        weights.setdefault(path, {})[suffix] = tensor.double() if tensor.is_floating_point() else tensor
    values(result, weights, inputs, settle=True)
    return weights


def values(
    result: Compiled, weights: Weights, inputs: Values, *, settle: bool = False, noise: int | None = None
) -> Values:
    """Every node's value. `settle` scales the weights on the way; `noise` is the seed of the errors that every node is
    given, as large as float32's rounding there may be, to see what they come to."""
    assert result.built is not None
    made = dict(inputs)
    generator = torch.Generator().manual_seed(noise or 0)
    for node in result.built.graph:
        if isinstance(node.layer, Input) or node.id not in result.built.shapes:
            continue
        owned = weights.get(node.reuse_of or node.id, {})
        value = applied(result, weights, node, made)
        if settle and node.reuse_of is None and any(each.ndim > 1 for each in owned.values()):
            _scale(owned, float(value.square().mean().sqrt()))
            value = applied(result, weights, node, made)
        if noise is not None:
            value = _shaken(value, rounding(result, weights, node, made, value, generator), generator)
        made[node.id] = value.contiguous()  # as torch wants it here and there behind a permute
    return made


def applied(result: Compiled, weights: Weights, node: Node, made: Values) -> Tensor:
    """The node's value, made of those that it reads."""
    owned = weights.get(node.reuse_of or node.id, {})
    return torch_module.run_layer(node.layer, operands(result, node), owned, [made[each] for each in node.inputs])


def operands(result: Compiled, node: Node) -> Shapes:
    assert result.built is not None
    return tuple(shape for each in node.inputs if (shape := result.built.shapes[each]) is not None)


def rounding(
    result: Compiled, weights: Weights, node: Node, made: Values, value: Tensor, generator: torch.Generator
) -> Tensor:
    """How large an error of one rounding to float32 inside of a node may be: what the last bit of the largest value
    that it reads moves its result by, and the last bit of the largest value that it makes on the way.

    The size counts, not the pattern: a mean that was rounded moves all of what it is taken from by the same. Of the n
    values of a mean each sum on the way is rounded, and the sums are as large as the values though the mean may be 0,
    as it is behind an instance norm: sqrt(n) times the last bit of the mean size.
    """
    read = {each: _shaken(made[each], LAST_BIT * made[each].abs().max(), generator) for each in node.inputs}
    moved = applied(result, weights, node, read) - value
    largest = value.abs().max()
    if _by_way_of_one(result, node):
        largest = largest.clamp(min=1)
    return moved.abs().max() + LAST_BIT * largest + _summing(result, weights, node, made, value) + SMALLEST


def _summing(result: Compiled, weights: Weights, node: Node, made: Values, value: Tensor) -> Tensor:
    """What the roundings of the sums on the way to a mean come to, or to the sum or difference of more than two: they
    may be larger than what comes out."""
    ops = {each.op for each in node.layer.onnx(operands(result, node)).nodes}
    if len(node.inputs) > 2 and ops & {"Add", "Sub", "Sum"}:
        return LAST_BIT * sum(made[each].abs().max() for each in node.inputs[:-1])
    if not any(each.op in MEANS for each in node.layer.onnx(operands(result, node)).nodes) or len(node.inputs) != 1:
        return value.new_zeros(())
    read = made[node.inputs[0]].abs()
    summed = max(read.numel() / value.numel(), 1)
    return LAST_BIT * summed**0.5 * applied(result, weights, node, {node.inputs[0]: read}).abs().max()


def _by_way_of_one(result: Compiled, node: Node) -> bool:
    """Whether a function is worked out through values near 1, as elu is by exp(x) - 1 and gelu by 1 + tanh: of a
    small result a runtime then knows no more digits than behind that 1, while torch has functions such as expm1 for
    some."""
    ops = {each.op for each in node.layer.onnx(operands(result, node)).nodes}
    return bool(ops & BY_WAY_OF_ONE) or {"Tanh", "Add"} <= ops


def _shaken(value: Tensor, size: Tensor, generator: torch.Generator) -> Tensor:
    return value + size * torch.randn(value.shape, generator=generator, dtype=value.dtype)


def _scale(owned: Values, spread: float) -> None:
    for suffix, each in owned.items():
        if each.is_floating_point() and spread > 1e-6:
            owned[suffix] = (each / spread).float().double()


def single(weights: Weights) -> Weights:
    """The same in float32."""
    return {
        path: {suffix: each.float() if each.is_floating_point() else each for suffix, each in owned.items()}
        for path, owned in weights.items()
    }


def doubled(values: Values) -> Values:
    return {id: each.double() for id, each in values.items()}


def arrays(weights: Weights) -> dict[str, np.ndarray]:
    """By full name, as the lowering takes them."""
    return {
        f"{path}.{suffix}": each.numpy() for path, owned in single(weights).items() for suffix, each in owned.items()
    }
