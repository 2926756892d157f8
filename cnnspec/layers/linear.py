"""The dense layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import (
    Chapter,
    Cost,
    Equation,
    Example,
    Formula,
    Onnx,
    OnnxNode,
    Reach,
    Share,
    Torch,
    Weight,
    Window,
)
from cnnspec.contract.fields import count, positional
from cnnspec.contract.register import layer
from cnnspec.contract.repairs import Before
from cnnspec.contract.values import Shape, Shapes, dress
from cnnspec.layers._weighted import Weighted

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.sizing import Sizing


@layer("linear")
class Linear(Weighted):
    """Dense (fully connected): weighted sums of the whole vector.

        y = weight @ x + bias

    Shapes: a vector of n -> a vector of `features`. A map needs `flatten` or `gap -> flatten` before it.
    Arguments:
        features: how many results there are, each a sum over all n values
        bias: whether a learned number is added to each result
        init: what the weights begin with
    Parameters: features * (n + 1); without bias features * n.
    Source: Rosenblatt, 1958. torch.nn.Linear, ONNX Gemm.
    """

    features: int = positional(count("the number of features"))

    chapter = Chapter.DENSE
    ranks = (0,)
    also = ("Dense", "Gemm", "InnerProduct", "fully_connected", "fc", "affine")
    examples = (
        Example("linear 10", ((84,),)),
        Example("linear 3 bias=no", ((7,),)),
        Example("linear 1", ((1,),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        shape = inputs[0]
        if len(shape) > 1:
            pooled, flat = self._parameters(shape[0]), self._parameters(prod(shape))
            raise LayerError(
                f"`linear` takes a vector, got {dress(shape)}",
                hint=f"`gap -> flatten` ({pooled:,} parameters) or `flatten` ({flat:,})"
                if pooled != flat
                else f"`flatten` before it; `conv 1x1 {self.features}` is the same and keeps a map",
                repairs=(Before("flatten"),) if pooled == flat else (Before("gap -> flatten"), Before("flatten")),
            )
        return (self.features,)

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Kept, Sizing

        return Sizing((self.features,), (Kept(0),))

    def _parameters(self, entering: int) -> int:
        return self.features * (entering + self.bias)

    def weights(self, inputs: Shapes) -> tuple[Weight, ...]:
        return self.drawn((self.features, inputs[0][0]), self.features)

    def cost(self, inputs: Shapes) -> Cost:
        """One multiply-add a weight; a bias is one addition a result."""
        return Cost(macs=self.features * inputs[0][0], ops=self.features if self.bias else 0)

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        return (Equation("n'", self._features),)

    @property
    def _features(self) -> Formula:
        return Formula("m", {"m": self.features})

    def counts(self, inputs: Shapes) -> Mapping[str, Formula]:
        weight = Formula("n*m", {"n": inputs[0][0], "m": self.features})
        return {"weight": weight, "bias": self._features}

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        macs = Share("mac", Formula("n*m", {"n": inputs[0][0], "m": self.features}))
        return (macs, Share("addition", self._features)) if self.bias else (macs,)

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        return Reach.WHOLE

    def onnx(self, inputs: Shapes) -> Onnx:
        operands = ("x0", "weight", "bias") if self.bias else ("x0", "weight")
        return Onnx((OnnxNode("Gemm", operands, attributes={"transB": 1}),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch("nn.Linear", {} if self.bias else {"bias": False}, (inputs[0][0], self.features)),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        result = arrays[0] @ weights["weight"].T
        return result + weights["bias"] if self.bias else result
