"""The absolute value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.contract.facts import POSITIVE, Example
from cnnspec.contract.register import layer
from cnnspec.layers._pointwise import Pointwise

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("abs")
class Abs(Pointwise):
    """Absolute value: what is negative changes its sign.

        y = |x|

    Behind `sub` it is the distance of two towers.

    Shapes: the result is as the input, of any rank.
    Arguments: none.
    Parameters: none.
    Source: Jarrett et al., What is the Best Multi-Stage Architecture for Object Recognition?, 2009; in siamese networks
        Koch et al., 2015. torch.abs, ONNX Abs.
    """

    bounds = spares = POSITIVE
    operations = ("absolute",)
    onnx_op = "Abs"
    torch_module = "torch.abs"
    also = ("Absolute",)
    examples = (
        Example("abs", ((3, 4, 5),)),
        Example("abs", ((10,),)),
        Example("abs", ((4, 9),)),
        Example("abs", ((2, 3, 4, 5),)),
    )

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        result: Array = np.abs(arrays[0])
        return result
