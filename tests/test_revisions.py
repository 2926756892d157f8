"""`git:REV:FILE`: texts as they were, and clear words where there is none."""

import os
import subprocess
from pathlib import Path

import pytest

from cnnspec.build.options import Limits, Options
from cnnspec.cli.app import run
from cnnspec.files import read_source
from cnnspec.pipeline import compile_file
from cnnspec.revisions import parts
from cnnspec.source.diagnostic import Diagnostic

WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
BLOCKS = "cnn 1\nblock Twice(c) {{ (conv 3x3 c) x{} }}\n"
MODEL = 'cnn 1\nuse "blocks/twice.cnn"\nmodel Net {\n  input 3x16x16\n  Twice 4\n}\n'


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *WHO, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two commits: the model uses a block that repeats its step twice, then three times; in the folder four times."""
    for name in [each for each in os.environ if each.startswith("GIT_")]:
        monkeypatch.delenv(name)
    nets = tmp_path / "nets"
    (nets / "blocks").mkdir(parents=True)
    (nets / "net.cnn").write_text(MODEL, encoding="utf-8")
    (nets / "link.cnn").symlink_to("net.cnn")
    (nets / "binary.cnn").write_bytes(b"\0")
    git(tmp_path, "init", "-q")
    for times in (2, 3):
        (nets / "blocks" / "twice.cnn").write_text(BLOCKS.format(times), encoding="utf-8")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", f"fix: {times} times")
    (nets / "blocks" / "twice.cnn").write_text(BLOCKS.format(4), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def depth(name: str) -> int:
    result = compile_file(name)
    assert result.ok, [each.message for each in result.diagnostics]
    return result.analysis.totals.depth


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("nets/net.cnn", 4),
        ("git:HEAD:nets/net.cnn", 3),
        ("git:HEAD~1:nets/net.cnn", 2),
        ("git:HEAD~1:./nets/net.cnn", 2),
        ("git:HEAD^{/fix: 2}:nets/net.cnn", 2),
    ],
)
def test_what_a_file_uses_comes_from_the_same_revision(repository: Path, name: str, times: int) -> None:
    assert depth(name) == times


def test_paths_are_from_the_root_or_from_here(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "nets")
    assert depth("git:HEAD:nets/net.cnn") == depth("git:HEAD:./net.cnn") == 3
    (found,) = compile_file("git:HEAD:net.cnn").diagnostics
    assert found.help
    assert "did you mean `git:HEAD:./net.cnn`?" in found.help
    monkeypatch.chdir(repository / "nets" / "blocks")
    assert depth("git:HEAD:../net.cnn") == 3


def test_a_finding_in_a_used_file_names_that_files_revision(repository: Path) -> None:
    (repository / "nets" / "blocks" / "twice.cnn").write_text("cnn 1\nblock Twice(c) { cnv 3x3 c }\n", encoding="utf-8")
    git(repository, "commit", "-qam", "bad")
    (found,) = compile_file("git:HEAD:nets/net.cnn").diagnostics
    assert found.label
    assert found.label.span.source.name == "git:HEAD:nets/blocks/twice.cnn"


REFUSED = (
    ("git:HEAD:nets/nett.cnn", "file-not-found", "there is no file `nets/nett.cnn` in `HEAD`"),
    ("git:HEAD:nets", "not-a-file", "`nets` is a folder"),
    ("git:HEAD:nets/link.cnn", "not-a-file", "`nets/link.cnn` is a link"),
    ("git:HEAD:nets/binary.cnn", "not-text", "byte 0 is zero"),
    ("git:HAED:nets/net.cnn", "file-not-found", "there is no revision `HAED`"),
    ("git:--help:nets/net.cnn", "file-not-found", "`--help` is no revision"),
    ("git:-x:nets/net.cnn", "file-not-found", "`-x` is no revision"),
    ("git:HEAD\n:nets/net.cnn", "file-not-found", "is no revision"),
    ("git:HEAD", "file-not-found", "is not of the form git:REV:FILE"),
    ("git::nets/net.cnn", "file-not-found", "is not of the form git:REV:FILE"),
    ("git:HEAD:", "file-not-found", "is not of the form git:REV:FILE"),
    ("git:HEAD:/etc/passwd", "file-not-found", "`/etc/passwd` is a path on this machine"),
    ("git::/fix:nets/net.cnn", "file-not-found", "is not of the form git:REV:FILE"),
    ("git::0:nets/net.cnn", "file-not-found", "is not of the form git:REV:FILE"),
    ("git:HEAD:../../etc/passwd", "file-not-found", "is no file of the repository"),
    ("git:HEAD:../net.cnn", "file-not-found", "`../net.cnn` is no file of the repository"),
    ("git:HEAD:nets/*.cnn", "file-not-found", "there is no file `nets/*.cnn`"),
    ("git:HEAD:nets/net.cnn; touch x", "file-not-found", "there is no file"),
    ("git:HEAD;touch x:nets/net.cnn", "file-not-found", "there is no revision"),
    ("git:$(touch x):nets/net.cnn", "file-not-found", "there is no revision"),
)


@pytest.mark.parametrize(("name", "id", "message"), REFUSED, ids=[each[0] for each in REFUSED])
def test_what_is_not_there_is_told(repository: Path, name: str, id: str, message: str) -> None:
    found = read_source(name, Limits())
    assert isinstance(found, Diagnostic)
    assert found.id == id
    assert message in found.message
    assert not (repository / "x").exists()


def test_a_file_that_is_used_stays_within_the_folder(repository: Path) -> None:
    (repository / "secret.cnn").write_text(BLOCKS.format(1), encoding="utf-8")
    (repository / "nets" / "out.cnn").write_text(MODEL.replace("blocks/twice", "../secret"), encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "out")
    found = compile_file("git:HEAD:nets/out.cnn").diagnostics
    assert [each.id for each in found][:1] == ["outside-folder"]


def test_bytes_are_bounded(repository: Path) -> None:
    (found,) = compile_file("git:HEAD:nets/net.cnn", Options(limits=Limits(file_bytes=20))).diagnostics
    assert found.id == "file-too-large"


def test_outside_of_a_repository_and_without_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert run(["check", "git:HEAD:net.cnn"]) == 2
    assert run(["check", "git:HEAD:./net.cnn"]) == 2
    assert capsys.readouterr().err.count("this folder is in no git repository") == 2
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["check", "git:HEAD:net.cnn"]) == 2
    assert "git is not installed" in capsys.readouterr().err


def test_what_is_past_is_not_written_to(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fmt", "git:HEAD:nets/net.cnn"]) == 2
    assert run(["check", "--fix", "git:HEAD:nets/net.cnn"]) == 2
    assert capsys.readouterr().err.count("is in git's history") == 2
    assert run(["fmt", "--check", "git:HEAD:nets/net.cnn"]) == 0


def test_a_path_that_leads_out_is_wrong_usage(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in ("../../etc/passwd", "../net.cnn", "/etc/passwd"):
        assert run(["check", f"git:HEAD:{path}"]) == 2
        assert run(["diff", f"git:HEAD:{path}", "git:HEAD:nets/net.cnn"]) == 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("git:a:b", ("a", "b")),
        ("git:a:b:c", ("a", "b:c")),
        ("git:HEAD^{/a:b}:c", ("HEAD^{/a:b}", "c")),
        ("git:main@{1 day ago}:./c", ("main@{1 day ago}", "./c")),
    ],
)
def test_parts(name: str, expected: tuple[str, str]) -> None:
    assert parts(name) == expected
