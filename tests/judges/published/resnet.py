"""Residual networks: the body of ResNet-50, ResNets for CIFAR-10, and SE-ResNet-50.

He et al., "Deep Residual Learning for Image Recognition" (2016), and Hu et al., "Squeeze-and-Excitation Networks"
(2018), under the names of torchvision, of akamaster's pytorch_resnet_cifar10 and of Cadene's pretrained-models.pytorch.
"""

from collections import OrderedDict

from torch import Tensor, nn


class Excitation(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // 16, 1)
        self.fc2 = nn.Conv2d(channels // 16, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.fc2(self.fc1(x.mean((2, 3), keepdim=True)).relu()).sigmoid()


class Bottleneck(nn.Module):
    """torchvision strides in the 3x3 convolution; with `excited`, as in Caffe, the first 1x1 does."""

    def __init__(self, before: int, width: int, stride: int, excited: bool) -> None:
        super().__init__()
        after = 4 * width
        self.conv1 = nn.Conv2d(before, width, 1, stride if excited else 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1 if excited else stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, after, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(after)
        if excited:
            self.se_module = Excitation(after)
        if stride != 1 or before != after:
            self.downsample = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        branch = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()
        branch = self.bn3(self.conv3(branch))
        if hasattr(self, "se_module"):
            branch = self.se_module(branch)
        return (branch + (self.downsample(x) if hasattr(self, "downsample") else x)).relu()


def stage(before: int, width: int, blocks: int, stride: int, excited: bool = False) -> nn.Sequential:
    first = Bottleneck(before, width, stride, excited)
    return nn.Sequential(first, *(Bottleneck(4 * width, width, 1, excited) for _ in range(blocks - 1)))


class SEResNet50(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        conv = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.layer0 = nn.Sequential(OrderedDict(conv1=conv, bn1=nn.BatchNorm2d(64), relu1=nn.ReLU(), pool=pool))
        self.layer1 = stage(64, 64, 3, 1, excited=True)
        self.layer2 = stage(256, 128, 4, 2, excited=True)
        self.layer3 = stage(512, 256, 6, 2, excited=True)
        self.layer4 = stage(1024, 512, 3, 2, excited=True)
        self.last_linear = nn.Linear(2048, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer4(self.layer3(self.layer2(self.layer1(self.layer0(x)))))
        return self.last_linear(x.mean((2, 3)))


class Basic(nn.Module):
    """Its shortcut has no weights: every second pixel, and as many channels of zeros on both sides."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.stride, self.zeros = stride, (after - before) // 2
        self.conv1 = nn.Conv2d(before, after, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        branch = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        shortcut = nn.functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.zeros, self.zeros))
        return (branch + shortcut).relu()


class ResNetCifar(nn.Module):
    """Of depth 6 n + 2."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(*(Basic(16, 16, 1) for _ in range(n)))
        self.layer2 = nn.Sequential(Basic(16, 32, 2), *(Basic(32, 32, 1) for _ in range(n - 1)))
        self.layer3 = nn.Sequential(Basic(32, 64, 2), *(Basic(64, 64, 1) for _ in range(n - 1)))
        self.linear = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer3(self.layer2(self.layer1(self.bn1(self.conv1(x)).relu())))
        return self.linear(x.mean((2, 3)))
