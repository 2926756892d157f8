"""The product of branches."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Cost, Example, Reach, Window
from cnnspec.contract.layer import spatial
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shape, Shapes, dress
from cnnspec.layers._merge import Elementwise, agreements

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


@layer("mul")
class Mul(Elementwise):
    """Product of branches, value by value; a gate scales channels.

        y = x0 * x1 * …

    A branch of Cx1x1 scales each channel as a whole: squeeze and excitation is `mul { id | gap -> … -> sigmoid }`.

    Shapes: all branches have the same, or Cx1x1 with the same C; the result's is the largest.
    Arguments: none.
    Parameters: none.
    Source: Hu et al., Squeeze-and-Excitation Networks, 2018. torch: *, ONNX Mul.
    """

    commutes = True
    onnx_op = "Mul"
    operator = "*"
    operation = "multiplication"
    also = ("Multiply", "gate", "times")
    examples = (
        Example("mul { @x0 | @x1 }", ((3, 4, 5), (3, 4, 5))),
        Example("mul { @x0 | @x1 }", ((4, 5, 6), (4, 1, 1))),
        Example("mul { @x0 | @x1 | @x2 }", ((4, 1), (4, 7), (4, 7))),
        Example("mul { @x0 | @x1 }", ((6,), (6,))),
        Example("mul { @x0 | @x1 }", ((2, 1, 1, 1), (2, 3, 4, 2))),
        Example("mul { @x0 }", ((3, 4, 4),)),
    )

    def joined(self, inputs: Shapes) -> Shape:
        first = inputs[0]
        whole = next((shape for shape in inputs if not _is_gate(shape)), first)
        for place, shape in enumerate(inputs):
            fits = shape == whole or (_is_gate(shape) and len(shape) == len(whole) and shape[0] == whole[0])
            if not fits:
                # The first operand sets the measure; where it is itself the gate that does not fit, blame the map.
                blamed = place or inputs.index(whole)
                raise LayerError(
                    f"cannot multiply {dress(first)} and {dress(inputs[blamed])}",
                    about=blamed,
                    label="the branches must agree",
                    hint="only a branch of Cx1x1 is repeated over a map, with the same C",
                    repairs=agreements(0, blamed, inputs, with_channels=True),
                )
        return whole

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Equal, Gates, Largest, Of, Sizing

        channels = tuple(Equal(0, place) for place in range(1, len(inputs)))
        axes = range(1, len(inputs[0]))
        return Sizing((Of(0), *map(Largest, axes)), (*channels, Gates()) if axes else channels)

    def cost(self, inputs: Shapes) -> Cost:
        """n branches take n - 1 multiplications a value of the result."""
        return Cost(ops=(len(inputs) - 1) * prod(self.joined(inputs)))

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        """A gate's one position reaches every position of the result."""
        return Reach.POINTWISE if inputs[operand] == self.joined(inputs) else Reach.WHOLE

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        """A channel of the gate is read by its own channel."""
        from cnnspec.contract.reads import EVERY, Along, same

        shape = inputs[operand]
        if shape == self.joined(inputs):
            return same(len(shape))
        return (Along(0), *(EVERY for _ in spatial(shape)))

    def combine(self, one: Array, other: Array) -> Array:
        return one * other


def _is_gate(shape: Shape) -> bool:
    return len(shape) > 1 and all(extent == 1 for extent in spatial(shape))
