"""The depthwise convolution."""

from __future__ import annotations

from cnnspec.contract.facts import Example, Formula
from cnnspec.contract.fields import count, option, padding, positional, size
from cnnspec.contract.register import layer
from cnnspec.contract.symbols import taps
from cnnspec.contract.values import Pad, Shapes, Sizes
from cnnspec.layers._windowed import kernel_of
from cnnspec.layers.conv import Convolution


@layer("depthwise")
class Depthwise(Convolution):
    """Depthwise convolution: one filter a channel.

        y[c * multiplier + j, p] = bias[c * multiplier + j]
            + sum over k of weight[c * multiplier + j, 0, k]
                            * x[c, p * stride - pad + k * dilation]

    The channels do not see each other: it is `conv` with as many groups as channels. With a `conv 1x1` behind it, it is
    a depthwise separable convolution.

    Shapes: CxHxW -> C * multiplier x H' x W' with H' = floor((H - F + 2P) / S) + 1; CxL and CxDxHxW alike.
    Arguments:
        kernel: the size F of a filter: `3x3`, or `3` for every axis
        stride: pixels from one window to the next: `/2`
        pad: zeros around the map, as in `conv`
        dilation: pixels from one tap of the filter to the next
        multiplier: filters for each channel
        bias: whether a learned number is added to what each filter gives
        init: what the weights begin with
    Parameters: C * multiplier * (F * F + 1); without bias the + 1 falls away.
    Source: Howard et al., MobileNets, 2017; Chollet, Xception, 2017. torch.nn.Conv2d with groups=C, ONNX Conv.
    """

    kernel: Sizes = positional(size("the kernel"))
    stride: Sizes = option(size("the stride"), 1, slash=True)
    pad: Pad = option(padding(), 0, shapes=True)
    dilation: Sizes = option(size("the dilation"), 1, shapes=True)
    multiplier: int = option(count("the multiplier"), 1, shapes=True)

    also = ("DepthwiseConv2D", "dwconv")
    examples = (
        Example("depthwise 3x3", ((4, 9, 11),)),
        Example("depthwise 3x3 /2 pad=1 multiplier=2 bias=no", ((3, 8, 7),)),
        Example("depthwise 3x3 pad=same dilation=2", ((3, 6, 6),)),
        Example("depthwise 3x3 /2 pad=0,0,1,1", ((2, 6, 8),)),
        Example("depthwise 4 /2 pad=same_upper", ((3, 11),)),
        Example("depthwise 3x2x2 pad=1x0x0", ((2, 4, 5, 4),)),
    )

    def channels_and_groups(self, inputs: Shapes) -> tuple[int, int]:
        entering = inputs[0][0]
        return entering * self.multiplier, entering

    def filters(self, inputs: Shapes) -> Formula:
        return Formula(
            "C*multiplier" if self.multiplier > 1 else "C", {"C": inputs[0][0], "multiplier": self.multiplier}
        )

    def of_a_filter(self, inputs: Shapes) -> Formula:
        return Formula(*taps(kernel_of(self.slides(inputs))))
