"""Networks that are one chain of modules.

Krizhevsky et al. (2012); Chollet, Building Autoencoders in Keras (2016); Tran et al. (2015), with Caffe's poolings,
which round up; Radford et al. (2016), as PyTorch's example has it; Dai et al. (2017); Howard et al. (2017).
"""

from collections import OrderedDict
from collections.abc import Iterator
from fractions import Fraction

from torch import nn


def alexnet() -> nn.Module:
    def normalized() -> tuple[nn.Module, ...]:
        return nn.ReLU(), nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0), nn.MaxPool2d(3, 2)

    return nn.Sequential(
        *(nn.Conv2d(3, 96, 11, stride=4), *normalized()),
        *(nn.Conv2d(96, 256, 5, padding=2, groups=2), *normalized()),
        *(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Flatten(), nn.LazyLinear(4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000)),
    )


def autoencoder() -> nn.Module:
    def down(before: int, after: int) -> tuple[nn.Module, ...]:
        return nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)

    def up(before: int, after: int, padding: int) -> tuple[nn.Module, ...]:
        return nn.Conv2d(before, after, 3, padding=padding), nn.ReLU(), nn.UpsamplingNearest2d(scale_factor=2)

    encoder = (*down(1, 16), *down(16, 8), *down(8, 8))
    decoder = (*up(8, 8, 1), *up(8, 8, 1), *up(8, 16, 0))
    return nn.Sequential(*encoder, *decoder, nn.Conv2d(16, 1, 3, padding=1), nn.Sigmoid())


def c3d() -> nn.Module:
    def convolutions(before: int, *after: int) -> Iterator[nn.Module]:
        for each in after:
            yield from (nn.Conv3d(before, each, 3, padding=1), nn.ReLU())
            before = each

    def pool() -> nn.Module:
        return nn.MaxPool3d(2, ceil_mode=True)

    return nn.Sequential(
        *(*convolutions(3, 64), nn.MaxPool3d((1, 2, 2)), *convolutions(64, 128), pool()),
        *(*convolutions(128, 256, 256), pool(), *convolutions(256, 512, 512), pool()),
        *(*convolutions(512, 512, 512), pool()),
        *(nn.Flatten(), nn.LazyLinear(4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 487)),
    )


def dcgan_generator() -> nn.Module:
    def grown(before: int, after: int, stride: int = 2) -> tuple[nn.Module, ...]:
        padding = 0 if stride == 1 else 1
        conv = nn.ConvTranspose2d(before, after, 4, stride, padding, bias=False)
        return conv, nn.BatchNorm2d(after), nn.ReLU()

    stages = (*grown(100, 512, 1), *grown(512, 256), *grown(256, 128), *grown(128, 64))
    main = nn.Sequential(*stages, nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh())
    return nn.Sequential(OrderedDict(main=main))


def m5() -> nn.Module:
    def stage(conv: nn.Conv1d) -> tuple[nn.Module, ...]:
        return conv, nn.BatchNorm1d(conv.out_channels), nn.ReLU(), nn.MaxPool1d(4, ceil_mode=True)

    widths = ((128, 128), (128, 256), (256, 512))
    later = (stage(nn.Conv1d(before, after, 3, padding=1)) for before, after in widths)
    stages = (stage(nn.Conv1d(1, 128, 80, stride=4, padding=38)), *later)
    layers = [layer for each in stages for layer in each]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(512, 10))


SEPARABLE = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2), (1024, 1))
"""Channels and stride of each pair of convolutions in MobileNet."""


def mobilenet_v1(width: Fraction = Fraction(1)) -> nn.Module:
    def normalized(conv: nn.Conv2d) -> tuple[nn.Module, ...]:
        return conv, nn.BatchNorm2d(conv.out_channels), nn.ReLU()

    before = int(32 * width)
    layers = [*normalized(nn.Conv2d(3, before, 3, stride=2, padding=1, bias=False))]
    for channels, stride in SEPARABLE:
        after = int(channels * width)
        layers += normalized(nn.Conv2d(before, before, 3, stride, padding=1, groups=before, bias=False))
        layers += normalized(nn.Conv2d(before, after, 1, bias=False))
        before = after
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 1000))
