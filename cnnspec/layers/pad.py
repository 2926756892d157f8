"""A wider border, and a narrower one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Chapter, Equation, Example, Formula, Onnx, Reach, Torch, Window
from cnnspec.contract.fields import borders, choice, option, positional, real
from cnnspec.contract.geometry import ends_of
from cnnspec.contract.layer import Layer, check_rank, spatial
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import letters
from cnnspec.contract.values import Ends, Shape, Shapes, Sizes
from cnnspec.layers._nodes import Nodes
from cnnspec.layers._windowed import torch_pads

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing

TORCH_MODULES = {"constant": "nn.ConstantPad", "reflect": "nn.ReflectionPad", "edge": "nn.ReplicationPad"}


@layer("pad")
class Padding(Layer):
    """A border around the map: of one value, mirrored, or its edge.

        y[c, p] = x[c, p - begin] inside; outside
            mode=constant: value
            mode=reflect: x mirrored at its outermost pixels, which stand once
            mode=edge: the nearest outermost pixel

    Shapes: CxHxW -> C x H + begin + end x W + begin + end; CxL and CxDxHxW alike.
    Arguments:
        padding: how wide it is: `1` on all sides, `1x2` per axis, `0,1,0,1` all begins then all ends
        mode: what it is made of, see above
        value: the value of mode=constant
    Parameters: none.
    Source: torch.nn.ConstantPad2d, ReflectionPad2d, ReplicationPad2d, ONNX Pad.
    """

    padding: Sizes | Ends = positional(borders("the border"))
    mode: str = option(choice("mode", "constant", "reflect", "edge"), "constant")
    value: float = option(real("value"), 0.0)

    chapter = Chapter.SIZES
    ranks = (1, 2, 3)
    also = ("ZeroPad2d", "ZeroPadding2D", "ConstantPad2d", "ReflectionPad2d", "ReplicationPad2d")
    examples = (
        Example("pad 1", ((3, 4, 5),)),
        Example("pad 0,1,2,0 value=-1.5", ((2, 4, 5),)),
        Example("pad 1x2 mode=reflect", ((2, 4, 5),)),
        Example("pad 0,1,2,1 mode=edge", ((2, 4, 3),)),
        Example("pad 0", ((2, 4, 3),)),
        Example("pad 2,1 mode=reflect", ((2, 6),)),
        Example("pad 2 mode=edge", ((2, 6),)),
        Example("pad 1 mode=reflect", ((2, 3, 4, 2),)),
        Example("pad 0x1x2 value=2", ((2, 3, 2, 3),)),
    )

    def ends(self, inputs: Shapes) -> tuple[tuple[int, int], ...]:
        """How much is added at the begin and at the end of each axis."""
        return ends_of(self.padding, len(spatial(inputs[0])), "padding")

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        before, ends = spatial(inputs[0]), self.ends(inputs)
        if self.value and self.mode != "constant":
            message = f"`mode={self.mode}` takes its values from the map"
            raise LayerError(message, id="bad-argument", about="value", hint="`value` is for mode=constant")
        for extent, both in zip(before, ends, strict=True):
            if self.mode == "reflect" and max(both) >= extent:
                raise LayerError(
                    f"a mirrored border of {max(both)} needs more than {max(both)} pixels, and there are {extent}",
                    about="padding",
                    hint=f"{extent - 1} at most, as the edge itself stands once; or `mode=edge`",
                )
        return (inputs[0][0], *(extent + sum(both) for extent, both in zip(before, ends, strict=True)))

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Of, Sizing, Within

        ends = tuple(enumerate(self.ends(inputs), start=1))
        needs = (Within(axis, start=max(both) + 1) for axis, both in ends) if self.mode == "reflect" else ()
        return Sizing((Of(0), *(Of(axis, plus=sum(both)) for axis, both in ends)), tuple(needs))

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        axes = zip(letters(inputs[0])[1:], spatial(inputs[0]), self.ends(inputs), strict=True)
        return tuple(
            Equation(f"{axis}'", Formula(f"{axis} + P_b + P_e", {axis: w, "P_b": begin, "P_e": end}))
            for axis, w, (begin, end) in axes
        )

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        """What is mirrored or repeated is seen from the border, too."""
        if self.mode != "constant" and any(map(any, self.ends(inputs))):
            return Reach.IRREGULAR
        return tuple(Window(pad=begin) for begin, _ in self.ends(inputs))

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import Along

        axes = enumerate(zip(spatial(inputs[0]), self.ends(inputs), strict=True), start=1)
        return (Along(0), *(Along(axis, tuple(self._sources(*each))) for axis, each in axes))

    def _sources(self, extent: int, ends: tuple[int, int]) -> Iterator[range]:
        """The pixel that each place of one axis is."""
        last = extent - 1
        for at in range(-ends[0], extent + ends[1]):
            source = last - abs(last - abs(at)) if self.mode == "reflect" else min(max(at, 0), last)
            yield range(source, source + 1) if self.mode != "constant" or source == at else range(0)

    def onnx(self, inputs: Shapes) -> Onnx:
        """All axes, and said: of some, onnxruntime's optimizer loses count behind a Transpose; and where they are not
        said, it makes the border one of the pool that follows."""
        begins, ends = zip((0, 0), (0, 0), *self.ends(inputs), strict=True)
        made = Nodes()
        if any((*begins, *ends)):
            value = made.number("value", self.value) if self.value else ""
            pads, axes = made.ints("pads", *begins, *ends), made.ints("axes", *range(len(begins)))
            made.put("Pad", "x0", pads, value, axes, mode=self.mode)
        return made.onnx()

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        pads = torch_pads(self.ends(inputs))
        rank = len(pads) // 2
        if not any(pads):
            return ()
        if self.mode == "constant" and not self.value:
            return (Torch(f"nn.ZeroPad{rank}d", {}, (pads,)),)
        value = (self.value,) if self.mode == "constant" else ()
        return (Torch(f"{TORCH_MODULES[self.mode]}{rank}d", {}, (pads, *value)),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        x = arrays[0]
        widths = [(0, 0), (0, 0), *self.ends((x.shape[1:],))]
        if self.mode == "constant":
            return np.pad(x, widths, constant_values=self.value)
        return np.pad(x, widths, mode="reflect") if self.mode == "reflect" else np.pad(x, widths, mode="edge")
