"""Counts of the example networks that tests/truth does not hold: worked out by hand, layer by layer, from the tables of
the papers, and the numbers that papers and other tools print."""

from itertools import pairwise

import pytest

from tests.networks import ZOO, network
from tests.test_truth import RENAMED, TRUTH, mobilenet_v1


def conv(kernel: int, before: int, after: int, places: int = 0, bias: int = 1) -> tuple[int, int]:
    """Parameters and multiply-adds of a convolution with so many places in its window, at so many places of the result;
    besides its weights each channel has a bias, or 2 numbers of the batch normalization behind it."""
    return (kernel * before + bias) * after, kernel * before * after * places


def both(*layers: tuple[int, int]) -> tuple[int, int]:
    """Parameters and multiply-adds of all layers together."""
    return sum(params for params, _ in layers), sum(macs for _, macs in layers)


# C3D's convolutions (Tran et al., 2015, figure 3): channels before and after, and how many places of 3x3x3 windows
# there are.
CLIPS = (
    *((3, 64, 16 * 112**2), (64, 128, 16 * 56**2), (128, 256, 8 * 28**2), (256, 256, 8 * 28**2)),
    *((256, 512, 4 * 14**2), (512, 512, 4 * 14**2), (512, 512, 2 * 7**2), (512, 512, 2 * 7**2)),
)

# U-Net, figure 1: widths and sides of the contracting path, the expansive path and the last layer.
UNET_DOWN = ((1, 64, 570, 568), (64, 128, 282, 280), (128, 256, 138, 136), (256, 512, 66, 64), (512, 1024, 30, 28))
UNET_UP = ((1024, 512, 56, 54, 52), (512, 256, 104, 102, 100), (256, 128, 200, 198, 196), (128, 64, 392, 390, 388))
UNET = (
    *(conv(9, before, after, first**2) for before, after, first, _ in UNET_DOWN),
    *(conv(9, after, after, second**2) for _, after, _, second in UNET_DOWN),
    # a transposed 2x2 convolution with stride 2 sets one weight for each pair of channels at each place
    *((4 * before * after + after, before * after * side**2) for before, after, side, _, _ in UNET_UP),
    *(conv(9, before, after, first**2) for before, after, _, first, _ in UNET_UP),
    *(conv(9, after, after, second**2) for _, after, _, _, second in UNET_UP),
    conv(1, 64, 2, 388**2),
)

# The generator of Radford et al., 2016, figure 1, at the widths and without the biases of PyTorch's example: of each
# transposed 4x4 convolution each place that comes in meets all 16 weights.
DCGAN_WIDTHS = (100, 512, 256, 128, 64, 3)
DCGAN = tuple(
    (16 * before * after + 2 * after * (after > 3), 16 * before * after * side**2)
    for (before, after), side in zip(pairwise(DCGAN_WIDTHS), (1, 4, 8, 16, 32), strict=True)
)

# AlexNet as in Krizhevsky et al., 2012, section 3.5; the second, fourth and fifth see half of the channels.
ALEXNET = (
    *(conv(121, 3, 96, 55**2), conv(25, 48, 256, 27**2), conv(9, 256, 384, 13**2), conv(9, 192, 384, 13**2)),
    *(conv(9, 192, 256, 13**2), conv(36, 256, 4096, 1), conv(1, 4096, 4096, 1), conv(1, 4096, 1000, 1)),
)

# SE-ResNet-50 of Hu et al., 2018, table 1: width, blocks and side of each stage; the stride is in the first 1x1, as in
# their Caffe model, and a block of c channels has two layers of c / 16 between.
SE_STAGES = ((64, 64, 3, 56), (256, 128, 4, 28), (512, 256, 6, 14), (1024, 512, 3, 7))


def se_block(before: int, width: int, side: int) -> tuple[int, int]:
    out, places = 4 * width, side**2
    return both(
        conv(1, before, width, places, 2),
        conv(9, width, width, places, 2),
        conv(1, width, out, places, 2),
        conv(1, out, out // 16, 1),
        conv(1, out // 16, out, 1),
        conv(1, before, out, places, 2) if before != out else (0, 0),
    )


SE_RESNET = (
    conv(49, 3, 64, 112**2, 2),
    *(
        se_block(before if first else 4 * width, width, side)
        for before, width, blocks, side in SE_STAGES
        for first in (True, *(False,) * (blocks - 1))
    ),
    conv(1, 2048, 1000, 1),
)

# The others after the tables and figures that each example names in its first lines.
BY_HAND = {
    "alexnet_paper": both(*ALEXNET),
    "autoencoder": both(
        *(conv(9, 1, 16, 28**2), conv(9, 16, 8, 14**2), conv(9, 8, 8, 7**2), conv(9, 8, 8, 4**2)),
        *(conv(9, 8, 8, 8**2), conv(9, 8, 16, 14**2), conv(9, 16, 1, 28**2)),
    ),
    "dcgan_generator": both(*DCGAN),
    "unet": both(*UNET),
    "se_resnet50": both(*SE_RESNET),
    "digits": (
        9 * (32 + 32 * 32 + 32 * 64 + 64 * 64) + 2 * (32 + 32 + 64 + 64) + 257 * 10,
        9 * (32 + 32 * 32) * 8**2 + 9 * (32 * 64 + 64 * 64) * 4**2 + 256 * 10,
    ),
    "fashion": (
        9 * (32 + 32 * 32 + 32 * 64 + 64 * 64 + 64 * 128 + 128 * 128) + 2 * 2 * (32 + 64 + 128) + 129 * 10,
        9 * (32 + 32 * 32) * 28**2 + 9 * (32 * 64 + 64 * 64) * 14**2 + 9 * (64 * 128 + 128 * 128) * 7**2 + 128 * 10,
    ),
    "mlp": (785 * 100 + 101 * 10, 784 * 100 + 100 * 10),
    "siamese": (
        101 * 64 + 3137 * 128 + 2049 * 128 + 2049 * 256 + 9217 * 4096 + 4097,
        2 * (100 * 64 * 96**2 + 3136 * 128 * 42**2 + 2048 * 128 * 18**2 + 2048 * 256 * 6**2 + 9216 * 4096) + 4096,
    ),
    "m5_audio": (
        81 * 128 + 385 * 128 + 385 * 256 + 769 * 512 + 2 * (128 + 128 + 256 + 512) + 513 * 10,
        80 * 128 * 8000 + 384 * 128 * 2000 + 384 * 256 * 500 + 768 * 512 * 125 + 512 * 10,
    ),
    "c3d": (
        sum((27 * before + 1) * after for before, after, _ in CLIPS) + 8193 * 4096 + 4097 * 4096 + 4097 * 487,
        sum(27 * before * after * places for before, after, places in CLIPS) + (8192 + 4096 + 487) * 4096,
    ),
    "lenet5": (
        26 * 6 + 151 * 16 + 401 * 120 + 121 * 84 + 85 * 10,
        25 * 6 * 28**2 + 150 * 16 * 10**2 + 400 * 120 + 120 * 84 + 84 * 10,
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_counts_worked_by_hand(name: str) -> None:
    totals = network(name).analysis.totals
    assert (totals.params, totals.macs) == BY_HAND[name]


# What others print, in parameters, and in multiply-adds, which ours are once they are rounded as there.
PRINTED: dict[str, tuple[int, int | None, int]] = {
    # torchvision 0.28, DenseNet121_Weights.IMAGENET1K_V1: num_params, _ops in billions
    "densenet121": (7_978_856, 2_834, 6),
    # torchvision 0.28, RetinaNet_ResNet50_FPN_Weights.COCO_V1: num_params 34014999, without the 53120 of its frozen
    # batch normalization; _ops in billions
    "retinanet": (34_014_999 + 53_120, 15_154, 7),
}


@pytest.mark.parametrize("name", PRINTED)
def test_counts_that_others_print(name: str) -> None:
    totals = network(name).analysis.totals
    params, macs, power = PRINTED[name]
    assert totals.params == params
    if macs is not None:
        assert round(totals.macs / 10**power) == macs


# MobileNet, table 1: channels before and after each depthwise separable convolution, and its stride.
SEPARABLE = (
    *((32, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2)),
    *((512, 512, 1),) * 5,
    *((512, 1024, 2), (1024, 1024, 1)),
)


def mobilenet_by_hand(eighths: int, side: int) -> tuple[int, int]:
    """Parameters and multiply-adds with widths of so many eighths, layer by layer."""
    places = (side // 2) ** 2
    layers = [conv(9, 3, 32 * eighths // 8, places, 2)]
    for before, after, stride in SEPARABLE:
        before, after, places = before * eighths // 8, after * eighths // 8, places // stride**2
        layers += [conv(9, 1, before, places, 2), conv(1, before, after, places, 2)]
    return both(*layers, conv(1, 1024 * eighths // 8, 1000, 1))


# Howard et al., 2017, tables 6 and 7: millions of multiply-adds and of parameters.
MULTIPLIERS = {
    ("1.0", 224): (569, 4.2),
    ("0.75", 224): (325, 2.6),
    ("0.5", 224): (149, 1.3),
    ("0.25", 224): (41, 0.5),
    ("1.0", 192): (418, 4.2),
    ("1.0", 160): (290, 4.2),
    ("1.0", 128): (186, 4.2),
}


@pytest.mark.parametrize("side", [224, 192, 160, 128])
@pytest.mark.parametrize("width", ["1.0", "0.75", "0.5", "0.25"])
def test_width_and_resolution_of_mobilenet(width: str, side: int) -> None:
    totals = mobilenet_v1(width, side).analysis.totals
    assert (totals.params, totals.macs) == mobilenet_by_hand(round(8 * float(width)), side)
    if (width, side) in MULTIPLIERS:
        macs, params = MULTIPLIERS[width, side]
        assert abs(totals.macs / 10**6 - macs) < 1
        assert round(totals.params / 10**6, 1) == params


def test_alexnet_as_netscope_prints_it() -> None:
    """Netscope CNN Analyzer, its preset AlexNet: 60.97M parameters, 724.41M multiply-adds."""
    totals = network("alexnet_paper").analysis.totals
    assert (round(totals.params / 10**6, 2), round(totals.macs / 10**6, 2)) == (60.97, 724.41)


# The column "ops" of GoogLeNet's table 1, in millions. Two of its rows are no count of the widths beside them and are
# left out: conv1, of which it tells a third, and inception5a (54M), where they make 51M.
OPS = {
    **{"inception3a": 128, "inception3b": 304, "inception4a": 73, "inception4b": 88, "inception4c": 100},
    **{"inception4d": 119, "inception4e": 170, "inception5b": 71, "fc": 1},
}


@pytest.mark.parametrize("path", OPS)
def test_ops_of_googlenets_table(path: str) -> None:
    rows = [row for row in network("googlenet_paper").analysis.rows if f"{row.node.id}.".startswith(f"{path}.")]
    assert abs(sum(row.cost.macs for row in rows) / 10**6 - OPS[path]) < 1


def basic_blocks(n: int) -> int:
    """Parameters of a ResNet for CIFAR-10 with n blocks a stage, layer by layer."""

    def block(before: int, after: int) -> int:
        return 9 * before * after + 9 * after * after + 4 * after

    stages = ((16, 16), (16, 32), (32, 64))
    return 27 * 16 + 2 * 16 + sum(block(*stage) + (n - 1) * block(stage[1], stage[1]) for stage in stages) + 65 * 10


def test_resnets_for_cifar() -> None:
    """He et al., table 6: 0.27M and 0.85M."""
    assert network("resnet20_cifar").analysis.totals.params == basic_blocks(3) == 269_722
    assert network("resnet56_cifar").analysis.totals.params == basic_blocks(9) == 853_018


def test_every_network_of_the_zoo_has_its_truth() -> None:
    by_formula = {"resnet20_cifar", "resnet56_cifar", "googlenet_paper"}
    known = {RENAMED.get(name, name) for name in TRUTH} - {"mobilenet_v1_0.5_160"}
    assert set(ZOO) == known | {*BY_HAND, *PRINTED, *by_formula}
