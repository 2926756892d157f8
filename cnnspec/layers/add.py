"""The sum of branches."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Cost, Example
from cnnspec.contract.geometry import Slide
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shape, Shapes, dress
from cnnspec.layers._merge import Elementwise

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("add")
class Add(Elementwise):
    """Sum of branches, value by value; a residual connection is `add { … | id }`.

        y = x0 + x1 + …

    Shapes: all branches have the same, which is the result's; nothing is broadcast.
    Arguments: none; the branches stand in braces.
    Parameters: none.
    Source: He et al., Deep Residual Learning, 2015. torch: +, ONNX Add.
    """

    onnx_op = "Add"
    operator = "+"
    examples = (
        Example("add { @x0 | @x1 }", ((3, 4, 5), (3, 4, 5))),
        Example("add { @x0 | @x1 | @x2 }", ((2, 7), (2, 7), (2, 7))),
        Example("add { @x0 | @x1 }", ((6,), (6,))),
        Example("add { @x0 | @x1 }", ((2, 3, 4, 2), (2, 3, 4, 2))),
        Example("add { @x0 }", ((3, 4, 4),)),
    )

    def joined(self, inputs: Shapes) -> Shape:
        for place, shape in enumerate(inputs):
            if shape != inputs[0]:
                raise LayerError(
                    f"cannot add tensors of different shapes: {dress(inputs[0])} and {dress(shape)}",
                    about=place,
                    label="the branches must agree",
                    hint=_projection(shape, inputs[0]) or _projection(inputs[0], shape),
                )
        return inputs[0]

    def cost(self, inputs: Shapes) -> Cost:
        """n branches take n - 1 additions a value."""
        return Cost(ops=(len(inputs) - 1) * prod(inputs[0]))

    def combine(self, one: Array, other: Array) -> Array:
        return one + other


def _projection(shortcut: Shape, branch: Shape) -> str | None:
    """The 1x1 convolution that brings one map to the other's shape; a stride makes it smaller, nothing larger."""
    if len(shortcut) != len(branch) or len(branch) == 1:
        return None
    strides = []
    for have, want in zip(shortcut[1:], branch[1:], strict=True):
        if not want <= have:
            return None
        stride = -(-have // want)
        if Slide(have, 1, stride).extent != want:
            return None
        strides.append(stride)
    kernel = "x".join("1" * len(strides))
    step = "" if set(strides) == {1} else f" /{strides[0] if len(set(strides)) == 1 else dress(tuple(strides))}"
    return f"project {dress(shortcut)} to {dress(branch)}: `conv {kernel} {branch[0]}{step} pad=0`"
