"""What happens to training pictures, on whole batches of tensors, without torchvision.

All chance is a table of numbers from 0 to 1, a row a sample, drawn for (seed, epoch): what happens to a sample depends
on these and its place alone, not on the batch it is in nor on who reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from cnnspec.contract.preprocess import pair
from cnnspec.contract.settings import Setting
from cnnspec.contract.training.augment import Crop, Cutout, Flip, Jitter, Mixup, Rotate, columns
from cnnspec.training.split import drawn

LUMA = (0.299, 0.587, 0.114)
"""ITU-R BT.601: how grey a colour is."""


def chances(steps: Sequence[Setting], count: int, seed: int, epoch: int) -> NDArray[np.float64]:
    """The table of an epoch: count x columns, each number in [0, 1)."""
    width = sum(map(columns, steps))
    raw = drawn(seed, "augment", epoch).random_raw(count * width)
    return (raw >> np.uint64(11)).astype(np.float64).reshape(count, width) * 2.0**-53


def augmented(x: Tensor, steps: Sequence[Setting], chance: Tensor) -> Tensor:
    """The batch, N x C x H x W from 0 to 1, after the steps in order but for `mixup`; `chance` are its rows."""
    place = 0
    for step in steps:
        width = columns(step)
        if not isinstance(step, Mixup):
            x = STEPS[type(step)](x, step, chance[:, place : place + width])
        place += width
    return x


def mixed(step: Mixup, batch: int, seed: int, number: int) -> tuple[float, NDArray[np.intp]]:
    """How much of each picture stays, and whose the rest is: for the update of that number."""
    chance = np.random.Generator(drawn(seed, "mixup", number))
    share = float(chance.beta(step.alpha, step.alpha))
    return share, chance.permutation(batch)


def _flip(x: Tensor, step: Flip, chance: Tensor) -> Tensor:
    turned = x.flip(3 if step.axis == "horizontal" else 2)
    return torch.where(_each(chance[:, 0] < step.p), turned, x)


def _crop(x: Tensor, step: Crop, chance: Tensor) -> Tensor:
    """One gather for the batch: rows and columns from where each window begins."""
    height, width = pair(step.size)
    lack = [max(0, want - have - 2 * step.pad) for have, want in zip(x.shape[2:], (height, width), strict=True)]
    x = functional.pad(x, (step.pad, step.pad + lack[1], step.pad, step.pad + lack[0]))
    top = (chance[:, 0] * (x.shape[2] - height + 1)).long()
    left = (chance[:, 1] * (x.shape[3] - width + 1)).long()
    rows = (top[:, None] + torch.arange(height, device=x.device))[:, None, :, None]
    cols = (left[:, None] + torch.arange(width, device=x.device))[:, None, None, :]
    batch = torch.arange(len(x), device=x.device)[:, None, None, None]
    return x[batch, torch.arange(x.shape[1], device=x.device)[None, :, None, None], rows, cols]


def _rotate(x: Tensor, step: Rotate, chance: Tensor) -> Tensor:
    """Bilinear, about the centre; the aspect of the picture is kept."""
    angle = (2 * chance[:, 0] - 1) * (step.degrees * torch.pi / 180)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    aspect = x.shape[2] / x.shape[3]
    rows = [torch.stack([cos, -sin * aspect, zero], 1), torch.stack([sin / aspect, cos, zero], 1)]
    grid = functional.affine_grid(torch.stack(rows, 1).to(x.dtype), list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, align_corners=False)


def _jitter(x: Tensor, step: Jitter, chance: Tensor) -> Tensor:
    """Brightness, contrast, saturation, hue, in this order, as torchvision's functional ones do each."""
    for place, amount in enumerate((step.brightness, step.contrast, step.saturation)):
        if amount:
            factor = _each(1 - amount + 2 * amount * chance[:, place]).clamp(min=0).to(x.dtype)
            x = (x * factor + _towards(x, place) * (1 - factor)).clamp(0, 1)
    return _hue(x, ((2 * chance[:, 3] - 1) * step.hue).to(x.dtype)) if step.hue else x


def _towards(x: Tensor, place: int) -> Tensor:
    """What a factor of 0 leaves: black; the mean grey of the picture; its grey."""
    if place == 0:
        return torch.zeros_like(x)
    grey = x if x.shape[1] == 1 else (x * x.new_tensor(LUMA)[:, None, None]).sum(1, keepdim=True)
    return grey.mean((1, 2, 3), keepdim=True) if place == 1 else grey


def _hue(x: Tensor, turn: Tensor) -> Tensor:
    """Turned by a share of the circle, in HSV."""
    high, low = x.amax(1), x.amin(1)
    span = (high - low).clamp(min=1e-12)
    red, green, blue = x.unbind(1)
    hue = torch.where(
        high == red,
        (green - blue) / span % 6,
        torch.where(high == green, (blue - red) / span + 2, (red - green) / span + 4),
    )
    hue = (hue / 6 + turn[:, None, None]) % 1
    shift = torch.tensor([5.0, 3.0, 1.0], dtype=x.dtype, device=x.device)[:, None, None]
    k = (shift + 6 * hue[:, None]) % 6
    return high[:, None] - (high - low)[:, None] * torch.minimum(k, 4 - k).clamp(0, 1)


def _cutout(x: Tensor, step: Cutout, chance: Tensor) -> Tensor:
    height, width = x.shape[2:]
    rows, cols = torch.arange(height, device=x.device), torch.arange(width, device=x.device)
    for hole in range(step.holes):
        top = (chance[:, 2 * hole] * height).long()[:, None] - step.size // 2
        left = (chance[:, 2 * hole + 1] * width).long()[:, None] - step.size // 2
        inside_rows = (rows >= top) & (rows < top + step.size)
        inside_cols = (cols >= left) & (cols < left + step.size)
        x = x.masked_fill((inside_rows[:, :, None] & inside_cols[:, None, :])[:, None], 0)
    return x


def _each(values: Tensor) -> Tensor:
    """One value a sample, for all its pixels."""
    return values[:, None, None, None]


STEPS: Mapping[type[Setting], Callable[[Tensor, Any, Tensor], Tensor]] = {
    Flip: _flip,
    Crop: _crop,
    Rotate: _rotate,
    Jitter: _jitter,
    Cutout: _cutout,
}
