"""The mean over a fixed number of parts of the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd, prod
from typing import TYPE_CHECKING, Any

from cnnspec.contract.facts import Cost, Example, Onnx, OnnxConstant, OnnxNode, Reach, Torch, Window
from cnnspec.contract.fields import positional, size
from cnnspec.contract.geometry import per_axis
from cnnspec.contract.layer import Layer, check_rank, spatial
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shape, Shapes, Sizes
from cnnspec.layers._windowed import compact

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("adaptive_avgpool")
class AdaptiveAvgPool(Layer):
    """Adaptive average pooling: a map of any size becomes one of a fixed size; each part is averaged.

        y[c, i] = mean of x[c, floor(i * H / H') .. ceil((i + 1) * H / H') - 1]

    Where H = q * H' + r with r = 0 or 1 it is an `avgpool` with kernel q + r and stride q; else the parts differ in
    size or spacing.

    Shapes: CxHxW -> C x to; CxL and CxDxHxW alike.
    Arguments: to (the size of the result: `6x6`, or `6` for every axis; larger than the map repeats its values).
    Parameters: none.
    Source: torch.nn.AdaptiveAvgPool2d. ONNX has none: GlobalAveragePool to 1x1, AveragePool where the parts are
        regular, else for each axis a product with a matrix of shares.
    """

    to: Sizes = positional(size("the size of the result"))

    ranks = (1, 2, 3)
    examples = (
        Example("adaptive_avgpool 6x6", ((2, 12, 18),)),
        Example("adaptive_avgpool 1", ((4, 5, 7),)),
        Example("adaptive_avgpool 6x7", ((2, 13, 7),)),
        Example("adaptive_avgpool 3x5", ((2, 8, 5),)),
        Example("adaptive_avgpool 7", ((2, 1, 3),)),
        Example("adaptive_avgpool 4", ((3, 10),)),
        Example("adaptive_avgpool 2x3x2", ((2, 4, 5, 3),)),
    )

    def axes(self, inputs: Shapes) -> tuple[tuple[int, int], ...]:
        """Extent before and after, per spatial axis."""
        before = spatial(inputs[0])
        return tuple(zip(before, per_axis(self.to, len(before), "to"), strict=True))

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        return (inputs[0][0], *(after for _, after in self.axes(inputs)))

    def cost(self, inputs: Shapes) -> Cost:
        """A part of n values takes n - 1 additions and a division."""
        return Cost(ops=inputs[0][0] * prod(_covered(before, after) for before, after in self.axes(inputs)))

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        axes = self.axes(inputs)
        return tuple(_regular(*axis) for axis in axes) if _are_regular(axes) else Reach.IRREGULAR

    def onnx(self, inputs: Shapes) -> Onnx:
        axes = self.axes(inputs)
        if all(before == after for before, after in axes):
            return Onnx(())
        if all(after == 1 for _, after in axes):
            return Onnx((OnnxNode("GlobalAveragePool"),))
        if not _are_regular(axes):
            return _products(axes)
        windows = [_regular(*axis) for axis in axes]
        kernel, strides = tuple(each.kernel for each in windows), tuple(each.stride for each in windows)
        return Onnx((OnnxNode("AveragePool", attributes={"kernel_shape": kernel, "strides": strides}),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        to = tuple(after for _, after in self.axes(inputs))
        return (Torch(f"nn.AdaptiveAvgPool{len(to)}d", {}, (compact(to),)),)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        result = arrays[0]
        for axis, (before, after) in enumerate(self.axes((result.shape[1:],)), start=2):
            means = [
                result.take(range(*_part(i, before, after)), axis=axis).mean(axis=axis, keepdims=True)
                for i in range(after)
            ]
            result = np.concatenate(means, axis=axis)
        return result


def _part(i: int, before: int, after: int) -> tuple[int, int]:
    """Where part i begins and ends (exclusive)."""
    return i * before // after, -(-(i + 1) * before // after)


def _are_regular(axes: tuple[tuple[int, int], ...]) -> bool:
    """Whether the parts are of one size and evenly spaced. With a remainder r of before / after they begin at
    i * q + floor(i * r / after), which for i < after is even only if r is 0 or 1."""
    return all(before >= after and before % after <= 1 for before, after in axes)


def _regular(before: int, after: int) -> Window:
    return Window(kernel=before // after + before % after, stride=before // after)


def _covered(before: int, after: int) -> int:
    """The sizes of all parts together: every pixel once, and once more where a part ends inside of it, which all do
    but those whose end (i + 1) * before / after is whole."""
    return before + after - gcd(before, after)


def _products(axes: tuple[tuple[int, int], ...]) -> Onnx:
    """Each axis in turn is brought to the end, multiplied by its matrix (before, after) of shares, and brought back."""
    nodes: list[OnnxNode] = []
    constants: dict[str, OnnxConstant] = {}
    value, last = "x0", len(axes) + 1
    for axis, (before, after) in enumerate(axes, start=2):
        if before == after:
            continue
        swap = [*range(last + 1)]
        swap[axis], swap[last] = swap[last], swap[axis]
        name = f"shares{axis}"
        constants[name] = OnnxConstant("float32", (before, after), _shares(before, after))
        steps: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [("MatMul", (name,), {})]
        if axis != last:
            steps = [("Transpose", (), {"perm": tuple(swap)}), *steps, ("Transpose", (), {"perm": tuple(swap)})]
        for op, more, attributes in steps:
            result = f"t_{len(nodes)}"
            nodes.append(OnnxNode(op, (value, *more), (result,), attributes))
            value = result
    nodes[-1] = nodes[-1]._replace(outputs=("y",))
    return Onnx(tuple(nodes), constants)


def _shares(before: int, after: int) -> tuple[float, ...]:
    parts = [_part(i, before, after) for i in range(after)]
    return tuple(1 / (end - begin) if begin <= pixel < end else 0.0 for pixel in range(before) for begin, end in parts)
