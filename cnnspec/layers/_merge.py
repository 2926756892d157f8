"""The family of layers that make one value of several branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, ClassVar

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Chapter, Cost, Formula, Onnx, OnnxNode, Share, Torch
from cnnspec.contract.geometry import Slide
from cnnspec.contract.layer import ANY, Layer, check_rank
from cnnspec.contract.repairs import Before, Repair
from cnnspec.contract.symbols import values_of
from cnnspec.contract.values import Shape, Shapes, dress

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.sizing import Sizing


class Merge(Layer):
    """Takes a body of branches. A merge of one branch is that branch."""

    chapter = Chapter.MERGES
    arity = (1, ANY)
    merges = True

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        return self.joined(inputs)

    def joined(self, inputs: Shapes) -> Shape:
        """The result's shape; LayerError about the first operand that does not agree with those before it."""
        raise NotImplementedError


class Elementwise(Merge):
    """Joins its operands value by value with one operator, from the first to the last."""

    onnx_op: ClassVar[str] = ""
    operator: ClassVar[str] = ""
    operation: ClassVar[str] = ""  # what makes one value of two, by its key in texts/

    def onnx(self, inputs: Shapes) -> Onnx:
        """A chain of nodes with two operands each, as runtimes fuse those and broadcast them alike."""
        nodes: list[OnnxNode] = []
        value = "x0"
        for place in range(1, len(inputs)):
            result = "y" if place == len(inputs) - 1 else f"t_{place}"
            nodes.append(OnnxNode(self.onnx_op, (value, f"x{place}"), (result,)))
            value = result
        return Onnx(tuple(nodes))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch(self.operator),) if len(inputs) > 1 else ()

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        result = arrays[0]
        for each in arrays[1:]:
            result = self.combine(result, each)
        return result

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        values = {"b": len(inputs), **values_of(self.joined(inputs))}
        return (Share(self.operation, Formula("(b - 1)*E", values)),)

    def combine(self, one: Array, other: Array) -> Array:
        raise NotImplementedError


class Equal(Elementwise):
    """Elementwise, of branches of one shape; nothing is broadcast."""

    verb: ClassVar[str] = ""

    def joined(self, inputs: Shapes) -> Shape:
        for place, shape in enumerate(inputs):
            if shape != inputs[0]:
                raise LayerError(
                    f"cannot {self.verb} tensors of different shapes: {dress(inputs[0])} and {dress(shape)}",
                    about=place,
                    label="the branches must agree",
                    repairs=agreements(0, place, inputs, with_channels=True),
                )
        return inputs[0]

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Equal as OfOneSize
        from cnnspec.contract.sizing import Of, Sizing

        axes = range(len(inputs[0]))
        needs = tuple(OfOneSize(axis, place) for place in range(1, len(inputs)) for axis in axes)
        return Sizing(tuple(map(Of, axes)), needs)

    def cost(self, inputs: Shapes) -> Cost:
        """n branches take n - 1 operations a value."""
        return Cost(ops=(len(inputs) - 1) * prod(inputs[0]))


def agreements(one: int, other: int, inputs: Shapes, *, with_channels: bool) -> tuple[Repair, ...]:
    """Steps that bring one of two operands to the other's extents, and to its channels where those must agree."""
    found: list[Repair] = []
    for have, want in ((other, one), (one, other)):
        shape, goal = inputs[have], inputs[want]
        if len(shape) != len(goal) or len(goal) == 1:
            continue
        if not with_channels:
            goal = (shape[0], *goal[1:])
        if shape[0] != goal[0]:
            step = _projection(shape, goal)
            found += [Before(step, have, f"project {dress(shape)} to {dress(goal)}")] if step else []
        elif all(w >= h for w, h in zip(shape[1:], goal[1:], strict=True)):
            window = _tiling(shape, goal)
            found += [Before(f"maxpool {window}", have)] if window else []
            found.append(Before("crop {size}", have, extents_of=want))
        else:
            found.append(Before("upsample {size}", have, extents_of=want))
    return tuple(found)


def _tiling(shape: Shape, goal: Shape) -> str | None:
    """The window that makes exactly one value of each of its places, if there is one."""
    pairs = list(zip(shape[1:], goal[1:], strict=True))
    return "x".join(str(w // h) for w, h in pairs) if all(w % h == 0 for w, h in pairs) else None


def _projection(shortcut: Shape, branch: Shape) -> str | None:
    """The 1x1 convolution that brings one map to the other's shape; a stride makes it smaller, nothing larger."""
    strides = []
    for have, want in zip(shortcut[1:], branch[1:], strict=True):
        if not want <= have:
            return None
        stride = -(-have // want)
        if Slide(have, 1, stride).extent != want:
            return None
        strides.append(stride)
    kernel = "x".join("1" * len(strides))
    step = "" if set(strides) == {1} else f" /{strides[0] if len(set(strides)) == 1 else dress(tuple(strides))}"
    return f"conv {kernel} {branch[0]}{step} pad=0"
