"""The mean of each window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Example, Onnx, OnnxConstant, OnnxNode, Torch
from cnnspec.contract.fields import flag, option, padding, positional, size
from cnnspec.contract.geometry import Slide
from cnnspec.contract.register import layer
from cnnspec.contract.repairs import Given
from cnnspec.contract.values import Pad, Shape, Shapes, Sizes
from cnnspec.layers._pool import Pool, is_native
from cnnspec.layers._windowed import onnx_window, open_window, torch_pad, torch_pads, torch_window

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


@layer("avgpool")
class AvgPool(Pool):
    """Average pooling: the mean of each window.

        y[c, p] = (sum over k of x[c, p * stride - pad + k]) / n

    Each channel by itself. n is the number of positions of the window that count: the pixels, and with `count_pad=yes`
    the padding too, but never what `ceil_mode` lets hang over the end. torch counts padding by default and ONNX does
    not, so that with padding `count_pad` must be said.

    Shapes: CxHxW -> C x H' x W' with H' = floor((H - F + 2P) / S) + 1, or ceil; CxL and CxDxHxW alike.
    Arguments:
        kernel: the window: `2x2`, or `2` for every axis
        stride: from one window to the next: `/2`; without one it is the kernel
        pad: as in `conv`, below the kernel
        ceil_mode: whether a last window may hang over the end, as in `maxpool`
        count_pad: whether padding counts as zeros; must be said where there is padding
    Parameters: none.
    Source: LeCun et al., 1998 (there with a learned factor). torch.nn.AvgPool2d, ONNX AveragePool.
    """

    kernel: Sizes = positional(size("the kernel"))
    stride: Sizes | None = option(size("the stride"), None, slash=True)
    pad: Pad = option(padding(), 0, shapes=True)
    ceil_mode: bool = option(flag("ceil_mode"), False, shapes=True)
    count_pad: bool | None = option(flag("count_pad"), None)

    for_the_whole_map = ("gap", "averages")
    operation = "addition"
    divides = True
    also = ("AvgPool2d", "AveragePool", "AveragePooling2D", "meanpool")
    examples = (
        Example("avgpool 2x2", ((3, 8, 9),)),
        Example("avgpool 3x3 /2 pad=1 count_pad=yes", ((2, 8, 7),)),
        Example("avgpool 3x3 /2 pad=1 count_pad=no", ((2, 8, 7),)),
        Example("avgpool 3x3 /2 ceil_mode=yes", ((2, 8, 6),)),
        Example("avgpool 3x2 /2 pad=1 ceil_mode=yes count_pad=yes", ((2, 8, 7),)),
        Example("avgpool 3x2 /2 pad=1 ceil_mode=yes count_pad=no", ((2, 8, 7),)),
        Example("avgpool 3x3 /2 pad=same_upper count_pad=no", ((2, 8, 6),)),
        Example("avgpool 3x3 /1 pad=0,1,2,1 count_pad=yes", ((2, 6, 7),)),
        Example("avgpool 3 /2 pad=1,2 ceil_mode=yes count_pad=yes", ((2, 8),)),
        Example("avgpool 3x3 /2 ceil_mode=yes", ((2, 2, 9),)),
        Example("avgpool 5 /4 pad=1 ceil_mode=yes count_pad=yes", ((2, 1),)),
        Example("avgpool 3x2x2 /2 ceil_mode=yes", ((2, 2, 4, 5),)),
        Example("avgpool 2 pad=1 count_pad=no", ((2, 9),)),
        Example("avgpool 2x3x2 /2x1x2 pad=0x1x1 count_pad=yes", ((2, 4, 5, 6),)),
    )

    def infer(self, inputs: Shapes) -> Shape:
        shape = super().infer(inputs)
        if self.count_pad is None and any(each.pad_begin or each.pad_end for each in self.slides(inputs)):
            raise LayerError(
                "`avgpool` with padding must say whether the padding counts",
                id="bad-argument",
                about="pad",
                hint="`count_pad=yes` divides by the whole window, as torch; `count_pad=no` by its pixels, as ONNX",
                repairs=(
                    Given("count_pad", "yes", "`count_pad=yes` divides by the whole window, as torch"),
                    Given("count_pad", "no", "`count_pad=no` divides by the window's pixels, as ONNX"),
                ),
            )
        return shape

    def takes(self, window: Slide) -> bool:
        return self.count_pad is not None or not (window.pad_begin or window.pad_end)

    def onnx(self, inputs: Shapes) -> Onnx:
        windows = self.slides(inputs)
        attributes = open_window(self.pad, windows)
        opened = None if attributes is None else self._pooled(windows, attributes, hangs=windows[0].ceil)
        return self._pooled(windows, onnx_window(windows), hangs=_hangs_over(windows))._replace(open=opened)

    def _pooled(self, windows: Sequence[Slide], attributes: dict[str, Any], *, hangs: bool) -> Onnx:
        """With these attributes; `hangs` if ceil_mode lets a window reach beyond the padding."""
        if not (self.count_pad and hangs):
            attributes["count_include_pad"] = int(bool(self.count_pad))
            return Onnx((OnnxNode("AveragePool", attributes=attributes),))
        # The padding counts and what hangs over does not; ONNX's padding is of one kind, so the first is a Pad.
        begins, ends = zip(*((each.pad_begin, each.pad_end) for each in windows), strict=True)
        over = (all_of - each.pad_end for all_of, each in zip(attributes["pads"][len(windows) :], windows, strict=True))
        attributes["pads"] = (*(0 for _ in windows), *over)
        pads = OnnxConstant("int64", (2 * len(windows) + 4,), (0, 0, *begins, 0, 0, *ends))
        pad = OnnxNode("Pad", ("x0", "pads"), ("t_padded",))
        return Onnx((pad, OnnxNode("AveragePool", ("t_padded",), attributes=attributes)), {"pads": pads})

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        """In 3-D torch refuses a kernel larger than the map, padding or not; so that is padded before."""
        windows = self.slides(inputs)
        rank = len(windows)
        if is_native(windows) and not (rank == 3 and any(each.kernel > each.size for each in windows)):
            arguments: dict[str, Any] = torch_window(windows, padded=False)
            if self.ceil_mode:
                arguments["ceil_mode"] = True
            if "padding" in arguments and not self.count_pad:
                arguments["count_include_pad"] = False
            return (Torch(f"nn.AvgPool{rank}d", arguments),)
        arguments = torch_window(windows, padded=True)
        if self.count_pad and not _hangs_over(windows):
            return torch_pad(windows), Torch(f"nn.AvgPool{rank}d", arguments)
        return self._torch_mean_by_share(windows, arguments)

    def _torch_mean_by_share(self, windows: Sequence[Slide], arguments: dict[str, Any]) -> tuple[Torch, ...]:
        """Torch leaves out only padding that is the same at both ends. For the rest: the mean over whole windows,
        divided by the share of each window that counts."""
        pool, pad = f"F.avg_pool{len(windows)}d", torch_pad(windows)
        counting = [Torch("torch.ones_like", inputs=("x0",))]
        if self.count_pad:
            ends = torch_pads([(each.pad_begin, each.pad_end) for each in windows])
            over = torch_pads([(0, each.ceil_pad_end - each.pad_end) for each in windows])
            counting += [Torch("F.pad", {"value": 1.0}, (ends,)), Torch("F.pad", {}, (over,))]
        else:
            counting.append(pad)
        return (
            pad,
            Torch(pool, arguments, output="mean"),
            *counting,
            Torch(pool, arguments, output="share"),
            Torch("/", inputs=("mean", "share")),
        )

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        import numpy as np

        from cnnspec.contract.reference import taps

        windows = self.slides((arrays[0].shape[1:],))
        counted = np.ones((1, 1, *arrays[0].shape[2:]), dtype=arrays[0].dtype)
        if self.count_pad:
            ends = [(0, 0), (0, 0), *((each.pad_begin, each.pad_end) for each in windows)]
            counted = np.pad(counted, ends, constant_values=1)
            inside = [
                each._replace(size=size, pad_begin=0, pad_end=each.ceil_pad_end - each.pad_end, ceil=False)
                for each, size in zip(windows, counted.shape[2:], strict=True)
            ]
        else:
            inside = list(windows)
        sums = np.add.reduce(list(taps(arrays[0], windows)))
        result: Array = sums / np.add.reduce(list(taps(counted, inside)))
        return result


def _hangs_over(windows: Sequence[Slide]) -> bool:
    """Whether `ceil_mode` lets a window reach beyond the padding."""
    return any(each.ceil_pad_end > each.pad_end for each in windows)
