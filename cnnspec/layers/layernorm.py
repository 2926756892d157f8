"""Layer normalization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from cnnspec.contract.facts import Example, Formula, Onnx, Reach, Torch, Window
from cnnspec.contract.fields import choice, flag, option, real
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import extents, letters, times
from cnnspec.contract.values import Shape, Shapes
from cnnspec.layers._nodes import Nodes
from cnnspec.layers._norm import SampleNorm

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


@layer("layernorm")
class LayerNorm(SampleNorm):
    """Layer normalization: over the channels at each position.

        y[c, p] = (x[c, p] - mean[p]) / sqrt(var[p] + eps) * weight[c] + bias[c]

    At each position the channels are shifted and scaled to mean 0 and variance 1, then by learned numbers: so ConvNeXt
    has it. `over=all` takes mean and variance of the whole sample and learns a number for each value, as the paper has
    it; `over=last` those of the last axis, as torch.nn.LayerNorm(W) does.

    Shapes: the result is as the input: a vector, CxL, CxHxW or CxDxHxW.
    Arguments:
        over: the axes of mean and variance
        eps: what keeps the root away from 0
        affine: whether weight and bias are learned
        init: what the factors begin with
    Parameters: 2 * C; with over=last 2 * W, with over=all 2 * C * H * W; none without affine.
    Source: Ba et al., Layer Normalization, 2016; over the channels Liu et al., A ConvNet for the 2020s, 2022.
        torch.nn.LayerNorm, ONNX LayerNormalization; both look at trailing axes, so the channels are brought to the end.
    """

    over: str = option(choice("over", "channel", "last", "all"), "channel")
    eps: float = option(real("eps", lambda value: value > 0, "more than 0"), 1e-5)
    affine: bool = option(flag("affine"), True)

    also = ("LayerNormalization", "LayerNorm2d", "ln")
    examples = (
        Example("layernorm", ((4, 5, 6),)),
        Example("layernorm eps=1e-3 affine=no", ((5, 3, 4),)),
        Example("layernorm over=last", ((3, 4, 5),)),
        Example("layernorm over=all", ((3, 4, 2),)),
        Example("layernorm over=all affine=no", ((2, 3, 3),)),
        Example("layernorm", ((6,),)),
        Example("layernorm", ((4, 9),)),
        Example("layernorm eps=0.1", ((3, 2, 3, 4),)),
    )

    def axes(self, inputs: Shapes) -> tuple[int, ...]:
        """The axes of mean and variance, the batch being 0."""
        rank = len(inputs[0])
        return {"channel": (1,), "last": (rank,), "all": tuple(range(1, rank + 1))}[self.over]

    def learned(self, inputs: Shapes) -> Shape:
        return tuple(inputs[0][axis - 1] for axis in self.axes(inputs))

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Kept, unchanged

        kept = (Kept(axis - 1) for axis in self.axes(inputs)) if self.affine else ()
        return unchanged(inputs, *kept)

    def parts(self, inputs: Shapes) -> int:
        axes = self.axes(inputs)
        return prod(extent for axis, extent in enumerate(inputs[0], start=1) if axis not in axes)

    def counts(self, inputs: Shapes) -> Mapping[str, Formula]:
        axes = [letters(inputs[0])[axis - 1] for axis in self.axes(inputs)]
        each = Formula(times(axes), extents(inputs[0]))
        return {"weight": each, "bias": each}

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        """Over the last axis of a map all results of a row see that row: windows that do not move along it."""
        if self.over == "channel" or len(inputs[0]) == 1:
            return Reach.POINTWISE
        return Reach.WHOLE if self.over == "all" or len(inputs[0]) == 2 else Reach.IRREGULAR

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import EVERY, Along

        axes = {axis - 1 for axis in self.axes(inputs)}
        return tuple(EVERY if axis in axes else Along(axis) for axis in range(len(inputs[0])))

    def _moved(self, inputs: Shapes) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        """The order of axes with the channels at the end, and the way back; None where they need not move."""
        rank = len(inputs[0])
        if self.over != "channel" or rank == 1:
            return None
        return (0, *range(2, rank + 1), 1), (0, rank, *range(1, rank))

    def onnx(self, inputs: Shapes) -> Onnx:
        if not self.affine:
            return self._onnx_without_weights(inputs)
        made, moved = Nodes(), self._moved(inputs)
        value = made.put("Transpose", "x0", perm=moved[0]) if moved else "x0"
        axis = 1 if self.over == "all" else -1
        value = made.put("LayerNormalization", value, "weight", "bias", axis=axis, epsilon=self.eps)
        if moved:
            made.put("Transpose", value, perm=moved[1])
        return made.onnx()

    def _onnx_without_weights(self, inputs: Shapes) -> Onnx:
        """LayerNormalization needs a scale as large as the axes, which would hold their size."""
        made = Nodes()
        axes = made.ints("axes", *self.axes(inputs))
        centred = made.put("Sub", "x0", made.put("ReduceMean", "x0", axes))
        variance = made.put("ReduceMean", made.put("Mul", centred, centred), axes)
        deviation = made.put("Sqrt", made.put("Add", variance, made.number("eps", self.eps)))
        made.put("Div", centred, deviation)
        return made.onnx()

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        arguments: dict[str, Any] = {} if self.eps == 1e-5 else {"eps": self.eps}
        if not self.affine:
            arguments["elementwise_affine"] = False
        shape, moved = self.learned(inputs), self._moved(inputs)
        module = Torch("nn.LayerNorm", arguments, (shape[0] if len(shape) == 1 else shape,))
        if moved is None:
            return (module,)
        return Torch("torch.permute", {}, (moved[0],)), module, Torch("torch.permute", {}, (moved[1],))

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        from cnnspec.contract.reference import normalise, per_channel

        x = arrays[0]
        result = normalise(x, self.axes((x.shape[1:],)), self.eps)
        if not self.affine:
            return result
        if self.over == "channel":
            return result * per_channel(weights["weight"], x) + per_channel(weights["bias"], x)
        return result * weights["weight"] + weights["bias"]
