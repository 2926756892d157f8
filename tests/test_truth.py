"""Every count of the example networks against torch 2.13 and torchvision 0.28, to the unit (tests/truth)."""

from typing import Any

import pytest

from cnnspec.build.options import Options
from cnnspec.passes.analysis import Row
from cnnspec.pipeline import Compiled
from tests.networks import EXAMPLES, compiled, last, network, truth

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


def test_auxiliary_heads_count_as_parameters_only() -> None:
    """torchvision 0.28, GoogLeNet_Weights.IMAGENET1K_V1: num_params, which are those without the heads."""
    totals = network("googlenet").analysis.totals
    assert totals.params - totals.aux_params == 6624904
    assert totals.aux_macs > 0


@pytest.mark.parametrize("name", ["googlenet", "googlenet_paper"])
def test_auxiliary_heads_count_with_the_papers_weight(name: str) -> None:
    """Szegedy et al., 2015, section 5: the losses of the auxiliary classifiers were weighted by 0.3."""
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
"""In the name, or told in the paper: 8 layers with weights (Krizhevsky et al., 2012, section 3.5), 22 (Szegedy et al.,
2015, section 5), 28 (Howard et al., 2017, section 3.2), 23 (Ronneberger et al., 2015, section 2)."""


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
