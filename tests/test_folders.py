"""Folders: the one that the command stands in, and those that it is given."""

import os
from pathlib import Path

import pytest

import cnnspec
from cnnspec.cli.app import run

GOOD = "model Small {\n  input 3x8x8\n  conv 3x3 4 -> relu\n}\n"


# -- the folder that we stand in is gone -------------------------------------------------------------------------------


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a network; the current folder was removed."""
    if os.name != "posix":
        pytest.skip("only posix lets a folder go in which somebody stands")
    (tmp_path / "good.cnn").write_text(GOOD, encoding="utf-8")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    return tmp_path


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("check zoo:resnet18", 0),
        ("check {}/good.cnn", 0),
        ("check {}/good.cnn --fix", 0),
        ("check good.cnn", 2),
        ("report zoo:resnet18 --levels 1", 0),
        ("fmt {}/good.cnn", 0),
        ("fmt good.cnn", 2),
        ("words", 0),
        ("words conv", 0),
        ("words for", 0),
        ("rule shape-mismatch", 0),
        ("rule outside-folder", 0),
        ("rule circular-use", 0),
        ("zoo lenet", 0),
        ("export {}/good.cnn --seed 0 -o {}/good.onnx", 0),
        ("export {}/good.cnn --seed 0 -o good.onnx", 2),
        ("new {}/mine", 0),
        ("new", 2),
        ("check --help", 0),
    ],
)
def test_what_needs_no_current_folder_works_without_one(
    nowhere: Path, command: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command.format(nowhere, nowhere).split()) == code
    said = capsys.readouterr().err
    assert ("error" in said) == (code == 2)
    assert "internal-fault" not in said


@pytest.mark.usefixtures("nowhere")
def test_a_text_at_hand_needs_no_folder() -> None:
    assert cnnspec.loads(GOOD, name="good.cnn").params == 112
    with pytest.raises(cnnspec.SpecError, match="there is no file"):
        cnnspec.loads('use "blocks.cnn"\n' + GOOD, name="good.cnn")
