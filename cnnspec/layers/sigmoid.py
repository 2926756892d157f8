"""The sigmoids: the logistic function and the hyperbolic tangent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.facts import Bounds, Example
from cnnspec.contract.register import layer
from cnnspec.layers._pointwise import Pointwise

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("sigmoid")
class Sigmoid(Pointwise):
    """Logistic function: any number becomes one between 0 and 1.

        y = 1 / (1 + exp(-x))

    Shapes: the result is as the input, of any rank.
    Arguments: none.
    Parameters: none.
    Source: Rumelhart, Hinton and Williams, 1986. torch.nn.Sigmoid, ONNX Sigmoid.
    """

    bounds = Bounds(0, 1)
    operations = ("sigmoid",)
    onnx_op = "Sigmoid"
    torch_module = "nn.Sigmoid"
    examples = (
        Example("sigmoid", ((3, 4, 5),)),
        Example("sigmoid", ((10,),)),
        Example("sigmoid", ((4, 9),)),
        Example("sigmoid", ((2, 3, 4, 5),)),
    )

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        return 1 / (1 + np.exp(-arrays[0]))


@layer("tanh")
class Tanh(Pointwise):
    """Hyperbolic tangent: any number becomes one between -1 and 1.

        y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))

    Shapes: the result is as the input, of any rank.
    Arguments: none.
    Parameters: none.
    Source: LeCun et al., Efficient BackProp, 1998. torch.nn.Tanh, ONNX Tanh.
    """

    bounds = Bounds(-1, 1)
    operations = ("tanh",)
    onnx_op = "Tanh"
    torch_module = "nn.Tanh"
    examples = (
        Example("tanh", ((3, 4, 5),)),
        Example("tanh", ((10,),)),
        Example("tanh", ((4, 9),)),
        Example("tanh", ((2, 3, 4, 5),)),
    )

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        return np.tanh(arrays[0])
