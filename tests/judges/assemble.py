"""A whole network in torch, put together from what each layer says of itself: a judge for the lowerings and passes."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from cnnspec.contract.facts import Weight
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shapes
from cnnspec.ir.graph import Input
from cnnspec.pipeline import Compiled
from tests.judges.torch_module import run_layer

Tensors = Mapping[str, np.ndarray]
Run = Callable[[Layer, Shapes, Mapping[str, Tensor], Sequence[Tensor]], Tensor]


def values(
    result: Compiled, tensors: Tensors, given: Mapping[str, Tensor], *, until: str | None = None, run: Run = run_layer
) -> dict[str, Tensor]:
    """The nodes' values for the inputs `given` by id, in evaluation mode, as far as `until`; batch first.

    `tensors` are the weights by full name; `run` is what is done at a node.
    """
    assert result.built is not None
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
    return np.asarray(random.normal(0, (2 / fan_in) ** 0.5, weight.shape), np.float32)
