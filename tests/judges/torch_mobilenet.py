"""MobileNetV2 in plain torch, under torchvision's names: the judge of what `run` says is on a photo.

Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (2018), table 2.
"""

from torch import Tensor, nn

ROWS = (
    *((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)),
    *((6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)),
)
"""Expansion, channels, repeats, first stride."""


def convolution(before: int, after: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(after), nn.ReLU6())


class Bottleneck(nn.Module):
    def __init__(self, before: int, after: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = before * expansion
        first = [convolution(before, wide, 1)] if expansion > 1 else []
        last = (nn.Conv2d(wide, after, 1, bias=False), nn.BatchNorm2d(after))
        self.conv = nn.Sequential(*first, convolution(wide, wide, 3, stride, groups=wide), *last)
        self.adds = stride == 1 and before == after

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.adds else self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = [convolution(3, 32, 3, 2)]
        before = 32
        for expansion, after, repeats, stride in ROWS:
            for number in range(repeats):
                blocks.append(Bottleneck(before, after, 1 if number else stride, expansion))
                before = after
        self.features = nn.Sequential(*blocks, convolution(before, 1280, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 1000))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).mean((2, 3)))
