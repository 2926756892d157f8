"""Group normalization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Example, Onnx, OnnxConstant, Reach, Torch, Window
from cnnspec.contract.fields import count, flag, option, positional, real
from cnnspec.contract.layer import spatial
from cnnspec.contract.register import layer
from cnnspec.contract.values import Shape, Shapes, dress
from cnnspec.layers._groups import check_groups
from cnnspec.layers._nodes import Nodes
from cnnspec.layers._norm import SampleNorm

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


class ChannelGroups(SampleNorm):
    """Mean and variance of some channels over the whole map."""

    def groups_of(self, inputs: Shapes) -> int:
        """Into how many groups the channels fall."""
        raise NotImplementedError

    def parts(self, inputs: Shapes) -> int:
        return self.groups_of(inputs)

    def infer(self, inputs: Shapes) -> Shape:
        shape = super().infer(inputs)
        if prod(shape) == self.groups_of(inputs):
            raise LayerError(
                f"`{self.word}` of {dress(shape)} would take means of single values",
                notes=("a value less its own mean is 0, whatever it is",),
            )
        return shape

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Kept, MoreThan, Within, unchanged

        channels = Kept(0) if self.affine else Within(0, period=self.groups_of(inputs))
        return unchanged(inputs, channels, MoreThan(self.groups_of(inputs)))

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        return Reach.WHOLE

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import EVERY, grouped

        channels = inputs[0][0]
        return (grouped(self.groups_of(inputs), channels, channels), *(EVERY for _ in spatial(inputs[0])))

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        from cnnspec.contract.reference import normalise, per_channel

        x = arrays[0]
        parts = x.reshape(len(x), self.groups_of((x.shape[1:],)), -1)
        result = normalise(parts, (2,), self.eps).reshape(x.shape)
        if not self.affine:
            return result
        return result * per_channel(weights["weight"], x) + per_channel(weights["bias"], x)


@layer("groupnorm")
class GroupNorm(ChannelGroups):
    """Group normalization: over groups of channels.

        y[c, p] = (x[c, p] - mean[g]) / sqrt(var[g] + eps) * weight[c] + bias[c]
                  where c is in group g

    The channels fall into groups, and each group is shifted and scaled to mean 0 and variance 1 over the whole map,
    then each channel by learned numbers. It does not depend on the batch.

    Shapes: the result is as the input: CxHxW, CxL, CxDxHxW, or a vector of C.
    Arguments:
        groups: how many; must divide C
        eps: what keeps the root away from 0
        affine: whether weight and bias are learned
        init: what the factors begin with
    Parameters: 2 * C (none without affine).
    Source: Wu and He, Group Normalization, 2018. torch.nn.GroupNorm; ONNX InstanceNormalization of regrouped channels
        (GroupNormalization of opset 18 has a weight for each group, not for each channel).
    """

    groups: int = positional(count("the number of groups"))
    eps: float = option(real("eps", lambda value: value > 0, "more than 0"), 1e-5)
    affine: bool = option(flag("affine"), True)

    also = ("GroupNormalization", "gn")
    examples = (
        Example("groupnorm 2", ((4, 5, 6),)),
        Example("groupnorm 1 eps=0.1", ((3, 4, 4),)),
        Example("groupnorm 4 affine=no", ((4, 3, 2),)),
        Example("groupnorm 2", ((6, 7),)),
        Example("groupnorm 3", ((6, 2, 3, 2),)),
        Example("groupnorm 1", ((8,),)),
    )

    def groups_of(self, inputs: Shapes) -> int:
        return self.groups

    def infer(self, inputs: Shapes) -> Shape:
        check_groups(self.groups, {"channels": inputs[0][0]})
        return super().infer(inputs)

    def onnx(self, inputs: Shapes) -> Onnx:
        made, rank = Nodes(), len(spatial(inputs[0]))
        ones = made.constant("ones", OnnxConstant("float32", (self.groups,), (1.0,) * self.groups))
        zeros = made.constant("zeros", OnnxConstant("float32", (self.groups,), (0.0,) * self.groups))
        value = made.put("Reshape", "x0", made.ints("groups", 0, self.groups, -1))
        value = made.put("InstanceNormalization", value, ones, zeros, epsilon=self.eps)
        value = made.put("Reshape", value, made.put("Shape", "x0"))
        if self.affine:
            value = made.put("Mul", value, made.column("weight", rank))
            made.put("Add", value, made.column("bias", rank))
        return made.onnx()

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        given: dict[str, Any] = {"eps": self.eps, "affine": self.affine}
        arguments = {name: value for name, value in given.items() if value != self.fields[name].default}
        return (Torch("nn.GroupNorm", arguments, (self.groups, inputs[0][0])),)
