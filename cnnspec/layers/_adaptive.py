"""What the adaptive pools share: a map of any size falls into a fixed number of parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd, prod
from typing import TYPE_CHECKING, ClassVar

from cnnspec.contract.facts import Chapter, Equation, Formula, Onnx, OnnxConstant, OnnxNode, Reach, Share, Torch, Window
from cnnspec.contract.fields import positional, size
from cnnspec.contract.geometry import per_axis
from cnnspec.contract.layer import Layer, check_rank, spatial
from cnnspec.contract.symbols import letters, values_of
from cnnspec.contract.values import Shape, Shapes, Sizes
from cnnspec.layers._nodes import Nodes
from cnnspec.layers._resize import LONGEST, counted
from cnnspec.layers._windowed import compact

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


MOST_SHARES = 1 << 22
"""Numbers of a constant that says which pixel belongs to which part; larger ones are worked out as the model runs."""


class Adaptive(Layer):
    """One number for each part; part i of H' on an axis of H is floor(i * H / H') .. ceil((i + 1) * H / H') - 1."""

    to: Sizes = positional(size("the size of the result"))

    chapter = Chapter.POOLS
    keeps_bounds = True
    ranks = (1, 2, 3)
    operation: ClassVar[str] = "comparison"
    divides: ClassVar[bool] = False
    onnx_global: ClassVar[str] = ""
    onnx_window: ClassVar[str] = ""
    torch_module: ClassVar[str] = ""

    def axes(self, inputs: Shapes) -> tuple[tuple[int, int], ...]:
        """Extent before and after, per spatial axis."""
        before = spatial(inputs[0])
        return tuple(zip(before, per_axis(self.to, len(before), "to"), strict=True))

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        return (inputs[0][0], *(after for _, after in self.axes(inputs)))

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Of, Sizing

        return Sizing((Of(0), *(after for _, after in self.axes(inputs))))

    def covered(self, inputs: Shapes) -> int:
        """The sizes of all parts of all channels together."""
        return inputs[0][0] * prod(_covered(before, after) for before, after in self.axes(inputs))

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        axes = zip(letters(inputs[0])[1:], self.axes(inputs), strict=True)
        parts = (Equation(f"{axis}'", Formula("T", {"T": after}), "parts") for axis, (_, after) in axes)
        return (Equation("C'", Formula("C", {"C": inputs[0][0]})), *parts)

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        """What all parts hold is counted once, and once more where a pixel belongs to two."""
        axes = list(zip(letters(inputs[0])[1:], self.axes(inputs), strict=True))
        held, values = "C", {"C": inputs[0][0], **values_of(self.infer(inputs))}
        for axis, (before, after) in axes:
            shared = f"g_{axis.lower()}"
            held += f"*({axis} + {axis}' - {shared})"
            values |= {axis: before, f"{axis}'": after, shared: gcd(before, after)}
        taken = Share(self.operation, Formula(f"{held} - E", values))
        return (taken, Share("division", Formula("E", values_of(self.infer(inputs))))) if self.divides else (taken,)

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        axes = self.axes(inputs)
        return tuple(_regular(*axis) for axis in axes) if _are_regular(axes) else Reach.IRREGULAR

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import Along

        parts = (tuple(range(*part(i, before, after)) for i in range(after)) for before, after in self.axes(inputs))
        return (Along(0), *(Along(axis, places) for axis, places in enumerate(parts, start=1)))

    def onnx(self, inputs: Shapes) -> Onnx:
        """Of ONNX's own pools where one does it at this size; for any size the parts are found as it runs."""
        axes = self.axes(inputs)
        if all(after == 1 for _, after in axes):
            return Onnx((OnnxNode(self.onnx_global),))
        made, value = Nodes(), "x0"
        for axis, (_, after) in enumerate(axes, start=2):
            value = self.parts_of_any(made, value, axis, after, len(axes) + 1)
        return self._onnx_here(axes, made.onnx())._replace(open=made.onnx())

    def _onnx_here(self, axes: tuple[tuple[int, int], ...], open: Onnx) -> Onnx:
        """For this size, as constants where they are small."""
        if all(before == after for before, after in axes):
            return Onnx(())
        if _are_regular(axes):
            windows = [_regular(*axis) for axis in axes]
            sizes = {
                "kernel_shape": tuple(each.kernel for each in windows),
                "strides": tuple(each.stride for each in windows),
            }
            return Onnx((OnnxNode(self.onnx_window, attributes=sizes),))
        if any(before * after > MOST_SHARES for before, after in axes):
            return open
        made, value = Nodes(), "x0"
        for axis, (before, after) in enumerate(axes, start=2):
            if before != after:
                value = self.parts(made, value, axis, before, after, len(axes) + 1)
        return made.onnx()

    def parts(self, made: Nodes, value: str, axis: int, before: int, after: int, last: int) -> str:
        """The nodes that pool one axis of known size; `last` is the number of the last axis."""
        raise NotImplementedError

    def parts_of_any(self, made: Nodes, value: str, axis: int, after: int, last: int) -> str:
        """The same for an axis of whatever size it has then."""
        raise NotImplementedError

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        to = tuple(after for _, after in self.axes(inputs))
        return (Torch(f"{self.torch_module}{len(to)}d", {}, (compact(to),)),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        result = arrays[0]
        for axis, (before, after) in enumerate(self.axes((result.shape[1:],)), start=2):
            parts = (result.take(range(*part(i, before, after)), axis=axis) for i in range(after))
            result = np.concatenate([self.pooled(each, axis) for each in parts], axis=axis)
        return result

    def pooled(self, part: Array, axis: int) -> Array:
        """One number in place of each row along the axis, which stays."""
        raise NotImplementedError


def part(i: int, before: int, after: int) -> tuple[int, int]:
    """Where part i begins and ends (exclusive)."""
    return i * before // after, -(-(i + 1) * before // after)


def bounds_of_any(made: Nodes, axis: int, after: int) -> tuple[str, str, str]:
    """The nodes that give an axis' extent, and where its parts begin and end, as rows (1, parts)."""
    extent = made.put("Shape", "x0", start=axis, end=axis + 1)
    count = made.whole(f"parts{axis}", after)
    if after > LONGEST:
        begins = counted(made, after)
        behind = made.put("Add", begins, made.whole("one", 1))
    else:
        begins = made.constant(f"begins{axis}", OnnxConstant("int64", (1, after), tuple(range(after))))
        behind = made.constant(f"behind{axis}", OnnxConstant("int64", (1, after), tuple(range(1, after + 1))))
    begin = made.put("Div", made.put("Mul", begins, extent), count)
    up = made.put("Add", made.put("Mul", behind, extent), made.whole(f"up{axis}", after - 1))
    return extent, begin, made.put("Div", up, count)


def _are_regular(axes: tuple[tuple[int, int], ...]) -> bool:
    """Whether the parts are of one size and evenly spaced. With a remainder r of before / after they begin at
    i * q + floor(i * r / after), which for i < after is even only if r is 0 or 1."""
    return all(before >= after and before % after <= 1 for before, after in axes)


def _regular(before: int, after: int) -> Window:
    return Window(kernel=before // after + before % after, stride=before // after)


def _covered(before: int, after: int) -> int:
    """The sizes of all parts together: every pixel once, and once more where a part ends inside of it, which all do
    but those whose end (i + 1) * before / after is whole."""
    return before + after - gcd(before % after, after)
