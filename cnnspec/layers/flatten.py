"""From a map to a vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING

from cnnspec.contract.facts import Chapter, Equation, Example, Formula, Onnx, OnnxNode, Reach, Torch, Window
from cnnspec.contract.layer import Layer
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import extents, letters, times
from cnnspec.contract.values import Shape, Shapes

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


@layer("flatten")
class Flatten(Layer):
    """Flatten: the map's values as one vector.

        y[(c * H + h) * W + w] = x[c, h, w]

    They come one after the other, channel by channel, row by row. The batch stays.

    Shapes: CxHxW -> a vector of C * H * W; a vector stays as it is.
    Arguments: none.
    Parameters: none.
    Source: torch.nn.Flatten, ONNX Flatten (axis 1).
    """

    chapter = Chapter.DENSE
    keeps_bounds = True
    also = ("view", "vectorize")
    examples = (
        Example("flatten", ((3, 4, 5),)),
        Example("flatten", ((4, 1, 1),)),
        Example("flatten", ((6, 5),)),
        Example("flatten", ((2, 3, 4, 2),)),
        Example("flatten", ((10,),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        return (prod(inputs[0]),)

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Product, Sizing

        return Sizing((Product(),))

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        whole = Formula(times(letters(inputs[0])), extents(inputs[0]))
        return (Equation("n'", whole),) if len(inputs[0]) > 1 else ()

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        return Reach.WHOLE

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import Moved

        return Moved(inputs[0], tuple(range(len(inputs[0]))))

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx((OnnxNode("Flatten", attributes={"axis": 1}),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch("nn.Flatten"),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return arrays[0].reshape(len(arrays[0]), -1)
