"""The mean over a fixed number of parts of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.contract.facts import Cost, Example, OnnxConstant
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shapes
from cnnspec.layers._adaptive import Adaptive, bounds_of_any, part
from cnnspec.layers._nodes import Nodes

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("adaptive_avgpool")
class AdaptiveAvgPool(Adaptive):
    """Adaptive average pooling: any map to one size, by means.

        y[c, i] = mean of x[c, floor(i * H / H') .. ceil((i + 1) * H / H') - 1]

    The map falls into as many parts as the size says. Where H = q * H' + r with r = 0 or 1 it is an `avgpool` with
    kernel q + r and stride q; else the parts differ in size or spacing.

    Shapes: CxHxW -> C x to; CxL and CxDxHxW alike.
    Arguments:
        to: the size of the result: `6x6`, or `6` for every axis; larger than the map repeats its values
    Parameters: none.
    Source: torch.nn.AdaptiveAvgPool2d. ONNX has none: GlobalAveragePool to 1x1, AveragePool where the parts are
        regular, else for each axis a product with a matrix of shares.
    """

    operation = "addition"
    divides = True
    onnx_global = "GlobalAveragePool"
    onnx_window = "AveragePool"
    torch_module = "nn.AdaptiveAvgPool"
    also = ("AdaptiveAvgPool2d", "AdaptiveAveragePooling2D")
    examples = (
        Example("adaptive_avgpool 6x6", ((2, 12, 18),)),
        Example("adaptive_avgpool 1", ((4, 5, 7),)),
        Example("adaptive_avgpool 6x7", ((2, 13, 7),)),
        Example("adaptive_avgpool 3x5", ((2, 8, 5),)),
        Example("adaptive_avgpool 7", ((2, 1, 3),)),
        Example("adaptive_avgpool 4", ((3, 10),)),
        Example("adaptive_avgpool 2x3x2", ((2, 4, 5, 3),)),
    )

    def cost(self, inputs: Shapes) -> Cost:
        """A part of n values takes n - 1 additions and a division."""
        return Cost(ops=self.covered(inputs))

    def parts(self, made: Nodes, value: str, axis: int, before: int, after: int, last: int) -> str:
        shares = OnnxConstant("float32", (before, after), _shares(before, after))
        return _product(made, value, made.constant(f"shares{axis}", shares), axis, last)

    def parts_of_any(self, made: Nodes, value: str, axis: int, after: int, last: int) -> str:
        extent, begin, end = bounds_of_any(made, axis, after)
        scalars = made.whole("zero", 0), made.put("Squeeze", extent), made.whole("one", 1)
        pixels = made.put("Unsqueeze", made.put("Range", *scalars), made.ints("second", 1))
        inside = made.put("And", made.put("GreaterOrEqual", pixels, begin), made.put("Less", pixels, end))
        sizes = made.put("Cast", made.put("Sub", end, begin), to=FLOAT)
        shares = made.put("Div", made.put("Cast", inside, to=FLOAT), sizes)
        return _product(made, value, shares, axis, last)

    def pooled(self, part: Array, axis: int) -> Array:
        result: Array = part.mean(axis=axis, keepdims=True)
        return result


FLOAT = 1
"""ONNX's number for float32 (TensorProto.DataType)."""


def _product(made: Nodes, value: str, shares: str, axis: int, last: int) -> str:
    """The axis is brought to the end, multiplied by its matrix (before, after) of shares, and brought back."""
    if axis == last:
        return made.put("MatMul", value, shares)
    swap = [*range(last + 1)]
    swap[axis], swap[last] = swap[last], swap[axis]
    value = made.put("Transpose", value, perm=tuple(swap))
    return made.put("Transpose", made.put("MatMul", value, shares), perm=tuple(swap))


def _shares(before: int, after: int) -> tuple[float, ...]:
    parts = [part(i, before, after) for i in range(after)]
    return tuple(1 / (end - begin) if begin <= pixel < end else 0.0 for pixel in range(before) for begin, end in parts)
