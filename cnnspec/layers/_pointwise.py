"""The family of layers that take each value by itself."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar

from cnnspec.contract.facts import Chapter, Cost, Onnx, OnnxNode, Torch
from cnnspec.contract.layer import Layer, check_rank
from cnnspec.contract.values import Shape, Shapes

if TYPE_CHECKING:
    from cnnspec.contract.sizing import Sizing


class Pointwise(Layer):
    """y = f(x), value by value; the shape stays. `operations` are what one value takes."""

    operations: ClassVar[int] = 1
    onnx_op: ClassVar[str] = ""
    torch_module: ClassVar[str] = ""

    chapter = Chapter.ACTIVATIONS

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        return inputs[0]

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import unchanged

        return unchanged(inputs)

    def cost(self, inputs: Shapes) -> Cost:
        return Cost(ops=self.operations * prod(inputs[0]))

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx((OnnxNode(self.onnx_op),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch(self.torch_module),)
