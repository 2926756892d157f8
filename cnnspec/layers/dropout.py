"""Values left out at random while training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.facts import Chapter, Example, Onnx, Torch
from cnnspec.contract.fields import positional, real
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shapes
from cnnspec.layers._pointwise import Pointwise

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("dropout")
class Dropout(Pointwise):
    """Dropout: drops a share of the values in training.

        y = x * mask / (1 - rate) while training, mask being 0 or 1 for each value
        y = x at inference

    Shapes: the result is as the input, of any rank.
    Arguments:
        rate: the share of values that is dropped
    Parameters: none.
    Source: Srivastava et al., Dropout, 2014. torch.nn.Dropout; at inference ONNX needs no node.
    """

    rate: float = positional(
        real("the rate", lambda value: 0 <= value < 1, "0 <= p < 1", "it is the share that is dropped"), 0.5
    )

    chapter = Chapter.REGULARIZATION
    training_only = True
    operations = ()
    also = ("Dropout2d", "SpatialDropout2D", "drop")
    examples = (
        Example("dropout 0.5", ((10,),)),
        Example("dropout 0.2", ((3, 4, 5),)),
        Example("dropout", ((4, 9),)),
        Example("dropout 0", ((2, 3, 4, 5),)),
    )

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx(())

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch("nn.Dropout", {}, (self.rate,)),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return arrays[0]
