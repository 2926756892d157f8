"""The family of layers that take each value by itself."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar

from cnnspec.contract.facts import Chapter, Cost, Formula, Onnx, OnnxNode, Share, Torch
from cnnspec.contract.layer import Layer, check_rank
from cnnspec.contract.symbols import values_of
from cnnspec.contract.values import Shape, Shapes

if TYPE_CHECKING:
    from cnnspec.contract.sizing import Sizing


class Pointwise(Layer):
    """y = f(x), value by value; the shape stays. `operations` are what one value takes, by their keys in texts/."""

    operations: ClassVar[tuple[str, ...]]
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
        return Cost(ops=len(self.operations_of_value()) * prod(inputs[0]))

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        values, all_of = values_of(inputs[0]), self.operations_of_value()
        times = {kind: all_of.count(kind) for kind in all_of}
        return tuple(Share(kind, Formula(f"{n}*E" if n > 1 else "E", values)) for kind, n in times.items())

    def operations_of_value(self) -> tuple[str, ...]:
        """For layers whose arguments say how a value is worked out."""
        return self.operations

    def onnx(self, inputs: Shapes) -> Onnx:
        return Onnx((OnnxNode(self.onnx_op),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch(self.torch_module),)
