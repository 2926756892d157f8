"""`check --fix`, `--unsafe-fixes` and `--diff`: which files are written, what is said, and the exit codes."""

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from cnnspec.cli.app import run

SLIPS = """cnn 1
# a network with slips
model Net(classes=10) {
  input 3x32x32
  conv(3x3, 16) -> bn, relu                      # the first
  conv 64 3x3 pad=1                              # swapped
  concat { conv 3x3 8 pad=1 | maxpool 3x3 /1 }
  linear classes                                 # no flatten
}
"""
SAFE = SLIPS.replace("conv(3x3, 16) -> bn, relu ", "conv 3x3 16 -> bn -> relu ").replace("conv 64 3x3", "conv 3x3 64")
ALL = SAFE.replace("/1 }", "/1 pad=1 }").replace("  linear", "  gap -> flatten -> linear")
BLOCKS = "block Both(c) {\n  concat { conv 3x3 c | conv 1x1 c }\n}\n"
USER = 'use "blocks.cnn"\nmodel User {\n  input 3x8x8\n  Both 4\n}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.cnn").write_text(SLIPS, encoding="utf-8")
    return tmp_path


def text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def test_safe_fixes_are_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--fix", "net.cnn"]) == 1
    assert text(folder / "net.cnn") == SAFE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error[shape-mismatch]: concat needs equal sizes")
    assert said.err.endswith(
        "\n1 error in net.cnn\nfixed 3 errors; 1 error left\n"
        "`--unsafe-fixes` tries the fix of it, too, which may change the network\n"
    )


def test_unsafe_fixes_are_written_when_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--fix", "--unsafe-fixes", "net.cnn"]) == 0
    assert text(folder / "net.cnn") == ALL
    said = capsys.readouterr()
    assert said.out.startswith("net.cnn: ok")
    assert "fixed 4 errors; 1 warning left\n" in said.err
    assert run(["check", "--fix", "--unsafe-fixes", "--ignore", "small-field", "net.cnn"]) == 0
    assert capsys.readouterr().err == ""


def test_a_diff_is_shown_and_nothing_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--diff", "net.cnn"]) == 1
    said = capsys.readouterr()
    changed = [line for line in said.out.splitlines() if line[:1] in "+-"]
    before, after = SLIPS.splitlines(), SAFE.splitlines()
    assert changed == ["--- net.cnn", "+++ net.cnn", *(f"-{x}" for x in before[4:6]), *(f"+{x}" for x in after[4:6])]
    assert said.err.startswith("would fix 3 errors; 1 error left\n")
    assert text(folder / "net.cnn") == SLIPS
    (folder / "net.cnn").write_text(ALL, encoding="utf-8")
    assert run(["check", "--diff", "--unsafe-fixes", "net.cnn"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["check", "--diff", "net.cnn", "missing.cnn"]) == 2
    assert "there is no file `missing.cnn`" in capsys.readouterr().err


def test_standard_input_is_mended_to_standard_output(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for options, expected, code in (([], SAFE, 1), (["--unsafe-fixes"], ALL, 0)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SLIPS.encode())))
        assert run(["check", "--fix", *options, "-"]) == code
        assert capsys.readouterr().out == expected
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SLIPS.encode())))
    assert run(["check", "--diff", "-"]) == 1
    assert capsys.readouterr().out.startswith("--- -\n+++ -\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--unsafe-fixes", "net.cnn"], "it goes with `--fix` or `--diff`"),
        (["--fix", "zoo:lenet"], "`cnnspec zoo lenet > my_net.cnn` makes a copy that is yours"),
        (["--fix", "--format", "json", "-"], "`--format json` would go, too"),
        (["--diff", "--json", "net.cnn"], "`--format json` would go, too"),
    ],
)
def test_what_does_not_go_together(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(["check", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert text(folder / "net.cnn") == SLIPS


def test_what_is_left_is_told_in_any_format(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--fix", "--format", "concise", "net.cnn"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_file_that_is_used_is_changed_only_if_it_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "blocks.cnn").write_text(BLOCKS)
    (folder / "user.cnn").write_text(USER)
    assert run(["check", "--fix", "--unsafe-fixes", "user.cnn"]) == 1
    assert "a fix lies in blocks.cnn: name that file, too\n" in capsys.readouterr().err
    assert text(folder / "blocks.cnn") == BLOCKS
    assert run(["check", "--fix", "--unsafe-fixes", "user.cnn", "blocks.cnn"]) == 0
    assert text(folder / "blocks.cnn") == BLOCKS.replace("conv 3x3 c ", "conv 3x3 c pad=1 ")
    assert text(folder / "user.cnn") == USER


def test_a_fix_that_harms_another_file_that_is_named_is_not_made(folder: Path) -> None:
    (folder / "blocks.cnn").write_text("block Conv(c) { conv 3x3 c }\n")
    uses = 'use "blocks.cnn"\nmodel {} {{\n  input 3x8x8\n  {}\n}}\n'
    (folder / "user.cnn").write_text(uses.format("User", "concat { Conv 4 | conv 1x1 4 }"))
    (folder / "other.cnn").write_text(uses.format("Other", "Conv 4 => 4x6x6"))
    run(["check", "--fix", "--unsafe-fixes", "user.cnn", "blocks.cnn", "other.cnn"])
    assert text(folder / "blocks.cnn") == "block Conv(c) { conv 3x3 c }\n"
    assert run(["check", "other.cnn"]) == 0
    run(["check", "--fix", "--unsafe-fixes", "user.cnn", "blocks.cnn"])
    assert text(folder / "blocks.cnn") == "block Conv(c) { conv 3x3 c pad=1 }\n"
    assert run(["check", "other.cnn"]) == 1


def test_a_fix_that_holds_for_another_input_alone_is_not_made(folder: Path) -> None:
    model = "model M {\n  input 3x32x32\n  maxpool 16x16 -> maxpool 2x2 => 3x1x1\n}\n"
    (folder / "net.cnn").write_text(model)
    assert run(["check", "--fix", "--unsafe-fixes", "--input", "3x16x16", "net.cnn"]) == 1
    assert text(folder / "net.cnn") == model


@pytest.mark.skipif(os.name == "nt", reason="modes and links are POSIX's")
def test_a_mark_line_ends_the_mode_and_a_link_stay(folder: Path) -> None:
    real = folder / "real.cnn"
    real.write_bytes(b"\xef\xbb\xbf" + SLIPS.replace("\n", "\r\n").encode())
    real.chmod(0o640)
    (folder / "link.cnn").symlink_to(real)
    assert run(["check", "--fix", "link.cnn"]) == 1
    assert real.read_bytes() == b"\xef\xbb\xbf" + SAFE.replace("\n", "\r\n").encode()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert (folder / "link.cnn").is_symlink()
    assert sorted(each.name for each in folder.iterdir()) == ["link.cnn", "net.cnn", "real.cnn"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written_to(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.chmod(0o500)
    try:
        assert run(["check", "--fix", "net.cnn"]) == 2
    finally:
        folder.chmod(0o700)
    assert "cannot write" in capsys.readouterr().err
    assert text(folder / "net.cnn") == SLIPS


def test_lints_are_mended_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "lint.cnn").write_text("model M {\n  input 3x8x8\n  conv 3x3 8 -> relu -> relu\n}\n")
    assert run(["check", "--fix", "lint.cnn"]) == 0
    assert "conv 3x3 8 -> relu\n" in text(folder / "lint.cnn")
    assert "fixed 1 warning; nothing left\n" in capsys.readouterr().err


def test_nothing_is_said_of_a_file_without_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "good.cnn").write_text("model M {\n  input 3x8x8\n  conv 3x3 8 -> relu\n}\n")
    assert run(["check", "--fix", "good.cnn"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("good.cnn: ok")
    assert said.err == ""
