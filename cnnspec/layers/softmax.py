"""Scores to shares of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, ClassVar

from cnnspec.contract.facts import Bounds, Chapter, Cost, Example, Formula, Onnx, OnnxNode, Reach, Share, Torch
from cnnspec.contract.layer import Layer, check_rank
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import extents, letters, times
from cnnspec.contract.values import Shape, Shapes

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


class OverChannels(Layer):
    """Scores in, shares of one out, at each position by itself; the shape stays."""

    onnx_op: ClassVar[str] = ""
    torch_module: ClassVar[str] = ""

    chapter = Chapter.ACTIVATIONS

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        return inputs[0]

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import unchanged

        return unchanged(inputs)

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        """What both need: the maximum, the differences to it, their powers and the sum of these."""
        channel, *axes = letters(inputs[0])
        values, places = extents(inputs[0]), "".join(f"*{axis}" for axis in axes)
        each, less = Formula(f"{channel}{places}", values), Formula(f"({channel} - 1){places}", values)
        shared = Share("comparison", less), Share("exponential", each), Share("addition", less)
        return (*shared, *self.finished(each, Formula(times(axes), values)))

    def finished(self, each: Formula, places: Formula) -> tuple[Share, ...]:
        """What comes besides, the subtractions of the maximum among it; `each` counts values, `places` positions."""
        raise NotImplementedError

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        """Each channel's share depends on all channels of its position."""
        from cnnspec.contract.reads import EVERY, by_window

        return by_window(Reach.POINTWISE, inputs[0], inputs[0], EVERY)

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx((OnnxNode(self.onnx_op, attributes={"axis": 1}),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch(self.torch_module, {"dim": 1}),)


@layer("softmax")
class Softmax(OverChannels):
    """Softmax: scores become shares with sum 1, over the channels.

        y[c] = exp(x[c] - max) / (sum over j of exp(x[j] - max))

    Each position by itself.

    Shapes: the result is as the input: a vector, CxL, CxHxW or CxDxHxW.
    Arguments: none.
    Parameters: none.
    Source: Bridle, 1990. torch.nn.Softmax(dim=1), ONNX Softmax (axis 1).
    """

    bounds = Bounds(0, 1)
    onnx_op = "Softmax"
    torch_module = "nn.Softmax"
    examples = (
        Example("softmax", ((10,),)),
        Example("softmax", ((4, 3, 5),)),
        Example("softmax", ((3, 7),)),
        Example("softmax", ((3, 2, 4, 3),)),
    )

    def finished(self, each: Formula, places: Formula) -> tuple[Share, ...]:
        return Share("subtraction", each), Share("division", each)

    def cost(self, inputs: Shapes) -> Cost:
        """At each position C - 1 comparisons for the maximum, C subtractions, C exponentials, C - 1 additions and C
        divisions."""
        channels = inputs[0][0]
        return Cost(ops=prod(inputs[0][1:]) * (5 * channels - 2))

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        powers = np.exp(arrays[0] - arrays[0].max(axis=1, keepdims=True))
        result: Array = powers / powers.sum(axis=1, keepdims=True)
        return result


@layer("log_softmax")
class LogSoftmax(OverChannels):
    """Logarithm of the softmax over the channels.

        y[c] = x[c] - max - ln(sum over j of exp(x[j] - max))

    It is worked out in one, so that no share is rounded to 0.

    Shapes: the result is as the input: a vector, CxL, CxHxW or CxDxHxW.
    Arguments: none.
    Parameters: none.
    Source: Bridle, 1990. torch.nn.LogSoftmax(dim=1), ONNX LogSoftmax (axis 1).
    """

    onnx_op = "LogSoftmax"
    torch_module = "nn.LogSoftmax"
    also = ("LogSoftmax",)
    examples = (
        Example("log_softmax", ((10,),)),
        Example("log_softmax", ((4, 3, 5),)),
        Example("log_softmax", ((3, 7),)),
        Example("log_softmax", ((3, 2, 4, 3),)),
    )

    def finished(self, each: Formula, places: Formula) -> tuple[Share, ...]:
        return Share("subtraction", Formula(f"2*{each.text}", each.values)), Share("logarithm", places)

    def cost(self, inputs: Shapes) -> Cost:
        """At each position C - 1 comparisons for the maximum, C subtractions, C exponentials, C - 1 additions, a
        logarithm and C subtractions."""
        channels = inputs[0][0]
        return Cost(ops=prod(inputs[0][1:]) * (5 * channels - 1))

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        lowered = arrays[0] - arrays[0].max(axis=1, keepdims=True)
        result: Array = lowered - np.log(np.exp(lowered).sum(axis=1, keepdims=True))
        return result
