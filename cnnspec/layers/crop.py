"""A part of the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Chapter, Equation, Example, Formula, Onnx, Reach, Torch, Window
from cnnspec.contract.fields import borders, option, positional, size, tensor
from cnnspec.contract.geometry import ends_of
from cnnspec.contract.layer import Layer, spatial
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import letters
from cnnspec.contract.values import Ends, Shape, Shapes, Sizes, dress
from cnnspec.layers._nodes import Nodes
from cnnspec.layers._target import check_target, extents_of, one_of
from cnnspec.layers._windowed import torch_pads

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.sizing import Sizing

LAST = 2**63 - 1
"""To the end, in an ONNX Slice."""


@layer("crop")
class Crop(Layer):
    """A part of the map: without its borders, or its centre.

        y[c, p] = x[c, begin + p]

    One of `cropping`, `to` and `like` is given. Of a border that cannot be halved the odd pixel is cut off at the end.

    Shapes: CxHxW -> C x H - begin - end x W - begin - end, or C x to; CxL and CxDxHxW alike.
    Arguments:
        cropping: what is cut off: `1` on all sides, `1x2` per axis, `0,1,0,1` all begins then all ends
        to: the size of the centre that stays: `28x28`
        like: the value whose size the centre shall have: `like=@skip`
    Parameters: none.
    Source: Ronneberger et al., U-Net, 2015 (`crop like=`). torch.nn.functional.pad by less than 0, ONNX Slice.
    """

    cropping: Sizes | Ends | None = positional(borders("the border"), None)
    to: Sizes | None = option(size("the size of the centre"), None, shapes=True)
    like: int | None = option(tensor("like"), None, shapes=True)

    chapter = Chapter.SIZES
    keeps_bounds = True
    arity = (1, 2)
    ranks = (1, 2, 3)
    also = ("CenterCrop", "Cropping2D")
    examples = (
        Example("crop 1", ((3, 5, 6),)),
        Example("crop 0,1,2,0", ((2, 4, 5),)),
        Example("crop 1x0", ((2, 5, 3),)),
        Example("crop to=2x3", ((2, 5, 6),)),
        Example("crop like=@x1", ((2, 7, 6), (5, 4, 4))),
        Example("crop to=3", ((2, 8),)),
        Example("crop like=@x1", ((3, 9), (1, 4))),
        Example("crop like=@x1", ((2, 4, 5, 6), (3, 2, 2, 6))),
        Example("crop 1,0,1,0,1,2", ((2, 4, 5, 6),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        one_of(self, "cropping", "to", "like")
        check_target(self, inputs, self.like)
        before = spatial(inputs[0])
        after = self._after(inputs)
        if any(cut < 0 for both in self.ends(inputs) for cut in both) or min(after) < 1:
            blamed = next(name for name in ("cropping", "to", "like") if getattr(self, name) is not None)
            what = f"{dress(after)} cannot be cut from {dress(before)}"
            message = f"nothing is left of {dress(before)}" if self.cropping is not None else what
            raise LayerError(message, about=blamed, notes=self.worked(inputs))
        return (inputs[0][0], *after)

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import AtLeast, Of, Sizing, Within

        axes = range(1, len(inputs[0]))
        if self.like is not None:
            needs = tuple(AtLeast(axis, 0, self.like) for axis in axes)
            return Sizing((Of(0), *(Of(axis, self.like) for axis in axes)), needs)
        if self.cropping is None:
            after = self._after(inputs)
            return Sizing((Of(0), *after), tuple(Within(axis, start=after[axis - 1]) for axis in axes))
        cut = [sum(both) for both in self.ends(inputs)]
        least = tuple(Within(axis, start=cut[axis - 1] + 1) for axis in axes)
        return Sizing((Of(0), *(Of(axis, plus=-cut[axis - 1]) for axis in axes)), least)

    def _after(self, inputs: Shapes) -> Shape:
        before = spatial(inputs[0])
        if self.cropping is None:
            return extents_of(inputs, self.to, self.like)
        return tuple(
            w - sum(both) for w, both in zip(before, ends_of(self.cropping, len(before), "cropping"), strict=True)
        )

    def ends(self, inputs: Shapes) -> tuple[tuple[int, int], ...]:
        """How much is cut off at the begin and at the end of each axis."""
        before = spatial(inputs[0])
        if self.cropping is not None:
            return ends_of(self.cropping, len(before), "cropping")
        cuts = [w - kept for w, kept in zip(before, self._after(inputs), strict=True)]
        return tuple((cut // 2, cut - cut // 2) for cut in cuts)

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        axes = zip(letters(inputs[0])[1:], spatial(inputs[0]), self.ends(inputs), strict=True)
        return tuple(
            Equation(f"{axis}'", Formula(f"{axis} - B_b - B_e", {axis: w, "B_b": begin, "B_e": end}))
            for axis, w, (begin, end) in axes
        )

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        return Reach.NOTHING if operand else tuple(Window(pad=-begin) for begin, _ in self.ends(inputs))

    def onnx(self, inputs: Shapes) -> Onnx:
        ends = self.ends(inputs)
        made = Nodes()
        if any(map(any, ends)):
            begins = made.ints("starts", *(begin for begin, _ in ends))
            behind = made.ints("ends", *(-end or LAST for _, end in ends))
            made.put("Slice", "x0", begins, behind, made.ints("axes", *range(2, 2 + len(ends))))
        return made.onnx(self._onnx_of_any(inputs) if self.cropping is None else None)

    def _onnx_of_any(self, inputs: Shapes) -> Onnx:
        """The centre of a map of whatever size it has then."""
        made, rank = Nodes(), len(spatial(inputs[0]))
        kept = made.put("Shape", "x1", start=2) if self.to is None else made.ints("to", *self._after(inputs))
        cut = made.put("Sub", made.put("Shape", "x0", start=2), kept)
        begin = made.put("Div", cut, made.whole("two", 2))
        made.put("Slice", "x0", begin, made.put("Add", begin, kept), made.ints("axes", *range(2, 2 + rank)))
        return made.onnx()

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        cuts = torch_pads([(-begin, -end) for begin, end in self.ends(inputs)])
        return (Torch("F.pad", {}, (cuts,), inputs=("x0",)),) if any(cuts) else ()

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        ends = self.ends(tuple(each.shape[1:] for each in arrays))
        kept = (slice(begin, w - end) for w, (begin, end) in zip(arrays[0].shape[2:], ends, strict=True))
        return arrays[0][(slice(None), slice(None), *kept)]
