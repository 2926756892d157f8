"""The transposed convolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from cnnspec.contract.facts import (
    Chapter,
    Cost,
    Equation,
    Example,
    Formula,
    Onnx,
    OnnxNode,
    Reach,
    Share,
    Torch,
    Weight,
    Window,
)
from cnnspec.contract.fields import count, option, padding, positional, size
from cnnspec.contract.geometry import check_kernel
from cnnspec.contract.layer import check_rank, spatial
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import letters, taps, values_of
from cnnspec.contract.transposed import Spread, check_spreads, spread_equation, spread_pad_equation, spreads
from cnnspec.contract.values import Pad, Shape, Shapes, Sizes
from cnnspec.layers._groups import check_groups
from cnnspec.layers._weighted import Weighted
from cnnspec.layers._windowed import compact, torch_pads

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


@layer("conv_transpose")
class ConvTranspose(Weighted):
    """Transposed convolution: makes maps larger, by the stride.

        y[m, p] = bias[m] + sum over c, q, k of weight[c, m, k] * x[c, q]
                            where q * stride - pad + k * dilation = p

    Each value is spread over a kernel's width, and what falls on one place is added up; its backward pass is a
    convolution. Several sizes lead to one under a convolution with stride; `output_pad` says which of them comes back.

    Shapes: CxHxW -> channels x H' x W' with H' = (H - 1) S - 2P + D (F - 1) + output_pad + 1; CxL and CxDxHxW alike.
    Arguments:
        kernel: the size F over which a value is spread: `4x4`, or `4` for every axis
        channels: the number of channels of the result
        stride: from where one value is spread to where the next one is: `/2`
        pad: what is cut off: `1`, `1x2` per axis, `0,0,1,1` begins then ends, `same`; `same_upper` and `same_lower`
            make `H * S` of H
        output_pad: results that are kept beyond the end, fewer than the stride
        dilation: from one tap of the kernel to the next
        groups: the channels fall into so many parts that do not see each other
        bias: whether a learned number is added to each channel
        init: what the weights begin with
    Parameters: C * channels / groups * F * F, and channels for the bias.
    Source: Zeiler et al., Deconvolutional Networks, 2010; Dumoulin and Visin, A guide to convolution arithmetic, 2016.
        torch.nn.ConvTranspose2d, ONNX ConvTranspose.
    """

    kernel: Sizes = positional(size("the kernel"))
    channels: int = positional(count("the number of channels"))
    stride: Sizes = option(size("the stride"), 1, slash=True)
    pad: Pad = option(padding(), 0, shapes=True)
    output_pad: Sizes = option(size("the output padding", 0), 0, shapes=True)
    dilation: Sizes = option(size("the dilation"), 1, shapes=True)
    groups: int = option(count("the number of groups"), 1)

    chapter = Chapter.CONVOLUTIONS
    ranks = (1, 2, 3)
    also = ("ConvTranspose2d", "Conv2DTranspose", "Deconvolution", "deconv", "transposed_conv", "upconv")
    examples = (
        Example("conv_transpose 4x4 3 /2 pad=1", ((2, 4, 5),)),
        Example("conv_transpose 2x2 4 /2", ((3, 4, 3),)),
        Example("conv_transpose 3x3 4 /2 pad=1 output_pad=1", ((2, 4, 5),)),
        Example("conv_transpose 3x2 6 groups=2 bias=no", ((4, 4, 5),)),
        Example("conv_transpose 2x3 2 /3x1 pad=0,1,1,0 output_pad=2x0", ((2, 3, 4),)),
        Example("conv_transpose 3 2 pad=2 dilation=2", ((2, 5, 4),)),
        Example("conv_transpose 5x4 2 /2 pad=same_upper", ((2, 3, 4),)),
        Example("conv_transpose 5 2 /2 pad=same_lower", ((3, 5),)),
        Example("conv_transpose 5 2 pad=same", ((3, 6),)),
        Example("conv_transpose 3 2 /2 dilation=3 output_pad=1", ((2, 4),)),
        Example("conv_transpose 4x4 3 bias=no", ((4, 1, 1),)),
        Example("conv_transpose 2 2 /1x2x1", ((2, 2, 3, 2),)),
    )

    def spreads(self, inputs: Shapes) -> tuple[Spread, ...]:
        """The transposed window on every spatial axis of this input."""
        return spreads(spatial(inputs[0]), self.kernel, self.stride, self.pad, self.dilation, self.output_pad)

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        check_kernel(self.kernel, inputs[0])
        windows = self.spreads(inputs)
        check_spreads(windows)
        check_groups(self.groups, {"input channels": inputs[0][0], "output channels": self.channels})
        return (self.channels, *(each.extent for each in windows))

    def sizing(self, inputs: Shapes) -> Sizing | None:
        """Under `same_upper` and `same_lower` what is cut off is the same at every size, too."""
        from cnnspec.contract.sizing import Kept, Of, Sizing, Within

        windows = self.spreads(inputs)
        more = [each.extent - each.stride * each.size for each in windows]
        spread = list(enumerate(zip(windows, more, strict=True), start=1))
        axes = (Of(axis, times=each.stride, plus=plus) for axis, (each, plus) in spread)
        needs = (Within(axis, start=max(1, -((plus - 1) // each.stride))) for axis, (each, plus) in spread)
        return Sizing((self.channels, *axes), (Kept(0), *needs))

    def worked(self, inputs: Shapes) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.worked() for each in self.spreads(inputs)))

    def weights(self, inputs: Shapes) -> tuple[Weight, ...]:
        shape = (inputs[0][0], self.channels // self.groups, *(each.kernel for each in self.spreads(inputs)))
        return self.drawn(shape, self.channels)

    def cost(self, inputs: Shapes) -> Cost:
        """Each value takes one multiply-add per weight that it is spread by, also where the result is cut off; a bias
        is one addition a result."""
        fan_out = prod(self.weights(inputs)[0].shape[1:])
        return Cost(macs=prod(inputs[0]) * fan_out, ops=prod(self.infer(inputs)) if self.bias else 0)

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        """Without a stride it is a convolution by the flipped kernel, padded by its reach less 1. With one, a result
        sees values 1 / stride apart, and how many depends on where it stands."""
        windows = self.spreads(inputs)
        if any(each.stride > 1 for each in windows):
            return Reach.IRREGULAR
        return tuple(Window(each.kernel, 1, each.reach - 1 - each.pad_begin, each.dilation) for each in windows)

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        found = [Equation("C'", Formula("K", {"K": self.channels}))]
        for axis, spread in zip(letters(inputs[0])[1:], self.spreads(inputs), strict=True):
            padded = [spread_pad_equation(self.pad, axis, spread)] if isinstance(self.pad, str) else []
            found += [each for each in (*padded, spread_equation(axis, spread)) if each not in found]
        return tuple(found)

    def of_a_channel(self, inputs: Shapes) -> Formula:
        """By how many weights one value of the input is spread."""
        window, sides = taps(tuple(each.kernel for each in self.spreads(inputs)))
        going, parts = self._going()
        return Formula(f"{window}*{going}", {**sides, **parts})

    def _going(self) -> tuple[str, dict[str, int]]:
        """How many channels of the result a channel of the input goes to."""
        if self.groups == 1:
            return "K", {"K": self.channels}
        return "(K / G)", {"K": self.channels, "G": self.groups}

    def counts(self, inputs: Shapes) -> Mapping[str, Formula]:
        window, sides = taps(tuple(each.kernel for each in self.spreads(inputs)))
        going, parts = self._going()
        weight = Formula(f"{window}*C*{going}", {**sides, "C": inputs[0][0], **parts})
        return {"weight": weight, "bias": Formula("K", {"K": self.channels})}

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        one, results = self.of_a_channel(inputs), values_of(self.infer(inputs))
        macs = Share("mac", Formula(f"X*{one.text}", {"X": prod(inputs[0]), **one.values}))
        return (macs, Share("addition", Formula("E", results))) if self.bias else (macs,)

    def instead(self, inputs: Shapes) -> Mapping[str, Formula]:
        """Without shared weights each value that comes in has weights of its own."""
        one, whole = self.of_a_channel(inputs), {"X": prod(inputs[0]), **values_of(self.infer(inputs))}
        more, biases = (" + E", " + K") if self.bias else ("", "")
        values = {**whole, **one.values}
        found = {"unshared": Formula(f"X*{one.text}{more}", values), "dense": Formula(f"X*E{more}", whole)}
        if self.groups > 1:
            window, sides = taps(tuple(each.kernel for each in self.spreads(inputs)))
            each = {"C": inputs[0][0], "K": self.channels}
            found["ungrouped"] = Formula(f"{window}*C*K{biases}", {**sides, **each})
        return found

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import Along, grouped

        axes = enumerate(self.spreads(inputs), start=1)
        spatial = (Along(axis, tuple(each.sources(at) for at in range(each.extent))) for axis, each in axes)
        return (grouped(self.groups, inputs[0][0], self.channels), *spatial)

    def onnx(self, inputs: Shapes) -> Onnx:
        windows = self.spreads(inputs)
        attributes: dict[str, Any] = {
            "kernel_shape": tuple(each.kernel for each in windows),
            "strides": tuple(each.stride for each in windows),
            "pads": (*(each.pad_begin for each in windows), *(each.pad_end for each in windows)),
            "dilations": tuple(each.dilation for each in windows),
            "output_padding": tuple(each.output_pad for each in windows),
            "group": self.groups,
        }
        operands = ("x0", "weight", "bias") if self.bias else ("x0", "weight")
        return Onnx((OnnxNode("ConvTranspose", operands, attributes=attributes),))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        windows = self.spreads(inputs)
        symmetric = all(each.pad_begin == each.pad_end for each in windows)
        given = {
            "stride": (tuple(each.stride for each in windows), 1),
            "padding": (tuple(each.pad_begin if symmetric else 0 for each in windows), 0),
            "output_padding": (tuple(each.output_pad for each in windows), 0),
            "dilation": (tuple(each.dilation for each in windows), 1),
        }
        arguments: dict[str, Any] = {"kernel_size": compact(tuple(each.kernel for each in windows))}
        arguments |= {name: compact(sizes) for name, (sizes, default) in given.items() if set(sizes) != {default}}
        if self.groups != 1:
            arguments["groups"] = self.groups
        if not self.bias:
            arguments["bias"] = False
        module = Torch(f"nn.ConvTranspose{len(windows)}d", arguments, (inputs[0][0], self.channels))
        if symmetric:
            return (module,)
        cuts = torch_pads([(-each.pad_begin, -each.pad_end) for each in windows])
        return module, Torch("F.pad", {}, (cuts,))

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        from cnnspec.contract.reference import spread

        windows = self.spreads((arrays[0].shape[1:],))
        return spread(arrays[0], weights["weight"], weights.get("bias"), windows, self.groups)
