"""Rectifiers that let a share of what is negative through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.facts import POSITIVE, Example, Formula, Init, Onnx, OnnxNode, Torch, Weight
from cnnspec.contract.fields import choice, option, positional, real
from cnnspec.contract.initial import factor
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import extents, letters
from cnnspec.contract.values import Shapes
from cnnspec.layers._nodes import Nodes
from cnnspec.layers._pointwise import Pointwise

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.sizing import Sizing


@layer("leaky_relu")
class LeakyRelu(Pointwise):
    """Leaky rectifier: what is negative is made smaller, not 0.

        y = x where x >= 0, else slope * x

    Shapes: the result is as the input, of any rank.
    Arguments:
        slope: the factor of what is negative; torch has 0.01, Keras 0.3, GANs 0.2
    Parameters: none.
    Source: Maas et al., Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013. torch.nn.LeakyReLU, ONNX
        LeakyRelu.
    """

    slope: float = positional(real("the slope"), 0.01)

    spares = POSITIVE
    operations = ("comparison", "multiplication")
    also = ("LeakyReLU", "leaky", "lrelu")
    examples = (
        Example("leaky_relu 0.2", ((3, 4, 5),)),
        Example("leaky_relu", ((10,),)),
        Example("leaky_relu slope=0.3", ((4, 9),)),
        Example("leaky_relu 0.1", ((2, 3, 4, 5),)),
    )

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx((OnnxNode("LeakyRelu", attributes={"alpha": self.slope}),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch("nn.LeakyReLU", {} if self.slope == 0.01 else {"negative_slope": self.slope}),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        return np.where(arrays[0] >= 0, arrays[0], self.slope * arrays[0])


@layer("prelu")
class PRelu(Pointwise):
    """Parametric rectifier: a learned slope for what is negative.

        y[c] = x[c] where x[c] >= 0, else weight[c] * x[c]

    Shapes: the result is as the input, of any rank.
    Arguments:
        per: `layer` has one slope for all, as in torch; `channel` one each, as in the paper
        init: what the slopes begin with
    Parameters: 1, or C.
    Source: He et al., Delving Deep into Rectifiers, 2015. torch.nn.PReLU, ONNX PRelu.
    """

    per: str = option(choice("per", "layer", "channel"), "layer")
    init: float = factor(0.25)

    spares = POSITIVE
    operations = ("comparison", "multiplication")
    also = ("ParametricReLU",)
    examples = (
        Example("prelu per=channel", ((3, 4, 5),)),
        Example("prelu", ((3, 4, 5),)),
        Example("prelu per=channel", ((6,),)),
        Example("prelu per=channel init=0.5", ((4, 9),)),
        Example("prelu per=channel", ((2, 3, 4, 5),)),
    )

    def weights(self, inputs: Shapes) -> tuple[Weight, ...]:
        return (Weight("weight", (self._slopes(inputs),), Init("constant", self.init)),)

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Kept, unchanged

        return unchanged(inputs, Kept(0)) if self.per == "channel" else unchanged(inputs)

    def counts(self, inputs: Shapes) -> Mapping[str, Formula]:
        return {"weight": Formula(letters(inputs[0])[0], extents(inputs[0])) if self.per == "channel" else Formula("1")}

    def _slopes(self, inputs: Shapes) -> int:
        return inputs[0][0] if self.per == "channel" else 1

    def onnx(self, inputs: Shapes) -> Onnx:
        made = Nodes()
        rank = len(inputs[0]) - 1 if self.per == "channel" else 0
        made.put("PRelu", "x0", made.column("weight", rank))
        return made.onnx()

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        slopes = self._slopes(inputs)
        arguments = {} if self.init == 0.25 else {"init": self.init}
        return (Torch("nn.PReLU", arguments, () if slopes == 1 else (slopes,)),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        from cnnspec.contract.reference import per_channel

        x = arrays[0]
        return np.where(x >= 0, x, per_channel(weights["weight"], x) * x)
