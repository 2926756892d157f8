"""Reading texts: what is no text is told by name and reason, and nothing outside the main file's folder is read."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cnnspec.build.options import Limits
from cnnspec.files import IO_IDS, Library, read_source
from cnnspec.reading import Refusal
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source
from tests import ROOT

BAD: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "empty-file", "is empty"),
    "blank": (b"\xef\xbb\xbf \r\n\n", "empty-file", "is empty"),
    "zero byte": (b"cnn 1\n\0", "not-text", "byte 6 is zero"),
    "latin 1": (b"cnn 1 # \xe4", "not-text", "byte 8 is 0xe4"),
    "latin 1 after a byte order mark": (b"\xef\xbb\xbfcnn 1\n\xff", "not-text", "byte 9 is 0xff"),
    "huge": (b"#" * 1_000_001, "file-too-large", "larger than 1,000,000 bytes"),
}


def refused(name: str) -> Diagnostic:
    found = read_source(name, Limits())
    assert isinstance(found, Diagnostic)
    assert found.id in IO_IDS
    assert found.is_error
    assert found.file == name
    return found


@pytest.mark.parametrize("title", BAD)
def test_what_is_no_text(title: str, tmp_path: Path) -> None:
    data, id, reason = BAD[title]
    path = tmp_path / "model.cnn"
    path.write_bytes(data)
    found = refused(str(path))
    assert found.id == id
    assert reason in found.message


def test_a_text_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model.cnn"
    path.write_bytes(b"\xef\xbb\xbfcnn 1\r\n# \xc3\xa4\r\n")
    source = read_source(str(path), Limits())
    assert isinstance(source, Source)
    assert source.text == "cnn 1\r\n# ä\r\n"


def test_what_is_no_file(tmp_path: Path) -> None:
    assert refused(str(tmp_path)).id == "not-a-file"
    assert refused(str(tmp_path / "absent.cnn")).id == "file-not-found"
    assert refused("no\0name").id == "file-unreadable"
    assert refused("n" * 5000).id == "file-unreadable"
    (tmp_path / "file").write_text("cnn 1")
    assert refused(str(tmp_path / "file" / "model.cnn")).id == "file-not-found"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_or_device_does_not_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    answers: list[str] = []
    names = [str(pipe), "/dev/zero"]
    worker = threading.Thread(target=lambda: answers.extend(refused(name).id for name in names), daemon=True)
    worker.start()
    worker.join(timeout=5)
    assert answers == ["not-a-file", "not-a-file"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "model.cnn"
    path.write_text("cnn 1")
    path.chmod(0)
    assert refused(str(path)).id == "file-unreadable"


def test_the_likely_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.cnn").write_text("cnn 1")
    for typed in ("modle.cnn", "model"):
        help = refused(str(tmp_path / typed)).help
        assert help == f"did you mean `{tmp_path / 'model.cnn'}`?"
    assert refused(str(tmp_path / "resnet50.cnn")).help == "`zoo:resnet50` is the network that ships with cnnspec"
    assert refused("zoo:resnet5").help == "did you mean `zoo:resnet50`?"
    assert str(refused("zoo:vgg").help).startswith("there is `zoo:vgg11`, ")
    assert "`cnnspec zoo vgg_blocks > vgg_blocks.cnn`" in str(refused(str(tmp_path / "vgg_blocks.cnn")).help)
    for revision in ("HEAD", "HEAD~1", "origin/main"):
        typed = f"{revision}:model.cnn"
        said = f"`git:{typed}` is the file `model.cnn` as git has it at `{revision}`"
        assert refused(typed).help == said
    assert "fetch it first" in str(refused("https://example.org/model.cnn").help)
    for typed in ("file:///tmp/a%20net.cnn", "FILE://localhost/tmp/a net.cnn"):
        assert refused(typed).help == "a network is told by its path: `/tmp/a net.cnn`"
    assert "fetch it first" in str(refused("file://there/a.cnn").help)
    assert refused("zoo:../examples/resnet50").id == "unknown-network"
    assert refused("zoo:resnet_blocks").id == "unknown-network"


STDIN = (
    "from cnnspec.files import read_source; from cnnspec.build.options import Limits; print(read_source('-', Limits()))"
)


@pytest.mark.parametrize(
    ("data", "said"), [(b"cnn 1\r\n", "Source('-', 7"), (b"\0", "byte 0 is zero"), (b"", "is empty")]
)
def test_standard_input(data: bytes, said: str) -> None:
    done = subprocess.run([sys.executable, "-c", STDIN], input=data, capture_output=True, cwd=ROOT, check=True)
    assert said in done.stdout.decode()


class Folder:
    """A main file in `net/`, other files around it."""

    def __init__(self, top: Path) -> None:
        self.net = top / "net"
        (self.net / "parts").mkdir(parents=True)
        self.main = self.net / "main.cnn"
        for path in (self.main, self.net / "blocks.cnn", self.net / "parts" / "deep.cnn", top / "outside.cnn"):
            path.write_text(f"cnn 1  # the secret of {path.name}")
        self.source = Source(str(self.main), self.main.read_text())
        self.library = Library(str(self.main), Limits(files=4))

    def read(self, path: str, by: Source | None = None) -> Source | Refusal:
        return self.library.read(path, by or self.source)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_files_are_found_from_the_file_that_asks(folder: Folder) -> None:
    deep = folder.read("parts/deep.cnn")
    assert isinstance(deep, Source)
    assert deep.name == str(folder.net / "parts" / "deep.cnn")
    blocks = folder.read("../blocks.cnn", deep)
    assert isinstance(blocks, Source)
    assert folder.read("parts/../blocks.cnn") is blocks
    assert isinstance(folder.read("deep.cnn"), Refusal)


OUTSIDE = [
    "../outside.cnn",
    "parts/../../outside.cnn",
    "{top}/outside.cnn",
    "{top}/net/blocks.cnn",
    "..\\outside.cnn",
    ".",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_outside_is_read(path: str, folder: Folder, tmp_path: Path) -> None:
    found = folder.read(path.format(top=tmp_path))
    assert isinstance(found, Refusal)
    assert "secret" not in f"{found.message} {found.help}"
    assert found.id == "outside-folder"


def test_a_link_leads_nowhere_else(folder: Folder, tmp_path: Path) -> None:
    try:
        (folder.net / "link.cnn").symlink_to(tmp_path / "outside.cnn")
        (folder.net / "inside.cnn").symlink_to(folder.net / "blocks.cnn")
    except OSError:
        pytest.skip("this system makes no links")
    found = folder.read("link.cnn")
    assert isinstance(found, Refusal)
    assert found.id == "outside-folder"
    assert folder.read("inside.cnn") is folder.read("blocks.cnn")


def test_what_a_text_uses_must_be_a_text_too(folder: Folder) -> None:
    (folder.net / "binary.cnn").write_bytes(b"\0")
    for path, id in (("binary.cnn", "not-text"), ("parts", "not-a-file"), ("absent.cnn", "file-not-found"), ("", None)):
        found = folder.read(path)
        assert isinstance(found, Refusal)
        assert id in (found.id, None)


def test_the_number_of_files_is_bounded(folder: Folder) -> None:
    for number in range(4):
        (folder.net / f"b{number}.cnn").write_text("cnn 1")
    found = [folder.read(f"b{number}.cnn") for number in range(4)]
    assert [isinstance(each, Source) for each in found] == [True, True, True, False]
    assert isinstance(found[3], Refusal)
    assert found[3].id == "limit-exceeded"


def test_standard_input_has_no_folder(tmp_path: Path) -> None:
    found = Library("-", Limits()).read("resnet_blocks.cnn", Source("-", "cnn 1"))
    assert isinstance(found, Refusal)
    assert found.id == "outside-folder"


def test_the_zoo_finds_its_blocks() -> None:
    library = Library("zoo:vgg16", Limits())
    found = library.read("vgg_blocks.cnn", Source("zoo:vgg16", "cnn 1"))
    assert isinstance(found, Source)
    assert found.name == "zoo:vgg_blocks.cnn"
