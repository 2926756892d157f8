"""Every count of the example networks against torch and torchvision, to the unit (tests/truth)."""

from typing import Any

import pytest

from cnnspec.build.options import Options
from cnnspec.passes.analysis import Row
from cnnspec.pipeline import Compiled
from tests.networks import PROGRAMS, ZOO, compiled, last, network, truth

TRUTH: dict[str, Any] = truth("networks")
STATE_DICTS: dict[str, dict[str, list[int]]] = truth("state_dicts")
RENAMED = {"tiny_vgg_cnn_explainer": "tiny_vgg", "mobilenet_v1_1.0_224": "mobilenet_v1"}
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
    return compiled(PROGRAMS / "mobilenet_v1.cnn", options)


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
            assert path.rpartition(".")[2] in {"relu", "maxpool", "avgpool"}


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


DEPTHS = {
    "alexnet": 8,
    "vgg11": 11,
    "vgg13": 13,
    "vgg16": 16,
    "vgg19": 19,
    "vgg16_bn": 16,
    "googlenet": 22,
    "resnet18": 18,
    "resnet34": 34,
    "resnet50": 50,
    "resnet101": 101,
    "resnet152": 152,
    "cifar_resnet20": 20,
    "lenet5": 5,
    "mlp": 2,
}


@pytest.mark.parametrize("name", DEPTHS)
def test_depth_is_the_one_in_the_name(name: str) -> None:
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


# By hand, as no other table lists them: (784 + 1) * 100 + (100 + 1) * 10, and LeNet-5 layer by layer.
BY_HAND = {
    "mlp": (785 * 100 + 101 * 10, 784 * 100 + 100 * 10),
    "lenet5": (
        26 * 6 + 151 * 16 + 401 * 120 + 121 * 84 + 85 * 10,
        25 * 6 * 28**2 + 150 * 16 * 10**2 + 400 * 120 + 120 * 84 + 84 * 10,
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_counts_worked_by_hand(name: str) -> None:
    totals = network(name).analysis.totals
    assert (totals.params, totals.macs) == BY_HAND[name]


def test_every_network_of_the_zoo_has_its_truth() -> None:
    assert set(ZOO) <= {RENAMED.get(name, name) for name in TRUTH} | set(BY_HAND)
