"""Some of the channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Chapter, Equation, Example, Formula, Onnx, Reach, Torch, Window
from cnnspec.contract.fields import count, positional
from cnnspec.contract.layer import Layer, check_rank
from cnnspec.contract.register import layer
from cnnspec.contract.repairs import Given, Instead
from cnnspec.contract.symbols import letters
from cnnspec.contract.values import Shape, Shapes
from cnnspec.layers._nodes import Nodes

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


@layer("slice")
class Slice(Layer):
    """Some of the channels: from one number up to another.

        y[c] = x[start + c]

    They are counted from 0, and `stop` is left out: `slice 0 in.c//2` is the first half.

    Shapes: CxHxW -> stop - start x H x W; CxL, CxDxHxW and vectors alike.
    Arguments:
        start: the first channel
        stop: the channel behind the last one, above start and at most C
    Parameters: none.
    Source: Ma et al., ShuffleNet V2, 2018 (the channel split). torch.narrow, ONNX Slice.
    """

    start: int = positional(count("the first channel", 0))
    stop: int = positional(count("the end of the channels"))

    chapter = Chapter.MOVES
    keeps_bounds = True
    also = ("split", "narrow", "chunk")
    examples = (
        Example("slice 0 2", ((4, 3, 5),)),
        Example("slice 1 4", ((4, 3, 5),)),
        Example("slice 2 3", ((5, 7),)),
        Example("slice 1 3", ((3, 2, 3, 4),)),
        Example("slice 3 9", ((10,),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        channels = inputs[0][0]
        if self.stop > channels:
            raise LayerError(
                f"there are {channels} channels, but the slice ends at {self.stop}",
                about="stop",
                hint=f"`slice {min(self.start, channels - 1)} {channels}` goes up to the last one",
                repairs=(Instead(f"slice {min(self.start, channels - 1)} {channels}", "up to the last channel"),),
            )
        if self.start >= self.stop:
            raise LayerError(
                f"no channel stands from {self.start} up to {self.stop}",
                about="start",
                hint="the first channel is 0, and the end is left out",
                repairs=(Instead(f"slice {self.stop} {self.start}", "the other way round"), Given("start", "0")),
            )
        return (self.stop - self.start, *inputs[0][1:])

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Of, Sizing, Within

        rest = (Of(axis) for axis in range(1, len(inputs[0])))
        return Sizing((self.stop - self.start, *rest), (Within(0, start=self.stop),))

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        kept = Formula("stop - start", {"stop": self.stop, "start": self.start})
        return (Equation(f"{letters(inputs[0])[0]}'", kept),)

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import by_window, through

        channels = through(0, Window(pad=-self.start), inputs[0][0], self.stop - self.start)
        return by_window(Reach.POINTWISE, inputs[0], inputs[0], channels)

    def onnx(self, inputs: Shapes) -> Onnx:
        made = Nodes()
        made.put("Slice", "x0", made.ints("start", self.start), made.ints("stop", self.stop), made.ints("axis", 1))
        return made.onnx()

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch("torch.narrow", {}, (1, self.start, self.stop - self.start)),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return arrays[0][:, self.start : self.stop]
