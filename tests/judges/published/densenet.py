"""Huang et al., "Densely Connected Convolutional Networks" (2017), DenseNet-121, under torchvision's names."""

import torch
from torch import Tensor, nn

GROWTH = 32


class Layer(nn.Module):
    def __init__(self, before: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(before)
        self.conv1 = nn.Conv2d(before, 4 * GROWTH, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * GROWTH)
        self.conv2 = nn.Conv2d(4 * GROWTH, GROWTH, 3, padding=1, bias=False)

    def forward(self, *maps: Tensor) -> Tensor:
        narrow = self.conv1(self.norm1(torch.cat(maps, 1)).relu())
        return self.conv2(self.norm2(narrow).relu())


class Block(nn.Module):
    """Every layer reads the block's input and what all layers before it gave."""

    def __init__(self, before: int, layers: int) -> None:
        super().__init__()
        for place in range(layers):
            self.add_module(f"denselayer{place + 1}", Layer(before + place * GROWTH))

    def forward(self, x: Tensor) -> Tensor:
        maps = [x]
        for layer in self.children():
            maps.append(layer(*maps))
        return torch.cat(maps, 1)


class Transition(nn.Module):
    def __init__(self, before: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(before)
        self.conv = nn.Conv2d(before, before // 2, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.avg_pool2d(self.conv(self.norm(x).relu()), 2)


class DenseNet121(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        features = nn.Sequential()
        features.add_module("conv0", nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False))
        features.add_module("norm0", nn.BatchNorm2d(64))
        features.add_module("relu0", nn.ReLU())
        features.add_module("pool0", nn.MaxPool2d(3, 2, padding=1))
        channels = 64
        for place, layers in enumerate((6, 12, 24, 16), start=1):
            features.add_module(f"denseblock{place}", Block(channels, layers))
            channels += layers * GROWTH
            if place < 4:
                features.add_module(f"transition{place}", Transition(channels))
                channels //= 2
        features.add_module("norm5", nn.BatchNorm2d(channels))
        self.features = features
        self.classifier = nn.Linear(channels, 1000)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).relu().mean((2, 3)))
