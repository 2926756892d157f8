"""`cnnspec.toml` and `[tool.cnnspec]`: what a project says once for every check."""

import io
from pathlib import Path

import pytest

from cnnspec.cli.app import run
from cnnspec.cli.configuration import configuration

BAD = "model Bad {\n  input 3x32x32\n  covn 3x3 8\n}\n"
WARNED = "model M {\n  input 3x8x8\n  output a: relu\n  tanh\n}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "nets" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "nets" / "deep")
    Path("bad.cnn").write_text(BAD)
    Path("warned.cnn").write_text(WARNED)
    return tmp_path


def test_the_nearest_one_holds(folder: Path) -> None:
    assert configuration() == {}
    (folder / "pyproject.toml").write_text('[tool.cnnspec.check]\nformat = "github"\nstrict = true\n')
    assert configuration() == {"form": "github", "strict": True}
    (folder / "nets" / "pyproject.toml").write_text('[tool.other]\nname = "cnnspec"\n')
    assert configuration() == {"form": "github", "strict": True}, "a file that says nothing of us is passed over"
    (folder / "nets" / "cnnspec.toml").write_text('[check]\nformat = "concise"\n')
    assert configuration() == {"form": "concise"}
    Path("cnnspec.toml").write_text("")
    assert configuration() == {}


def test_a_check_follows_it_and_the_command_line_goes_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    Path("cnnspec.toml").write_text('[check]\nformat = "concise"\nstrict = true\n')
    assert run(["check", "bad.cnn"]) == 1
    assert capsys.readouterr().out == "bad.cnn:3:3: error: unknown layer `covn` [unknown-word]\n"
    assert run(["check", "bad.cnn", "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=bad.cnn")
    assert run(["check", "warned.cnn"]) == 1
    assert run(["check", "warned.cnn", "--no-strict"]) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[check]\nfromat = 1\n", "cnnspec.toml:2: nothing is called `fromat`; did you mean `format`?"),
        ("check.fromat = 1\n", "cnnspec.toml:1: nothing is called `fromat`; did you mean `format`?"),
        ("[chekc]\n", "cnnspec.toml:1: nothing is called `chekc`; did you mean `check`?"),
        ("check = 3\n", "the settings must be a table: `[check]`"),
        ("[check]\nstrict = 1\n", "cnnspec.toml:2: `strict` must be true or false"),
        ('[check]\nignore = "lost-border"\n', '`ignore` must be a list of rules: ignore = ["lost-border"]'),
        ("[check]\nformat = 1\n", "cnnspec.toml:2: `format` must be full, concise, json, github or sarif"),
        ('[check]\n\nformat = "xml"\n', "cnnspec.toml:3: `format` must be full, concise, json, github or sarif"),
        ('[check]\n"select" = ["lost-boarder"]\n', "cnnspec.toml:2: `select`: there is no rule `lost-boarder`"),
        ("[check\n", "it is not TOML"),
        ("[check]\nformat = '\xff'\n", "it is not TOML"),
    ],
)
def test_what_is_wrong_in_it_is_told(text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("cnnspec.toml").write_bytes(text.encode("latin-1"))
    assert run(["check", "bad.cnn"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "Usage" not in err, "it is not the command line that is wrong"
    assert run(["check", "--help"]) == 0
    assert run(["zoo"]) == 0, "only check reads it"


def test_a_broken_file_of_others_is_none_of_ours(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.ruff\n")
    assert configuration() == {}
    (folder / "pyproject.toml").write_text("tool = 3 # cnnspec\n")
    assert configuration() == {}


def test_in_a_file_of_several_tools_the_line_is_ours(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '[tool.ruff]\nselect = ["ALL"]\n[tool.cnnspec.check]\nstrict = true\nselect = "all"\n'
    (folder / "pyproject.toml").write_text(text)
    assert run(["check", "bad.cnn"]) == 2
    assert f"error: {Path('..', '..', 'pyproject.toml')}:5: `select` must be a list" in capsys.readouterr().err


def test_a_format_for_findings_leaves_standard_output_to_what_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("cnnspec.toml").write_text('[check]\nformat = "json"\n')
    assert run(["check", "--diff", "--unsafe-fixes", "bad.cnn"]) == 1
    assert "+  conv 3x3 8" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    assert run(["check", "--fix", "--unsafe-fixes", "-"]) == 0
    assert capsys.readouterr().out == BAD.replace("covn", "conv")
    assert run(["check", "--diff", "--format", "json", "bad.cnn"]) == 2, "what is typed is taken at its word"
    capsys.readouterr()
    assert run(["check", "--fix", "warned.cnn"]) == 0
    assert capsys.readouterr().out.startswith("[")


def test_what_is_typed_goes_before_every_setting() -> None:
    Path("cnnspec.toml").write_text('[check]\nstrict = true\nignore = ["lint"]\n')
    assert run(["check", "warned.cnn"]) == 0
    assert run(["check", "warned.cnn", "--ignore", "perf"]) == 1
