"""The convolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from cnnspec.contract.facts import Chapter, Cost, Equation, Example, Formula, Onnx, OnnxNode, Share, Torch, Weight
from cnnspec.contract.fields import count, option, padding, positional, size
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import taps, values_of
from cnnspec.contract.values import Pad, Shape, Shapes, Sizes
from cnnspec.layers._groups import check_groups
from cnnspec.layers._weighted import Weighted
from cnnspec.layers._windowed import (
    Windowed,
    is_symmetric,
    kernel_of,
    onnx_window,
    open_window,
    torch_pad,
    torch_window,
)

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array
    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing


class Convolution(Windowed, Weighted):
    """What convolutions share: filters (out, in / groups, kernel) and a bias (out)."""

    chapter = Chapter.CONVOLUTIONS
    multiplies_padding = True

    def channels_and_groups(self, inputs: Shapes) -> tuple[int, int]:
        """How many filters there are, and into how many groups the channels fall."""
        raise NotImplementedError

    def infer(self, inputs: Shapes) -> Shape:
        return (self.channels_and_groups(inputs)[0], *self.infer_spatial(inputs))

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Kept, Sizing

        axes, needs = self.axes_slid(inputs)
        return Sizing((self.channels_and_groups(inputs)[0], *axes), (Kept(0), *needs))

    def weights(self, inputs: Shapes) -> tuple[Weight, ...]:
        channels, groups = self.channels_and_groups(inputs)
        return self.drawn((channels, inputs[0][0] // groups, *kernel_of(self.slides(inputs))), channels)

    def cost(self, inputs: Shapes) -> Cost:
        """Each result takes one multiply-add per weight of its filter, also over padding; a bias is one addition."""
        elements = prod(self.infer(inputs))
        fan_in = prod(self.weights(inputs)[0].shape[1:])
        return Cost(macs=elements * fan_in, ops=elements if self.bias else 0)

    def filters(self, inputs: Shapes) -> Formula:
        """How many there are."""
        return Formula("K", {"K": self.channels_and_groups(inputs)[0]})

    def of_a_filter(self, inputs: Shapes) -> Formula:
        """How many weights one filter has."""
        window, sides = taps(kernel_of(self.slides(inputs)))
        groups = self.channels_and_groups(inputs)[1]
        entering = {"C": inputs[0][0]}
        if groups == 1:
            return Formula(f"{window}*C", {**sides, **entering})
        return Formula(f"{window}*(C / G)", {**sides, **entering, "G": groups})

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        return (Equation("C'", self.filters(inputs)), *super().equations(inputs))

    def counts(self, inputs: Shapes) -> Mapping[str, Formula]:
        one, filters = self.of_a_filter(inputs), self.filters(inputs)
        return {"weight": Formula(f"{one.text}*{filters.text}", {**one.values, **filters.values}), "bias": filters}

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        one, results = self.of_a_filter(inputs), values_of(self.infer(inputs))
        macs = Share("mac", Formula(f"E*{one.text}", {**results, **one.values}))
        return (macs, Share("addition", Formula("E", results))) if self.bias else (macs,)

    def instead(self, inputs: Shapes) -> Mapping[str, Formula]:
        """Without shared weights each result has a filter of its own; t kernels of 3 in a row see as much."""
        windows, (channels, groups) = self.slides(inputs), self.channels_and_groups(inputs)
        one, results, kernel = self.of_a_filter(inputs), values_of(self.infer(inputs)), kernel_of(windows)
        each, whole = {"C": inputs[0][0], "K": channels}, {"X": prod(inputs[0]), **results}
        window, sides = taps(kernel)
        more, biases = (" + E", " + K") if self.bias else ("", "")
        found = {
            "unshared": Formula(f"E*{one.text}{more}", {**results, **one.values}),
            "dense": Formula(f"X*E{more}", whole),
        }
        if groups > 1:
            found["ungrouped"] = Formula(f"{window}*C*K{biases}", {**sides, **each})
        elif prod(kernel) > 1 and inputs[0][0] > 1:
            found["separable"] = Formula(f"{window}*C + C*K{biases}", {**sides, **each})
        if groups == 1 and len(set(kernel)) == 1 and kernel[0] > 3 and kernel[0] % 2:
            small = "*".join("3" * len(kernel))
            stack = {**each, "t": kernel[0] // 2}
            more = " + t*K" if self.bias else ""
            found["stacked"] = Formula(f"{small}*C*K + (t - 1)*{small}*K*K{more}", stack)
            found["stacked-share"] = Formula(f"(t*{small}) / ({window})", {**sides, "t": kernel[0] // 2})
        return found

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        from cnnspec.contract.reads import by_window, grouped

        channels, groups = self.channels_and_groups(inputs)
        within = grouped(groups, inputs[0][0], channels)
        return by_window(self.window(inputs), inputs[0], self.infer(inputs), within)

    def onnx(self, inputs: Shapes) -> Onnx:
        operands = ("x0", "weight", "bias") if self.bias else ("x0", "weight")
        windows, group = self.slides(inputs), {"group": self.channels_and_groups(inputs)[1]}
        node = OnnxNode("Conv", operands, attributes={**onnx_window(windows), **group})
        attributes = open_window(self.pad, windows)
        if attributes is None:
            return Onnx((node,))
        return Onnx((node,), open=Onnx((node._replace(attributes={**attributes, **group}),)))

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        windows = self.slides(inputs)
        channels, groups = self.channels_and_groups(inputs)
        symmetric = is_symmetric(windows)
        arguments: dict[str, Any] = torch_window(windows, padded=not symmetric)
        if groups != 1:
            arguments["groups"] = groups
        if not self.bias:
            arguments["bias"] = False
        module = Torch(f"nn.Conv{len(windows)}d", arguments, (inputs[0][0], channels))
        return (module,) if symmetric else (torch_pad(windows), module)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        from cnnspec.contract.reference import convolve

        inputs = (arrays[0].shape[1:],)
        groups = self.channels_and_groups(inputs)[1]
        return convolve(arrays[0], weights["weight"], weights.get("bias"), self.slides(inputs), groups)


@layer("conv")
class Conv(Convolution):
    """Convolution: filters slide over the map, in all channels.

        y[m, p] = bias[m] + sum over c, k of weight[m, c, k]
                                             * x[c, p * stride - pad + k * dilation]

    Each filter gives the weighted sum of what its window sees. It is not flipped (a cross-correlation), as everywhere
    in deep learning. The 1-D and 3-D forms are the same over other axes.

    Shapes: CxHxW -> channels x H' x W' with H' = floor((H - F + 2P) / S) + 1; CxL and CxDxHxW alike.
    Arguments:
        kernel: the size F of a filter: `3x3`, or `3` for every axis
        channels: the number of filters
        stride: pixels from one window to the next: `/2`
        pad: zeros around the map: `1`, `1x2` per axis, `0,0,1,1` begins then ends, `same`, `same_upper`, `same_lower`
        dilation: pixels from one tap of the filter to the next
        groups: the channels fall into so many parts that do not see each other
        bias: whether a learned number is added to what each filter gives
        init: what the weights begin with
    Parameters: channels * (C / groups * F * F + 1); without bias the + 1 falls away.
    Source: LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998; groups: Krizhevsky et al.,
        2012; dilation: Yu and Koltun, 2016. torch.nn.Conv2d, ONNX Conv.
    """

    kernel: Sizes = positional(size("the kernel"))
    channels: int = positional(count("the number of channels"))
    stride: Sizes = option(size("the stride"), 1, slash=True)
    pad: Pad = option(padding(), 0, shapes=True)
    dilation: Sizes = option(size("the dilation"), 1, shapes=True)
    groups: int = option(count("the number of groups"), 1)

    also = ("Conv2d", "Convolution", "convolutional")
    examples = (
        Example("conv 3x3 8 /2 pad=1", ((3, 9, 11),)),
        Example("conv 3x3 6 groups=2 bias=no", ((4, 7, 6),)),
        Example("conv 3x2 5 pad=0,1,2,0", ((2, 6, 7),)),
        Example("conv 3 4 dilation=2 pad=same", ((3, 10, 8),)),
        Example("conv 2x3 4 /2x1 pad=same_upper", ((3, 7, 8),)),
        Example("conv 4 4 /3 pad=same_lower", ((3, 8, 10),)),
        Example("conv 1x1 5 /2 pad=1", ((3, 5, 4),)),
        Example("conv 5 6 /2 pad=2 dilation=2", ((2, 16),)),
        Example("conv 4 6 pad=0,3 groups=2", ((4, 9),)),
        Example("conv 3 4 /2 pad=1 bias=no", ((2, 5, 6, 7),)),
        Example("conv 1x3x2 4 pad=0x1x0 dilation=1x2x1", ((2, 3, 6, 5),)),
    )

    def channels_and_groups(self, inputs: Shapes) -> tuple[int, int]:
        return self.channels, self.groups

    def infer(self, inputs: Shapes) -> Shape:
        extents = self.infer_spatial(inputs)
        check_groups(self.groups, {"input channels": inputs[0][0], "output channels": self.channels})
        return (self.channels, *extents)
