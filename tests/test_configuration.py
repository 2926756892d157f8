"""`cnnspec.toml` and `[tool.cnnspec]`: what a project says once for every check."""

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
        ("[check]\nfromat = 1\n", "nothing is called `fromat`; did you mean `format`?"),
        ("[chekc]\n", "nothing is called `chekc`; did you mean `check`?"),
        ("check = 3\n", "the settings must be a table: `[check]`"),
        ("[check]\nstrict = 1\n", "`strict` must be true or false"),
        ('[check]\nignore = "lost-border"\n', '`ignore` must be a list of rules: ignore = ["lost-border"]'),
        ("[check]\nformat = 1\n", '`format` must be a text: format = "concise"'),
        ('[check]\nformat = "xml"\n', "'xml' is not one of 'full', 'concise', 'json', 'github', 'sarif'"),
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
    assert run(["zoo"]) == 0, "only check reads it"


def test_a_broken_file_of_others_is_none_of_ours(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.ruff\n")
    assert configuration() == {}
    (folder / "pyproject.toml").write_text("tool = 3 # cnnspec\n")
    assert configuration() == {}
