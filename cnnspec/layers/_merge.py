"""The family of layers that make one value of several branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from cnnspec.contract.facts import Onnx, OnnxNode, Torch
from cnnspec.contract.layer import ANY, Layer, check_rank
from cnnspec.contract.values import Shape, Shapes

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


class Merge(Layer):
    """Takes a body of branches. A merge of one branch is that branch."""

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

    def combine(self, one: Array, other: Array) -> Array:
        raise NotImplementedError
