"""`cnnspec field` as a shell sees it: words, exit codes, JSON, narrow and plain streams."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import cnnspec
from cnnspec.cli.app import run
from cnnspec.reports.look import Look, cells
from tests.texts import model

NET = """cnn 1
model Net {
  input 3x16x16
  s: conv 3x3 4 pad=1
  down: maxpool 2x2 -> conv 3x3 4 pad=1
  upsample like=@s
  out: add { id | @s }
}
"""
BAD = "cnn 1\nmodel Bad {\n  input 3x16x16\n  a: conv 3x3 4\n  b: convv 3x3 4 -> c: relu\n  d: conv 30x30 2\n}\n"

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    (tmp_path / "net.cnn").write_text(NET, encoding="utf-8")
    (tmp_path / "bad.cnn").write_text(BAD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def asked(*arguments: str) -> tuple[int, str, str]:
        code = run(("field", *arguments))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return asked


def test_the_table(ask: Ask) -> None:
    code, out, err = ask("net.cnn", "--branches")
    assert (code, err) == (0, "")
    lines = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert lines["conv1"].split()[6:10] == ["8", "2", "-3", "0.5"]
    assert "~8" in lines["out"]
    assert out.count("through") == 2
    assert "irregular: the windows of the units of `upsample1` differ in size or spacing" in out


def test_one_layer_says_what_lends_its_size(ask: Ask) -> None:
    code, out, _ = ask("net.cnn", "upsample1")
    assert code == 0
    assert "`s` lends its size only: no value of it is seen through it." in out
    assert "rows 5 to 12, columns 5 to 12" in out
    (layer,) = json.loads(ask("net.cnn", "upsample1", "--json")[1])["layers"]
    assert layer["size_only"] == ["s"]
    assert layer["fields"][0]["why"]["kind"] == "irregular"


@pytest.mark.parametrize(
    "place", [("--at", "conv1", "0", "7"), ("conv1", "0", "7"), ("conv1", "0,7"), ("conv1", "0x7")]
)
def test_one_unit(ask: Ask, place: tuple[str, ...]) -> None:
    code, out, err = ask("net.cnn", *place)
    assert (code, err) == (0, "")
    assert "rows 0 to 4, columns 11 to 15" in out
    assert "its windows span rows -3 to 4, columns 11 to 18; 60.9% of that lies in padding" in out
    (seen,) = json.loads(ask("net.cnn", *place, "--json")[1])["sees"]
    assert (seen["positions"], seen["rectangle_positions"], seen["of"], seen["channels"]) == (25, 25, 256, 3)
    assert seen["rectangle"] == {"first": [0, 11], "last": [4, 15]}
    assert seen["windows"] == {"first": [-3, 11], "last": [4, 18]}


def test_what_a_pixel_reaches(ask: Ask) -> None:
    code, out, _ = ask("net.cnn", "--pixel", "0", "0", "--to", "s", "--to", "down")
    assert code == 0
    assert "of s 4x16x16: rows 0 to 1, columns 0 to 1" in out
    assert ask("net.cnn", "--from", "input", "0", "0", "--to", "s", "--to", "down")[1] == out
    (reached,) = json.loads(ask("net.cnn", "--pixel", "0", "0", "--json")[1])["reaches"]
    assert reached["layer"] == "out"
    assert reached["values"] == 4 * reached["positions"] == 4 * 16


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("net.cnn", "--at", "conv1", "8", "0"), "`conv1` has no position 8 0: 8x8 positions end at 7 7"),
        (("net.cnn", "--at", "conv1", "1"), "`conv1` has 8x8 positions: give a row and a column"),
        (("net.cnn", "--at", "conv1", "a"), "`a` is no place: a unit is said by whole numbers, `--at LAYER 3 4`"),
        (("net.cnn", "conw1"), "there is no layer `conw1` in Net; did you mean `conv1`?"),
        (("net.cnn", "conv1", "1", "1", "--channel", "4"), "`conv1` has channels 0 to 3, and no channel 4"),
        (
            ("net.cnn", "1", "1"),
            "of which layer? `--at LAYER Y X` says what a unit sees, `--pixel Y X` what it reaches",
        ),
        (("net.cnn", "--at", "s", "--pixel", "1"), "`--at`, `--from` and `--pixel` are different questions: ask one"),
        (("net.cnn", "--to", "s"), "`--to` says where to look for what `--from` or `--pixel` reaches"),
        (("net.cnn", "--levels", "1", "s"), "`--branches` and `--levels` are for the table of all layers"),
        (("zoo:siamese", "--pixel", "1", "1"), "there are 2 inputs: say of which one, such as `--from left 3 4`"),
        (("zoo:mlp", "--at", "fc1", "100"), "`fc1` has units 0 to 99, and no unit 100"),
        (("zoo:mlp", "--at", "fc1", "1", "2"), "`fc1` is a vector: give the number of one unit"),
    ],
)
def test_wrong_questions(ask: Ask, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = ask(*arguments)
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == f"error: {said}"


def test_a_network_with_errors(ask: Ask) -> None:
    code, out, err = ask("bad.cnn")
    assert code == 1
    assert "unknown-word" in err
    assert [line.split()[-2] for line in out.splitlines() if line.startswith("a ")] == ["3.5%"]
    assert ask("bad.cnn", "a", "1", "1")[:1] == (1,)
    code, out, err = ask("bad.cnn", "d")
    assert (code, out) == (1, "")
    assert "nothing is known of `d`, as a step that leads to it has an error" in err
    assert "Nothing is known of it, as a step that leads to it has an error." in ask("bad.cnn", "c")[1]
    assert "At least: `b` has an error, and through it more may be seen." in ask("bad.cnn", "--at", "c", "1", "1")[1]
    code, out, _ = ask("bad.cnn", "--pixel", "1", "1", "--to", "c")
    assert code == 1
    assert "at least: a step on the way has an error" in out
    assert "nothing is known of the outputs" in ask("bad.cnn", "--pixel", "1", "1")[2]
    assert json.loads(ask("bad.cnn", "--json")[1])["complete"] is False


@pytest.mark.parametrize("name", ["resnet18", "c3d", "siamese", "retinanet", "m5_audio", "mlp", "se_resnet50"])
@pytest.mark.parametrize("width", [80, 200])
def test_it_fits(name: str, width: int) -> None:
    model = cnnspec.load(f"zoo:{name}")
    for line in model.field(levels=2).to_text(width).splitlines():
        assert cells(line) <= width, line
    for id in list(model.shapes)[1::7]:
        for line in model.field(id).to_text(width).splitlines():
            assert cells(line) <= width, line


def test_what_has_no_room_is_told() -> None:
    text = "model M { input 3x7x97 \n conv 9x3 24 /2x1 pad=4x1 dilation=1x2 bias=no \n maxpool 3x3 /2 pad=1 }"
    table = cnnspec.loads(text).field()
    assert "not shown" not in table.to_text(200)
    for width in (120, 80, 60, 40):
        text = table.to_text(width)
        titles = next(line for line in text.splitlines() if line.startswith("layer ")).split()
        told = re.search(r"not shown at this width: (.*?);\s+`--json`\s+has\s+all\.", text, re.DOTALL)
        absent = re.split(r",\s+", told[1]) if told else []
        both = {*titles, *absent} - {"bars"}
        assert both == {"layer", "step", "output", "size", "stride", "start", "centre", "outside", "sees"}
        assert len(titles) + len(absent) == len({*titles, *absent})
        assert ("bars" in absent) is not any(each in text for each in "█▏▎▍▌▋▊▉")
    unpadded = cnnspec.loads("model M { input 3x97x113 \n conv 5x3 24 }").field()
    assert "outside" not in unpadded.to_text(60).split("not shown")[1]


def test_plain_streams() -> None:
    model = cnnspec.load("zoo:googlenet")
    for look in (Look(encoding="ascii", width=80), Look(encoding="ascii", width=80, colour=True)):
        for report in (model.field(), model.field("inception3a"), model.field("inception3a", (1, 2))):
            report.render(look).encode("ascii")


@pytest.mark.parametrize("asked", [(), ("--at", "pad1", "0", "0"), ("--pixel", "0", "0"), ("conv_transpose1",)])
def test_an_axis_too_long_to_walk_is_told(ask: Ask, tmp_path: Path, asked: tuple[str, ...]) -> None:
    path = tmp_path / "long.cnn"
    path.write_text(model("pad 999999999,1,2,1 mode=edge -> conv_transpose 1x2 6\nrequire rf >= 1", "1x4x5"))
    code, out, err = ask(str(path), *asked)
    assert (code, out) == (1, "")
    assert "`pad1` has 1,000,000,005 places on an axis; fields are looked at along 1,048,576 at most" in err
    assert "`rf >= 1` has no answer: the receptive field of its last map is not known" in err
