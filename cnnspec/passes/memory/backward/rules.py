"""What each of torch's operations keeps for backward, and what it gives. Source: torch's derivatives
(tools/autograd/derivatives.yaml) and the CPU kernels; tests/test_memory_saved.py compares with torch, byte by byte.

A rule is kept by the name of torch's module or function, without the number of axes: `nn.Conv` is Conv1d, 2d and 3d.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from cnnspec.passes.memory.backward import keep_maps, keep_norms, keep_values
from cnnspec.passes.memory.backward.call import Call
from cnnspec.passes.memory.backward.values import Value

Rule = Callable[[Call], Value]


class Keeps(NamedTuple):
    """How a rule is told to people: what it keeps, in words, and how it is worked out."""

    what: str
    rule: Rule


INPUT, RESULT, NOTHING = "its input", "its result", "nothing"
VIEW = "nothing: a view of its input"
STATISTICS = "its input, mean and 1 / deviation"

RULES: Mapping[str, Keeps] = {
    "nn.Conv": Keeps("its input (and its weight)", keep_values.convolution),
    "nn.ConvTranspose": Keeps("its input (and its weight)", keep_values.convolution),
    "nn.Linear": Keeps("its input (and its weight)", keep_values.linear),
    "nn.BatchNorm": Keeps(f"{STATISTICS} of each channel", keep_norms.batch_norm),
    "nn.InstanceNorm": Keeps(
        f"{STATISTICS} of each channel of each sample, its weight as often", keep_norms.instance_norm
    ),
    "nn.GroupNorm": Keeps(f"{STATISTICS} of each group of each sample", keep_norms.group_norm),
    "nn.LayerNorm": Keeps(f"{STATISTICS} of each part", keep_norms.layer_norm),
    "nn.LocalResponseNorm": Keeps(
        "its input, the padded squares, what is raised, the divisor", keep_norms.local_response
    ),
    "nn.ReLU": Keeps(RESULT, keep_values.of_result),
    "nn.Sigmoid": Keeps(RESULT, keep_values.of_result),
    "nn.Tanh": Keeps(RESULT, keep_values.of_result),
    "nn.Softmax": Keeps(RESULT, keep_values.softmax),
    "nn.LogSoftmax": Keeps(RESULT, keep_values.softmax),
    "nn.ReLU6": Keeps(INPUT, keep_values.of_input),
    "nn.LeakyReLU": Keeps(INPUT, keep_values.of_input),
    "nn.PReLU": Keeps(INPUT, keep_values.of_input),
    "nn.ELU": Keeps(INPUT, keep_values.of_input),
    "nn.SELU": Keeps(INPUT, keep_values.of_input),
    "nn.GELU": Keeps(INPUT, keep_values.of_input),
    "nn.SiLU": Keeps(INPUT, keep_values.of_input),
    "nn.Mish": Keeps(INPUT, keep_values.of_input),
    "nn.Softplus": Keeps(INPUT, keep_values.of_input),
    "nn.Hardsigmoid": Keeps(INPUT, keep_values.of_input),
    "nn.Hardswish": Keeps(INPUT, keep_values.of_input),
    "torch.abs": Keeps(INPUT, keep_values.of_input),
    "nn.Dropout": Keeps("a factor for each value", keep_values.dropout),
    "+": Keeps(NOTHING, keep_values.nothing),
    "-": Keeps(NOTHING, keep_values.nothing),
    "*": Keeps("each factor that another one's gradient needs", keep_values.product),
    "/": Keeps("the divisor; the dividend where the divisor gets a gradient", keep_values.quotient),
    "torch.maximum": Keeps("both operands", keep_values.larger),
    "torch.cat": Keeps(NOTHING, keep_maps.joined_channels),
    "nn.MaxPool": Keeps("its input, an int64 index for each result", keep_maps.max_pool),
    "nn.AdaptiveMaxPool": Keeps("its input, an int64 index for each result", keep_maps.max_pool),
    "nn.AvgPool": Keeps(INPUT, keep_maps.pool),
    "F.avg_pool": Keeps(INPUT, keep_maps.pool),
    "nn.AdaptiveAvgPool": Keeps("its input; nothing where all becomes one value", keep_maps.adaptive_average),
    "torch.mean": Keeps(NOTHING, keep_maps.mean),
    "nn.Upsample": Keeps(NOTHING, keep_maps.resized),
    "F.interpolate": Keeps(NOTHING, keep_maps.resized),
    "F.pad": Keeps(NOTHING, keep_maps.padded),
    "nn.ZeroPad": Keeps(NOTHING, keep_maps.padded),
    "nn.ConstantPad": Keeps(NOTHING, keep_maps.padded),
    "nn.ReflectionPad": Keeps(INPUT, keep_maps.pool),
    "nn.ReplicationPad": Keeps(INPUT, keep_maps.pool),
    "nn.PixelShuffle": Keeps(NOTHING, keep_maps.resized),
    "nn.ChannelShuffle": Keeps(NOTHING, keep_maps.resized),
    "torch.ones_like": Keeps(NOTHING, keep_maps.ones),
    "torch.Tensor.contiguous": Keeps(NOTHING, keep_maps.contiguous),
    "nn.Flatten": Keeps(VIEW, keep_maps.flat),
    "nn.Unflatten": Keeps(VIEW, keep_maps.unflat),
    "torch.permute": Keeps(VIEW, keep_maps.permuted),
    "torch.narrow": Keeps(VIEW, keep_maps.narrowed),
    "torch.reshape": Keeps(VIEW, keep_maps.weights_as_column),
}


def rule_of(target: str) -> Keeps | None:
    """The rule of a torch step's target; None for one that no layer states."""
    return RULES.get(target[:-2] if target[-2:] in ("1d", "2d", "3d") else target)
