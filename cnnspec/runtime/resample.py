"""Resizing pictures: Pillow where it antialiases, and the plain sampling that torch does without."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[Any]
"""Height x width x channels: uint8, or float32 once rescaled."""

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def resize(pixels: Pixels, height: int, width: int, filter: str, antialias: bool) -> Pixels:
    """The picture in another size; whole numbers stay whole numbers.

    With antialias, and for nearest, it is Pillow's resize. Without, it is torch.nn.functional.interpolate with
    antialias=False, align_corners=False, rounded as torchvision rounds it.
    """
    if pixels.shape[:2] == (height, width):
        return pixels
    if by_pillow(filter, antialias):
        return _pillow(pixels, height, width, filter)
    taps = {"bilinear": _bilinear, "bicubic": _bicubic}[filter]
    made = pixels.astype(np.float32)
    for axis, size in ((1, width), (0, height)):
        made = _sample(made, axis, *taps(made.shape[axis], size))
    if pixels.dtype == np.uint8:
        return np.clip(np.rint(made), 0, 255).astype(np.uint8)
    return made


def by_pillow(filter: str, antialias: bool) -> bool:
    """Whether Pillow does it: it always antialiases where it shrinks, but for nearest."""
    return antialias or filter == "nearest"


def _pillow(pixels: Pixels, height: int, width: int, filter: str) -> Pixels:
    size, how = (width, height), FILTERS[filter]
    if pixels.dtype == np.uint8:
        image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
        return np.asarray(image.resize(size, how)).reshape(height, width, -1)
    planes = [np.asarray(Image.fromarray(plane).resize(size, how)) for plane in pixels.transpose(2, 0, 1)]
    return np.stack(planes, axis=2)


def _sample(
    pixels: NDArray[np.float32], axis: int, at: NDArray[np.intp], by: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Each new position along the axis: the sum of the old ones in a row of `at`, times those in `by`."""
    form = [1, 1, 1]
    form[axis] = -1
    made = np.take(pixels, at[:, 0], axis) * by[:, 0].reshape(form)
    for tap in range(1, at.shape[1]):
        made += np.take(pixels, at[:, tap], axis) * by[:, tap].reshape(form)
    return made


def _centres(old: int, new: int) -> NDArray[np.float32]:
    """Where the centres of the new positions fall among the old, in torch's single precision."""
    return (np.arange(new, dtype=np.float32) + np.float32(0.5)) * np.float32(old / new) - np.float32(0.5)


def _bilinear(old: int, new: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    centre = np.maximum(_centres(old, new), 0)
    first = np.minimum(centre.astype(np.intp), old - 1)
    part = np.clip(centre - first.astype(np.float32), 0, 1).astype(np.float32)
    return np.stack([first, np.minimum(first + 1, old - 1)], 1), np.stack([1 - part, part], 1)


def _bicubic(old: int, new: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Cubic convolution with a = -0.75, as torch without antialias; with it, and in Pillow, a is -0.5."""
    centre, a = _centres(old, new), np.float32(-0.75)
    first = np.floor(centre)
    part = (centre - first).astype(np.float32)
    weights = [
        _near(distance, a) if index in (1, 2) else _far(distance, a)
        for index, distance in enumerate((part + 1, part, 1 - part, 2 - part))
    ]
    at = first.astype(np.intp)[:, None] + np.arange(-1, 3)
    return np.clip(at, 0, old - 1), np.stack(weights, 1)


def _near(x: NDArray[np.float32], a: np.float32) -> NDArray[np.float32]:
    """The cubic kernel where |x| is at most 1."""
    return ((a + 2) * x - (a + 3)) * x * x + 1


def _far(x: NDArray[np.float32], a: np.float32) -> NDArray[np.float32]:
    """The cubic kernel where |x| is from 1 to 2."""
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
