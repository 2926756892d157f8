"""Exponential linear units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.facts import Example, Onnx, OnnxNode, Torch
from cnnspec.contract.fields import option, real
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shapes
from cnnspec.layers._pointwise import Pointwise

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
"""The fixed point of mean 0 and variance 1 (Klambauer et al., equation 14), to the last digit of a double."""


@layer("elu")
class Elu(Pointwise):
    """Exponential linear unit: what is negative bends to a floor.

        y = x where x > 0, else alpha * (exp(x) - 1)

    Shapes: the result is as the input, of any rank.
    Arguments:
        alpha: how far the floor lies below 0
    Parameters: none.
    Source: Clevert et al., Fast and Accurate Deep Network Learning by Exponential Linear Units, 2016. torch.nn.ELU,
        ONNX Elu.
    """

    alpha: float = option(real("alpha"), 1.0)

    operations = ("comparison", "exponential", "subtraction", "multiplication")
    examples = (
        Example("elu", ((3, 4, 5),)),
        Example("elu alpha=0.5", ((10,),)),
        Example("elu", ((4, 9),)),
        Example("elu", ((2, 3, 4, 5),)),
    )

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx((OnnxNode("Elu", attributes={"alpha": self.alpha}),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch("nn.ELU", {} if self.alpha == 1 else {"alpha": self.alpha}),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return _elu(arrays[0], self.alpha)


@layer("selu")
class Selu(Pointwise):
    """Scaled exponential linear unit: keeps mean 0 and variance 1.

        y = 1.0507 * (x where x > 0, else 1.6733 * (exp(x) - 1))

    It is an `elu` whose two constants keep mean and variance through the layers.

    Shapes: the result is as the input, of any rank.
    Arguments: none.
    Parameters: none.
    Source: Klambauer et al., Self-Normalizing Neural Networks, 2017. torch.nn.SELU, ONNX Selu.
    """

    operations = ("comparison", "exponential", "subtraction", "multiplication", "multiplication")
    torch_module = "nn.SELU"
    examples = (
        Example("selu", ((3, 4, 5),)),
        Example("selu", ((10,),)),
        Example("selu", ((4, 9),)),
        Example("selu", ((2, 3, 4, 5),)),
    )

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx((OnnxNode("Selu", attributes={"alpha": SELU_ALPHA, "gamma": SELU_SCALE}),))

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return SELU_SCALE * _elu(arrays[0], SELU_ALPHA)


def _elu(x: Array, alpha: float) -> Array:
    import numpy as np

    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
