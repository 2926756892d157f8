"""The rectifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.facts import POSITIVE, Bounds, Example, Onnx, OnnxConstant, OnnxNode
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shapes
from cnnspec.layers._pointwise import Pointwise

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("relu")
class Relu(Pointwise):
    """Rectified linear unit: what is negative becomes 0.

        y = max(x, 0)

    Shapes: the result is as the input, of any rank.
    Arguments: none.
    Parameters: none.
    Source: Nair and Hinton, 2010; Krizhevsky et al., 2012. torch.nn.ReLU, ONNX Relu.
    """

    bounds = spares = POSITIVE
    operations = ("comparison",)
    onnx_op = "Relu"
    torch_module = "nn.ReLU"
    examples = (
        Example("relu", ((3, 4, 5),)),
        Example("relu", ((10,),)),
        Example("relu", ((4, 9),)),
        Example("relu", ((2, 3, 4, 5),)),
    )

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return arrays[0].clip(min=0)


@layer("relu6")
class Relu6(Pointwise):
    """Rectified linear unit with a ceiling at 6.

        y = min(max(x, 0), 6)

    Shapes: the result is as the input, of any rank.
    Arguments: none.
    Parameters: none.
    Source: Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10, 2010; Howard et al., MobileNets, 2017.
        torch.nn.ReLU6, ONNX Clip.
    """

    bounds = spares = Bounds(0, 6)
    operations = ("comparison", "comparison")
    torch_module = "nn.ReLU6"
    examples = (
        Example("relu6", ((3, 4, 5),)),
        Example("relu6", ((10,),)),
        Example("relu6", ((4, 9),)),
        Example("relu6", ((2, 3, 4, 5),)),
    )

    def onnx(self, inputs: Shapes) -> Onnx:
        bounds = {"low": OnnxConstant("float32", (), (0.0,)), "high": OnnxConstant("float32", (), (6.0,))}
        return Onnx((OnnxNode("Clip", ("x0", "low", "high")),), bounds)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return arrays[0].clip(min=0, max=6)
