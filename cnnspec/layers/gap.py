"""One number for the whole map: its mean, or its maximum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, ClassVar

from cnnspec.contract.facts import (
    Chapter,
    Cost,
    Equation,
    Example,
    Formula,
    Onnx,
    OnnxNode,
    Reach,
    Share,
    Torch,
    Window,
)
from cnnspec.contract.layer import Layer, check_rank, spatial
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import extents, letters, times
from cnnspec.contract.values import Shape, Shapes

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.sizing import Sizing


class GlobalPool(Layer):
    """A pool whose window is the map."""

    chapter = Chapter.POOLS
    keeps_bounds = True
    ranks = (1, 2, 3)
    operation: ClassVar[str] = "comparison"
    divides: ClassVar[bool] = False
    onnx_op: ClassVar[str] = ""
    torch_module: ClassVar[str] = ""

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        return (inputs[0][0], *(1 for _ in spatial(inputs[0])))

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Of, Sizing

        return Sizing((Of(0), *(1 for _ in spatial(inputs[0]))))

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        ones = (Equation(f"{axis}'", Formula("1"), "whole-map") for axis in letters(inputs[0])[1:])
        return (Equation("C'", Formula("C", {"C": inputs[0][0]})), *ones)

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        values, (channels, *axes) = extents(inputs[0]), letters(inputs[0])
        taken = Share(self.operation, Formula(f"{channels}*({times(axes)} - 1)", values))
        return (taken, Share("division", Formula("C", values))) if self.divides else (taken,)

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        """One window as large as the map, as a pool over all of it would have."""
        return tuple(Window(kernel=extent, stride=extent) for extent in spatial(inputs[0]))

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx((OnnxNode(self.onnx_op),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch(f"{self.torch_module}{len(inputs[0]) - 1}d", {}, (1,)),)


@layer("gap")
class GlobalAvgPool(GlobalPool):
    """Global average pooling: each channel becomes its mean.

        y[c] = (sum over p of x[c, p]) / (H * W)

    The spatial axes stay, with extent 1: `gap -> flatten` makes a vector of C.

    Shapes: CxHxW -> Cx1x1; CxL -> Cx1, CxDxHxW -> Cx1x1x1.
    Arguments: none.
    Parameters: none.
    Source: Lin et al., Network in Network, 2013. torch.nn.AdaptiveAvgPool2d(1), ONNX GlobalAveragePool.
    """

    operation = "addition"
    divides = True
    onnx_op = "GlobalAveragePool"
    torch_module = "nn.AdaptiveAvgPool"
    also = ("GlobalAveragePool", "GlobalAveragePooling2D", "GlobalAvgPool2d", "globalpool")
    examples = (
        Example("gap", ((3, 7, 5),)),
        Example("gap", ((4, 9),)),
        Example("gap", ((2, 3, 4, 5),)),
    )

    def cost(self, inputs: Shapes) -> Cost:
        """For each channel H * W - 1 additions and a division."""
        return Cost(ops=prod(inputs[0]))

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        axes = tuple(range(2, arrays[0].ndim))
        result: Array = arrays[0].mean(axis=axes, keepdims=True)
        return result


@layer("gmp")
class GlobalMaxPool(GlobalPool):
    """Global max pooling: each channel becomes its largest value.

        y[c] = max over p of x[c, p]

    The spatial axes stay, with extent 1: `gmp -> flatten` makes a vector of C.

    Shapes: CxHxW -> Cx1x1; CxL -> Cx1, CxDxHxW -> Cx1x1x1.
    Arguments: none.
    Parameters: none.
    Source: Oquab et al., Is Object Localization for Free?, 2015; Woo et al., CBAM, 2018. torch.nn.AdaptiveMaxPool2d(1),
        ONNX GlobalMaxPool.
    """

    onnx_op = "GlobalMaxPool"
    torch_module = "nn.AdaptiveMaxPool"
    also = ("GlobalMaxPool", "GlobalMaxPooling2D")
    examples = (
        Example("gmp", ((3, 7, 5),)),
        Example("gmp", ((4, 9),)),
        Example("gmp", ((2, 3, 4, 5),)),
    )

    def cost(self, inputs: Shapes) -> Cost:
        """For each channel H * W - 1 comparisons."""
        return Cost(ops=prod(inputs[0]) - inputs[0][0])

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        axes = tuple(range(2, arrays[0].ndim))
        result: Array = arrays[0].max(axis=axes, keepdims=True)
        return result
