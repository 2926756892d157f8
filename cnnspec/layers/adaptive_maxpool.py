"""The maximum of a fixed number of parts of the map."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnnspec.contract.facts import Cost, Example, OnnxConstant
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shapes
from cnnspec.layers._adaptive import Adaptive, bounds_of_any, part
from cnnspec.layers._nodes import Nodes

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("adaptive_maxpool")
class AdaptiveMaxPool(Adaptive):
    """Adaptive max pooling: any map to one size, by maxima.

        y[c, i] = max of x[c, floor(i * H / H') .. ceil((i + 1) * H / H') - 1]

    The map falls into as many parts as the size says. Where H = q * H' + r with r = 0 or 1 it is a `maxpool` with
    kernel q + r and stride q; else the parts differ in size or spacing. At several sizes side by side it is spatial
    pyramid pooling.

    Shapes: CxHxW -> C x to; CxL and CxDxHxW alike.
    Arguments:
        to: the size of the result: `6x6`, or `6` for every axis; larger than the map repeats its values
    Parameters: none.
    Source: He et al., Spatial Pyramid Pooling, 2014. torch.nn.AdaptiveMaxPool2d. ONNX has none: GlobalMaxPool to 1x1,
        MaxPool where the parts are regular, else for each axis Gather and ReduceMax.
    """

    onnx_global = "GlobalMaxPool"
    onnx_window = "MaxPool"
    torch_module = "nn.AdaptiveMaxPool"
    also = ("AdaptiveMaxPool2d", "AdaptiveMaxPooling2D", "SPP")
    examples = (
        Example("adaptive_maxpool 6x6", ((2, 12, 18),)),
        Example("adaptive_maxpool 1", ((4, 5, 7),)),
        Example("adaptive_maxpool 6x7", ((2, 13, 7),)),
        Example("adaptive_maxpool 3x5", ((2, 8, 5),)),
        Example("adaptive_maxpool 7", ((2, 1, 3),)),
        Example("adaptive_maxpool 4", ((3, 10),)),
        Example("adaptive_maxpool 2x3x2", ((2, 4, 5, 3),)),
    )

    def cost(self, inputs: Shapes) -> Cost:
        """A part of n values takes n - 1 comparisons."""
        return Cost(ops=self.covered(inputs) - prod(self.infer(inputs)))

    def parts(self, made: Nodes, value: str, axis: int, before: int, after: int, last: int) -> str:
        """Every part as long as the longest one: where it ends before, its last pixel stands again."""
        parts = [part(i, before, after) for i in range(after)]
        longest = max(end - begin for begin, end in parts)
        pixels = tuple(min(begin + step, end - 1) for begin, end in parts for step in range(longest))
        places = made.constant(f"pixels{axis}", OnnxConstant("int64", (after, longest), pixels))
        return _largest(made, value, places, axis)

    def parts_of_any(self, made: Nodes, value: str, axis: int, after: int, last: int) -> str:
        _, begin, end = bounds_of_any(made, axis, after)
        longest = made.put("ReduceMax", made.put("Sub", end, begin), keepdims=0)
        one = made.whole("one", 1)
        steps = made.put("Range", made.whole("zero", 0), longest, one)
        last_pixels = made.put("Transpose", made.put("Sub", end, one))
        pixels = made.put("Min", made.put("Add", made.put("Transpose", begin), steps), last_pixels)
        return _largest(made, value, pixels, axis)

    def pooled(self, part: Array, axis: int) -> Array:
        result: Array = part.max(axis=axis, keepdims=True)
        return result


def _largest(made: Nodes, value: str, pixels: str, axis: int) -> str:
    """The pixels (parts, positions) of an axis, and of each part the largest."""
    gathered = made.put("Gather", value, pixels, axis=axis)
    return made.put("ReduceMax", gathered, made.ints(f"positions{axis}", axis + 1), keepdims=0)
