"""Batch normalization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from cnnspec.contract.facts import (
    ONES,
    ZEROS,
    Cost,
    Example,
    Formula,
    Onnx,
    OnnxConstant,
    OnnxNode,
    Share,
    Torch,
    Weight,
)
from cnnspec.contract.fields import flag, option, real
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import extents, letters, values_of
from cnnspec.contract.values import Shapes
from cnnspec.layers._norm import Norm

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("bn")
class BatchNorm(Norm):
    """Batch normalization: each channel, over the whole batch.

        y[c] = (x[c] - mean[c]) / sqrt(var[c] + eps) * weight[c] + bias[c]

    Each channel is shifted and scaled to mean 0 and variance 1, then by learned numbers. While training, mean and
    variance are the batch's own and running means are kept: running = (1 - momentum) * running + momentum * batch. At
    inference the running ones are used.

    Shapes: the result is as the input: CxHxW, CxL, CxDxHxW, or a vector of C.
    Arguments:
        eps: what keeps the root away from 0
        momentum: the share of the new batch in the running means, as in torch (Keras gives that of the old ones)
        affine: whether weight and bias are learned
        init: what the factors begin with; 0 at the end of a residual branch in Goyal et al., 2017
    Parameters: 2 * C (none without affine). Buffers: running_mean and running_var of C, and a count of batches.
    Source: Ioffe and Szegedy, Batch Normalization, 2015. torch.nn.BatchNorm2d, ONNX BatchNormalization.
    """

    eps: float = option(real("eps", lambda value: value > 0, "more than 0"), 1e-5)
    momentum: float = option(real("the momentum", lambda value: 0 <= value <= 1, "from 0 to 1"), 0.1)
    affine: bool = option(flag("affine"), True)

    also = ("BatchNorm2d", "BatchNormalization")
    examples = (
        Example("bn", ((4, 5, 6),)),
        Example("bn eps=1e-3 momentum=0.01", ((3, 4, 4),)),
        Example("bn affine=no", ((3, 5, 4),)),
        Example("bn", ((5,),)),
        Example("bn", ((4, 9),)),
        Example("bn eps=0.1", ((2, 3, 4, 5),)),
    )

    def weights(self, inputs: Shapes) -> tuple[Weight, ...]:
        shape = (inputs[0][0],)
        return (
            *self.learned_pair(shape),
            Weight("running_mean", shape, ZEROS, trainable=False),
            Weight("running_var", shape, ONES, trainable=False),
            Weight("num_batches_tracked", (), ZEROS, trainable=False, dtype="int64"),
        )

    def cost(self, inputs: Shapes) -> Cost:
        """At inference all factors fold into one: a multiplication and an addition a value."""
        return Cost(ops=2 * prod(inputs[0]))

    def counts(self, inputs: Shapes) -> Mapping[str, Formula]:
        each = Formula(letters(inputs[0])[0], extents(inputs[0]))
        running = {"running_mean": each, "running_var": each, "num_batches_tracked": Formula("1")}
        return {**super().counts(inputs), **running}

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        each = Formula("E", values_of(inputs[0]))
        return Share("multiplication", each), Share("addition", each)

    def onnx(self, inputs: Shapes) -> Onnx:
        channels = inputs[0][0]
        attributes = {"epsilon": self.eps, "momentum": 1 - self.momentum}
        constants: dict[str, OnnxConstant] = {}
        learned: tuple[str, str] = ("weight", "bias")
        if not self.affine:
            learned = ("ones", "zeros")
            constants["ones"] = OnnxConstant("float32", (channels,), (1.0,) * channels)
            constants["zeros"] = OnnxConstant("float32", (channels,), (0.0,) * channels)
        operands = ("x0", *learned, "running_mean", "running_var")
        return Onnx((OnnxNode("BatchNormalization", operands, attributes=attributes),), constants)

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        given: dict[str, Any] = {"eps": self.eps, "momentum": self.momentum, "affine": self.affine}
        arguments = {name: value for name, value in given.items() if value != self.fields[name].default}
        rank = max(len(inputs[0]) - 1, 1)
        return (Torch(f"nn.BatchNorm{rank}d", arguments, (inputs[0][0],)),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        from cnnspec.contract.reference import per_channel

        x = arrays[0]
        named = {name: per_channel(each, x) for name, each in weights.items() if each.ndim}
        result = (x - named["running_mean"]) / np.sqrt(named["running_var"] + self.eps)
        return result * named["weight"] + named["bias"] if self.affine else result
