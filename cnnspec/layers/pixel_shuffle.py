"""Channels to positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Chapter, Equation, Example, Formula, Onnx, OnnxNode, Reach, Torch, Window
from cnnspec.contract.fields import count, positional
from cnnspec.contract.layer import Layer, check_rank
from cnnspec.contract.register import layer
from cnnspec.contract.repairs import Entering
from cnnspec.contract.symbols import extents
from cnnspec.contract.values import Shape, Shapes

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


@layer("pixel_shuffle")
class PixelShuffle(Layer):
    """Pixel shuffle (depth to space): channels become positions.

        y[c, h * r + i, w * r + j] = x[c * r * r + i * r + j, h, w]

    r * r channels become a square of r x r positions of one channel. With a convolution before it, it is the sub-pixel
    convolution of super-resolution.

    Shapes: CxHxW -> C / r^2 x H * r x W * r.
    Arguments:
        factor: r, how many times as high and as wide
    Parameters: none.
    Source: Shi et al., Real-Time Single Image and Video Super-Resolution, 2016. torch.nn.PixelShuffle, ONNX
        DepthToSpace (mode CRD; TensorFlow orders the channels otherwise).
    """

    factor: int = positional(count("the factor"))

    chapter = Chapter.MOVES
    keeps_bounds = True
    ranks = (2,)
    also = ("PixelShuffle", "DepthToSpace", "subpixel")
    examples = (
        Example("pixel_shuffle 2", ((8, 3, 4),)),
        Example("pixel_shuffle 3", ((9, 4, 2),)),
        Example("pixel_shuffle 1", ((2, 3, 4),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        channels, height, width = inputs[0]
        area = self.factor**2
        if channels % area:
            raise LayerError(
                f"`pixel_shuffle {self.factor}` makes one channel of {area}, which does not divide {channels}",
                about="factor",
                hint=f"`conv 3x3 {area}*c pad=1` before it makes c channels",
                repairs=(Entering(max(1, round(channels / area)) * area),),
            )
        return (channels // area, height * self.factor, width * self.factor)

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Of, Sizing, Within

        area = self.factor**2
        axes = (Of(0, over=area), Of(1, times=self.factor), Of(2, times=self.factor))
        return Sizing(axes, (Within(0, period=area),))

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        values = {**extents(inputs[0]), "factor": self.factor}
        channels = Equation("C'", Formula("C / factor^2", values))
        return (channels, *(Equation(f"{axis}'", Formula(f"{axis} * factor", values)) for axis in "HW"))

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        """Neighbours see the same position."""
        return Reach.POINTWISE if self.factor == 1 else Reach.IRREGULAR

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import Along, Moved

        (channels, height, width), r = inputs[0], self.factor
        shared = ((1, height), (2, width))
        axes = (Along(axis, tuple(range(at // r, at // r + 1) for at in range(w * r))) for axis, w in shared)
        return Moved((channels // r**2, r, r, height, width), (0, 3, 1, 4, 2), tuple(axes))

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx((OnnxNode("DepthToSpace", attributes={"blocksize": self.factor, "mode": "CRD"}),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch("nn.PixelShuffle", {}, (self.factor,)),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        batch, channels, height, width = arrays[0].shape
        r = self.factor
        squares = arrays[0].reshape(batch, channels // r**2, r, r, height, width)
        return squares.transpose(0, 1, 4, 2, 5, 3).reshape(batch, -1, height * r, width * r)
