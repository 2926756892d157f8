"""The receptive field against a probe: which rows of pixels change a unit's value, and which do not.

Weights are positive and whatever flattens out is left aside, so that no path can cancel another and a brighter pixel is
seen through any maximum. The other axes are kept narrow: a field is one axis' own affair.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod

import pytest

torch = pytest.importorskip("torch")
from torch import Tensor

from cnnspec.build.options import Options
from cnnspec.contract.facts import Weight
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes, Value
from cnnspec.passes.fields.receptive_field import Field
from cnnspec.pipeline import Compiled
from tests.judges.assemble import values
from tests.judges.torch_module import run_layer
from tests.networks import compiled, file_of, last, network, program

SATURATING = {"relu6", "tanh", "sigmoid", "softmax", "lrn"}

SMALL = {
    "one window": (2, 2, "conv 3x3 2"),
    "strides and padding": (2, 2, "conv 5x5 2 /3 pad=2 -> relu -> conv 3x3 2 /2 pad=1"),
    "dilation": (1, 2, "conv 3x3 2 dilation=3 -> conv 2x2 1 dilation=2"),
    "a window for each axis": (1, 2, "conv 1x5 2 /1x2 pad=0x2 -> conv 3x2 2 /2x1"),
    "padding at one end": (1, 2, "conv 4x4 2 pad=0,1,3,2 /2 -> conv 2x2 2 pad=same_upper"),
    "same_lower": (1, 2, "conv 4x4 2 pad=same_lower -> maxpool 2x2"),
    "pools": (2, 2, "maxpool 3x3 /2 pad=1 -> avgpool 2x2 /1 -> maxpool 3x3 /2 ceil_mode=yes"),
    "depthwise": (3, 2, "depthwise 3x3 pad=1 -> bn -> relu6 -> conv 1x1 4 -> depthwise 5x5 /2"),
    "branches of different size": (
        3,
        2,
        "conv 3x3 4 pad=1\n"
        "concat { conv 1x1 2 | conv 3x3 2 pad=1 | conv 1x1 2 -> conv 5x5 2 pad=2 | maxpool 3x3 /1 pad=1 }",
    ),
    "branches that lie apart": (1, 2, "add { conv 3x3 2 pad=0,0,2,2 | conv 3x3 2 pad=2,2,0,0 }"),
    "a residual block": (
        3,
        2,
        "add { conv 3x3 4 /2 pad=1 -> bn -> relu -> conv 3x3 4 pad=1 | conv 1x1 4 /2 } -> relu",
    ),
    "a transposed convolution that keeps the size": (
        2,
        2,
        "conv_transpose 3x3 2 pad=1 -> conv_transpose 3 2 dilation=2",
    ),
    "a border and a part": (1, 2, "pad 2,0,1,3 -> conv 3x3 2 /2 -> crop 1,0,0,1 -> conv 3x3 1"),
    "the centre, as large as another value": (1, 2, "s: relu -> conv 5x5 2\nu: relu\n@s -> crop like=@u -> conv 3x3 1"),
    "a gate": (3, 2, "mul { conv 3x3 3 pad=1 | conv 7x7 3 pad=3 -> sigmoid }"),
    "one axis": (2, 1, "conv 5 4 /2 pad=2 -> conv 3 4 dilation=2"),
    "three axes": (1, 3, "conv 3x2x1 2 /2x1x1 -> conv 2 2"),
}


@pytest.mark.parametrize("title", SMALL)
def test_small_networks(title: str) -> None:
    channels, rank, text = SMALL[title]
    claimed = program(f"input {channels}x{'x'.join(['25'] * rank)}\n{text}").analysis.rows[-1]
    assert claimed.field is not None
    for axis, field in enumerate(claimed.field.axes):
        wider = program(f"input {channels}x{wide(field, axis, rank, 25)}\n{text}")
        probe(wider, claimed.node.id, axis, field)


# What leaves the last map, and how narrow a picture may be for its windows to fit.
# The fewer channels, the sooner it is done.
LARGE: dict[str, tuple[str, int, dict[str, Value]]] = {
    "alexnet": ("features.12", 63, {}),
    "resnet18": ("layer4", 1, {}),
    "resnet50": ("layer4", 1, {}),
    "mobilenet_v2": ("features.18", 1, {"width": Fraction(1, 8)}),
    "googlenet": ("inception5b", 31, {}),
}


@pytest.mark.parametrize("name", LARGE)
def test_example_networks(name: str) -> None:
    path, narrow, parameters = LARGE[name]
    row = last(network(name), path)
    assert row.field is not None
    assert row.field.axes[0] == row.field.axes[1]
    high = Options(parameters=parameters, inputs={None: (3, int(wide(row.field.axes[0], 0, 1, 0)), narrow)})
    probe(compiled(file_of(name), high), row.node.id, 0, row.field.axes[0])


def test_where_no_single_field_says_it() -> None:
    """Squeeze and excitation: every value has seen the whole map."""
    text = "input 4x9x9\nmul { id | gap -> conv 1x1 2 -> relu -> conv 1x1 4 -> sigmoid }\nconv 3x3 4"
    assert program(text).analysis.rows[-1].field is None


@pytest.mark.parametrize("step", ["upsample 2", "conv_transpose 4x4 4 /2 pad=1", "pixel_shuffle 2", "pad 1 mode=edge"])
def test_where_neighbours_do_not_see_alike(step: str) -> None:
    assert program(f"input 4x9x9\nconv 3x3 4\n{step}\nconv 3x3 4").analysis.rows[-1].field is None


def wide(field: Field, axis: int, rank: int, narrow: int) -> str:
    """More than twice the field on one axis, so that units in the middle see no border."""
    side = -(-2 * field.size // field.stride) * field.stride + 4 * field.stride
    return "x".join(str(side if each == axis else narrow) for each in range(rank))


def probe(result: Compiled, path: str, axis: int, field: Field) -> None:
    """A unit in the middle changes with the first and the last row of its field, and with nothing outside it; the
    field of the unit after it begins one stride further."""
    assert result.built is not None
    (source,) = result.built.graph.inputs
    shape, value_shape = result.built.shapes[source], result.built.shapes[path]
    assert shape is not None
    assert value_shape is not None
    unit = value_shape[1 + axis] // 2
    start = field.start + unit * field.stride
    end, after = start + field.size, start + field.stride
    assert 0 < start < end < shape[1 + axis], "the field touches the border: nothing would lie outside it"
    rows = {
        "none": slice(0, 0),
        "before": slice(0, start),
        "behind": slice(end, None),
        "first": slice(start, start + 1),
        "last": slice(end - 1, end),
        "before the next": slice(0, after),
        "first of the next": slice(after, after + 1),
    }
    given = {source: perturbed(shape, axis, list(rows.values()))}
    value = values(result, {}, given, until=path, run=run_positive)[path]
    assert changed(value.select(2 + axis, unit), list(rows)) >= {"first", "last", "before the next"}
    assert not changed(value.select(2 + axis, unit), list(rows)) & {"before", "behind"}
    next_one = changed(value.select(2 + axis, unit + 1), list(rows))
    assert "first of the next" in next_one
    assert "before the next" not in next_one


def changed(values: Tensor, names: list[str]) -> set[str]:
    """The pictures in which a unit has another value than in the first."""
    return {name for name, each in zip(names, values, strict=True) if bool((each != values[0]).any())}


def perturbed(shape: Shape, axis: int, rows: Sequence[slice]) -> Tensor:
    """One picture of ones for each range of rows, far brighter there."""
    pixels = torch.ones(len(rows), *shape, dtype=torch.float64)
    for place, each in enumerate(rows):
        index: list[int | slice] = [place] + [slice(None)] * (1 + axis)
        pixels[(*index, each)] = 1e12
    return pixels


def run_positive(layer: Layer, shapes: Shapes, weights: Mapping[str, Tensor], operands: Sequence[Tensor]) -> Tensor:
    """The layer with positive weights, or nothing where it would flatten out."""
    if layer.word in SATURATING:
        return operands[0]
    positive = {each.name: constant(each) for each in layer.weights(shapes)}
    return run_layer(layer, shapes, positive, operands)


def constant(weight: Weight) -> Tensor:
    """1 / fan-in, so that values keep their size; statistics and biases that leave every value as it is."""
    if weight.dtype != "float32":
        return torch.zeros(weight.shape, dtype=torch.int64)
    value = {"running_mean": 0.0, "bias": 0.0}.get(weight.name, 1.0)
    return torch.full(weight.shape, value / prod(weight.shape[1:]), dtype=torch.float64)
