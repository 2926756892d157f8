"""Sliding windows in NumPy, plain and slow: the judge of the lowerings. Imported only inside `evaluate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cnnspec.contract.geometry import Slide
from cnnspec.contract.transposed import Spread

if TYPE_CHECKING:
    from cnnspec.contract.layer import Array


def pad(x: Array, slides: Sequence[Slide], fill: float) -> Array:
    """The map (N, C, spatial) with every end filled so far that all windows lie inside."""
    widths = [(0, 0), (0, 0), *((each.pad_begin, each.ceil_pad_end) for each in slides)]
    return np.pad(x, widths, constant_values=fill)


def taps(x: Array, slides: Sequence[Slide], fill: float = 0.0) -> Iterator[Array]:
    """For each tap of the kernel, row by row, what all windows see through it: a map (N, C, extents)."""
    padded = pad(x, slides, fill)
    for index in np.ndindex(*(each.kernel for each in slides)):
        begins = [tap * each.dilation for tap, each in zip(index, slides, strict=True)]
        cuts = (
            slice(begin, begin + (each.extent - 1) * each.stride + 1, each.stride)
            for begin, each in zip(begins, slides, strict=True)
        )
        yield padded[(slice(None), slice(None), *cuts)]


def convolve(x: Array, weight: Array, bias: Array | None, slides: Sequence[Slide], groups: int) -> Array:
    """Cross-correlation of x (N, C, spatial) with weight (M, C / groups, kernel): (N, M, extents)."""
    extents = tuple(each.extent for each in slides)
    filters = weight.reshape(groups, len(weight) // groups, weight.shape[1], -1)
    result = np.zeros((len(x), groups, filters.shape[1], *extents), dtype=x.dtype)
    for tap, seen in enumerate(taps(x, slides)):
        grouped = seen.reshape(len(x), groups, -1, *extents)
        result += np.einsum("ngi...,goi->ngo...", grouped, filters[:, :, :, tap])
    result = result.reshape(len(x), -1, *extents)
    return result if bias is None else result + per_channel(bias, result)


def per_channel(values: Array, x: Array) -> Array:
    """Values (C,) shaped so that they broadcast over x (N, C, spatial)."""
    return values.reshape(-1, *(1,) * (x.ndim - 2))


def normalise(x: Array, axes: tuple[int, ...], eps: float) -> Array:
    """Mean 0 and variance 1 over these axes."""
    result: Array = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)
    return result


def spread(x: Array, weight: Array, bias: Array | None, windows: Sequence[Spread], groups: int) -> Array:
    """Transposed convolution of x (N, C, spatial) by weight (C, M / groups, kernel): (N, M, extents)."""
    values = x.reshape(len(x), groups, -1, *x.shape[2:])
    filters = weight.reshape(groups, -1, weight.shape[1], *weight.shape[2:])
    whole = [each._replace(pad_begin=0, pad_end=0).extent for each in windows]
    result = np.zeros((len(x), groups, weight.shape[1], *whole), dtype=x.dtype)
    for tap in np.ndindex(*weight.shape[2:]):
        cuts = (
            slice(at * each.dilation, at * each.dilation + (each.size - 1) * each.stride + 1, each.stride)
            for at, each in zip(tap, windows, strict=True)
        )
        spread_out = np.einsum("ngi...,gio->ngo...", values, filters[(..., *tap)])
        result[(slice(None), slice(None), slice(None), *cuts)] += spread_out
    kept = (slice(each.pad_begin, full - each.pad_end) for each, full in zip(windows, whole, strict=True))
    result = result.reshape(len(x), -1, *whole)[(slice(None), slice(None), *kept)]
    return result if bias is None else result + per_channel(bias, result)
