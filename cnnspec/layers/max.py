"""The maximum of branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.contract.facts import Example, Onnx, OnnxNode, Torch
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shapes
from cnnspec.layers._merge import Equal

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("max")
class Max(Equal):
    """Maximum of branches, value by value.

        y = max(x0, x1, …)

    Of the two halves of a map's channels it is max-feature-map (maxout).

    Shapes: all branches have the same, which is the result's; nothing is broadcast.
    Arguments: none.
    Parameters: none.
    Source: Goodfellow et al., Maxout Networks, 2013; Wu et al., A Light CNN, 2018. torch.maximum, ONNX Max.
    """

    commutes = True
    keeps_bounds = True
    operation = "comparison"
    verb = "take the maximum of"
    also = ("Maximum", "maxout", "eltwise_max")
    examples = (
        Example("max { @x0 | @x1 }", ((3, 4, 5), (3, 4, 5))),
        Example("max { @x0 | @x1 | @x2 }", ((2, 7), (2, 7), (2, 7))),
        Example("max { @x0 | @x1 }", ((6,), (6,))),
        Example("max { @x0 | @x1 }", ((2, 3, 4, 2), (2, 3, 4, 2))),
        Example("max { @x0 }", ((3, 4, 4),)),
    )

    def onnx(self, inputs: Shapes) -> Onnx:
        operands = tuple(f"x{place}" for place in range(len(inputs)))
        return Onnx((OnnxNode("Max", operands),) if len(inputs) > 1 else ())

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        """torch.maximum takes two: a chain of them."""
        steps: list[Torch] = []
        value = "x0"
        for place in range(1, len(inputs)):
            steps.append(Torch("torch.maximum", inputs=(value, f"x{place}"), output=f"largest{place}"))
            value = f"largest{place}"
        return tuple(steps)

    def combine(self, one: Array, other: Array) -> Array:
        import numpy as np

        result: Array = np.maximum(one, other)
        return result
