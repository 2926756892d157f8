"""A map of another size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

from cnnspec.contract.errors import ArgumentError, LayerError
from cnnspec.contract.facts import (
    Chapter,
    Cost,
    Equation,
    Example,
    Extents,
    Formula,
    Onnx,
    OnnxConstant,
    Reach,
    Share,
    Torch,
    Window,
)
from cnnspec.contract.fields import Kind, choice, flag, option, positional, size, tensor
from cnnspec.contract.geometry import per_axis
from cnnspec.contract.layer import Layer, spatial
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import letters, values_of
from cnnspec.contract.values import Shape, Shapes, Sizes, Value
from cnnspec.layers._nodes import Nodes
from cnnspec.layers._resize import LONGEST, Blend, gather, gather_any, linear, nearest, repeats_evenly, window_of
from cnnspec.layers._target import check_target, extents_of, one_of
from cnnspec.layers._windowed import compact

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


def _factor() -> Kind:
    whole = size("the factor")

    def make(value: Value) -> Any:
        try:
            return whole.make(value)
        except ArgumentError as error:
            if isinstance(value, Fraction):
                error.hint = "a size that is no whole multiple is said itself: `to=48x48`, or `like=@label`"
            raise

    return whole._replace(make=make)


TORCH_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


@layer("upsample")
class Upsample(Layer):
    """A map of another size: pixels are repeated, or blended.

        mode=nearest: y[c, i] = x[c, floor(i * H / H')]
        mode=bilinear: x at (i + 1/2) * H / H' - 1/2, between two pixels of each
            axis in proportion to the distance; with align_corners at
            i * (H - 1) / (H' - 1), so that the outermost pixels fall on each other

    One of `factor`, `to` and `like` is given.

    Shapes: CxHxW -> C x factor * H x factor * W, or C x to; CxL and CxDxHxW alike.
    Arguments:
        factor: how many times as large: `2`, or `1x2` per axis
        to: the size of the result: `to=28x28`
        like: the value as large as which the result shall be: `like=@skip`
        mode: `bilinear` is linear in 1-D and trilinear in 3-D
        align_corners: where the pixels of mode=bilinear lie, see above
    Parameters: none.
    Source: Odena et al., Deconvolution and Checkerboard Artifacts, 2016. torch.nn.Upsample, ONNX Resize; for nearest by
        a factor that is not whole ONNX Gather, as the rounding of Resize is not the same everywhere.
    """

    factor: Sizes | None = positional(_factor(), None)
    to: Sizes | None = option(size("the size of the result"), None, shapes=True)
    like: int | None = option(tensor("like"), None, shapes=True)
    mode: str = option(choice("mode", "nearest", "bilinear"), "nearest")
    align_corners: bool = option(flag("align_corners"), False)

    chapter = Chapter.SIZES
    keeps_bounds = True
    arity = (1, 2)
    ranks = (1, 2, 3)
    also = ("UpSampling2D", "Resize", "interpolate", "unpool")
    examples = (
        Example("upsample 2", ((3, 3, 4),)),
        Example("upsample 1x3", ((2, 3, 2),)),
        Example("upsample to=7x5", ((2, 3, 5),)),
        Example("upsample to=2x4", ((2, 14, 8),)),
        Example("upsample like=@x1", ((3, 3, 4), (5, 6, 8))),
        Example("upsample 2 mode=bilinear", ((2, 3, 4),)),
        Example("upsample 2 mode=bilinear align_corners=yes", ((2, 3, 4),)),
        Example("upsample to=2x9 mode=bilinear", ((2, 6, 5),)),
        Example("upsample to=1x5 mode=bilinear align_corners=yes", ((2, 4, 9),)),
        Example("upsample like=@x1 mode=bilinear", ((2, 3, 4), (1, 7, 4))),
        Example("upsample 2", ((2, 5),)),
        Example("upsample to=8 mode=bilinear", ((2, 5),)),
        Example("upsample like=@x1", ((2, 4), (3, 7))),
        Example("upsample 2x1x3", ((2, 2, 3, 2),)),
        Example("upsample 2 mode=bilinear", ((1, 2, 3, 2),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        one_of(self, "factor", "to", "like")
        check_target(self, inputs, self.like)
        if self.align_corners and self.mode == "nearest":
            raise LayerError(
                "`align_corners` is for mode=bilinear",
                id="bad-argument",
                about="align_corners",
                hint="nearest repeats whole pixels, and has no corners to align",
            )
        return (inputs[0][0], *self._after(inputs))

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Of, Sizing

        axes = range(1, len(inputs[0]))
        if self.like is not None:
            return Sizing((Of(0), *(Of(axis, self.like) for axis in axes)))
        if self.factor is None:
            return Sizing((Of(0), *self._after(inputs)))
        factors = per_axis(self.factor, len(axes), "factor")
        return Sizing((Of(0), *(Of(axis, times=factors[axis - 1]) for axis in axes)))

    def _after(self, inputs: Shapes) -> Shape:
        before = spatial(inputs[0])
        if self.factor is None:
            return extents_of(inputs, self.to, self.like)
        factors = per_axis(self.factor, len(before), "factor")
        return tuple(w * factor for w, factor in zip(before, factors, strict=True))

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        before, names = spatial(inputs[0]), letters(inputs[0])[1:]
        if self.factor is None:
            note = "asked-for" if self.like is None else "as-large"
            sizes = zip(names, self._after(inputs), strict=True)
            return tuple(Equation(f"{axis}'", Formula("T", {"T": size}), note) for axis, size in sizes)
        axes = zip(names, before, per_axis(self.factor, len(before), "factor"), strict=True)
        return tuple(
            Equation(f"{axis}'", Formula(f"{axis} * factor", {axis: w, "factor": each})) for axis, w, each in axes
        )

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        changed = sum(w != each for w, each in zip(spatial(inputs[0]), self._after(inputs), strict=True))
        if self.mode == "nearest" or not changed:
            return ()
        values = {**values_of(self.infer(inputs)), "u": 2**changed}
        return Share("multiplication", Formula("E*u", values)), Share("addition", Formula("E*(u - 1)", values))

    def blends(self, inputs: Shapes) -> tuple[Iterator[Blend], ...]:
        """Where the results of each axis come from."""
        axes = zip(spatial(inputs[0]), self._after(inputs), strict=True)
        if self.mode == "nearest":
            return tuple(nearest(before, after) for before, after in axes)
        return tuple(linear(before, after, self.align_corners) for before, after in axes)

    def cost(self, inputs: Shapes) -> Cost:
        """A value that is blended of n pixels, two on each axis that changes, takes n factors and n - 1 additions."""
        if self.mode == "nearest":
            return Cost()
        after = self._after(inputs)
        changed = sum(w != each for w, each in zip(spatial(inputs[0]), after, strict=True))
        return Cost(ops=inputs[0][0] * prod(after) * (2 * 2**changed - 1) if changed else 0)

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        """Neighbours share pixels where the map grows; where it shrinks evenly they are windows."""
        if operand:
            return Reach.NOTHING
        axes = zip(self.blends(inputs), spatial(inputs[0]), strict=True)
        windows = [window_of(blends, before) for blends, before in axes]
        return Reach.IRREGULAR if None in windows else tuple(each for each in windows if each is not None)

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import Along

        if operand:
            return None
        axes = enumerate(self.blends(inputs), start=1)
        pixels = ((axis, tuple(range(each.at, each.at + each.pixels) for each in blends)) for axis, blends in axes)
        return (Along(0), *(Along(*each) for each in pixels))

    def onnx(self, inputs: Shapes) -> Onnx:
        before, after = spatial(inputs[0]), self._after(inputs)
        made = Nodes()
        if self.mode == "bilinear" and self.factor is None:
            # All axes: of sizes for some, onnxruntime's optimizer loses count behind a Transpose.
            sizes = made.put("Shape", "x1", start=2) if self.to is None else made.ints("to", *after)
            sizes = made.put("Concat", made.put("Shape", "x0", end=2), sizes, axis=0)
            made.put("Resize", "x0", "", "", sizes, **self._onnx_mode())
            return made.onnx()
        if self.mode == "nearest" and not all(map(repeats_evenly, before, after)):
            if max(after) > LONGEST:
                return gather_any(len(before), after)
            gather(made, before, after)
        elif before != after:
            factors = (1.0, 1.0, *(float(each // w) for w, each in zip(before, after, strict=True)))
            values = OnnxConstant("float32", (len(factors),), factors)
            made.put("Resize", "x0", "", made.constant("factors", values), **self._onnx_mode())
        return made.onnx(None if self.factor is not None else gather_any(len(before), after if self.to else None))

    def _onnx_mode(self) -> dict[str, Any]:
        if self.mode == "nearest":
            return {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        corners = "align_corners" if self.align_corners else "half_pixel"
        return {"mode": "linear", "coordinate_transformation_mode": corners}

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        before, after = spatial(inputs[0]), self._after(inputs)
        arguments: dict[str, Any] = {}
        if self.mode == "bilinear":
            arguments["mode"] = TORCH_LINEAR[len(before)]
        if self.align_corners:
            arguments["align_corners"] = True
        if self.like is not None:
            return (Torch("F.interpolate", {"size": Extents("x1"), **arguments}, inputs=("x0",)),)
        if self.factor is not None:
            size: dict[str, Any] = {"scale_factor": compact(per_axis(self.factor, len(before), "factor"))}
        else:
            size = {"size": compact(after)}
        return (Torch("nn.Upsample", size | arguments),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        result = arrays[0]
        for axis, blends in enumerate(self.blends(tuple(each.shape[1:] for each in arrays)), start=2):
            places = list(blends)
            at = np.array([each.at for each in places])
            column = (-1, *(1 for _ in range(axis + 1, result.ndim)))
            share = np.array([float(each.share) for each in places], result.dtype).reshape(column)
            next_one = np.minimum(at + 1, result.shape[axis] - 1)
            result = result.take(at, axis=axis) * (1 - share) + result.take(next_one, axis=axis) * share
        return result
