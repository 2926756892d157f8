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


# -- folders that are given --------------------------------------------------------------------------------------------


@pytest.fixture
def nets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Networks in folders, one hidden, one empty, one with a link back up."""
    for name in ("top.cnn", "b/deep/one.cnn", "a/two.cnn", "a/one.cnn", ".git/hidden.cnn", "a/.cache/hidden.cnn"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    (tmp_path / "a" / "notes.txt").write_text("no network", encoding="utf-8")
    (tmp_path / "empty" / "inner").mkdir(parents=True)
    (tmp_path / "folder.cnn").mkdir()
    if os.name == "posix":
        (tmp_path / "b" / "up").symlink_to("..")
    monkeypatch.chdir(tmp_path)
    return tmp_path


FOUND = ["top.cnn", *(os.path.join(*each) for each in (("a", "one.cnn"), ("a", "two.cnn"), ("b", "deep", "one.cnn")))]


@pytest.mark.usefixtures("nets")
def test_check_walks_through_folders(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "."]) == 0
    assert [line.partition(": ok")[0] for line in capsys.readouterr().out.splitlines()] == FOUND
    assert run(["check", "b", os.path.join("a", "two.cnn"), "a", os.path.join(".", "top.cnn"), "top.cnn"]) == 0
    names = [line.partition(": ok")[0] for line in capsys.readouterr().out.splitlines()]
    assert names == [FOUND[3], FOUND[2], FOUND[1], os.path.join(".", "top.cnn")], "each once, as it was first named"


def test_all_files_below_a_folder_are_mended(nets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in FOUND[1:3]:
        (nets / name).write_text(GOOD.replace(" -> relu", ", relu"), encoding="utf-8")
    assert run(["check", ".", "--diff"]) == 1
    assert capsys.readouterr().out.count("+  conv 3x3 4 -> relu") == 2
    assert run(["check", "a", "empty", "--fix"]) == 2
    assert [(nets / name).read_text(encoding="utf-8") for name in FOUND[1:3]] == [GOOD, GOOD]


@pytest.mark.usefixtures("nets")
@pytest.mark.parametrize("command", ["check", "check --json", "check --fix", "check --diff", "fmt", "fmt --check"])
def test_a_folder_without_texts_is_told(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for names in (["empty"], [".", "empty"], ["empty", "top.cnn"]):
        assert run([*command.split(), *names]) == 2
        told = capsys.readouterr()
        assert "there are no `.cnn` files in `empty`" in (told.out if "json" in command else told.err)
        assert "cnnspec new" in (told.out if "json" in command else told.err)
    assert run([*command.split(), "."]) in (0, 1)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="for root no folder is closed")
def test_a_folder_that_is_closed_is_told(nets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (nets / "b").chmod(0)
    try:
        assert run(["check", "."]) == 2
    finally:
        (nets / "b").chmod(0o700)
    assert "cannot look into" in capsys.readouterr().err


def test_what_ships_can_be_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fmt", "--check", "zoo:resnet50"]) == 0
    assert run(["fmt", "--diff", "zoo:resnet50", "zoo:lenet"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["fmt", "zoo:lenet"]) == 2
    assert "`zoo:lenet` ships with cnnspec and is not rewritten" in capsys.readouterr().err
    for option in ("--check", "--diff", "--color=never"):
        assert run(["fmt", option, "zoo:lent"]) == 2
        assert "did you mean `zoo:lenet`?" in capsys.readouterr().err
