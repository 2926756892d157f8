"""ResNet-50 as one writes it in torch, for torchinfo: the yardstick of benchmarks/startup.py.

He et al., 2016 (arXiv 1512.03385), table 1, with the stride on the 3x3 convolution as in torchvision.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn


def convolution(before: int, after: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, bias=False)


class Bottleneck(nn.Module):
    """(N, before, H, W) to (N, 4 * width, H / stride, W / stride)."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = convolution(before, width, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = convolution(width, width, 3, stride), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = convolution(width, 4 * width, 1), nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU()
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or before != 4 * width:
            self.downsample = nn.Sequential(convolution(before, 4 * width, 1, stride), nn.BatchNorm2d(4 * width))

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y = self.relu(y + self.downsample(x))
        assert isinstance(y, Tensor)
        return y


def stage(before: int, width: int, blocks: int, stride: int) -> nn.Sequential:
    rest = (Bottleneck(4 * width, width, 1) for _ in range(blocks - 1))
    return nn.Sequential(Bottleneck(before, width, stride), *rest)


def resnet50(classes: int = 1000) -> nn.Sequential:
    """(N, 3, 224, 224) to (N, classes)."""
    parts: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=convolution(3, 64, 7, 2),
        bn1=nn.BatchNorm2d(64),
        relu=nn.ReLU(),
        maxpool=nn.MaxPool2d(3, 2, padding=1),
        layer1=stage(64, 64, 3, 1),
        layer2=stage(256, 128, 4, 2),
        layer3=stage(512, 256, 6, 2),
        layer4=stage(1024, 512, 3, 2),
        avgpool=nn.AdaptiveAvgPool2d(1),
        flatten=nn.Flatten(),
        fc=nn.Linear(2048, classes),
    )
    return nn.Sequential(parts)


if __name__ == "__main__":
    from torchinfo import summary

    torch.manual_seed(0)
    summary(resnet50(), input_size=(1, 3, 224, 224), depth=4)
