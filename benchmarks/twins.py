"""ResNet-18, ResNet-50, MobileNetV2 and a LeNet as one writes them in torch by hand: yardsticks of the benchmarks.

He et al., 2016 (arXiv 1512.03385), table 1, with the stride on the 3x3 convolution as in torchvision; Sandler et al.,
2018 (arXiv 1801.04381), table 2; LeCun et al., 1998, as it is taught today. `python benchmarks/twins.py` prints
torchinfo's summary of ResNet-50.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn


def convolution(before: int, after: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, groups=groups, bias=False)


class Basic(nn.Module):
    """(N, before, H, W) to (N, width, H / stride, W / stride)."""

    widening = 1

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = convolution(before, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = convolution(width, width, 3), nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or before != width:
            self.downsample = nn.Sequential(convolution(before, width, 1, stride), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y = self.relu(y + self.downsample(x))
        assert isinstance(y, Tensor)
        return y


class Bottleneck(nn.Module):
    """(N, before, H, W) to (N, 4 * width, H / stride, W / stride)."""

    widening = 4

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


def resnet(block: type[Basic] | type[Bottleneck], blocks: tuple[int, ...], classes: int = 1000) -> nn.Sequential:
    """(N, 3, 224, 224) to (N, classes)."""
    parts: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=convolution(3, 64, 7, 2), bn1=nn.BatchNorm2d(64), relu=nn.ReLU(), maxpool=nn.MaxPool2d(3, 2, padding=1)
    )
    before = 64
    for place, count in enumerate(blocks):
        width, made = 64 * 2**place, []
        for copy in range(count):
            made.append(block(before, width, 2 if place and not copy else 1))
            before = width * block.widening
        parts[f"layer{place + 1}"] = nn.Sequential(*made)
    parts |= {"avgpool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten(), "fc": nn.Linear(before, classes)}
    return nn.Sequential(parts)


def resnet18() -> nn.Sequential:
    return resnet(Basic, (2, 2, 2, 2))


def resnet50() -> nn.Sequential:
    return resnet(Bottleneck, (3, 4, 6, 3))


def bounded(before: int, after: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution, batch normalization, ReLU6."""
    return nn.Sequential(convolution(before, after, kernel, stride, groups), nn.BatchNorm2d(after), nn.ReLU6())


class Inverted(nn.Module):
    """(N, before, H, W) to (N, after, H / stride, W / stride)."""

    def __init__(self, before: int, after: int, stride: int, expansion: int) -> None:
        super().__init__()
        inside = before * expansion
        self.conv = nn.Sequential(
            *([bounded(before, inside, 1)] if expansion != 1 else []),
            bounded(inside, inside, 3, stride, inside),
            convolution(inside, after, 1),
            nn.BatchNorm2d(after),
        )
        self.adds = stride == 1 and before == after

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        assert isinstance(y, Tensor)
        return x + y if self.adds else y


def mobilenet_v2() -> nn.Sequential:
    """(N, 3, 224, 224) to (N, 1000)."""
    features: list[nn.Module] = [bounded(3, 32, 3, 2)]
    before = 32
    for expansion, after, count, first in (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):
        for copy in range(count):
            features.append(Inverted(before, after, 1 if copy else first, expansion))
            before = after
    features.append(bounded(before, 1280, 1))
    classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 1000))
    return nn.Sequential(nn.Sequential(*features), nn.AdaptiveAvgPool2d(1), nn.Flatten(), classifier)


def lenet() -> nn.Sequential:
    """(N, 1, 32, 32) to (N, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


if __name__ == "__main__":
    from torchinfo import summary

    torch.manual_seed(0)
    summary(resnet50(), input_size=(1, 3, 224, 224), depth=4)
