"""The sum of branches, and their difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.contract.facts import Example
from cnnspec.contract.register import layer
from cnnspec.layers._merge import Equal

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("add")
class Add(Equal):
    """Sum of branches, value by value.

        y = x0 + x1 + …

    A residual connection is `add { … | id }`.

    Shapes: all branches have the same, which is the result's; nothing is broadcast.
    Arguments: none.
    Parameters: none.
    Source: He et al., Deep Residual Learning, 2015. torch: +, ONNX Add.
    """

    commutes = True
    verb = "add"
    onnx_op = "Add"
    operator = "+"
    operation = "addition"
    also = ("Residual", "sum", "plus")
    examples = (
        Example("add { @x0 | @x1 }", ((3, 4, 5), (3, 4, 5))),
        Example("add { @x0 | @x1 | @x2 }", ((2, 7), (2, 7), (2, 7))),
        Example("add { @x0 | @x1 }", ((6,), (6,))),
        Example("add { @x0 | @x1 }", ((2, 3, 4, 2), (2, 3, 4, 2))),
        Example("add { @x0 }", ((3, 4, 4),)),
    )

    def combine(self, one: Array, other: Array) -> Array:
        return one + other


@layer("sub")
class Sub(Equal):
    """Difference of branches, value by value.

        y = x0 - x1 - …

    The first one less all others.

    Shapes: all branches have the same, which is the result's; nothing is broadcast.
    Arguments: none.
    Parameters: none.
    Source: Koch et al., Siamese Neural Networks, 2015 (with `abs` behind it). torch: -, ONNX Sub.
    """

    verb = "subtract"
    onnx_op = "Sub"
    operator = "-"
    operation = "subtraction"
    also = ("Subtract", "minus", "difference")
    examples = (
        Example("sub { @x0 | @x1 }", ((3, 4, 5), (3, 4, 5))),
        Example("sub { @x0 | @x1 | @x2 }", ((2, 7), (2, 7), (2, 7))),
        Example("sub { @x0 | @x1 }", ((6,), (6,))),
        Example("sub { @x0 | @x1 }", ((2, 3, 4, 2), (2, 3, 4, 2))),
        Example("sub { @x0 }", ((3, 4, 4),)),
    )

    def combine(self, one: Array, other: Array) -> Array:
        return one - other
