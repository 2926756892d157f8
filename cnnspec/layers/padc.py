"""Channels of zeros, up to a count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import (
    Chapter,
    Equation,
    Example,
    Formula,
    Onnx,
    OnnxConstant,
    OnnxNode,
    Reach,
    Torch,
    Window,
)
from cnnspec.contract.fields import choice, count, option, positional
from cnnspec.contract.layer import Layer, check_rank
from cnnspec.contract.register import layer
from cnnspec.contract.repairs import Instead
from cnnspec.contract.symbols import letters
from cnnspec.contract.values import Shape, Shapes

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


@layer("padc")
class PadChannels(Layer):
    """Channels of zeros up to a count: ResNet's option A.

        y = x with zero channels behind it (side=end)
        y = x with half of them before and half behind it (side=both)

    It is the shortcut without parameters. With `both` an odd channel out stands behind.

    Shapes: CxHxW -> channels x H x W; CxL, CxDxHxW and vectors alike.
    Arguments:
        channels: how many there shall be, C at least
        side: where the zeros stand
    Parameters: none.
    Source: He et al., Deep Residual Learning, 2015, section 4.2. torch.nn.functional.pad, ONNX Pad.
    """

    channels: int = positional(count("the number of channels"))
    side: str = option(choice("side", "end", "both"), "end")

    chapter = Chapter.MOVES
    keeps_bounds = True
    examples = (
        Example("padc 8", ((3, 4, 5),)),
        Example("padc 8 side=both", ((3, 4, 5),)),
        Example("padc 3", ((3, 4, 4),)),
        Example("padc 5", ((2, 6),)),
        Example("padc 6 side=both", ((2, 3, 2, 4),)),
        Example("padc 40 side=both", ((5,),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        if self.channels < inputs[0][0]:
            raise LayerError(
                f"cannot pad {inputs[0][0]} channels to {self.channels}",
                about="channels",
                hint=f"`conv 1x1 {self.channels}` makes fewer channels",
                repairs=(Instead(f"conv {'x'.join('1' * (len(inputs[0]) - 1))} {self.channels}"),),
            )
        return (self.channels, *inputs[0][1:])

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Of, Sizing, Within

        rest = (Of(axis) for axis in range(1, len(inputs[0])))
        return Sizing((self.channels, *rest), (Within(0, upto=self.channels),))

    def sides(self, inputs: Shapes) -> tuple[int, int]:
        """How many channels are added before and behind."""
        missing = self.channels - inputs[0][0]
        before = missing // 2 if self.side == "both" else 0
        return before, missing - before

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        letter = letters(inputs[0])[0]
        values = {letter: inputs[0][0], "z": sum(self.sides(inputs))}
        return (Equation(f"{letter}'", Formula(f"{letter} + z", values)),)

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import by_window, through

        channels = through(0, Window(pad=self.sides(inputs)[0]), inputs[0][0], self.channels)
        return by_window(Reach.POINTWISE, inputs[0], inputs[0], channels)

    def onnx(self, inputs: Shapes) -> Onnx:
        sides = self.sides(inputs)
        if not any(sides):
            return Onnx(())
        # All axes, and said: of some, onnxruntime's optimizer loses count behind a Transpose; and where they are not
        # said, it makes the border one of the pool that follows.
        rank = len(inputs[0]) + 1
        rest = (0,) * (rank - 2)
        constants = {
            "sides": OnnxConstant("int64", (2 * rank,), (0, sides[0], *rest, 0, sides[1], *rest)),
            "axes": OnnxConstant("int64", (rank,), tuple(range(rank))),
        }
        return Onnx((OnnxNode("Pad", ("x0", "sides", "", "axes")),), constants)

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        pads = (*(0, 0) * (len(inputs[0]) - 1), *self.sides(inputs))
        return (Torch("F.pad", {}, (pads,)),) if any(pads) else ()

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        x = arrays[0]
        return np.pad(x, [(0, 0), self.sides((x.shape[1:],)), *((0, 0) for _ in x.shape[2:])])
