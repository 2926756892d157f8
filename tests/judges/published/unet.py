"""Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image Segmentation" (2015), figure 1."""

from itertools import pairwise

import torch
from torch import Tensor, nn


def double(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, after, 3), nn.ReLU(), nn.Conv2d(after, after, 3), nn.ReLU())


class UNet(nn.Module):
    def __init__(self, base: int = 64) -> None:
        super().__init__()
        widths = (1, *(base * 2**level for level in range(5)))
        self.down = nn.ModuleList(double(before, after) for before, after in pairwise(widths))
        self.up = nn.ModuleList()
        for width in widths[-2:0:-1]:
            self.up.append(nn.ModuleList([nn.ConvTranspose2d(2 * width, width, 2, 2), double(2 * width, width)]))
        self.last = nn.Conv2d(base, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for place, block in enumerate(self.down):
            x = block(x if place == 0 else nn.functional.max_pool2d(x, 2))
            skips.append(x)
        for (larger, block), skip in zip(self.up, skips[-2::-1], strict=True):
            x = larger(x)
            top, left = ((had - has) // 2 for had, has in zip(skip.shape[2:], x.shape[2:], strict=True))
            cropped = skip[:, :, top : top + x.shape[2], left : left + x.shape[3]]
            x = block(torch.cat([cropped, x], 1))
        return self.last(x)
