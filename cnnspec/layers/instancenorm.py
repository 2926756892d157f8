"""Instance normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.contract.facts import Example, Onnx, OnnxConstant, OnnxNode, Torch
from cnnspec.contract.fields import flag, option, real
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shapes
from cnnspec.layers.groupnorm import ChannelGroups

if TYPE_CHECKING:
    from cnnspec.contract.sizing import Sizing


@layer("instancenorm")
class InstanceNorm(ChannelGroups):
    """Instance normalization: each channel of each sample.

        y[c, p] = (x[c, p] - mean[c]) / sqrt(var[c] + eps)
                  and * weight[c] + bias[c] with affine

    Each channel of each sample is shifted and scaled to mean 0 and variance 1 over its map, at inference too (no
    running ones, as torch's default).

    Shapes: the result is as the input: CxHxW, CxL or CxDxHxW, with more than one position.
    Arguments:
        eps: what keeps the root away from 0
        affine: whether weight and bias are learned; not unless said, as in torch
        init: what the factors begin with
    Parameters: none; 2 * C with affine.
    Source: Ulyanov et al., Instance Normalization, 2016. torch.nn.InstanceNorm2d, ONNX InstanceNormalization.
    """

    eps: float = option(real("eps", lambda value: value > 0, "more than 0"), 1e-5)
    affine: bool = option(flag("affine"), False)

    ranks = (1, 2, 3)
    also = ("InstanceNorm2d", "InstanceNormalization")
    examples = (
        Example("instancenorm", ((3, 4, 5),)),
        Example("instancenorm affine=yes eps=0.1", ((4, 3, 5),)),
        Example("instancenorm affine=yes", ((3, 8),)),
        Example("instancenorm", ((2, 3, 2, 4),)),
    )

    def groups_of(self, inputs: Shapes) -> int:
        return inputs[0][0]

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Kept, MoreThan, unchanged

        return unchanged(inputs, *((Kept(0),) if self.affine else ()), MoreThan(1, first=1))

    def onnx(self, inputs: Shapes) -> Onnx:
        channels = inputs[0][0]
        constants: dict[str, OnnxConstant] = {}
        learned: tuple[str, str] = ("weight", "bias")
        if not self.affine:
            learned = ("ones", "zeros")
            constants["ones"] = OnnxConstant("float32", (channels,), (1.0,) * channels)
            constants["zeros"] = OnnxConstant("float32", (channels,), (0.0,) * channels)
        node = OnnxNode("InstanceNormalization", ("x0", *learned), attributes={"epsilon": self.eps})
        return Onnx((node,), constants)

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        given: dict[str, Any] = {"eps": self.eps, "affine": self.affine}
        arguments = {name: value for name, value in given.items() if value != self.fields[name].default}
        return (Torch(f"nn.InstanceNorm{len(inputs[0]) - 1}d", arguments, (inputs[0][0],)),)
