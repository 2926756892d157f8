"""`cnnspec fmt`: what is written where, what is said, and exit codes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import cnnspec
from cnnspec.cli.app import run
from cnnspec.syntax.format import LayoutFault
from tests import ROOT

ROUGH = "cnn  1\nblock   A{relu}\n"
FINE = "cnn 1\nblock A { relu }\n"
WRONG = "cnn 1\nblock A { relu\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "deep" / ".hidden").mkdir(parents=True)
    for name, text in {"rough.cnn": ROUGH, "fine.cnn": FINE, "deep/wrong.cnn": WRONG, "deep/other.txt": ROUGH}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "deep" / ".hidden" / "rough.cnn").write_text(ROUGH, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def piped(text: str | bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "cnnspec", "fmt", "-", *arguments]
    data = text if isinstance(text, bytes) else text.encode()
    return subprocess.run(command, input=data, capture_output=True, env=environment, timeout=120)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["fine.cnn"], 0, "1 file left as it is"),
        (["rough.cnn"], 0, "1 file reformatted"),
        (["rough.cnn", "fine.cnn"], 0, "1 file reformatted, 1 left as it is"),
        (["."], 1, "1 file reformatted, 1 left as it is, 1 not touched"),
        (["rough.cnn", "./rough.cnn", "rough.cnn"], 0, "1 file reformatted\n"),
        (["deep"], 1, "1 file not touched"),
        (["missing.cnn", "rough.cnn"], 2, "1 file reformatted, 1 not touched"),
        (["--check", "fine.cnn"], 0, "1 file would be left as it is"),
        (["--check", "rough.cnn", "fine.cnn"], 1, "1 file would be reformatted, 1 would be left as it is"),
        (["--diff", "rough.cnn"], 1, "1 file would be reformatted"),
        (["--check", "--diff", "."], 1, "1 file would be reformatted, 1 would be left as it is, 1 not touched"),
        (["deep/.hidden"], 0, "1 file reformatted"),
        (["zoo:lenet"], 2, "`cnnspec zoo lenet > my_net.cnn` makes a copy that is yours"),
        (["fine.cnn", "--limit", "tokens=3"], 1, "1 file not touched"),
        (["fine.cnn", "--limit", "tokens=x"], 2, "a whole number above 0"),
        ([], 2, "missing argument"),
    ],
)
def test_what_is_said_and_the_exit_code(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert run(["fmt", *arguments]) == code
    shown = capsys.readouterr()
    assert said in shown.err
    writes = arguments[:1] != ["--check"] and arguments[:1] != ["--diff"]
    changed = FINE if writes and ("rough.cnn" in arguments or "." in arguments) else ROUGH
    assert (folder / "rough.cnn").read_text(encoding="utf-8") == changed
    assert (folder / "fine.cnn").read_text(encoding="utf-8") == FINE
    assert (folder / "deep" / "wrong.cnn").read_text(encoding="utf-8") == WRONG
    assert not list(folder.rglob("*.tmp"))


def test_check_names_the_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fmt", "--check", "fine.cnn", "rough.cnn"]) == 1
    assert capsys.readouterr().out == "rough.cnn: would be reformatted\n"


def test_a_diff_is_one_that_patch_reads(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "end.cnn").write_text("cnn 1\n\nblock A { relu }  # é", encoding="utf-8")
    assert run(["fmt", "--diff", "rough.cnn", "fine.cnn", "end.cnn"]) == 1
    assert capsys.readouterr().out == (
        "--- rough.cnn\n+++ rough.cnn\n@@ -1,2 +1,2 @@\n-cnn  1\n-block   A{relu}\n+cnn 1\n+block A { relu }\n"
        "--- end.cnn\n+++ end.cnn\n@@ -1,3 +1,3 @@\n cnn 1\n \n-block A { relu }  # é\n\\ No newline at end of file\n"
        "+block A { relu }  # é\n"
    )
    assert run(["fmt", "--diff", "rough.cnn", "--color", "always"]) == 1
    coloured = capsys.readouterr().out
    assert "\x1b[31m-cnn  1\x1b[0m\n" in coloured
    assert "\x1b[32m+cnn 1\x1b[0m\n" in coloured


def test_a_diff_cannot_speak_to_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "rough.cnn").write_text("cnn  1 # \x1b[31m\r\n", encoding="utf-8", newline="")
    assert run(["fmt", "--diff", "rough.cnn"]) == 1
    assert "-cnn  1 # \\x1b[31m\\x0d\n" in capsys.readouterr().out


def test_standard_input_goes_to_standard_output() -> None:
    done = piped("\ufeffcnn 1 # é\r\nblock A{relu}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "cnn 1  # é\nblock A { relu }\n".encode(), b"")
    done = piped(WRONG)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"unclosed-brace" in done.stderr
    assert (piped(ROUGH, "--check").returncode, piped(FINE, "--check").returncode) == (1, 0)
    assert piped(ROUGH, "--check").stdout == b"-: would be reformatted\n"
    assert piped(b"\xff").returncode == 2


def test_an_empty_folder_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "empty").mkdir()
    assert run(["fmt", "empty"]) == 2
    assert "there are no `.cnn` files in `empty`" in capsys.readouterr().err


def test_a_byte_order_mark_goes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "fine.cnn"
    path.write_text(f"\ufeff{FINE}", encoding="utf-8")
    assert run(["fmt", "--diff", "fine.cnn"]) == 1
    assert capsys.readouterr().out == "fine.cnn: would be reformatted\n"
    assert run(["fmt", "fine.cnn"]) == 0
    assert path.read_bytes() == FINE.encode()
    assert run(["fmt", "--check", "fine.cnn"]) == 0


@pytest.mark.skipif(os.name != "posix", reason="needs permissions and links")
def test_a_file_keeps_its_permissions_and_a_link_stays_one(folder: Path) -> None:
    (folder / "rough.cnn").chmod(0o640)
    (folder / "link.cnn").symlink_to("rough.cnn")
    (folder / "rough.cnn").write_text(ROUGH, encoding="utf-8")
    assert run(["fmt", "link.cnn"]) == 0
    assert (folder / "link.cnn").is_symlink()
    assert (folder / "rough.cnn").read_text(encoding="utf-8") == FINE
    assert stat.S_IMODE((folder / "rough.cnn").stat().st_mode) == 0o640


def test_a_file_that_stays_is_not_written(folder: Path) -> None:
    before = (folder / "fine.cnn").stat()
    assert run(["fmt", "fine.cnn"]) == 0
    after = (folder / "fine.cnn").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_what_cannot_be_written_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.replace", refused)
    assert run(["fmt", "rough.cnn", "fine.cnn"]) == 2
    said = capsys.readouterr().err
    assert "cannot write" in said
    assert "1 file left as it is, 1 not touched" in said
    assert (folder / "rough.cnn").read_text(encoding="utf-8") == ROUGH
    assert sorted(each.name for each in folder.iterdir()) == ["deep", "fine.cnn", "rough.cnn"]


def test_a_fault_of_ours_leaves_the_file_and_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "worse.cnn").write_text(ROUGH.replace("relu", "abs"), encoding="utf-8")

    def lossy(file: object) -> str:
        return FINE

    monkeypatch.setattr("cnnspec.syntax.format.printed", lossy)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert run(["fmt", "worse.cnn", "rough.cnn"]) == 3
    said = capsys.readouterr().err
    assert "`worse.cnn` is left as it is: the tree is another one" in said
    assert "internal-fault" in said
    assert "1 file reformatted, 1 not touched" in said
    assert (folder / "worse.cnn").read_text(encoding="utf-8") == ROUGH.replace("relu", "abs")
    assert (folder / "rough.cnn").read_text(encoding="utf-8") == FINE
    assert len(list(folder.glob("cnnspec-fault-*.txt"))) == 1


def test_from_python() -> None:
    assert cnnspec.format_text(ROUGH) == FINE
    with pytest.raises(cnnspec.SpecError, match="unclosed-brace"):
        cnnspec.format_text(WRONG, name="wrong.cnn")
    with pytest.raises(cnnspec.SpecError, match="limit-exceeded"):
        cnnspec.format_text(ROUGH, limits={"tokens": 3})
    assert issubclass(LayoutFault, AssertionError)


def test_what_it_imports() -> None:
    """No network is compiled, so that nothing of the compiler behind the parser is loaded."""
    script = "from cnnspec.cli import main; import sys; sys.argv = ['cnnspec', 'fmt', '--check', sys.argv[1]]; main()"
    script += "; print(*sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script, str(ROOT / "examples")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=True)
    modules = set(done.stdout.split())
    assert "cnnspec.syntax.format" in modules
    assert not modules & {"cnnspec.pipeline", "cnnspec.build.elaborate", "cnnspec.layers", "numpy", "onnx", "rich"}
