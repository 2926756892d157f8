"""Smooth gates of a value by itself, and the smooth rectifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.facts import POSITIVE, Example, Onnx
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shapes
from cnnspec.layers._nodes import Nodes
from cnnspec.layers._pointwise import Pointwise

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("silu")
class Silu(Pointwise):
    """Sigmoid linear unit (swish): each value times its sigmoid.

        y = x / (1 + exp(-x))

    Shapes: the result is as the input, of any rank.
    Arguments: none.
    Parameters: none.
    Source: Elfwing et al., 2018; Ramachandran et al., Searching for Activation Functions, 2017. torch.nn.SiLU, ONNX
        Sigmoid and Mul.
    """

    operations = ("sigmoid", "multiplication")
    torch_module = "nn.SiLU"
    also = ("swish",)
    examples = (
        Example("silu", ((3, 4, 5),)),
        Example("silu", ((10,),)),
        Example("silu", ((4, 9),)),
        Example("silu", ((2, 3, 4, 5),)),
    )

    def onnx(self, inputs: Shapes) -> Onnx:
        made = Nodes()
        made.put("Mul", "x0", made.put("Sigmoid", "x0"))
        return made.onnx()

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        result: Array = arrays[0] / (1 + np.exp(-arrays[0]))
        return result


@layer("mish")
class Mish(Pointwise):
    """Mish: each value times the tanh of its softplus.

        y = x * tanh(ln(1 + exp(x)))

    Shapes: the result is as the input, of any rank.
    Arguments: none.
    Parameters: none.
    Source: Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019. torch.nn.Mish; ONNX Mish, here
        Softplus, Tanh and Mul, which every runtime has.
    """

    operations = ("softplus", "tanh", "multiplication")
    torch_module = "nn.Mish"
    examples = (
        Example("mish", ((3, 4, 5),)),
        Example("mish", ((10,),)),
        Example("mish", ((4, 9),)),
        Example("mish", ((2, 3, 4, 5),)),
    )

    def onnx(self, inputs: Shapes) -> Onnx:
        made = Nodes()
        made.put("Mul", "x0", made.put("Tanh", made.put("Softplus", "x0")))
        return made.onnx()

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        return arrays[0] * np.tanh(_softplus(arrays[0]))


@layer("softplus")
class Softplus(Pointwise):
    """Softplus: a rectifier without the corner.

        y = ln(1 + exp(x))

    Shapes: the result is as the input, of any rank.
    Arguments: none.
    Parameters: none.
    Source: Dugas et al., 2001; Glorot et al., Deep Sparse Rectifier Neural Networks, 2011. torch.nn.Softplus, ONNX
        Softplus.
    """

    bounds = POSITIVE
    operations = ("softplus",)
    onnx_op = "Softplus"
    torch_module = "nn.Softplus"
    examples = (
        Example("softplus", ((3, 4, 5),)),
        Example("softplus", ((10,),)),
        Example("softplus", ((4, 9),)),
        Example("softplus", ((2, 3, 4, 5),)),
    )

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return _softplus(arrays[0])


def _softplus(x: Array) -> Array:
    import numpy as np

    return np.logaddexp(x, 0)
