"""The same values in another shape, or in another order of the axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING

from cnnspec.contract.errors import ArgumentError, LayerError
from cnnspec.contract.facts import Chapter, Equation, Example, Formula, Onnx, OnnxNode, Reach, Torch, Window
from cnnspec.contract.fields import Kind, count, positional
from cnnspec.contract.layer import Layer, check_rank
from cnnspec.contract.register import layer
from cnnspec.contract.repairs import Instead
from cnnspec.contract.symbols import extents, letters, times
from cnnspec.contract.values import Shape, Shapes, Value, dress
from cnnspec.layers._nodes import Nodes

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing

MOST_AXES = 4
"""Channels and three spatial axes."""


def side_by_side(one: Kind, expects: str, what: str) -> Kind:
    """As many whole numbers as stand there; a size or a list of them gets a hint."""

    def make(value: Value) -> int:
        if isinstance(value, tuple):
            raise ArgumentError(f"{what} is written with spaces", hint=f"`{' '.join(map(str, value))}`")
        made: int = one.make(value)
        return made

    return Kind(expects, make, many=True, what=what)


def _extent() -> Kind:
    whole = count("an extent")
    make = whole.make
    return whole._replace(make=lambda value: -1 if value == -1 else make(value))


@layer("reshape")
class Reshape(Layer):
    """The same values in another shape.

        y is x's values channel by channel, row by row, in the new shape

    The batch stays.

    Shapes: the written one; where it says -1 stands what is left. `reshape 128 7 7` makes a vector of 6272 a map.
    Arguments:
        shape: channels, then the spatial axes, side by side: `reshape 3 -1`
    Parameters: none.
    Source: torch.nn.Flatten and torch.nn.Unflatten, ONNX Reshape.
    """

    shape: tuple[int, ...] = positional(side_by_side(_extent(), "whole numbers, one of which may be -1", "the shape"))

    chapter = Chapter.DENSE
    keeps_bounds = True
    also = ("Unflatten",)
    examples = (
        Example("reshape 3 2 4", ((24,),)),
        Example("reshape 2 -1", ((4, 3, 5),)),
        Example("reshape -1 5 6", ((2, 6, 5),)),
        Example("reshape 4 3 -1 2", ((6, 4, 2),)),
        Example("reshape -1", ((2, 3, 4),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        values, left = prod(inputs[0]), self.shape.count(-1)
        known = prod(each for each in self.shape if each != -1)
        if len(self.shape) > MOST_AXES or left > 1:
            what = "there are at most channels and three spatial axes" if left < 2 else "only one extent may be -1"
            raise LayerError(f"`reshape {' '.join(map(str, self.shape))}`: {what}", id="bad-argument", about="shape")
        if values % known if left else values != known:
            raise LayerError(
                f"{dress(inputs[0])} are {values} values, which do not make {'x'.join(map(str, self.shape))}",
                about="shape",
                notes=(f"{values} / {known} = {values / known:.6g}",),
                repairs=tuple(Instead(f"reshape {' '.join(map(str, each))}") for each in self._near(values)),
            )
        return tuple(values // known if each == -1 else each for each in self.shape)

    def _near(self, values: int) -> Iterator[Shape]:
        """The written shapes with one extent changed, so that they hold so many values."""
        for place in reversed(range(len(self.shape))):
            others = prod(each for i, each in enumerate(self.shape) if i != place)
            if others > 0 and values % others == 0:
                yield (*self.shape[:place], values // others, *self.shape[place + 1 :])

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Divides, Holds, Product, Sizing

        known = prod(each for each in self.shape if each != -1)
        need = Divides(known) if -1 in self.shape else Holds(known)
        return Sizing(tuple(Product(over=known) if each == -1 else each for each in self.shape), (need,))

    def worked(self, inputs: Shapes) -> tuple[str, ...]:
        before, after = ("*".join(map(str, each)) for each in (inputs[0], self.infer(inputs)))
        return (" = ".join(dict.fromkeys((before, after, str(prod(inputs[0]))))),)

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        """The values stay as many; what -1 stands for is what is left."""
        before, after = Formula(times(letters(inputs[0])), extents(inputs[0])), self.infer(inputs)
        return (Equation(times(letters(after, "'")), before),)

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        before, after = inputs[0], self.infer(inputs)
        if before == after:
            return Reach.POINTWISE
        return Reach.WHOLE if 1 in (len(before), len(after)) else Reach.IRREGULAR

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import Moved

        return Moved(inputs[0], tuple(range(len(inputs[0]))))

    def onnx(self, inputs: Shapes) -> Onnx:
        made = Nodes()
        made.put("Reshape", "x0", made.ints("shape", 0, *self.shape))
        return made.onnx()

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        flat = (Torch("nn.Flatten"),) if len(inputs[0]) > 1 else ()
        return (*flat, Torch("nn.Unflatten", {}, (1, self.shape))) if len(self.shape) > 1 else flat

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return arrays[0].reshape(len(arrays[0]), *self.infer((arrays[0].shape[1:],)))


@layer("permute")
class Permute(Layer):
    """The axes in another order.

        the result's axis i is the operand's axis axes[i]

    The batch stays the first.

    Shapes: `permute 2 0 1` makes WxCxH of CxHxW.
    Arguments:
        axes: the axes in their new order, side by side; channels are 0, the batch is not counted
    Parameters: none.
    Source: torch.permute, ONNX Transpose; Keras' Permute, which counts from 1.
    """

    axes: tuple[int, ...] = positional(side_by_side(count("an axis", 0), "every axis once, from 0", "the order"))

    chapter = Chapter.MOVES
    keeps_bounds = True
    ranks = (1, 2, 3)
    also = ("Transpose", "swapaxes")
    examples = (
        Example("permute 2 0 1", ((3, 4, 5),)),
        Example("permute 0 2 1", ((3, 4, 5),)),
        Example("permute 1 0", ((4, 6),)),
        Example("permute 3 1 0 2", ((2, 3, 4, 5),)),
        Example("permute 0 1 2", ((2, 3, 4),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        if sorted(self.axes) != list(range(len(inputs[0]))):
            raise LayerError(
                f"`permute {' '.join(map(str, self.axes))}` is no order of the {len(inputs[0])} axes",
                id="bad-argument",
                about="axes",
                hint=f"{' '.join(map(str, range(len(inputs[0]))))} in another order; the batch is not counted",
            )
        return tuple(inputs[0][axis] for axis in self.axes)

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Of, Sizing

        return Sizing(tuple(map(Of, self.axes)))

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        values, before = extents(inputs[0]), letters(inputs[0])
        new = zip(letters(inputs[0], "'"), self.axes, strict=True)
        return tuple(Equation(name, Formula(before[axis], values)) for name, axis in new)

    def worked(self, inputs: Shapes) -> tuple[str, ...]:
        return (", ".join(f"axis {place} is axis {axis}" for place, axis in enumerate(self.axes)),)

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        """Of two axes that change places the positions are the channels now, and each sees them all."""
        if list(self.axes) == sorted(self.axes):
            return Reach.POINTWISE
        return Reach.WHOLE if len(self.axes) == 2 else Reach.IRREGULAR

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import Along

        return tuple(Along(self.axes.index(axis)) for axis in range(len(self.axes)))

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx((OnnxNode("Transpose", attributes={"perm": self._with_batch()}),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch("torch.permute", {}, (self._with_batch(),)),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        return arrays[0].transpose(self._with_batch())

    def _with_batch(self) -> tuple[int, ...]:
        return (0, *(1 + axis for axis in self.axes))
