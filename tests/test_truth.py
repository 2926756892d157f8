"""Every count of the example networks against torch and torchvision, to the unit (tests/truth)."""

from typing import Any

import pytest

from cnnspec.build.options import Options
from cnnspec.passes.analysis import Row
from cnnspec.pipeline import Compiled
from tests.networks import EXAMPLES, ZOO, compiled, last, network, truth

TRUTH: dict[str, Any] = truth("networks")
STATE_DICTS: dict[str, dict[str, list[int]]] = truth("state_dicts")
RENAMED = {
    "tiny_vgg_cnn_explainer": "tiny_vgg",
    "cifar_resnet20": "resnet20_cifar",
    "mobilenet_v1_1.0_224": "mobilenet_v1",
}
WORDS = {
    "Conv2d": {"conv", "depthwise"},
    "Linear": {"linear"},
    "BatchNorm2d": {"bn"},
    "ReLU": {"relu"},
    "ReLU6": {"relu6"},
    "MaxPool2d": {"maxpool"},
    "AdaptiveAvgPool2d": {"adaptive_avgpool", "gap"},
    "Dropout": {"dropout"},
    "Flatten": {"flatten"},
}


def of(name: str) -> Compiled:
    if name == "mobilenet_v1_0.5_160":
        return mobilenet_v1("0.5", 160)
    return network(RENAMED.get(name, name))


def mobilenet_v1(width: str, side: int) -> Compiled:
    from fractions import Fraction

    options = Options(parameters={"width": Fraction(width)}, inputs={None: (3, side, side)})
    return compiled(EXAMPLES / "mobilenet_v1.cnn", options)


@pytest.mark.parametrize("name", TRUTH)
def test_totals(name: str) -> None:
    expected, totals = TRUTH[name], of(name).analysis.totals
    assert totals.params == totals.params_trainable == expected["params"]
    assert totals.macs == expected["conv_linear_macs"]
    assert totals.buffer_tensors == expected["buffers"]["count"]
    assert totals.buffer_elements == expected["buffers"]["elements"]


@pytest.mark.parametrize("name", TRUTH)
def test_layers_in_order(name: str) -> None:
    """Shape, parameters and multiply-adds of every layer of a kind that torch's network holds as a module."""
    expected = TRUTH[name]["layers"]
    kinds = set().union(*(WORDS[kind] for _, kind, *_ in expected))
    rows = [row for row in of(name).analysis.rows if row.runs and row.node.layer.word in kinds]
    assert [facts(row) for row in rows] == [tuple(each[2][1:]) + tuple(each[3:]) for each in expected]
    assert all(row.node.layer.word in WORDS[each[1]] for row, each in zip(rows, expected, strict=True))


@pytest.mark.parametrize("name", STATE_DICTS)
def test_layers_by_name(name: str) -> None:
    """torchvision's names; it reuses one module for several activations, and names some layers without weights."""
    rows = {row.node.id: row for row in of(name).analysis.rows}
    for path, _, shape, params, macs in TRUTH[name]["layers"]:
        if path in rows:
            assert facts(rows[path]) == (*shape[1:], params, macs)
        else:
            assert params == 0
            assert path.rpartition(".")[2] in {"relu", "maxpool", "avgpool", "dropout"}


@pytest.mark.parametrize("name", STATE_DICTS)
def test_weights_are_torchvisions(name: str) -> None:
    """Names and shapes of all tensors, in the order of torch's state_dict (where it lists its heads, in ours)."""
    weights = [
        (f"{row.node.id}.{each.name}", list(each.shape)) for row in of(name).analysis.rows for each in row.weights
    ]
    expected = list(STATE_DICTS[name].items())
    if of(name).analysis.totals.aux_params:
        weights, expected = sorted(weights), sorted(expected)
    assert weights == expected


def facts(row: Row) -> tuple[int, ...]:
    assert row.shape is not None
    return (*row.shape, row.params, row.cost.macs)


PARAMETERS = {"1.0": 4231976, "0.75": 2585560, "0.5": 1331592, "0.25": 470072}
MACS = {
    "1.0": {224: 568740352, 192: 418121728, 160: 290675200, 128: 186400768},
    "0.75": {224: 325400448, 192: 239273472, 160: 166396800, 128: 106770432},
    "0.5": {224: 149497088, 192: 109970432, 160: 76524800, 128: 49160192},
    "0.25": {224: 41030272, 192: 30212608, 160: 21059200, 128: 13570048},
}


@pytest.mark.parametrize("width", MACS)
def test_width_and_resolution(width: str) -> None:
    """MobileNet's two multipliers."""
    for side, macs in MACS[width].items():
        totals = mobilenet_v1(width, side).analysis.totals
        assert (totals.params, totals.macs) == (PARAMETERS[width], macs)


def test_auxiliary_heads_count_as_parameters_only() -> None:
    totals = network("googlenet").analysis.totals
    assert totals.params - totals.aux_params == 6624904
    assert totals.aux_macs > 0


@pytest.mark.parametrize("name", ["googlenet", "googlenet_paper"])
def test_auxiliary_heads_count_with_the_papers_weight(name: str) -> None:
    built = network(name).built
    assert built is not None
    assert {name: head.weight for name, head in built.graph.aux.items()} == {"aux1": 0.3, "aux2": 0.3}


DEPTHS = {
    "alexnet": 8,
    "alexnet_paper": 8,
    "vgg11": 11,
    "vgg13": 13,
    "vgg16": 16,
    "vgg19": 19,
    "vgg16_bn": 16,
    "googlenet": 22,
    "googlenet_paper": 22,
    "densenet121": 121,
    "resnet18": 18,
    "resnet34": 34,
    "resnet50": 50,
    "resnet101": 101,
    "resnet152": 152,
    "resnet20_cifar": 20,
    "resnet56_cifar": 56,
    "mobilenet_v1": 28,
    "unet": 23,
    "m5_audio": 5,
    "lenet5": 5,
    "mlp": 2,
}
"""In the name, or told in the paper: 28 layers of MobileNet, 23 of U-Net."""


@pytest.mark.parametrize("name", DEPTHS)
def test_depth_is_the_one_that_is_told(name: str) -> None:
    assert network(name).analysis.totals.depth == DEPTHS[name]


FIELDS = {
    "alexnet torchvision pool5 (features.12)": ("alexnet", "features.12"),
    "vgg16 conv5_3 (features.28)": ("vgg16", "features.28"),
    "vgg16 pool5 (features.30)": ("vgg16", "features.30"),
    "resnet18 layer4": ("resnet18", "layer4"),
    "resnet50 torchvision v1.5 (stride on 3x3) layer4": ("resnet50", "layer4"),
    "googlenet torchvision (3x3 in branch3, 2x2 maxpool4) inception5b": ("googlenet", "inception5b"),
}


@pytest.mark.parametrize("title", truth("receptive_fields"))
def test_receptive_fields(title: str) -> None:
    name, path = FIELDS[title]
    fields, expected = last(network(name), path).field, truth("receptive_fields")[title]
    assert fields is not None
    for axis in fields.axes:
        found = (axis.size, axis.stride, axis.start, axis.start + axis.size - 1)
        assert found == (expected["size"], expected["stride"], expected["start"], expected["end"])


# C3D's convolutions: channels before and after, and how many places of 3x3x3 windows there are.
CLIPS = (
    *((3, 64, 16 * 112**2), (64, 128, 16 * 56**2), (128, 256, 8 * 28**2), (256, 256, 8 * 28**2)),
    *((256, 512, 4 * 14**2), (512, 512, 4 * 14**2), (512, 512, 2 * 7**2), (512, 512, 2 * 7**2)),
)

# By hand, as no other table lists them: layer by layer.
BY_HAND = {
    "digits": (
        9 * (32 + 32 * 32 + 32 * 64 + 64 * 64) + 2 * (32 + 32 + 64 + 64) + 257 * 10,
        9 * (32 + 32 * 32) * 8**2 + 9 * (32 * 64 + 64 * 64) * 4**2 + 256 * 10,
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


# What others print of networks that tests/truth does not hold: parameters, and where they are told multiply-adds, which
# ours are once they are rounded as there. tests/test_published.py has all of them to the unit.
PRINTED: dict[str, tuple[int, int | None, int]] = {
    "alexnet_paper": (60_965_224, 724_406_816, 0),  # netscope: 60.97M and 724.41M
    "densenet121": (7_978_856, 2_834, 6),  # torchvision, DenseNet121_Weights: num_params, _ops in billions
    "se_resnet50": (28_088_024, None, 0),  # the tables of pytorchcv
    # torchvision, RetinaNet_ResNet50_FPN_Weights: 34014999, without the 53120 of its frozen batch normalization
    "retinanet": (34_014_999 + 53_120, 15_154, 7),
    "autoencoder": (4_385, None, 0),  # Keras' summary of it
    "dcgan_generator": (3_576_704, None, 0),  # torchsummary of PyTorch's example
    "unet": (31_030_658, None, 0),  # Keras' summary of the network of figure 1
}


@pytest.mark.parametrize("name", PRINTED)
def test_counts_that_others_print(name: str) -> None:
    totals = network(name).analysis.totals
    params, macs, power = PRINTED[name]
    assert totals.params == params
    if macs is not None:
        assert round(totals.macs / 10**power) == macs


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
    assert set(ZOO) == {RENAMED.get(name, name) for name in TRUTH} - {"mobilenet_v1_0.5_160"} | {
        *BY_HAND,
        *PRINTED,
        *by_formula,
    }
