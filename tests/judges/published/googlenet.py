"""Szegedy et al., "Going Deeper with Convolutions" (2014), table 1: as its paper has it, and as torchvision does.

torchvision normalizes by batch, has 3x3 in the third branch, a 2x2 pooling before the last two blocks, and another
pooling in the heads. Names are torchvision's; the heads are registered where they stand.
"""

import torch
from torch import Tensor, nn

WIDTHS = {
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}
"""Of each block: what comes in, #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj."""


class Convolution(nn.Module):
    def __init__(self, before: int, after: int, kernel: int, paper: bool, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, bias=paper)
        self.bn = nn.Identity() if paper else nn.BatchNorm2d(after, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x)).relu()


class Inception(nn.Module):
    def __init__(self, before: int, n1: int, r3: int, n3: int, r5: int, n5: int, pool: int, paper: bool) -> None:
        super().__init__()
        self.branch1 = Convolution(before, n1, 1, paper)
        self.branch2 = nn.Sequential(Convolution(before, r3, 1, paper), Convolution(r3, n3, 3, paper))
        self.branch3 = nn.Sequential(Convolution(before, r5, 1, paper), Convolution(r5, n5, 5 if paper else 3, paper))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, padding=1), Convolution(before, pool, 1, paper))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.children()], 1)


class Head(nn.Module):
    """For training only: it is here for its weights' names and shapes."""

    def __init__(self, before: int, paper: bool) -> None:
        super().__init__()
        self.conv = Convolution(before, 128, 1, paper)
        self.fc1 = nn.Linear(4 * 4 * 128, 1024)
        self.fc2 = nn.Linear(1024, 1000)


class GoogLeNet(nn.Module):
    def __init__(self, paper: bool = False) -> None:
        super().__init__()
        self.paper = paper
        self.conv1 = Convolution(3, 64, 7, paper, stride=2)
        self.conv2 = Convolution(64, 64, 1, paper)
        self.conv3 = Convolution(64, 192, 3, paper)
        for name, widths in WIDTHS.items():
            self.add_module(f"inception{name}", Inception(*widths, paper))
            if name in ("4a", "4d"):
                self.add_module("aux1" if name == "4a" else "aux2", Head(512 if name == "4a" else 528, paper))
        self.fc = nn.Linear(1024, 1000)

    def forward(self, x: Tensor) -> Tensor:
        normalized = nn.LocalResponseNorm(5) if self.paper else nn.Identity()
        pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        last_pool = pool if self.paper else nn.MaxPool2d(2, 2, ceil_mode=True)
        x = normalized(pool(self.conv1(x)))
        x = pool(normalized(self.conv3(self.conv2(x))))
        for name in WIDTHS:
            if name == "4a":
                x = pool(x)
            if name == "5a":
                x = last_pool(x)
            x = self.get_submodule(f"inception{name}")(x)
        return self.fc(x.mean((2, 3)))
