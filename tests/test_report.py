"""`cnnspec report` in all its forms, held to the tables of truth, to its schema, and to itself."""

import csv
import io
import json
import re
from fractions import Fraction
from html.parser import HTMLParser
from textwrap import dedent
from typing import Any

import jsonschema
import pytest
from rich.cells import cell_len

import cnnspec
from cnnspec.api.report import Report
from cnnspec.build.options import Options
from cnnspec.ir.graph import Graph
from cnnspec.passes.roofline.estimate import Device
from cnnspec.pipeline import Compiled, compile_file
from cnnspec.reports.look import Look
from cnnspec.reports.network.asked import Asked
from cnnspec.reports.network.json import report_record
from cnnspec.reports.network.measured import measure
from cnnspec.reports.network.outline import Kind, outline
from cnnspec.reports.network.plain import report_csv, report_markdown
from cnnspec.reports.network.table import report_table
from cnnspec.reports.numbers import memory
from tests import ROOT
from tests.networks import ZOO, network, truth
from tests.texts import compiled

SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / "report-schema.json").read_text(encoding="utf-8")))
BAD = "cnn 1\nmodel A {\n  input 3x32x32\n  conv 3x3 8 -> covn 3 -> relu\n  add { conv 3x3 8 | id }\n}\n"


@pytest.mark.parametrize("name", ZOO)
def test_json_follows_the_schema_and_holds_the_truth(name: str) -> None:
    record = json.loads(json.dumps(report_record(network(name))))
    SCHEMA.validate(record)
    known = truth("networks").get(name)
    if known:
        assert record["totals"]["params"] == known["params"]
        assert record["totals"]["macs"] == known["conv_linear_macs"]
        assert record["outputs"][0]["shape"] == known["output"][1:]


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "googlenet"])
def test_json_totals_are_the_sums_of_its_layers(name: str) -> None:
    result = network(name)
    record = report_record(result)
    totals, layers = record["totals"], record["layers"]
    runs = {row.node.id for row in result.analysis.rows if row.runs}
    assert totals["params"] == sum(each["params"] for each in layers)
    assert totals["macs"] == sum(each["macs"] for each in layers if each["name"] in runs)
    assert totals["macs"] + totals["aux"]["macs"] == sum(each["macs"] for each in layers)
    for each in layers:
        elements = [(_product(weight["shape"]), weight["trainable"]) for weight in each["weights"]]
        assert each["params"] == sum(count for count, trainable in elements if trainable)
        assert each["buffers"] == sum(count for count, trainable in elements if not trainable)
    assert totals["buffers"]["tensors"] == sum(not w["trainable"] for each in layers for w in each["weights"])
    assert not {each["name"] for each in record["inputs"]} & {each["name"] for each in layers}


def _product(numbers: list[int]) -> int:
    product = 1
    for each in numbers:
        product *= each
    return product


def test_json_of_a_network_with_errors_is_partial_and_says_so() -> None:
    record = json.loads(json.dumps(report_record(compiled(BAD))))
    SCHEMA.validate(record)
    assert record["complete"] is False
    assert [each["id"] for each in record["diagnostics"]]
    assert record["layers"][0]["output"] == [8, 30, 30]
    assert None in [each["output"] for each in record["layers"]]


def test_json_without_a_model_still_follows_the_schema() -> None:
    record = json.loads(json.dumps(report_record(compiled("cnn 1\n"))))
    SCHEMA.validate(record)
    assert record["model"] is None
    assert record["totals"] is None
    assert record["layers"] == []


def test_batch_multiplies_what_is_computed_and_nothing_that_is_stored() -> None:
    one, eight = report_record(network("resnet18")), report_record(network("resnet18"), Asked(batch=8))
    SCHEMA.validate(eight)
    assert eight.pop("batch") == 8
    assert eight["totals"]["macs"] == 8 * one["totals"]["macs"]
    assert eight["totals"]["ops"] == 8 * one["totals"]["ops"]
    assert eight["totals"]["params"] == one["totals"]["params"]
    assert eight["inputs"][0]["shape"] == [8, 3, 224, 224]
    assert eight["layers"][0]["output"] == [8, 64, 112, 112]
    assert eight["layers"][0]["weights"] == one["layers"][0]["weights"]


# -- tables ------------------------------------------------------------------------------------------------------------


def table(result: Compiled, width: int = 200, **more: Any) -> list[str]:
    return report_table(result, Look(width=width), Asked(**more)).splitlines()


def column(lines: list[str], title: str) -> list[int]:
    """The whole numbers that end under the end of a title; the last is the total."""
    head = next(line for line in lines if line.startswith("layer"))
    end = head.index(title) + len(title)
    cells = [line[:end].split(" ")[-1] for line in lines[3 : lines.index("", 3)] if len(line) >= end]
    return [int(cell.replace(",", "")) for cell in cells if re.fullmatch(r"[\d,]+", cell)]


@pytest.mark.parametrize("levels", [None, 1, 2, 3])
@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2", "vgg16_bn"])
def test_what_a_column_shows_adds_up_to_its_total(name: str, levels: int | None) -> None:
    lines = table(network(name), levels=levels)
    totals = network(name).analysis.totals
    for title, known in [("params", totals.params), ("buffers", totals.buffer_elements), ("MACs", totals.macs)]:
        *shown, total = column(lines, title) or [0]
        assert sum(shown) == total == known, title
    *shown, total = column(lines, "other ops")
    assert sum(shown) == total == totals.ops


def test_auxiliary_heads_stand_apart() -> None:
    lines = table(network("googlenet"), levels=1)
    totals = network("googlenet").analysis.totals
    heads = [line for line in lines if line.startswith("aux")]
    assert len(heads) == 2
    assert all(re.search(r"\([\d,]+\)", line) for line in heads)
    *shown, total = column(lines, "params")
    assert sum(shown) == total == totals.params
    assert any(f"{totals.aux_params:,}" in line for line in lines if line.startswith("Auxiliary heads"))


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "vgg16", "lenet"])
@pytest.mark.parametrize("width", [80, 200])
def test_the_table_keeps_within_the_width(name: str, width: int) -> None:
    lines = table(network(name), width)
    assert max(map(cell_len, lines)) <= width
    names = {line.split("  ")[0] for line in lines if line and not line.startswith(" ")}
    assert {node.id.split(".")[0] for node in network(name).built.graph} <= names  # type: ignore[union-attr]


@pytest.mark.parametrize("width", [1, 20, 40, 60])
def test_a_narrow_table_drops_columns_but_cuts_no_name(width: int) -> None:
    lines = table(network("resnet50"), width, levels=2)
    body = lines[: lines.index("", 3)]
    assert any(line.startswith("maxpool1") for line in body)
    assert sum(column(lines, "params")[:-1]) == network("resnet50").analysis.totals.params
    assert max(map(cell_len, body[2:])) <= max(width, 24)


def test_an_ascii_stream_gets_ascii() -> None:
    text = report_table(network("resnet18"), Look(encoding="ascii", width=160))
    assert text.isascii()
    assert "share of MACs" in text
    assert "####" in text


def test_colour_changes_no_character() -> None:
    plain = report_table(network("resnet18"), Look(width=160))
    coloured = report_table(network("resnet18"), Look(colour=True, width=160))
    assert "\x1b[" in coloured
    assert [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines()] == plain.splitlines()


def test_the_table_as_a_person_sees_it() -> None:
    step = "body: { conv 5x5 10 pad=2 -> relu }"
    text = f"cnn 1\nmodel Small {{\n  input 3x32x32\n  {step}\n  gap -> flatten -> linear 2\n}}\n"
    assert report_table(compiled(text), Look(width=90)) == dedent("""\
        Small  3x32x32 → 2  model.cnn

        layer     step                 output  params     MACs  field  stride  share of MACs
        ────────────────────────────────────────────────────────────────────────────────────────
        input     input               3x32x32                       1       1
        body
          conv1   conv 5x5 10 pad=2  10x32x32     760  768,000      5       1  >99.9% ██████████
          relu1   relu               10x32x32                       5       1
        gap1      gap                  10x1x1                      36      32
        flatten1  flatten                  10
        linear1   linear 2                  2      22       20                  <0.1% ▏
        ────────────────────────────────────────────────────────────────────────────────────────
        total                                     782  768,020

        Parameters        782  all trainable, 3.13 kB float32
        MACs          768,020  768 k for one sample
        Padding MACs   56,520  7.4% of the MACs multiply padding zeros
        Other ops      30,722  30.7 k for one sample
        Depth               2  multiplying layers on the longest path
        Intensity        8.74  FLOPs a byte; 179.34 kB moved, nothing fused

        1 MAC = 1 multiply-add of a convolution or dense layer = 2 FLOPs.
        field: the receptive field of one unit, in pixels of the input.
        stride: pixels of the input from one unit to the next.
        not shown at this width: other ops, activation, weights, FLOP/byte; `--csv` has
          all.
        """)


UNET = """\
cnn 1
block Up(c, @skip) {
  conv_transpose 2x2 c /2
  concat { @skip | id }
  conv 3x3 c pad=1 -> relu
}
model UNet {
  input 3x304x304
  e1: conv 3x3 64 pad=1 -> relu -> maxpool 2x2 -> conv 3x3 128 pad=1
  Up 64 @e1
  conv 1x1 4
}
"""


@pytest.mark.parametrize(
    ("width", "said"),
    [(88, "conv_transpose 2x2 64 /2"), (78, "conv_transpose 2x2 /2"), (70, "conv_transpose 2x2 /2"), (60, "2x2 /2")],
)
def test_the_kernel_is_shown_as_long_as_there_is_room(width: int, said: str) -> None:
    text = report_table(compiled(UNET), Look(width=width))
    assert max(map(cell_len, text.partition("\n\nParameters")[0].splitlines())) <= width
    (line,) = (each for each in text.splitlines() if each.startswith("  conv_transpose1"))
    assert said in [each.strip() for each in line.split("  ")]
    missing = text.partition("not shown at this width: ")[2]
    assert "stride" in missing
    assert "step" not in missing


def test_what_a_narrow_table_leaves_out_is_named() -> None:
    wide = report_table(network("lenet"), Look(width=300))
    titles = re.split(r"  +", wide.splitlines()[2])
    assert "not shown" not in wide
    for width in (40, 60, 80, 100, 120):
        text = report_table(network("lenet"), Look(width=width))
        shown = re.split(r"  +", text.splitlines()[2])
        named = " ".join(text.partition("not shown at this width: ")[2].split()).partition(";")[0].split(", ")
        alike = {"kernel": "step", "MACs %": "share of MACs"}
        assert sorted(titles) == sorted([*(alike.get(each, each) for each in shown), *filter(None, named)])


def test_a_blank_field_points_to_what_tells_it() -> None:
    assert "`cnnspec field` tells more" in report_table(compiled(UNET), Look(width=200))
    assert "`cnnspec field`" not in report_table(network("resnet18"), Look(width=200)), "vectors have none anyway"


def test_that_totals_are_lower_bounds_is_said_once() -> None:
    broken = compiled("cnn 1\nmodel A {\n  input 3x8x8\n  conv 3x3 4\n  covn 3\n}\n")
    for text in (report_table(broken, Look(width=80)), report_markdown(broken)):
        assert text.count("at least") == text.count("steps with errors") == 1
        assert max(map(cell_len, text.splitlines())) <= 80


def test_steps_are_shown_as_the_language_writes_them() -> None:
    """What the outline calls a step compiles to the same layer."""
    lines = (
        "conv 3x3 8 /2 pad=same bias=no -> maxpool 3x3 /2 pad=1 -> conv 1x3 4 pad=0,1,0,1 -> dropout 0.3 -> avgpool 2x2"
    )
    first = compiled(f"cnn 1\nmodel A {{\n  input 3x32x32\n  {lines}\n}}\n")
    assert first.ok, first.diagnostics
    assert first.built is not None
    entries = outline(measure(first))
    again = " -> ".join(each.what for each in entries[1:])
    second = compiled(f"cnn 1\nmodel A {{\n  input 3x32x32\n  {again}\n}}\n")
    assert second.ok, again
    assert second.built is not None
    assert [node.layer for node in second.built.graph] == [node.layer for node in first.built.graph]


# -- CSV, Markdown, HTML -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("levels", [None, 2])
def test_csv_reads_back_and_adds_up(levels: int | None) -> None:
    rows = list(csv.DictReader(io.StringIO(report_csv(network("googlenet"), Asked(levels)))))
    totals = network("googlenet").analysis.totals
    assert sum(int(row["params"]) for row in rows) == totals.params
    assert sum(int(row["macs"]) for row in rows if row["runs"] == "yes") == totals.macs
    assert sum(int(row["macs"]) for row in rows if row["runs"] == "no") == totals.aux_macs
    if levels is None:
        assert [row["name"] for row in rows] == [node.id for node in network("googlenet").built.graph]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["googlenet", "c3d", "m5_audio", "siamese", "unet"])
def test_csv_has_words_and_numbers_by_themselves(name: str) -> None:
    asked = Asked(device=Device(Fraction(10**13), Fraction(9 * 10**11)), batch=2)
    rows = list(csv.DictReader(io.StringIO(report_csv(network(name), asked))))
    layers = {each["name"]: each for each in report_record(network(name), asked)["layers"]}
    assert [row["name"] for row in rows if row["name"] in layers] == list(layers)
    for row, layer in ((row, layers[row["name"]]) for row in rows if row["name"] in layers):
        assert row["word"] == layer["word"]
        shape = [row["channels"], *(row[f"output_{axis}"] for axis in "dhw")]
        assert [int(each) for each in shape if each] == layer["output"][1:]
        field = layer["receptive_field"] or {"size": [], "stride": []}
        for told, kept in (("field", "size"), ("stride", "stride")):
            assert [int(row[f"{told}_{axis}"]) for axis in "dhw" if row[f"{told}_{axis}"]] == field[kept]
        assert row["bound_by"] == (layer["roofline"]["bound"] or "")
        assert row["compute_bound"] in {"compute": ("1.000000",), "memory": ("0.000000",), "": ("",)}[row["bound_by"]]


def test_csv_of_sums_says_how_much_computing_bounds() -> None:
    asked = Asked(by="word", device=Device(Fraction(10**13), Fraction(9 * 10**11)))
    head, *rows = csv.reader(io.StringIO(report_csv(network("resnet18"), asked)))
    assert head[-3:] == ["share_of_macs", "bound_by", "compute_bound"]
    assert {row[0]: row[-2] for row in rows} == {
        **dict.fromkeys(["bn", "relu", "maxpool", "add", "gap", "linear"], "memory"),
        "conv": "both",
        "flatten": "",
    }


def test_markdown_is_one_table_with_a_constant_number_of_cells() -> None:
    lines = report_markdown(network("resnet18")).splitlines()
    rows = [re.split(r"(?<!\\)\|", line) for line in lines if line.startswith("|")]
    assert len({len(row) for row in rows}) == 1
    assert len(rows) == 3 + len(network("resnet18").analysis.rows)
    assert [each.strip() for each in rows[-1][1:5]] == ["**total**", "", "", "**11,689,512**"]
    assert "field: the receptive field" in lines[-2] or "field: the receptive field" in lines[-3]
    assert "- Parameters: **11,689,512** (all trainable, 46.76 MB float32)" in lines


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"style", "title"}

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def test_html_holds_every_step_and_nothing_that_runs() -> None:
    page = Tags()
    page.feed(Report(network("resnet18"))._repr_html_())
    assert page.tags == {"div", "p", "b", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
    assert "11,689,512" in page.texts
    assert "downsample" in page.texts


def test_html_escapes_what_comes_from_a_file() -> None:
    built = network("lenet").built
    assert built is not None
    graph = Graph("<script>alert(1)</script>", built.graph.nodes, built.graph.scopes, built.graph.outputs, {})
    page = Tags()
    page.feed(Report(Compiled(network("lenet").source, built._replace(graph=graph), ()))._repr_html_())
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in page.texts


def test_levels_fold_from_the_outside_in() -> None:
    built = network("resnet50").built
    assert built is not None
    measured = measure(network("resnet50"))
    deep = {n: outline(measured, n) for n in (1, 2, 3, 4)}
    assert {each.level for each in deep[1]} == {0}
    assert max(each.level for each in deep[3]) == 2
    assert not [each for each in deep[4] if each.kind is Kind.FOLDED]
    assert deep[4] == outline(measured)
    assert [each.path for each in deep[1] if each.kind is Kind.FOLDED] == ["layer1", "layer2", "layer3", "layer4"]


def test_another_input_and_width_are_counted_exactly() -> None:
    """MobileNetV1's paper: figures for widths and sizes (tests/truth)."""
    known = truth("networks")
    path = ROOT / "examples" / "mobilenet_v1.cnn"
    tried = 0
    for name, each in known.items():
        found = re.fullmatch(r"mobilenet_v1.*?([\d.]+)_(\d+)", name)
        if found:
            width, size = Fraction(found[1]), int(found[2])
            options = Options(parameters={"width": width}, inputs={None: (3, size, size)})
            record = report_record(compile_file(str(path), options))
            assert record["totals"]["params"] == each["params"], name
            tried += 1
    assert tried or not [name for name in known if name.startswith("mobilenet_v1")]


def test_what_models_give_reads_well() -> None:
    model = cnnspec.load("zoo:lenet")
    assert repr(model.report(batch=2)) == "<cnnspec.Report of LeNet: 13 steps, 121,182 parameters, 4,655,440 MACs>"
    assert repr(model.formulas()) == f"<cnnspec.CostFormulas of LeNet: MACs = {model.formulas().macs}>"
    assert repr(model.field()).startswith("<cnnspec.FieldReport: LeNet  theoretical receptive fields on 3x32x32")
    assert repr(model.explain("conv1")) == "<cnnspec.Explanation of conv1: conv 5x5 16>"
    for each in (model.sizes(), model.memory(), model.sweep(classes=[3, 4]), model.counted("thop"), model):
        assert re.fullmatch(r"<cnnspec\.\w+ (of )?LeNet\b.*>", repr(each))


@pytest.mark.parametrize(
    ("bytes", "said"), [(999, "999 bytes"), (999_000_000, "999.00 MB"), (2_233_280_000, "2.23 GB")]
)
def test_bytes_have_units_that_people_read(bytes: int, said: str) -> None:
    assert memory(bytes) == said
