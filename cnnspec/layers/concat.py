"""Branches one behind the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Equation, Example, Formula, Onnx, OnnxNode, Reach, Torch, Window
from cnnspec.contract.layer import spatial
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import letters
from cnnspec.contract.values import Shape, Shapes, dress
from cnnspec.layers._merge import Merge, agreements

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


@layer("concat")
class Concat(Merge):
    """Concatenation: the branches' channels, in their order.

        y = x0's channels, then x1's, …

    Shapes: all branches have the same spatial size; the channels add up. Vectors are put one behind the other.
    Arguments: none.
    Parameters: none.
    Source: Szegedy et al., Going Deeper with Convolutions, 2014. torch.cat, ONNX Concat (axis 1).
    """

    keeps_bounds = True
    also = ("cat", "Concatenate", "merge", "join")
    examples = (
        Example("concat { @x0 | @x1 }", ((3, 4, 5), (2, 4, 5))),
        Example("concat { @x0 | @x1 | @x2 }", ((2, 7), (1, 7), (3, 7))),
        Example("concat { @x0 | @x1 }", ((6,), (4,))),
        Example("concat { @x0 | @x1 }", ((2, 3, 4, 2), (1, 3, 4, 2))),
        Example("concat { @x0 }", ((3, 4, 4),)),
    )

    def joined(self, inputs: Shapes) -> Shape:
        first = inputs[0]
        for place, shape in enumerate(inputs):
            if len(shape) != len(first):
                raise LayerError(f"cannot concatenate {dress(first)} and {dress(shape)}", about=place)
            if spatial(shape) != spatial(first):
                raise LayerError(
                    f"concat needs equal sizes: {dress(spatial(first))} and {dress(spatial(shape))}",
                    about=place,
                    label="the branches must agree",
                    repairs=agreements(0, place, inputs, with_channels=False),
                )
        return (sum(shape[0] for shape in inputs), *spatial(first))

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Equal, Of, Sizing, Total

        axes = range(1, len(inputs[0]))
        needs = tuple(Equal(axis, place) for place in range(1, len(inputs)) for axis in axes)
        return Sizing((Total(0), *map(Of, axes)), needs)

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        channel = letters(inputs[0])[0]
        parts = {f"{channel}_{place}": shape[0] for place, shape in enumerate(inputs, start=1)}
        return (Equation(f"{channel}'", Formula(" + ".join(parts), parts)),) if len(inputs) > 1 else ()

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        """Each channel is one of one operand."""
        from cnnspec.contract.reads import by_window, through

        shape, before = inputs[operand], sum(each[0] for each in inputs[:operand])
        channels = through(0, Window(pad=before), shape[0], sum(each[0] for each in inputs))
        return by_window(Reach.POINTWISE, shape, shape, channels)

    def onnx(self, inputs: Shapes) -> Onnx:
        if len(inputs) == 1:
            return Onnx(())
        operands = tuple(f"x{place}" for place in range(len(inputs)))
        return Onnx((OnnxNode("Concat", operands, attributes={"axis": 1}),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        return (Torch("torch.cat", {"dim": 1}, takes_list=True),) if len(inputs) > 1 else ()

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        return np.concatenate(arrays, axis=1)
