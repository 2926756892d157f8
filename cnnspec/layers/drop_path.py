"""Whole samples left out at random while training."""

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


@layer("drop_path")
class DropPath(Pointwise):
    """Stochastic depth: drops whole samples in training.

        y = x * keep / (1 - rate) while training, keep being 0 or 1 for each sample
        y = x at inference

    It stands at the end of a residual branch: `add { … -> drop_path 0.1 | id }`.

    Shapes: the result is as the input, of any rank.
    Arguments:
        rate: the share of samples that is dropped
    Parameters: none.
    Source: Huang et al., Deep Networks with Stochastic Depth, 2016. torch has no module of its own for it: one number
        of each sample goes through torch.nn.Dropout, and multiplies it. At inference ONNX needs no node.
    """

    rate: float = positional(
        real("the rate", lambda value: 0 <= value < 1, "0 <= p < 1", "it is the share that is dropped")
    )

    chapter = Chapter.REGULARIZATION
    training_only = True
    operations = ()
    also = ("DropPath", "StochasticDepth", "DropConnect")
    examples = (
        Example("drop_path 0.1", ((3, 4, 5),)),
        Example("drop_path 0.2", ((10,),)),
        Example("drop_path 0.5", ((4, 9),)),
        Example("drop_path 0", ((2, 3, 4, 5),)),
    )

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx(())

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        axes = tuple(range(1, len(inputs[0]) + 1))
        return (
            Torch("torch.mean", {"dim": axes, "keepdim": True}),
            Torch("torch.ones_like"),
            Torch("nn.Dropout", {}, (self.rate,), output="keep"),
            Torch("*", inputs=("x0", "keep")),
        )

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return arrays[0]
