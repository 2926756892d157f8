"""Straight-lined sigmoid and swish, for machines without exponentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.facts import Bounds, Example, Onnx, OnnxNode
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shapes
from cnnspec.layers._pointwise import Pointwise

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("hardsigmoid")
class HardSigmoid(Pointwise):
    """Hard sigmoid: a straight line from 0 at -3 to 1 at 3.

        y = min(max(x / 6 + 1/2, 0), 1)

    Shapes: the result is as the input, of any rank.
    Arguments: none.
    Parameters: none.
    Source: Courbariaux et al., BinaryConnect, 2015; with these numbers Howard et al., Searching for MobileNetV3, 2019.
        torch.nn.Hardsigmoid, ONNX HardSigmoid (alpha 1/6).
    """

    bounds = Bounds(0, 1)
    operations = ("multiplication", "addition", "comparison", "comparison")
    torch_module = "nn.Hardsigmoid"
    also = ("hsigmoid",)
    examples = (
        Example("hardsigmoid", ((3, 4, 5),)),
        Example("hardsigmoid", ((10,),)),
        Example("hardsigmoid", ((4, 9),)),
        Example("hardsigmoid", ((2, 3, 4, 5),)),
    )

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx((OnnxNode("HardSigmoid", attributes={"alpha": 1 / 6, "beta": 0.5}),))

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return (arrays[0] / 6 + 0.5).clip(min=0, max=1)


@layer("hardswish")
class HardSwish(Pointwise):
    """Hard swish: each value times its own hard sigmoid.

        y = x * min(max(x / 6 + 1/2, 0), 1)

    Shapes: the result is as the input, of any rank.
    Arguments: none.
    Parameters: none.
    Source: Howard et al., Searching for MobileNetV3, 2019. torch.nn.Hardswish, ONNX HardSwish.
    """

    operations = ("multiplication", "addition", "comparison", "comparison", "multiplication")
    onnx_op = "HardSwish"
    torch_module = "nn.Hardswish"
    also = ("hswish",)
    examples = (
        Example("hardswish", ((3, 4, 5),)),
        Example("hardswish", ((10,),)),
        Example("hardswish", ((4, 9),)),
        Example("hardswish", ((2, 3, 4, 5),)),
    )

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        result: Array = arrays[0] * (arrays[0] / 6 + 0.5).clip(min=0, max=1)
        return result
