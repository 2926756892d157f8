"""The maximum of each window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from cnnspec.contract.facts import Example, Onnx, OnnxConstant, OnnxNode, Torch
from cnnspec.contract.fields import flag, option, padding, positional, size
from cnnspec.contract.register import layer
from cnnspec.contract.values import Pad, Shapes, Sizes
from cnnspec.layers._pool import Pool, is_native
from cnnspec.layers._windowed import onnx_window, open_window, torch_pad, torch_window

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("maxpool")
class MaxPool(Pool):
    """Max pooling: the largest value of each window.

        y[c, p] = max over k of x[c, p * stride - pad + k * dilation]

    Each channel by itself; padding never wins.

    Shapes: CxHxW -> C x H' x W' with H' = floor((H - F + 2P) / S) + 1, or ceil; CxL and CxDxHxW alike.
    Arguments:
        kernel: the window: `3x3`, or `3` for every axis
        stride: from one window to the next: `/2`; without one it is the kernel
        pad: as in `conv`, below the kernel
        dilation: pixels from one tap of the window to the next
        ceil_mode: whether a last window may hang over the end, if it starts inside the map or the padding before it;
            so may the only one of a map that is up to S - 1 too small for it
    Parameters: none.
    Source: Ranzato et al., 2007; Krizhevsky et al., 2012 (overlapping). torch.nn.MaxPool2d, ONNX MaxPool.
    """

    kernel: Sizes = positional(size("the kernel"))
    stride: Sizes | None = option(size("the stride"), None, slash=True)
    pad: Pad = option(padding(), 0, shapes=True)
    dilation: Sizes = option(size("the dilation"), 1, shapes=True)
    ceil_mode: bool = option(flag("ceil_mode"), False, shapes=True)

    also = ("MaxPool2d", "MaxPooling2D", "pool")
    examples = (
        Example("maxpool 2x2", ((3, 8, 9),)),
        Example("maxpool 3x3 /2 pad=1", ((2, 8, 11),)),
        Example("maxpool 3x3 /2 ceil_mode=yes", ((2, 8, 9),)),
        Example("maxpool 2x3 /3x2 pad=1 ceil_mode=yes", ((2, 7, 6),)),
        Example("maxpool 3x3 /2 pad=same_upper", ((2, 8, 6),)),
        Example("maxpool 3x3 /2 pad=0,2,1,0 ceil_mode=yes", ((2, 7, 6),)),
        Example("maxpool 3x3 /1 pad=2 dilation=2", ((2, 6, 7),)),
        Example("maxpool 2 /3 dilation=3 ceil_mode=yes", ((2, 8),)),
        Example("maxpool 3x3 /2 ceil_mode=yes", ((2, 2, 9),)),
        Example("maxpool 3 /4 pad=1 dilation=2 ceil_mode=yes", ((2, 2),)),
        Example("maxpool 3 /2 pad=same", ((2, 9),)),
        Example("maxpool 2x3x2 /2x1x2 pad=0x1x1", ((2, 4, 5, 6),)),
    )

    def onnx(self, inputs: Shapes) -> Onnx:
        windows = self.slides(inputs)
        attributes = onnx_window(windows)
        if all(each.ceil_pad_end < each.kernel for each in windows):
            for_any = open_window(self.pad, windows)
            opened = None if for_any is None else Onnx((OnnxNode("MaxPool", attributes=for_any),))
            return Onnx((OnnxNode("MaxPool", attributes=attributes),), open=opened)
        # A dilated window may hang over by more than its kernel, which onnxruntime's MaxPool refuses to pad.
        rank = len(windows)
        begins, ends = attributes["pads"][:rank], attributes["pads"][rank:]
        attributes["pads"] = (0,) * (2 * rank)
        constants = {
            "pads": OnnxConstant("int64", (2 * rank + 4,), (0, 0, *begins, 0, 0, *ends)),
            "lowest": OnnxConstant("float32", (), (-inf,)),
        }
        pad = OnnxNode("Pad", ("x0", "pads", "lowest"), ("t_padded",))
        return Onnx((pad, OnnxNode("MaxPool", ("t_padded",), attributes=attributes)), constants)

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        windows = self.slides(inputs)
        native = is_native(windows)
        arguments: dict[str, Any] = torch_window(windows, padded=not native)
        if self.ceil_mode and native:
            arguments["ceil_mode"] = True
        module = Torch(f"nn.MaxPool{len(windows)}d", arguments)
        return (module,) if native else (torch_pad(windows, -inf), module)

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        from cnnspec.contract.reference import taps

        windows = self.slides((arrays[0].shape[1:],))
        result: Array = np.maximum.reduce(list(taps(arrays[0], windows, fill=-inf)))
        return result
