"""The family of layers whose window slides over the map: convolutions and pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from cnnspec.contract.facts import Equation, Reach, Torch, Window
from cnnspec.contract.geometry import Slide, check_fits, check_kernel, pad_equation, slide_equation, slides
from cnnspec.contract.layer import Layer, check_rank, spatial
from cnnspec.contract.symbols import letters
from cnnspec.contract.values import Ends, Pad, Shape, Shapes, Sizes

if TYPE_CHECKING:
    from cnnspec.contract.sizing import Axis, Need


class Windowed(Layer):
    """A kernel that moves by `stride` over the padded map; on every axis floor((W - F + 2P) / S) + 1 results.

    With dilation D the kernel reaches over D * (F - 1) + 1 pixels, which takes the place of F.
    """

    ranks = (1, 2, 3)
    kernel: Sizes
    stride: Sizes | None
    pad: Pad
    dilation: Sizes = 1
    ceil_mode: bool = False
    for_the_whole_map: ClassVar[tuple[str, str] | None] = None  # the word that does the same, and what it does

    def slides(self, inputs: Shapes) -> tuple[Slide, ...]:
        """The window on every spatial axis of this input. Without a stride it moves by its own size."""
        stride = self.kernel if self.stride is None else self.stride
        return slides(spatial(inputs[0]), self.kernel, stride, self.pad, self.dilation, self.ceil_mode)

    def infer_spatial(self, inputs: Shapes) -> Shape:
        """The extents of the result; LayerError where the window does not fit."""
        check_rank(self, inputs[0])
        check_kernel(self.kernel, inputs[0])
        windows = self.slides(inputs)
        check_fits(windows, self.for_the_whole_map)
        return tuple([each.extent for each in windows])

    def axes_slid(self, inputs: Shapes) -> tuple[tuple[Axis, ...], tuple[Need, ...]]:
        """The result's spatial axes, and how large the operand's must be."""
        from cnnspec.contract.sizing import Within, slid

        told = [slid(axis, each, self.pad) for axis, each in enumerate(self.slides(inputs), start=1)]
        return tuple(of for of, _ in told), tuple(Within(of.axis, start=least) for of, least in told)

    def worked(self, inputs: Shapes) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.worked() for each in self.slides(inputs)))

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        """Axis by axis: first the padding where a word says it, then what comes of it."""
        found: list[Equation] = []
        uneven = isinstance(self.pad, Ends) or self.pad in ("same_upper", "same_lower")
        for axis, slide in zip(letters(inputs[0])[1:], self.slides(inputs), strict=True):
            padded = [pad_equation(self.pad, axis, slide)] if isinstance(self.pad, str) else []
            found += [each for each in (*padded, slide_equation(axis, slide, uneven)) if each not in found]
        return tuple(found)

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        return tuple([Window(each.kernel, each.stride, each.pad_begin, each.dilation) for each in self.slides(inputs)])


def kernel_of(windows: Sequence[Slide]) -> Shape:
    return tuple([each.kernel for each in windows])


def onnx_window(windows: Sequence[Slide]) -> dict[str, Any]:
    """The attributes that ONNX's Conv and pools share. `ceil_mode` is told as padding at the end: shape inference
    and runtimes disagree on the attribute, and nobody disagrees on pads."""
    attributes: dict[str, Any] = {
        "kernel_shape": kernel_of(windows),
        "strides": tuple(each.stride for each in windows),
        "pads": (*(each.pad_begin for each in windows), *(each.ceil_pad_end for each in windows)),
    }
    if any(each.dilation != 1 for each in windows):
        attributes["dilations"] = tuple(each.dilation for each in windows)
    return attributes


def open_window(pad: Pad, windows: Sequence[Slide]) -> dict[str, Any] | None:
    """The same for a map of any size, where `onnx_window` would be another at each: under `same_upper` and `same_lower`
    with a stride, and under ceil_mode. None where it is the same anyway, or where no attributes say it.

    To round up is to round down with S - 1 more padding at the end, unless that lets a window start in the padding,
    which torch forbids: it cannot while padding and stride together are within the kernel. onnxruntime's `auto_pad`
    takes no dilation, and no stride beyond the kernel.
    """
    attributes = onnx_window(windows)
    if pad in ("same_upper", "same_lower"):
        strided = any(each.stride > 1 for each in windows) and all(each.stride <= each.kernel for each in windows)
        if not strided or "dilations" in attributes or windows[0].ceil:
            return None
        del attributes["pads"]
        return {**attributes, "auto_pad": str(pad).upper()}
    if not windows[0].ceil or any(each.pad_end + each.stride > each.kernel for each in windows):
        return None
    ends = (each.pad_end + each.stride - 1 for each in windows)
    return {**attributes, "pads": (*(each.pad_begin for each in windows), *ends)}


def torch_pads(ends: Sequence[tuple[int, int]]) -> Shape:
    """Begins and ends of each axis as F.pad wants them: the last axis first."""
    return tuple(width for both in reversed(ends) for width in both)


def torch_pad(windows: Sequence[Slide], value: float = 0.0) -> Torch:
    """Padding as a step of its own, where the module takes only equal ends."""
    pads = torch_pads([(each.pad_begin, each.ceil_pad_end) for each in windows])
    return Torch("F.pad", {"value": value} if value else {}, (pads,))


def torch_window(windows: Sequence[Slide], *, padded: bool) -> dict[str, Any]:
    """The arguments that torch's modules share, without those at their default; `padded` if a step before pads."""
    arguments: dict[str, Any] = {
        "kernel_size": compact(kernel_of(windows)),
        "stride": compact(tuple(each.stride for each in windows)),
    }
    pads, dilations = tuple(each.pad_begin for each in windows), tuple(each.dilation for each in windows)
    if any(pads) and not padded:
        arguments["padding"] = compact(pads)
    if any(each != 1 for each in dilations):
        arguments["dilation"] = compact(dilations)
    return arguments


def compact(sizes: Shape) -> int | Shape:
    """One number where all axes agree, as people write it."""
    return sizes[0] if len(set(sizes)) == 1 else sizes


def is_symmetric(windows: Sequence[Slide]) -> bool:
    return all(each.pad_begin == each.pad_end for each in windows)
