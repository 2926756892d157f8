"""Channels in another order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.facts import Chapter, Example, Onnx, Reach, Torch
from cnnspec.contract.fields import count, positional
from cnnspec.contract.layer import Layer, check_rank
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shape, Shapes
from cnnspec.layers._groups import check_groups
from cnnspec.layers._nodes import Nodes

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


@layer("channel_shuffle")
class ChannelShuffle(Layer):
    """Channel shuffle: channels of all groups take turns.

        y[j * groups + g] = x[g * C / groups + j]

    The groups' first channels come first, then their second ones, and so on, so that the next grouped convolution sees
    channels of every group.

    Shapes: the result is as the input: CxHxW, CxL or CxDxHxW.
    Arguments:
        groups: how many; must divide C
    Parameters: none.
    Source: Zhang et al., ShuffleNet, 2018. torch.nn.ChannelShuffle, ONNX Reshape and Transpose.
    """

    groups: int = positional(count("the number of groups"))

    chapter = Chapter.MOVES
    keeps_bounds = True
    ranks = (1, 2, 3)
    also = ("ChannelShuffle", "shuffle")
    examples = (
        Example("channel_shuffle 2", ((6, 3, 4),)),
        Example("channel_shuffle 3", ((6, 4, 3),)),
        Example("channel_shuffle 2", ((4, 7),)),
        Example("channel_shuffle 4", ((8, 2, 3, 2),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        check_groups(self.groups, {"channels": inputs[0][0]})
        return inputs[0]

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Within, unchanged

        return unchanged(inputs, Within(0, period=self.groups))

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import Along, by_window

        each = inputs[0][0] // self.groups
        sources = (at % self.groups * each + at // self.groups for at in range(inputs[0][0]))
        channels = Along(0, tuple(range(source, source + 1) for source in sources))
        return by_window(Reach.POINTWISE, inputs[0], inputs[0], channels)

    def onnx(self, inputs: Shapes) -> Onnx:
        made = Nodes()
        grouped = made.put("Reshape", "x0", made.ints("groups", 0, self.groups, inputs[0][0] // self.groups, -1))
        turned = made.put("Transpose", grouped, perm=(0, 2, 1, 3))
        made.put("Reshape", turned, made.put("Shape", "x0"))
        return made.onnx()

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch("nn.ChannelShuffle", {}, (self.groups,)),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        x = arrays[0]
        return x.reshape(len(x), self.groups, -1, *x.shape[2:]).swapaxes(1, 2).reshape(x.shape)
