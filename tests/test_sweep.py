"""`cnnspec sweep`: the numbers of every combination of parameters and inputs, and what is said where there are none."""

import csv
import io
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

import cnnspec
from cnnspec.api.parted import AxisError, named_values, values_in
from cnnspec.cli.app import run
from cnnspec.cli.sweep import MEASURES
from cnnspec.passes.measures import NUMBERS, Measures
from cnnspec.reports.numbers import memory, short
from cnnspec.reports.sweep.plain import TITLES
from tests import ROOT
from tests.test_readme import printed

PAGE = (ROOT / "docs" / "sweep.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ cnnspec ([^\n]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
NET = """
model Net(width=4, act=relu) {
  input 3x32x32
  conv 3x3 width -> act
  conv 3x3 2*width -> act
  gap -> flatten -> linear 3
}
"""
LISTS = """
model Lists(widths, width=4, act=relu) {
  input 3x32x32
  conv 3x3 width -> act
  for c in widths { conv 3x3 c /2 -> act }
  gap -> flatten -> linear 3
}
"""
SIZES = (224, 192, 160, 128)
WIDTHS = (1, 0.75, 0.5, 0.25)
MACS = (
    (568740352, 418121728, 290675200, 186400768),
    (325400448, 239273472, 166396800, 106770432),
    (149497088, 109970432, 76524800, 49160192),
    (41030272, 30212608, 21059200, 13570048),
)
PARAMS = (4231976, 2585560, 1331592, 470072)
"""MobileNet's α and ρ, counted by hooks on torch modules."""


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.cnn"
    path.write_text(NET, encoding="utf-8")
    return path


def swept(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    assert run(["sweep", *arguments]) == code
    shown = capsys.readouterr()
    return shown.out, shown.err


def records(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(swept(capsys, *arguments, "--json", code=code)[0])
    return found


def test_the_published_table_comes_out_of_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    inputs = ",".join(f"3x{each}x{each}" for each in SIZES)
    widths = ",".join(map(str, WIDTHS))
    found = records(capsys, "zoo:mobilenet_v1", "--set", f"width={widths}", "--input", inputs)
    each = iter(found["combinations"])
    for width, params, row in zip(WIDTHS, PARAMS, MACS, strict=True):
        for size, macs in zip(SIZES, row, strict=True):
            one = next(each)
            assert one["settings"] == {"width": width, "input": f"3x{size}x{size}"}
            assert (one["params"], one["macs"], one["errors"]) == (params, macs, [])
    assert next(each, None) is None


def test_every_number_is_the_reports(capsys: pytest.CaptureFixture[str], net: Path) -> None:
    net.write_text(LISTS, encoding="utf-8")
    options = ("--set", "width=4,7", "--set", "widths=8,16|3,3,3", "--input", "3x32x32,3x17x40", "--set", "act=tanh")
    found = records(capsys, "net.cnn", *options, "--batch", "1,5")
    assert [each["name"] for each in found["axes"]] == ["width", "widths", "act", "input", "batch"]
    assert found["axes"][1] == {"name": "widths", "kind": "parameter", "values": ["8,16", "3,3,3"]}
    assert found["axes"][0]["values"] == [4, 7]
    assert len(found["combinations"]) == 2 * 2 * 2 * 2
    for one in found["combinations"]:
        chosen = one["settings"]
        widths = [int(each) for each in chosen["widths"].split(",")]
        loaded = cnnspec.load(net, width=chosen["width"], widths=widths, act="tanh", input=chosen["input"])
        totals = loaded.report(batch=chosen["batch"]).to_dict()["totals"]
        same = ("params", "macs", "ops", "depth")
        assert {name: one[name] for name in same} == {name: totals[name] for name in same}


def test_activations_and_memory_by_hand(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "two.cnn"
    path.write_text("model Two(c=2) {\n  input 1x4x4\n  conv 1x1 c bias=no -> relu\n}\n")
    (one,) = records(capsys, str(path), "--batch", "3")["combinations"]
    assert one["activations"] == 3 * (2 * 16 + 2 * 16)
    assert one["memory"] == 4 * 2 + 3 * 4 * (2 * 16 + 2 * 16), "two maps of 2x4x4, the input gone, and two weights"
    assert (one["macs"], one["field"]) == (3 * 32, 1)
    (one,) = records(capsys, "zoo:mlp")["combinations"]
    assert one["field"] is None, "a vector has no receptive field"


def test_what_is_no_network_is_a_line(capsys: pytest.CaptureFixture[str], net: Path) -> None:
    options = ("net.cnn", "--set", "width=4,0.5,6", "--input", "3x32x32,3x2x2,3x32")
    found = records(capsys, *options, code=1)["combinations"]
    fine = [each["settings"] for each in found if not each["errors"]]
    assert fine == [{"width": 4, "input": "3x32x32"}, {"width": 6, "input": "3x32x32"}]
    for each in found:
        assert all((each[name] is None) == bool(each["errors"]) for name in ("params", "macs", "memory", "field"))
    table, said = swept(capsys, *options, code=1)
    assert re.search(r"^\(1\) the 3x3 kernel is larger than the 2x2 input \(net.cnn:4:\d+\)$", table, re.MULTILINE)
    assert "7 of 9 combinations did not pass" in said
    assert "`cnnspec check net.cnn --set width=4 --input 3x2x2` shows all" in said
    assert table.count("(1)") == 3
    rows = list(csv.DictReader(io.StringIO(swept(capsys, *options, "--csv", code=1)[0])))
    assert [bool(row["error"]) for row in rows] == [bool(each["errors"]) for each in found]
    assert [row["macs"] for row in rows] == ["" if each["macs"] is None else str(each["macs"]) for each in found]


def test_what_is_over_its_budget_keeps_its_numbers(capsys: pytest.CaptureFixture[str], net: Path) -> None:
    net.write_text(NET.replace("  gap", "  require macs <= 600k\n  gap"), encoding="utf-8")
    small, large = records(capsys, "net.cnn", "--set", "width=1,40", code=1)["combinations"]
    assert small["errors"] == []
    assert large["errors"][0]["id"] == "require"
    assert large["macs"] > 600_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "wdth=1,2"], "did you mean `width`?"),
        (["--set", "width"], "`width` is no axis of a sweep; one is width=0.25,0.5,1"),
        (["--set", "width=1,,2"], "no value may be empty"),
        (["--set", "width=1,2,1"], "`width`: 1 stands there twice"),
        (["--set", "width=0.5,1/2"], "`width`: 1/2 stands there twice"),
        (["--set", "width=1,2", "--set", "width=3"], "`width` is swept twice"),
        (["--set", "width=1;2"], "`1;2` is no value"),
        (["--input", "3x8x8,3x0x8"], "`3x0x8` is no shape"),
        (["--input", "left=3x8x8"], "the model has no input `left`"),
        (["--input", "3x8x8", "--input", "3x9x9"], "`input` is swept twice"),
        (
            ["--input", "left=3x8x8,left=3x9x9"],
            "`left=` stands once, before all of its values; `--input left=3x8x8,3x9x9`",
        ),
        (["--input", "left=3x8x8,3x9x9,right=3x7x7"], "`--input left=3x8x8,3x9x9 --input right=3x7x7`"),
        (["--set", "width=1,width=2"], "`--set width=1,2`"),
        (["--batch", "1,x"], "`--batch`: x is no whole number above 0"),
        (["--pivot", "macs", "--set", "width=1,2"], "a pivot is of two axes with several values each"),
        (["--pivot", "macs", "--set", "width=1,2", "--batch", "1,2", "--json"], "`--pivot` is for tables"),
        (["--json", "--csv"], "two answers to one question"),
        (["--limit", "combinations=3", "--set", "width=1,2", "--batch", "1,2"], "2 of `width` x 2 of `batch` are 4"),
        (["--limit", "combinations=0"], "the bound `combinations` is a whole number above 0"),
        (["--limit", "nods=3"], "did you mean `nodes`?"),
        (["--model", "Other"], "there is no model `Other`"),
    ],
)
def test_what_is_no_sweep(capsys: pytest.CaptureFixture[str], net: Path, arguments: list[str], said: str) -> None:
    out, told = swept(capsys, "net.cnn", *arguments, code=2)
    assert said in told
    assert not out


def test_a_file_that_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    out, told = swept(capsys, "no.cnn", "--set", "a=1,2", code=2)
    assert "there is no file `no.cnn`" in told
    assert not out


def test_a_file_of_blocks_has_no_numbers(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "blocks.cnn"
    path.write_text("block A() { relu }\n")
    out, told = swept(capsys, str(path), "--input", "3x3x3,4x4x4", code=1)
    assert "a file of blocks" in told
    assert not out
    with pytest.raises(cnnspec.SpecError, match="a file of blocks"):
        cnnspec.sweep(path, input=["3x3x3", "4x4x4"])


def test_as_a_paper_has_it(capsys: pytest.CaptureFixture[str], net: Path) -> None:
    options = ("net.cnn", "--set", "width=4,8", "--set", "act=relu", "--input", "3x32x32,3x64x64,3x2x2")
    out, _ = swept(capsys, *options, "--pivot", "macs", "--csv", code=1)
    head, *rows = csv.reader(io.StringIO(out))
    assert head == ["width \\ input", "3x32x32", "3x64x64", "3x2x2"]
    every = records(capsys, *options, code=1)["combinations"]
    macs = ["" if each["macs"] is None else str(each["macs"]) for each in every]
    assert [cell for row in rows for cell in row[1:]] == macs
    assert [row[0] for row in rows] == ["4", "8"]
    table, _ = swept(capsys, *options, "--pivot", "params", "--format", "markdown", code=1)
    assert table.splitlines()[:3] == ["## Net: params", "", "| width \\\\ input | 3x32x32 | 3x64x64 | 3x2x2 |"]


def test_sorted_with_what_has_no_number_last(capsys: pytest.CaptureFixture[str], net: Path) -> None:
    found, _ = swept(capsys, "net.cnn", "--set", "width=8,0.5,2,4", "--sort", "params", "--csv", code=1)
    assert [each["width"] for each in csv.DictReader(io.StringIO(found))] == ["2", "4", "8", "0.5"]


@pytest.mark.parametrize("width", [48, 60, 80, 120, 200])
def test_a_table_fits_and_never_cuts_a_number(width: int) -> None:
    found = cnnspec.sweep("zoo:mobilenet_v1", width=[0.25, 1], input=["3x128x128", "3x224x224"])
    table = found.to_text(width=width).partition("\n\n1 MAC")[0]
    assert max(map(len, table.splitlines())) <= width
    assert "568,740,352" in table


@pytest.mark.parametrize("width", [48, 60, 80, 120])
def test_what_has_no_room_is_named(width: int) -> None:
    found = cnnspec.sweep("zoo:mobilenet_v1", width=[0.25, 1], input=["3x128x128", "3x224x224"])
    text = found.to_text(width=width)
    named = " ".join(text.partition("not shown at this width: ")[2].split()).partition(";")[0].split(", ")
    head = text.splitlines()[2]
    assert {each for each in TITLES.values() if each not in head} == set(filter(None, named))
    assert max(map(len, text.splitlines())) <= max(width, 80)


@pytest.mark.parametrize("measure", ["macs", "memory", "params"])
def test_a_wide_pivot_is_rounded_and_then_divided(measure: str) -> None:
    sizes = [f"3x{each}x{each}" for each in (64, 96, 128, 160, 192, 224)]
    found = cnnspec.sweep("zoo:mobilenet_v1", width=[0.25, 1], input=sizes)
    wide = found.to_text(measure, width=120)
    assert "rounded" not in wide
    assert f"{found.rows[-1][measure]:,}" in wide
    for width in (80, 40):
        text = found.to_text(measure, width=width)
        table = text.partition("\n\n1 MAC")[0].partition("\n\nNumbers")[0].partition("\n\nmemory:")[0].split("\n", 1)[1]
        assert max(map(len, table.splitlines())) <= width
        assert [each for line in table.splitlines() for each in line.split() if each in sizes] == sizes
        assert "rounded" in text or width == 80
        for row in found.rows:
            shown = memory(row[measure]) if measure == "memory" else short(row[measure])
            assert shown in table or f"{row[measure]:,}" in table


def test_from_python(net: Path) -> None:
    found = cnnspec.sweep(net, width=[4, 0.5], act="tanh", input=[(3, 32, 32), "3x64x64"], batch=[1, 2])
    assert len(found) == len(found.rows) == 8
    assert found.rows[0].keys() == {"width", "act", "input", "batch", *Measures._fields, "error"}
    assert found.rows[1]["macs"] == 2 * found.rows[0]["macs"] == 2 * cnnspec.load(net, act="tanh").macs
    assert found.rows[4]["macs"] is None
    assert "whole number" in found.rows[4]["error"]
    assert "&lt;" not in found._repr_html_()
    assert "<table>" in found._repr_html_()
    same = cnnspec.load(net, width=5).sweep(input=["3x32x32", "3x40x40"])
    assert same.rows[0]["params"] == cnnspec.load(net, width=5).params
    with pytest.raises(cnnspec.SpecError, match="did you mean `width`"):
        cnnspec.sweep(net, widht=[1, 2])
    with pytest.raises(cnnspec.SpecError, match="there is no file"):
        cnnspec.sweep("no.cnn", width=[1, 2])
    with pytest.raises(ValueError, match="1,001 combinations"):
        cnnspec.sweep(net, width=list(range(1, 1002)))
    with pytest.raises(ValueError, match="is no number of a sweep"):
        found.to_text(pivot="speed")


def test_the_field_by_the_name_that_require_has_for_it(capsys: pytest.CaptureFixture[str], net: Path) -> None:
    axes = ("net.cnn", "--set", "width=4,8", "--input", "3x32x32,3x64x64")
    for option in ("--pivot", "--sort"):
        told, _ = swept(capsys, *axes, option, "rf")
        assert told == swept(capsys, *axes, option, "field")[0]
        assert "'field'" in swept(capsys, *axes, option, "rff", code=2)[1]
    found = cnnspec.sweep(net, width=[4, 8], input=["3x32x32", "3x64x64"])
    assert found.to_text(pivot="rf") == found.to_text(pivot="field")


def test_a_field_that_differs_is_marked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """As `diff` does; and programs are told apart from the number."""
    path = tmp_path / "net.cnn"
    uneven = "maxpool 2x2\n  conv_transpose 3x3 8 /2\n  conv 3x3 w"
    path.write_text(f"model N(w=8) {{\n  input 3x32x32\n  {uneven}\n}}\n", encoding="utf-8")
    axes = (str(path), "--set", "w=4,8", "--batch", "1,2")
    (size,) = {each["field"] for each in records(capsys, *axes)["combinations"]}
    assert [each["field_differs"] for each in records(capsys, *axes)["combinations"]] == [True] * 4
    table, _ = swept(capsys, *axes)
    assert table.count(f" ~{size}\n") == 4
    assert "~ before a field: units differ" in table
    assert swept(capsys, *axes, "--pivot", "field")[0].count(f"~{size}") == 4
    assert swept(capsys, *axes, "--md")[0].count(f"| ~{size} |") == 4
    assert swept(capsys, *axes, "--pivot", "field", "--md")[0].count(f" ~{size} |") == 4
    assert swept(capsys, *axes, "--csv")[0].count(f",{size},yes,") == 4
    assert "~" not in swept(capsys, *axes, "--pivot", "macs")[0]
    found = cnnspec.sweep(path, w=[4, 8])
    assert f">~{size}<" in found._repr_html_()
    assert all(each["field_differs"] for each in found.rows)


def test_a_field_that_does_not_differ_is_not_marked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "net.cnn"
    path.write_text("model N(w=8) {\n  input 3x32x32\n  conv 3x3 w\n}\n", encoding="utf-8")
    assert "~" not in swept(capsys, str(path), "--set", "w=4,8")[0]
    assert ",3,no," in swept(capsys, str(path), "--set", "w=4,8", "--csv")[0]
    path.write_text("model N(w=8) {\n  input 8\n  linear w\n}\n", encoding="utf-8")
    assert swept(capsys, str(path), "--set", "w=4,8", "--csv")[0].count(",1,,,\n") == 2
    assert {each["field_differs"] for each in cnnspec.sweep(path, w=[4, 8]).rows} == {None}


def test_a_text_from_nowhere_and_files_beside(tmp_path: Path) -> None:
    (tmp_path / "parts.cnn").write_text("block B(c) { conv 3x3 c -> relu }\n")
    (tmp_path / "net.cnn").write_text('use "parts.cnn"\nmodel M(c=4) {\n  input 3x8x8\n  B c\n}\n')
    assert [each["params"] for each in cnnspec.sweep(tmp_path / "net.cnn", c=[1, 2])] == [28, 56]
    assert [
        each["params"] for each in cnnspec.loads("model M(c=4) {\n input 3x8x8\n conv 1x1 c\n}").sweep(c=[1, 2])
    ] == [4, 8]


def test_inputs_of_one_size_and_several_models(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = records(capsys, "zoo:siamese", "--input", "left,right=1x105x105,1x97x97")
    assert [each["settings"] for each in found["combinations"]] == [
        {"input left,right": "1x105x105"},
        {"input left,right": "1x97x97"},
    ]
    both = cnnspec.load("zoo:siamese", input={"left": "1x97x97", "right": "1x97x97"})
    assert found["combinations"][1]["macs"] == both.macs
    _, said = swept(capsys, "zoo:siamese", "--input", "left,right=1x20x20", code=1)
    assert "`cnnspec check zoo:siamese --input left=1x20x20 --input right=1x20x20` shows all" in said
    path = tmp_path / "two.cnn"
    path.write_text("model A { input 1x4x4\n conv 1x1 2 }\nmodel B { input 1x4x4\n conv 1x1 3 }\n")
    found = records(capsys, str(path), "--model", "A,B")
    assert [(each["settings"]["model"], each["params"]) for each in found["combinations"]] == [("A", 4), ("B", 6)]
    assert "there is no model `C`" in swept(capsys, str(path), "--model", "C,A", code=2)[1]


def test_a_hundred_networks_take_about_a_second() -> None:
    start = time.perf_counter()
    found = cnnspec.sweep(
        "zoo:mobilenet_v1", width=[each / 32 for each in range(8, 33)], input=[f"3x{each}x{each}" for each in SIZES]
    )
    assert len(found) == 100
    assert all(each["error"] is None for each in found)
    assert time.perf_counter() - start < 5, "half a second where nothing else runs"


def test_values_are_parted_as_in_a_sweep_of_trainings() -> None:
    assert values_in("1, 2,3") == ("1", "2", "3")
    assert values_in("1,2|3,4") == ("1,2", "3,4")
    assert values_in("1,2|") == ("1,2",)
    assert named_values(" a = 1|2", "x", "", "") == ("a", ("1", "2"))
    for wrong in ("", "1,", "|", "1||2", "1|2|"):
        with pytest.raises(AxisError):
            values_in(wrong)


def test_the_names_of_the_numbers_are_everywhere_the_same() -> None:
    assert NUMBERS == MEASURES
    for name in (*Measures._fields, "settings", "errors", "axes", "combinations"):
        assert re.search(rf"[`{{ ]{name}[`,}} ]", PAGE), f"docs/sweep.md does not say what `{name}` is"


@pytest.mark.parametrize(("arguments", "expected"), SHOWN, ids=[str(i) for i in range(len(SHOWN))])
def test_the_page_shows_what_is_printed(arguments: str, expected: str, tmp_path: Path) -> None:
    beginning, ellipsis, _ = expected.partition("…\n")
    found = printed(arguments, tmp_path)
    assert found.startswith(beginning) if ellipsis else found.strip("\n") == expected.strip("\n")


# -- inputs that go together -------------------------------------------------------------------------------------------

TWO = """
model Two(width=4) {
  input rgb: 3x32x32
  input depth: 1x32x32
  @rgb -> conv 3x3 width pad=1 -> a: relu
  @depth -> conv 3x3 width pad=1 -> b: relu
  concat { @a | @b } -> gap -> flatten -> linear 3
}
"""
TOGETHER = "`--input rgb,depth=32,48`"


@pytest.mark.parametrize(
    ("rgb", "depth"), [("rgb=32,48", "depth=32,48"), ("rgb=3x32x32,3x48x48", "depth=1x32x32,1x48x48")]
)
def test_inputs_that_go_together_are_one_axis(
    rgb: str, depth: str, capsys: pytest.CaptureFixture[str], net: Path
) -> None:
    net.write_text(TWO, encoding="utf-8")
    apart = ("net.cnn", "--input", rgb, "--input", depth)
    assert TOGETHER in swept(capsys, *apart, code=1)[1]
    assert TOGETHER in swept(capsys, *apart, "--set", "width=4,8", "--pivot", "macs", code=2)[1]
    swept(capsys, "net.cnn", "--input", "rgb,depth=32,48", "--set", "width=4,8", "--pivot", "macs")


def test_inputs_that_fail_otherwise_are_not_said_to_go_together(capsys: pytest.CaptureFixture[str], net: Path) -> None:
    net.write_text(TWO, encoding="utf-8")
    both = ("net.cnn", "--input", "rgb=32,48", "--input", "depth=32,48")
    assert "rgb,depth" not in swept(capsys, *both, "--set", "width=4,0.5", code=1)[1]
    assert "rgb,depth" not in swept(capsys, "net.cnn", "--input", "rgb=32,48", "--input", "depth=32,64", code=1)[1]
    assert "axis" not in swept(capsys, "net.cnn", "--set", "width=4,8", "--pivot", "macs", code=2)[1].split("each")[1]
