"""The Gaussian error linear unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import erf, pi, sqrt
from typing import TYPE_CHECKING

from cnnspec.contract.facts import Example, Onnx, Torch
from cnnspec.contract.fields import choice, option
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shapes
from cnnspec.layers._nodes import Nodes
from cnnspec.layers._pointwise import Pointwise

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array

CUBIC = 0.044715
INNER = sqrt(2 / pi)


@layer("gelu")
class Gelu(Pointwise):
    """Gaussian error linear unit: a smooth rectifier.

        y = x * (1 + erf(x / sqrt(2))) / 2
        y = x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2
            with approximate=tanh

    Each value is multiplied by the probability that a normal variable stays below it.

    Shapes: the result is as the input, of any rank.
    Arguments:
        approximate: `tanh` for the second formula, as in torch
    Parameters: none.
    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016. torch.nn.GELU; ONNX has Gelu from opset 20 on,
        before it Erf or Tanh.
    """

    approximate: str = option(choice("approximate", "none", "tanh"), "none")

    examples = (
        Example("gelu", ((3, 4, 5),)),
        Example("gelu approximate=tanh", ((3, 4, 5),)),
        Example("gelu", ((10,),)),
        Example("gelu", ((4, 9),)),
        Example("gelu approximate=tanh", ((2, 3, 4, 5),)),
    )

    def operations_of_value(self) -> tuple[str, ...]:
        """A factor, erf, + 1, and two factors; for tanh: a cube, a factor, an addition, a factor, tanh, + 1 and two
        factors."""
        if self.approximate == "tanh":
            return ("power", *["multiplication"] * 4, *["addition"] * 2, "tanh")
        return ("erf", *["multiplication"] * 3, "addition")

    def onnx(self, inputs: Shapes) -> Onnx:
        made = Nodes()
        if self.approximate == "tanh":
            cube = made.put("Pow", "x0", made.number("three", 3.0))
            bent = made.put("Add", "x0", made.put("Mul", cube, made.number("cubic", CUBIC)))
            bounded = made.put("Tanh", made.put("Mul", bent, made.number("inner", INNER)))
        else:
            bounded = made.put("Erf", made.put("Div", "x0", made.number("root", sqrt(2))))
        share = made.put("Add", bounded, made.number("one", 1.0))
        made.put("Mul", made.put("Mul", "x0", share), made.number("half", 0.5))
        return made.onnx()

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch("nn.GELU", {} if self.approximate == "none" else {"approximate": self.approximate}),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        x = arrays[0]
        if self.approximate == "tanh":
            bounded = np.tanh(INNER * (x + CUBIC * x**3))
        else:
            bounded = np.vectorize(erf, otypes=[x.dtype])(x / sqrt(2))
        result: Array = x * (1 + bounded) / 2
        return result
