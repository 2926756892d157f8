"""Multiply-adds with zeros of padding: against torch, which adds up ones, against every tap one by one, and against
what was measured."""

import itertools

import pytest

from cnnspec.build.options import Options
from cnnspec.contract.geometry import Slide, slides
from cnnspec.passes.padding import padding_macs, running_padding_macs
from cnnspec.reports.network.asked import Asked
from cnnspec.reports.network.json import report_record
from cnnspec.reports.network.totals import totals_in_words
from tests.judges.examples import Case, cases
from tests.networks import compiled, file_of, network, program

convolutions = [case for case in cases() if case.layer.multiplies_padding]


def padding_of(case: Case) -> int:
    result = program(f"  input {'x'.join(map(str, case.inputs[0]))}\n  one: {case.text}")
    return padding_macs(result.analysis.rows)["one"]


@pytest.mark.torch
@pytest.mark.parametrize("case", convolutions, ids=lambda case: case.name)
def test_ones_add_up_to_what_touches_pixels(case: Case) -> None:
    """A kernel of ones on a map of ones gives at each place how many taps met a pixel."""
    torch = pytest.importorskip("torch")
    from tests.judges.torch_module import run_layer

    weights = {each.name: torch.zeros(each.shape).double() for each in case.layer.weights(case.inputs)}
    weights["weight"] += 1
    found = run_layer(case.layer, case.inputs, weights, [torch.ones((1, *case.inputs[0])).double()])
    assert case.layer.cost(case.inputs).macs - padding_of(case) == int(found.sum())


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3, 5])
def test_every_tap_is_counted_one_by_one(stride: int, dilation: int) -> None:
    tried = 0
    for size, kernel, begin, end in itertools.product(range(1, 9), range(1, 6), (0, 1, 3, 7), (0, 2, 6)):
        (window,) = slides((size,), kernel, stride, 0, dilation)
        window = window._replace(pad_begin=begin, pad_end=end)
        if window.extent < 1:
            continue
        text = f"conv {kernel} 2 /{stride} pad={begin},{end} dilation={dilation} bias=no"
        result = program(f"  input 3x{size}\n  one: {text}")
        assert padding_macs(result.analysis.rows)["one"] == 2 * 3 * off_the_map(window), text
        tried += 1
    assert tried > 300


def off_the_map(window: Slide) -> int:
    taps = itertools.product(range(window.extent), range(window.kernel))
    places = (i * window.stride + tap * window.dilation - window.pad_begin for i, tap in taps)
    return sum(not 0 <= place < window.size for place in places)


@pytest.mark.parametrize(
    ("side", "macs", "on_pixels"), [(224, 1_814_073_344, 1_680_390_912), (32, 37_523_456, 22_174_464)]
)
def test_resnet18(side: int, macs: int, on_pixels: int) -> None:
    result = compiled(file_of("resnet18"), Options(inputs={None: (3, side, side)}))
    assert result.analysis.totals.macs == macs
    assert macs - running_padding_macs(result.analysis.rows) == on_pixels


def test_what_has_no_padding_has_no_zeros() -> None:
    result = program(
        "  input 8x9x9\n  conv 3x3 4 -> conv_transpose 4x4 4 /2 pad=1 -> pad 2 -> conv 3x3 4\n  flatten -> linear 3"
    )
    assert set(padding_macs(result.analysis.rows).values()) == {0}
    assert [each.name for each in totals_in_words(result.analysis)].count("Padding MACs") == 0
    assert report_record(result)["totals"]["padding_macs"] == 0


def test_reports_tell_it_for_the_whole_batch_and_without_auxiliary_heads() -> None:
    result = network("googlenet")
    record = report_record(result, Asked(batch=3))
    runs = {row.node.id for row in result.analysis.rows if row.runs}
    layers = {each["name"]: each["padding_macs"] for each in record["layers"]}
    assert record["totals"]["padding_macs"] == sum(zeros for name, zeros in layers.items() if name in runs)
    assert record["totals"]["padding_macs"] == 3 * running_padding_macs(result.analysis.rows)
    (line,) = [each for each in totals_in_words(result.analysis, 3) if each.name == "Padding MACs"]
    assert line.number == f"{record['totals']['padding_macs']:,}"


def test_a_network_with_errors_counts_as_far_as_it_goes() -> None:
    from tests.texts import compiled as read

    result = read("cnn 1\nmodel A {\n  input 3x8x8\n  conv 3x3 8 pad=1\n  conv 9x9 4 -> conv 3x3 4 pad=1\n}\n")
    assert not result.ok
    assert running_padding_macs(result.analysis.rows) == 3 * 8 * (8 * 8 * 9 - (8 * 3 - 2) ** 2)
