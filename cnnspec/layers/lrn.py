"""Local response normalization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.facts import (
    Chapter,
    Cost,
    Example,
    Formula,
    Onnx,
    OnnxConstant,
    OnnxNode,
    Reach,
    Share,
    Torch,
    Window,
)
from cnnspec.contract.fields import Kind, count, option, positional, real
from cnnspec.contract.layer import Layer, check_rank
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import values_of
from cnnspec.contract.values import Shape, Shapes, Value

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


def _odd(what: str) -> Kind:
    whole = count(what)

    def make(value: Value) -> int:
        made: int = whole.make(value)
        if made % 2 == 0:
            raise ArgumentError(
                f"{what} must be odd, got {made}",
                hint=f"torch and ONNX lean an even number to different sides; use {made - 1} or {made + 1}",
            )
        return made

    return Kind("an odd whole number", make, what=what)


def _positive(what: str) -> Kind:
    """onnxruntime refuses the file otherwise."""
    return real(what, lambda value: value > 0, "more than 0")


@layer("lrn")
class LocalResponseNorm(Layer):
    """Local response normalization: over neighbouring channels.

        y[c] = x[c] / (k + alpha / size * sum of x[j]^2) ^ beta
               over |j - c| <= (size - 1) / 2

    Each value is divided by what its neighbours in depth amount to. As in torch and ONNX, alpha is divided by size; the
    paper's 1e-4 with 5 channels is 5e-4 here.

    Shapes: the result is as the input: CxHxW, CxL or CxDxHxW.
    Arguments:
        size: how many channels are neighbours, itself among them
        alpha: the weight of their squares
        beta: the power of the divisor
        k: what is added to the sum of squares, so that nothing is divided by 0
    Parameters: none.
    Source: Krizhevsky et al., ImageNet Classification, 2012, section 3.3. torch.nn.LocalResponseNorm, ONNX LRN.
    """

    size: int = positional(_odd("the number of channels that it looks at"))
    alpha: float = option(_positive("alpha"), 1e-4)
    beta: float = option(_positive("beta"), 0.75)
    k: float = option(_positive("k"), 1.0)

    chapter = Chapter.NORMS
    ranks = (1, 2, 3)
    also = ("LocalResponseNorm", "local_response_normalization")
    examples = (
        Example("lrn 5", ((8, 4, 5),)),
        Example("lrn 3 alpha=0.5 beta=0.6 k=2", ((6, 3, 4),)),
        Example("lrn 7 alpha=2", ((4, 3, 3),)),
        Example("lrn 3 alpha=0.3", ((5, 7),)),
        Example("lrn 3 alpha=0.3", ((4, 2, 3, 4),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        return inputs[0]

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import unchanged

        return unchanged(inputs)

    def cost(self, inputs: Shapes) -> Cost:
        """A value takes a square, size - 1 additions, a factor, the addition of k, a power and a division."""
        return Cost(ops=prod(inputs[0]) * (self.size + 4))

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        values = values_of(inputs[0])
        each = Formula("E", values)
        return (
            Share("square", each),
            Share("addition", Formula("E*(s - 1) + E", {**values, "s": self.size})),
            Share("multiplication", each),
            Share("power", each),
            Share("division", each),
        )

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import by_window, through

        channels = inputs[0][0]
        near = through(0, Window(kernel=self.size, pad=self.size // 2), channels, channels)
        return by_window(Reach.POINTWISE, inputs[0], inputs[0], near)

    def onnx(self, inputs: Shapes) -> Onnx:
        attributes = {"size": self.size, "alpha": self.alpha, "beta": self.beta, "bias": self.k}
        rank = len(inputs[0]) - 1
        if rank == 2:
            return Onnx((OnnxNode("LRN", attributes=attributes),))
        # onnxruntime has it for two spatial axes only; it looks along the channels, so the others may be regrouped.
        planar = OnnxConstant("int64", (4,), (0, 0, 1, -1) if rank == 1 else (0, 0, 0, -1))
        nodes = (
            OnnxNode("Shape", ("x0",), ("t_shape",)),
            OnnxNode("Reshape", ("x0", "planar"), ("t_planar",)),
            OnnxNode("LRN", ("t_planar",), ("t_result",), attributes),
            OnnxNode("Reshape", ("t_result", "t_shape")),
        )
        return Onnx(nodes, {"planar": planar})

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        given: dict[str, Any] = {"alpha": self.alpha, "beta": self.beta, "k": self.k}
        arguments = {name: value for name, value in given.items() if value != self.fields[name].default}
        norm = Torch("nn.LocalResponseNorm", arguments, (self.size,))
        # Of volumes torch takes a view, which fails behind a permute.
        return (norm,) if len(inputs[0]) < 4 else (Torch("torch.Tensor.contiguous"), norm)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        x, half = arrays[0], self.size // 2
        near = [x[:, max(c - half, 0) : c + half + 1] for c in range(x.shape[1])]
        amount = np.stack([(each**2).sum(axis=1) for each in near], axis=1)
        result: Array = x / (self.k + self.alpha / self.size * amount) ** self.beta
        return result
