"""A learned factor for each channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.facts import Chapter, Example, Formula, Init, Onnx, Torch, Weight
from cnnspec.contract.initial import factor
from cnnspec.contract.layer import spatial
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import extents, letters
from cnnspec.contract.values import Shapes
from cnnspec.layers._nodes import Nodes
from cnnspec.layers._pointwise import Pointwise

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.sizing import Sizing


@layer("scale")
class Scale(Pointwise):
    """A learned factor for each channel: LayerScale.

        y[c] = weight[c] * x[c]

    It stands at the end of a residual branch.

    Shapes: the result is as the input, of any rank.
    Arguments:
        init: what the factors begin with; ConvNeXt has 1e-6
    Parameters: C.
    Source: Touvron et al., Going Deeper with Image Transformers, 2021. torch: a parameter and *, ONNX Mul.
    """

    init: float = factor()

    operations = ("multiplication",)

    chapter = Chapter.NORMS
    also = ("LayerScale", "gamma")
    examples = (
        Example("scale", ((3, 4, 5),)),
        Example("scale init=1e-6", ((10,),)),
        Example("scale init=0.1", ((4, 9),)),
        Example("scale", ((2, 3, 4, 5),)),
    )

    def weights(self, inputs: Shapes) -> tuple[Weight, ...]:
        return (Weight("weight", (inputs[0][0],), Init("constant", self.init)),)

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Kept, unchanged

        return unchanged(inputs, Kept(0))

    def counts(self, inputs: Shapes) -> Mapping[str, Formula]:
        return {"weight": Formula(letters(inputs[0])[0], extents(inputs[0]))}

    def onnx(self, inputs: Shapes) -> Onnx:
        made = Nodes()
        made.put("Mul", "x0", made.column("weight", len(spatial(inputs[0]))))
        return made.onnx()

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        column = (-1, *(1 for _ in spatial(inputs[0])))
        factors = Torch("torch.reshape", {}, (column,), inputs=("weight",), output="factors")
        return factors, Torch("*", inputs=("x0", "factors"))

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        from cnnspec.contract.reference import per_channel

        return arrays[0] * per_channel(weights["weight"], arrays[0])
