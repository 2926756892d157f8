"""What one value depends on, and what depends on one pixel, by experiment on whole networks.

Two experiments. `reached`: a pixel is changed, and layer by layer it is seen which values are others for it; each layer
runs on fresh values near 1, so that nothing fades on a long way, and what is changed becomes the largest value of all,
so that a maximum shows it. `gradients`: one value's gradient through the whole network in double precision; weights are
positive, what flattens out is left aside, and maxima are means over the same window, as theory has it.
"""

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnspec.api.torch_export import source
from cnnspec.contract.layer import Layer
from cnnspec.contract.register import words
from cnnspec.contract.values import Shape, Shapes
from cnnspec.ir.graph import Input
from cnnspec.layers._norm import SampleNorm
from cnnspec.pipeline import Compiled
from tests.judges import torch_written
from tests.judges.assemble import values
from tests.judges.torch_module import run_layer

FLAT = {
    *("relu", "relu6", "leaky_relu", "prelu", "tanh", "sigmoid", "hardsigmoid", "hardswish", "elu", "selu", "gelu"),
    *("silu", "mish", "softplus", "abs"),
}
SHARED = {"softmax", "log_softmax", "layernorm", "groupnorm", "instancenorm"}
"""Of one value by itself these make a constant, and their gradients may vanish: that is the values' affair, and no
dependence of the graph."""


def reached(result: Compiled, source: str, changed: np.ndarray, seed: int = 0) -> dict[str, np.ndarray]:
    """By node where its value is another one if `source` (by its id) is changed where `changed` is true."""
    assert result.built is not None
    random = np.random.default_rng(seed)
    masks: dict[str, np.ndarray] = {}
    for node in result.built.graph:
        shape = result.built.shapes[node.id]
        assert shape is not None
        if isinstance(node.layer, Input) or node.id == source:
            masks[node.id] = changed if node.id == source else np.zeros(shape, dtype=bool)
            continue
        operands = [masks[each] for each in node.inputs]
        if not any(each.any() for each in operands):
            masks[node.id] = np.zeros(shape, dtype=bool)
            continue
        masks[node.id] = _differs(node.layer, [each.shape for each in operands], operands, random)
    return masks


def _differs(
    layer: Layer, shapes: Sequence[Shape], masks: Sequence[np.ndarray], random: np.random.Generator
) -> np.ndarray:
    if layer.word in SHARED and _of_one(layer, shapes[0]):
        return masks[0]
    weights = {each.name: _positive(each.shape, each.dtype, random) for each in layer.weights(tuple(shapes))}
    plain = [random.uniform(0.1, 1, shape) for shape in shapes]
    other = [each + mask * random.uniform(1, 2, each.shape) for each, mask in zip(plain, masks, strict=True)]
    operands = [torch.from_numpy(np.stack(pair)) for pair in zip(plain, other, strict=True)]
    with torch.no_grad():
        before, after = run_layer(layer, tuple(shapes), weights, operands).numpy()
    return np.asarray(abs(after - before) > 1e-11 * (abs(after) + abs(before)))


def _of_one(layer: Layer, shape: Shape) -> bool:
    """Whether what is shared out, or normalised, is one value."""
    parts = layer.parts((shape,)) if isinstance(layer, SampleNorm) else prod(shape[1:])
    return prod(shape) == parts


def _positive(shape: Shape, dtype: str, random: np.random.Generator) -> Tensor:
    if dtype != "float32":
        return torch.zeros(shape, dtype=torch.int64)
    return torch.from_numpy(np.asarray(random.uniform(0.5, 1.5, shape)))


def gradients(result: Compiled, id: str, region: np.ndarray) -> dict[str, np.ndarray]:
    """By input where the sum of a node's values in the region has a gradient."""
    assert result.built is not None
    random = np.random.default_rng(3)
    shapes = {each: result.built.shapes[each] for each in result.built.graph.inputs}
    given = {
        name: torch.from_numpy(random.uniform(0.5, 1, (1, *(shape or ())))).requires_grad_()
        for name, shape in shapes.items()
    }
    value = values(result, {}, given, until=id, run=_smooth)[id]
    grads = torch.autograd.grad(
        value[0][torch.from_numpy(region)].sum(), list(given.values()), allow_unused=True, materialize_grads=True
    )
    found = {name: abs(each[0].numpy()) for name, each in zip(given, grads, strict=True)}
    return {name: np.asarray(each > 1e-30 * each.max(initial=0)) for name, each in found.items()}


def _smooth(layer: Layer, shapes: Shapes, weights: Mapping[str, Tensor], operands: Sequence[Tensor]) -> Tensor:
    if layer.word in FLAT:
        return operands[0]
    assert layer.word not in SHARED, f"{layer.word}: its gradient may vanish, take the other experiment"
    if layer.word in ("max", "mul", "sub"):
        return run_layer(words()["mul"](), shapes, {}, operands)
    if layer.word == "maxpool":
        return _window_sum(layer, shapes, operands[0])
    if layer.word in ("adaptive_maxpool", "gmp"):
        mean = {"adaptive_maxpool": "adaptive_avgpool", "gmp": "gap"}[layer.word]
        return run_layer(words()[mean](**layer.arguments), shapes, {}, operands)
    random = np.random.default_rng(len(shapes))
    positive = {each.name: _positive(each.shape, each.dtype, random) for each in layer.weights(shapes)}
    for name, each in positive.items():
        if each.ndim > 1:
            positive[name] = each / each[0].numel()
    return run_layer(layer, shapes, positive, operands)


def _window_sum(layer: Layer, shapes: Shapes, value: Tensor) -> Tensor:
    """The mean over a maximum's window, as a convolution of each channel."""
    after, rank, channels = layer.infer(shapes)[1:], len(shapes[0]) - 1, shapes[0][0]
    windows = layer.window(shapes)
    assert isinstance(windows, tuple)
    pads: list[int] = []
    for extent, results, each in zip(shapes[0][1:], after, windows, strict=True):
        end = (results - 1) * each.stride + (each.kernel - 1) * each.dilation + 1 - extent - each.pad
        pads = [each.pad, end, *pads]
    kernel = torch.ones((channels, 1, *(each.kernel for each in windows)), dtype=value.dtype) / 4
    convolve = (functional.conv1d, functional.conv2d, functional.conv3d)[rank - 1]
    strides, dilations = [each.stride for each in windows], [each.dilation for each in windows]
    return convolve(functional.pad(value, pads), kernel, stride=strides, dilation=dilations, groups=channels)


def exported_gradients(result: Compiled, asked: Mapping[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """By output, then by input, where the sum of the output's values in the region has a gradient in the module that
    cnnspec writes: with positive weights, in double precision, means in place of maxima."""
    assert result.built is not None
    random = np.random.default_rng(5)
    made = torch_written.module(source(result), result.built.graph.name).double().eval()
    for name, each in made.state_dict().items():
        if each.is_floating_point():
            one = 0.0 if name.endswith(("running_mean", "bias")) else 1.0
            drawn = torch.from_numpy(np.asarray(random.uniform(0.5, 1.5, each.shape))) / max(1, each[:1].numel())
            each.copy_(drawn if each.ndim > 1 else torch.full_like(each, one))
    for module in list(made.modules()):
        for name, part in module.named_children():
            if isinstance(part, nn.MaxPool2d):
                mean = nn.AvgPool2d(part.kernel_size, part.stride, part.padding, part.ceil_mode)
                setattr(module, name, mean)
    given = {
        id: torch.from_numpy(random.uniform(0.5, 1, (1, *(result.built.shapes[id] or ())))).requires_grad_()
        for id in result.built.graph.inputs
    }
    outputs = torch_written.outputs(result, made(*given.values()))
    found: dict[str, dict[str, np.ndarray]] = {}
    for output, region in asked.items():
        wanted = outputs[output][0][torch.from_numpy(region)].sum()
        grads = torch.autograd.grad(
            wanted, list(given.values()), retain_graph=True, materialize_grads=True, allow_unused=True
        )
        found[output] = {id: np.asarray(each[0].numpy() != 0) for id, each in zip(given, grads, strict=True)}
    return found
