"""Sliding windows in NumPy, plain and slow: the judge of the lowerings. Imported only inside `evaluate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cnnspec.contract.geometry import Slide

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
