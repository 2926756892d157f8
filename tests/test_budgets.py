"""`require params <= 12M`: how much is over or short, who makes it so, and what other programs get of it."""

import json
import re
from itertools import product

import pytest

from cnnspec.passes.accounts import account
from cnnspec.passes.fields.unit import Unit, seen_part
from cnnspec.passes.quantities import last_map, quantities
from cnnspec.pipeline import Compiled, compile_source
from cnnspec.reports.findings.exchange import FORMATS
from cnnspec.reports.look import Look
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source
from tests import ROOT
from tests.networks import ZOO, network
from tests.texts import compiled, model

RESNET = (ROOT / "examples" / "resnet50.cnn").read_text(encoding="utf-8")


def budgeted(condition: str, text: str = RESNET) -> Compiled:
    """An example with a condition as its model's first line."""
    return compile_source(
        Source(str(ROOT / "examples" / "budgeted.cnn"), text.replace("input 3x", f"{condition}\n  input 3x", 1))
    )


def missed(condition: str, text: str = RESNET) -> list[Diagnostic]:
    found = list(budgeted(condition, text).diagnostics)
    assert {each.id for each in found} <= {"require"}
    return found


def test_what_is_over_and_by_whom() -> None:
    (found,) = missed("require params <= 12M")
    assert found.message == (
        "`params <= 12M` does not hold: 25,557,032 of 12,000,000 parameters, 13,557,032 (113.0%) over"
    )
    assert found.label
    assert (found.label.span.text, found.label.text) == ("params <= 12M", "13,557,032 (113.0%) over")
    assert [(each.span.text, each.text) for each in found.secondary] == [
        ("Stage Bottleneck 512 3 /2", "14,964,736 parameters (58.6%)"),
        ("Stage Bottleneck 256 6 /2", "7,098,368 parameters (27.8%)"),
        ("linear classes", "2,049,000 parameters (8.0%)"),
    ]
    most, layers = found.notes
    assert most == "most is in `layer4` (58.6%), `layer3` (27.8%), `fc` (8.0%)"
    assert [re.sub(r"\([^ ]*/", "(", each) for each in layers.split("\n")] == [
        "largest layers",
        "`layer4.0.conv2` and 2 like it (resnet_blocks.cnn:26): 2,359,296 parameters each, 27.7% together",
        "`layer4.0.downsample.0` (resnet_blocks.cnn:27): 2,097,152 parameters (8.2%)",
        "`fc` (budgeted.cnn:17): 2,049,000 parameters (8.0%)",
    ]


CASES = (
    ("params < 25557032", "25,557,032 parameters, where below 25,557,032 is asked for", 3),
    ("params > 25557032", "25,557,032 parameters, where above 25,557,032 is asked for", 0),
    ("12M >= params", "25,557,032 of 12,000,000 parameters, 13,557,032 (113.0%) over", 3),
    ("params >= 26M", "25,557,032 of 26,000,000 parameters, 442,968 (1.7%) short", 0),
    ("params == 25M", "25,557,032 of 25,000,000 parameters, 557,032 (2.2%) over", 3),
    ("params == 26M", "25,557,032 of 26,000,000 parameters, 442,968 (1.7%) short", 0),
    ("params != 25557032", "25,557,032 parameters", 0),
    ("params <= 2*classes*classes", "25,557,032 of 2,000,000 parameters, 23,557,032 (12 times the bound) over", 3),
    ("params <= 1/2", "25,557,032 of 0.50 parameters, 25,557,031.50 (51,114,063 times the bound) over", 3),
    ("params <= 0", "25,557,032 of 0 parameters, 25,557,032 over", 3),
    ("params <= 24M", "25,557,032 of 24,000,000 parameters, 1,557,032 (6.5%) over", 3),
    ("macs <= 4G", "4,089,184,256 of 4,000,000,000 MACs, 89,184,256 (2.2%) over", 3),
    ("macs <= 14GiB//4", "4,089,184,256 of 3,758,096,384 MACs, 331,087,872 (8.8%) over", 3),
    ("depth <= 49", "50 of 49 multiplying layers, 1 (2.0%) over", 2),
    ("rf >= 500", "427 of 500 pixels, 73 (14.6%) short", 1),
    ("memory <= 107MiB", "", 0),
)  # fmt: skip


@pytest.mark.parametrize(("condition", "told", "labels"), CASES, ids=[each[0] for each in CASES])
def test_every_shape_of_a_bound(condition: str, told: str, labels: int) -> None:
    found = missed(f"require {condition}")
    if not told:
        assert found == []
        return
    (one,) = found
    assert one.message == f"`{condition}` does not hold: {told}"
    assert len(one.secondary) == labels


def test_what_is_no_bound_on_one_quantity_tells_what_it_read() -> None:
    (ratio,) = missed("require macs <= 100*params")
    assert ratio.message == "`macs <= 100*params` does not hold (macs = 4,089,184,256, params = 25,557,032)"
    (part,) = missed("require params//1000 <= 12")
    assert part.message == "`params//1000 <= 12` does not hold (params = 25,557,032)"
    (either,) = missed("require params <= 12M or depth <= 20")
    assert either.message == "`params <= 12M or depth <= 20` does not hold (params = 25,557,032, depth = 50)"
    assert not ratio.notes
    assert not either.secondary


def test_several_budgets_are_told_each() -> None:
    both = missed('require params <= 12M, macs <= 2G and depth <= 20, rf >= 200 "too much for the camera"')
    assert [each.message.partition(":")[0] for each in both] == ["too much for the camera"] * 3
    assert [each.label and each.label.span.text for each in both] == ["params <= 12M", "macs <= 2G", "depth <= 20"]


def test_a_guard_is_looked_at_first() -> None:
    assert len(missed("require classes < 10 and params // (classes - 1000) < 5")) == 1


def test_memory_says_where_its_peak_is() -> None:
    (found,) = missed("require memory <= 64MB")
    assert [(each.span.text, each.text) for each in found.secondary] == [
        ("Stage Bottleneck 64 3", "most values are held here")
    ]
    assert found.notes[0].startswith("102,441,032 bytes of weights, and 9,633,792 of values while `layer1.0.")


def test_depth_says_where_the_path_begins_and_ends() -> None:
    (found,) = missed("require depth <= 20")
    assert [each.span.text for each in found.secondary] == ["conv 7x7 64 /2", "linear classes"]
    assert re.sub(r"\([^)]*\)", "", found.notes[0]) == "the longest path has 50, from `conv1`  to `fc` "


@pytest.mark.parametrize("bound", ["rf >= 3", "rf >= 1", "rf <= 3", "3 >= rf", "rf != 7", "rf * 2 == rf + 1"])
def test_a_field_without_a_map_is_no_number(bound: str) -> None:
    """Whichever the comparison is, and beside others, which are told all the same."""
    (found, other) = compiled(model(f"require {bound} and params <= 1\nflatten -> linear 3", "4")).diagnostics
    assert found.message == f"`{bound}` has no answer: this network has no map, so no receptive field"
    assert "`params <= 1` does not hold" in other.message
    assert compiled(model("require rf >= 3\nconv 3x3 4", "3x8x8")).ok


def test_a_network_without_what_is_asked_for() -> None:
    (found,) = compiled(model("require params >= 1, macs >= 0\nrelu")).diagnostics
    assert found.notes == ()


def test_the_field_where_units_differ_is_that_of_the_one_that_sees_furthest() -> None:
    """Behind a squeeze-and-excitation every unit sees all: the last map with one field stands before the first."""
    lines = "conv 3x3 4 pad=1\nmul { gap -> sigmoid | id }\nrequire rf >= 33"
    (found,) = compiled(model(lines)).diagnostics
    assert found.message == "`rf >= 33` does not hold: 32 of 33 pixels, 1 (3.0%) short"
    assert "the unit that sees furthest sees 32 pixels" in found.notes[0]


UNEVEN = """
block Double(c) { (conv 3x3 c pad=1 bias=no -> bn -> relu) x2 }
block Up(c, @skip) { conv_transpose 2x2 c /2 -> concat { @skip | id } -> Double c }
model U {
  input 3x200x136 size=any
  e1: Double 8
  maxpool 3x3 /2 pad=1
  e2: Double 16
  maxpool 2x2 ceil_mode=yes
  e3: Double 32
  conv 3x3 64 /2 pad=2 dilation=2
  Up 32 @e3
  Up 16 @e2
  Up 8 @e1
}
"""


@pytest.mark.parametrize("shape", ["3x200x136", "3x208x136", "3x192x136", "3x192x400"])
def test_the_field_where_units_differ_does_not_hang_on_the_size_of_the_input(shape: str) -> None:
    """Some units see 73 pixels and some 81, and which of them is in the middle is chance."""
    result = compiled(UNEVEN.replace("3x200x136", shape))
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    last = last_map(graph, shapes, result.analysis)
    assert last is not None
    around = (range(extent // 2 - 4, extent // 2 + 4) for extent in last.shape[1:])
    some = [(0, 0), *product(*around)]
    walked = [seen_part(graph, shapes, Unit(last.row.node.id, each)).patches[0].rectangle for each in some]
    assert last.sees == max(min(axis.size for axis in each) for each in walked if each) == 81
    assert last.units_differ


def test_on_a_long_axis_the_one_that_sees_furthest_is_looked_for_in_the_middle() -> None:
    """Of a transposed convolution's units the even ones see 3 positions, the others 2."""
    for length in (600, 6000):
        result = compiled(model("conv_transpose 5 4 /2", f"1x{length}"))
        assert result.built is not None
        last = last_map(result.built.graph, result.built.shapes, result.analysis)
        assert last is not None
        assert last.sees == 3, length


def test_auxiliary_heads_count_where_the_report_counts_them() -> None:
    lines = "require params <= 1, macs <= 1\nx: conv 3x3 4 pad=1\naux weight=0.3 head: flatten -> linear 1000\nrelu"
    result = compiled(model(lines))
    params, macs = result.diagnostics
    assert "linear1" in params.notes[-1]
    assert "linear1" not in macs.notes[-1]


@pytest.mark.parametrize("name", ZOO)
def test_accounts_agree_with_the_totals(name: str) -> None:
    """Every network that ships: the parts are no larger than the whole, and come in falling order."""
    result = network(name)
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    totals = quantities(graph, shapes, result.analysis)
    for quantity in ("params", "macs"):
        found = account(quantity, graph, shapes, result.analysis)
        assert found is not None
        for parts in found[:2]:
            numbers = [each.number * each.alike for each in parts]
            assert sum(numbers) <= totals[quantity]
            assert sorted(parts, key=lambda each: -each.number) == list(parts)
    peak = account("memory", graph, shapes, result.analysis)
    assert peak is not None
    assert peak[0] + peak[1] == totals["memory"]


def test_other_programs_get_it_too() -> None:
    result = budgeted("require params <= 12M")
    look = Look()
    (record,) = json.loads(FORMATS["json"]([result], look))
    assert [each["text"] for each in record["labels"]][1] == "14,964,736 parameters (58.6%)"
    assert record["notes"][0].startswith("most is in `layer4`")
    (one,) = json.loads(FORMATS["sarif"]([result], look))["runs"][0]["results"]
    assert "13,557,032 (113.0%) over\nmost is in" in one["message"]["text"]
    assert len(one["relatedLocations"]) == 3
    assert "over%0Amost is in `layer4` (58.6%25)" in FORMATS["github"]([result], look)
