"""An option that fits nothing in the file ends every command: no numbers of another network, nothing written."""

import io
import json
from pathlib import Path

import click
import pytest

import cnnspec
from cnnspec.build.elaborate import OPTION_IDS
from cnnspec.cli.app import VERBS, Verbs, run

NET = "model Net(width=4) {\n  input 1x12x16\n  conv 3x3 width pad=1 -> bn -> relu\n  gap -> flatten -> linear 3\n}\n"
MISFITS = (
    ("--set", "widht=8"),
    ("--input", "12x16"),
    ("--input", "1x12x16x1"),
    ("--input", "left=1x12x16"),
    ("--input", "24x24x1"),
    ("--model", "Nett"),
    ("--set", "width=sixteen"),
)
MORE: dict[str, tuple[tuple[str, ...], ...]] = {
    "check": ((), ("--fix",), ("--diff",), ("--strict",)),
    "report": ((), ("--csv",), ("--md",), ("--json",), ("-o", "out.html"), ("--why", "fvcore"), ("--by", "word")),
    "formulas": ((), ("--json",), ("--format", "markdown")),
    "sweep": ((), ("--csv",), ("--json",)),
    "explain": ((), ("--json",), ("--md",)),
    "diff": (("net.cnn",), ("net.cnn", "--json"), ("net.cnn", "--markdown")),
    "field": ((), ("--json",), ("--pixel", "2", "2")),
    "sizes": ((), ("--json",), ("--try", "1x24x24")),
    "memory": ((), ("--json",)),
    "export": (("-o", "out.onnx", "--seed", "0"), ("-o", "out", "--to", "torch")),
    "train": (("--data", "digits", "-o", "out"), ("--data", "digits", "-o", "out", "--folds", "3")),
    "eval": (("--data", "digits", "--seed", "0"),),
    "run": (("picture.png", "--seed", "0"),),
}
"""What else a verb is given, by verb: each that takes a network with options has its line."""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.cnn").write_text(NET, encoding="utf-8")


def test_every_verb_that_takes_a_network_is_here() -> None:
    taking = {verb for verb in VERBS if "--set" in _options(verb)}
    assert taking == set(MORE)


def _options(verb: str) -> set[str]:
    command = Verbs().get_command(click.Context(click.Command("cnnspec")), verb)
    assert command is not None
    return {option for param in command.params for option in param.opts}


@pytest.mark.parametrize("misfit", MISFITS, ids=" ".join)
@pytest.mark.parametrize(
    ("verb", "more"), [(verb, more) for verb, kinds in MORE.items() for more in kinds], ids=lambda each: str(each)
)
def test_what_fits_nothing_ends_the_command(
    verb: str, more: tuple[str, ...], misfit: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = run([verb, "net.cnn", *more, *misfit])
    said = capsys.readouterr()
    assert code == 2
    if "--json" in more:
        record = json.loads(said.out)
        assert record["model"] is None
        assert {each["id"] for each in record["diagnostics"]} <= OPTION_IDS
        return
    assert said.out == ""
    assert "error[unknown-" in said.err or "error[word-for-number]" in said.err
    assert [each.name for each in tmp_path.iterdir()] == ["net.cnn"]
    assert (tmp_path / "net.cnn").read_text(encoding="utf-8") == NET


def test_a_text_that_is_mended_on_its_way_through_is_not_let_through(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = io.TextIOWrapper(io.BytesIO(NET.replace("relu", "rellu").encode()), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", text)
    assert run(["check", "-", "--fix", "--set", "widht=8"]) == 2
    assert capsys.readouterr().out == ""


def test_check_has_its_findings_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "net.cnn", "--set", "widht=8", "--json"]) == 2
    assert "unknown-parameter" in json.dumps(json.loads(capsys.readouterr().out))


def test_a_text_with_errors_of_its_own_still_gets_its_part(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "bad.cnn").write_text(NET.replace("gap", "gapp"), encoding="utf-8")
    assert run(["report", "bad.cnn"]) == 1
    assert "conv1" in capsys.readouterr().out


@pytest.mark.parametrize("inputs", ["12x16,1x12x16", "1x12x16,12x16"])
def test_of_a_sweep_the_value_that_fits_nothing_is_a_line(inputs: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Wherever it stands: no line has numbers of another network."""
    assert run(["sweep", "net.cnn", "--input", inputs, "--json"]) == 1
    found = {each["settings"]["input"]: each for each in json.loads(capsys.readouterr().out)["combinations"]}
    assert found["12x16"]["params"] is None
    assert "another number of axes" in found["12x16"]["errors"][0]["message"]
    assert found["1x12x16"]["params"]


def test_what_one_of_several_models_has_is_no_misfit_of_a_sweep(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = NET.replace("Net", "Other").replace("width", "w")
    (tmp_path / "two.cnn").write_text(NET + other, encoding="utf-8")
    assert run(["sweep", "two.cnn", "--model", "Other,Net", "--set", "width=4,8"]) == 1
    assert "has no parameter" in capsys.readouterr().out
    assert run(["sweep", "two.cnn", "--model", "Other,Net", "--set", "widht=4,8"]) == 2
    assert capsys.readouterr().out == ""


def test_a_sweep_in_training_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["train", "net.cnn", "--data", "digits", "-o", "out", "--sweep", "widht=2,4"]) == 2
    assert capsys.readouterr().out == ""
    assert not (tmp_path / "out").exists()


def test_from_python(tmp_path: Path) -> None:
    with pytest.raises(cnnspec.SpecError, match="widht"):
        cnnspec.load("net.cnn", widht=8)


# -- a word for a number -----------------------------------------------------------------------------------------------


def _told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[tuple[str, str]]]:
    code = run([*arguments, "--json"])
    found = json.loads(capsys.readouterr().out)
    return code, [(each["id"], each["message"]) for each in found]


WORDS = """
block Unit(c, act=relu) { conv 3x3 c pad=1 -> bn -> act }
model Words(width=16, p=1, act=relu, bias=no, kernel=3x3) {
  input 3x32x32
  conv kernel width pad=p bias=bias -> act
  Unit width -> Unit 2*width
}
"""


@pytest.mark.parametrize(
    ("name", "kind"),
    [("width", "a number"), ("bias", "yes or no"), ("kernel", "a size")],
)
def test_a_word_for_a_number_is_told_once(
    name: str, kind: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "words.cnn").write_text(WORDS, encoding="utf-8")
    code, found = _told(capsys, "check", "words.cnn", "--set", f"{name}=sixteen", "--set", "p=same")
    said = f"`--set {name}=sixteen`: `{name}` is {kind}, and sixteen is a word"
    assert (code, found) == (2, [("word-for-number", said)])


def test_words_that_fit_are_taken(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "words.cnn").write_text(WORDS, encoding="utf-8")
    assert _told(capsys, "check", "words.cnn", "--set", "act=relu6", "--set", "p=same") == (0, [])
    code, found = _told(capsys, "check", "words.cnn", "--set", "act=rellu")
    assert code == 1
    assert "word-for-number" not in dict(found)


def test_a_word_where_other_words_are_taken_lists_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "words.cnn").write_text(WORDS, encoding="utf-8")
    said = "`--set p=sme`: `p` must be a size or one of same, same_upper, same_lower, and sme is neither"
    assert _told(capsys, "check", "words.cnn", "--set", "p=sme") == (2, [("word-for-number", said)])
    assert run(["check", "words.cnn", "--set", "p=sme"]) == 2
    assert "help: did you mean `--set p=same`?" in capsys.readouterr().err


def test_from_python_no_option_is_named() -> None:
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.load("net.cnn", width="sixteen")
    assert "`width='sixteen'`: `width` is a number" in str(caught.value)
    assert "--set" not in str(caught.value)
    with pytest.raises(cnnspec.SpecError, match="help: `input='1x24x24'`"):
        cnnspec.load("net.cnn", input=(24, 24, 1))


def test_two_unfit_words_and_the_errors_of_the_text(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "words.cnn").write_text(WORDS.replace("-> bn", "-> bnn"), encoding="utf-8")
    code, found = _told(capsys, "check", "words.cnn", "--set", "width=wide", "--set", "kernel=big")
    assert code == 2
    assert sorted(id for id, _ in found) == ["unknown-word", "word-for-number", "word-for-number"]


def test_a_sweep_over_words_says_it_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sweep", "net.cnn", "--set", "width=4,wide"]) == 1
    assert "`--set width=wide`: `width` is a number" in capsys.readouterr().out


# -- the shape that was meant ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("24x32", "1x24x32"), ("1x24", "1x24x24"), ("8x1x24x32", "1x24x32"), ("1x24x32x1", "1x24x32")],
)
def test_input_and_try_propose_the_same(asked: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "net.cnn", "--input", asked]) == 2
    assert f"`--input {meant}`" in capsys.readouterr().err
    assert run(["sizes", "net.cnn", "--try", asked]) == 2
    assert f"try {meant}" in capsys.readouterr().err


def test_channels_behind_are_refused_and_others_on_purpose_are_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = "model M { input 3x32x32\n conv 3x3 16 pad=1 -> gap -> flatten -> linear 10 }"
    (tmp_path / "rgb.cnn").write_text(text, encoding="utf-8")
    assert run(["check", "rgb.cnn", "--input", "64x64x3"]) == 2
    said = capsys.readouterr().err
    assert "channels come first: the input is 3x32x32, and 64x64x3 has 64 channels" in said
    assert "help: `--input 3x64x64`" in said
    for shape in ("1x32x32", "4x64x64", "3x64x64"):
        assert run(["check", "rgb.cnn", "--input", shape]) == 0
    (tmp_path / "wide.cnn").write_text(text.replace("3x32x32", "8x8x8"), encoding="utf-8")
    assert run(["check", "wide.cnn", "--input", "16x8x8"]) == 0
    (tmp_path / "own.cnn").write_text(
        text.replace("M {", "M(s=3x32x32) {").replace("input 3x32x32", "input s"), "utf-8"
    )
    assert run(["check", "own.cnn", "--input", "64x64x3"]) == 0


def test_sizes_that_are_searched_are_meant_as_they_are(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With 4 channels on purpose 4x64x3 is one of them, though the text's channels are 3."""
    steps = "if in.w == 3 { conv 1x1 8 } else { conv 1x1 9 }\n gap -> flatten -> linear 10"
    (tmp_path / "net.cnn").write_text(f"model M {{ input 3x32x32\n {steps} }}", encoding="utf-8")
    assert run(["sizes", "net.cnn", "--input", "4x32x32", "--try", "4x64x3"]) == 1
    said = capsys.readouterr()
    assert "the text makes another network of it" in said.err
    assert "channels come first" not in said.err
    assert "4x64x2" in said.out


def test_channels_behind_are_put_in_front(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sizes", "zoo:lenet", "--try", "28x30x1"]) == 2
    assert "try 3x28x30" in capsys.readouterr().err
