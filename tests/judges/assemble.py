"""A whole network in torch, put together from what each layer says of itself: a judge for the lowerings and passes."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add, mul, truediv
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cnnspec.contract.facts import Torch, Weight
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shapes
from cnnspec.ir.graph import Input
from cnnspec.pipeline import Compiled

Tensors = Mapping[str, np.ndarray]
OPERATORS = {"+": add, "*": mul, "/": truediv}
Run = Callable[[Layer, Shapes, Mapping[str, Tensor], Sequence[Tensor]], Tensor]


def values(
    result: Compiled, tensors: Tensors, given: Mapping[str, Tensor], *, until: str | None = None, run: Run | None = None
) -> dict[str, Tensor]:
    """The nodes' values for the inputs `given` by id, in evaluation mode, as far as `until`; batch first.

    `tensors` are the weights by full name; `run` replaces what is done at a node.
    """
    assert result.built is not None
    run = run or run_layer
    shapes = result.built.shapes
    made: dict[str, Tensor] = {}
    for node in result.built.graph:
        if isinstance(node.layer, Input):
            made[node.id] = given[node.id]
            continue
        weights = owned(tensors, node.reuse_of or node.id)
        operands = tuple(shape for each in node.inputs if (shape := shapes[each]) is not None)
        made[node.id] = run(node.layer, operands, weights, [made[each] for each in node.inputs])
        if node.id == until:
            break
    return made


def owned(tensors: Tensors, owner: str) -> dict[str, Tensor]:
    """A node's tensors by torch's suffix."""
    found = {name.rpartition("."): each for name, each in tensors.items()}
    return {suffix: torch.from_numpy(each) for (path, _, suffix), each in found.items() if path == owner}


def run_layer(layer: Layer, shapes: Shapes, weights: Mapping[str, Tensor], operands: Sequence[Tensor]) -> Tensor:
    """One layer by its torch steps."""
    steps = layer.torch(shapes)
    known: dict[str, Tensor] = {f"x{place}": each for place, each in enumerate(operands)}
    previous = list(operands)
    for step in steps:
        inputs = [known[name] for name in step.inputs] if step.inputs else previous
        result = run_step(step, weights, inputs)
        known[step.output] = result
        previous = [result]
    assert len(previous) == 1, f"{layer.word} gives {len(previous)} values"
    return previous[0]


def run_step(step: Torch, weights: Mapping[str, Tensor], inputs: Sequence[Tensor]) -> Tensor:
    if step.target in OPERATORS:
        return reduce(OPERATORS[step.target], inputs)
    room, _, name = step.target.partition(".")
    if room == "nn":
        return module(step, weights)(*inputs)
    function = getattr(nn.functional if room == "F" else torch, name)
    operands = [list(inputs)] if step.takes_list else inputs
    result = function(*operands, *step.positional, **step.arguments)
    assert isinstance(result, Tensor)
    return result


def module(step: Torch, weights: Mapping[str, Tensor]) -> nn.Module:
    """The torch module of a step, in evaluation mode, with these weights and no others."""
    made: nn.Module = getattr(nn, step.target.removeprefix("nn."))(*step.positional, **step.arguments)
    if made.state_dict():
        made.to(next(each.dtype for each in weights.values() if each.is_floating_point()))
        made.load_state_dict(dict(weights), strict=True)
    return made.eval()


def draw(result: Compiled, seed: int) -> dict[str, np.ndarray]:
    """Random weights by full name that keep values near 1: normal with variance 2 / fan-in, statistics around 1."""
    random = np.random.default_rng(seed)
    return {f"{row.node.id}.{each.name}": tensor(each, random) for row in result.analysis.rows for each in row.weights}


def tensor(weight: Weight, random: np.random.Generator) -> np.ndarray:
    if weight.dtype != "float32":
        return np.zeros(weight.shape, weight.dtype)
    if len(weight.shape) < 2:
        return random.uniform(0.5, 1.5, weight.shape).astype(np.float32)
    fan_in = int(np.prod(weight.shape[1:]))
    drawn: Any = random.normal(0, (2 / fan_in) ** 0.5, weight.shape).astype(np.float32)
    return np.asarray(drawn)
