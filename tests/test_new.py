"""`cnnspec new`: templates that teach and compile, and a file that is never overwritten by accident."""

import os
import re
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from cnnspec.cli.app import command, run
from cnnspec.cli.new import model_name, named
from cnnspec.resources import template_names, template_path
from tests import ROOT
from tests.texts import good

TEXTS = {name: Path(template_path(name)).read_text(encoding="utf-8") for name in template_names()}
Told = Callable[..., tuple[int, str, str]]
CONSTRUCTS = (
    *("set ", "block ", "add {", "concat {", "if ", "else", "id", "x2", "=>"),
    *("require ", "image {", "@skip", "size=any"),
)
every_template = pytest.mark.parametrize("template", TEXTS)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """A command line in an empty folder: its code, and what it writes to the two streams."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        return code, *capsys.readouterr()

    return invoke


# -- the templates -----------------------------------------------------------------------------------------------------


@every_template
def test_a_template_compiles_and_nothing_is_found(template: str, told: Told) -> None:
    good(TEXTS[template])
    assert told("check", "--strict", template_path(template))[::2] == (0, "")


@every_template
def test_every_line_of_a_template_is_explained(template: str) -> None:
    """Behind it, or on the line before it; what only closes a brace needs no words, nor what is like the line above."""
    lines = TEXTS[template].splitlines()
    for above, line in pairwise(lines):
        if "#" not in line and line.strip(" }"):
            assert above.strip().startswith("#") or shape(above) == shape(line), line
    assert lines[0].startswith("# ")
    assert max(map(len, lines)) <= 120


def shape(line: str) -> str:
    """The line without its comment, numbers and expectation: what there is to be explained."""
    return re.sub(r"\d+|=>.*|#.*", "", line).strip()


@every_template
def test_the_commands_that_a_template_names_work(template: str, told: Told) -> None:
    told("new", "--template", template)
    commands = re.findall(r"`?cnnspec ((?:check|report|words) [^`]*?)(?:`|  |$)", TEXTS[template], re.MULTILINE)
    assert len(commands) >= 3
    for each in commands:
        code, _, err = told(*each.split())
        assert (code, err) == (0, ""), each


def test_the_templates_teach_what_the_page_says() -> None:
    """Every template is told of in the help and in docs/cli.md, and the first one is the default."""
    told = CliRunner().invoke(command, ["new", "--help"]).output
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").partition("\n## new\n")[2].partition("\n## ")[0]
    assert re.findall(r"^    (\w+)  ", told.partition("Templates:")[2].partition("Examples:")[0], re.M) == list(TEXTS)
    assert re.findall(r"^\| `(\w+)` \|", page, re.M) == list(TEXTS)
    shown = "\n".join(TEXTS.values())
    for construct in [
        "set ",
        "block ",
        "add {",
        "concat {",
        "if ",
        "else",
        "id",
        "x2",
        "=>",
        "require ",
        "image {",
        "@skip",
        "size=any",
    ]:
        assert construct in shown, f"no template shows {construct}"


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("my_net", "MyNet"),
        ("unet-2", "Unet2"),
        ("resnet18", "Resnet18"),
        ("My Net v1.5", "MyNetV15"),
        ("U", "U"),
        ("model", None),
        ("3d", None),
        ("_", None),
        ("", None),
        ("größe", None),
        ("a" * 41, None),
        ("a\n}", None),
    ],
)
def test_a_model_is_called_after_its_file(stem: str, name: str | None) -> None:
    assert model_name(stem) == name


@every_template
@pytest.mark.parametrize(
    "file",
    ["my_net", "basic", "double", "x", "none", "true", "model", "block", "relu", "größe", "a b", "'", "a\nb {", "-"],
)
def test_under_every_name_it_compiles(template: str, file: str) -> None:
    text = named(TEXTS[template], Path(f"{file}.cnn"))
    assert len(text.splitlines()) == len(TEXTS[template].splitlines())
    good(text)


# -- the file ----------------------------------------------------------------------------------------------------------


def test_a_first_file_and_what_to_do_next(told: Told, tmp_path: Path) -> None:
    code, out, err = told("new")
    assert (code, err) == (0, "")
    assert out == (
        "wrote model.cnn, template classifier; next:\n"
        "  cnnspec check model.cnn   what is wrong, and where\n"
        "  cnnspec report model.cnn  every shape, parameter and multiply-add\n"
    )
    assert os.listdir(tmp_path) == ["model.cnn"]
    assert (tmp_path / "model.cnn").read_bytes() == TEXTS["classifier"].encode()
    for line in out.splitlines()[1:]:
        assert told(*line.split("  ")[1].split()[1:])[0] == 0


@pytest.mark.parametrize(
    ("name", "written", "typed"),
    [
        ("net", "net.cnn", "net.cnn"),
        ("net.cnn", "net.cnn", "net.cnn"),
        ("v1.5", "v1.5.cnn", "v1.5.cnn"),
        ("deep/net", "deep/net.cnn", "deep/net.cnn"),
        ("my net", "my net.cnn", "'my net.cnn'"),
        ("-n", "-n.cnn", "./-n.cnn"),
    ],
)
def test_where_it_is_written(told: Told, tmp_path: Path, name: str, written: str, typed: str) -> None:
    (tmp_path / "deep").mkdir()
    code, out, _ = told("new", "--", name)
    assert code == 0
    assert (tmp_path / written).is_file()
    assert f"\n  cnnspec check {typed}  " in out


def test_a_file_that_exists_is_left_alone(told: Told, tmp_path: Path) -> None:
    file = tmp_path / "model.cnn"
    file.write_text("mine", encoding="utf-8")
    code, out, err = told("new")
    assert (code, out) == (2, "")
    assert err.startswith("error: `model.cnn` exists already\nhelp: `--force` replaces it")
    assert file.read_text(encoding="utf-8") == "mine"
    assert told("new", "--force")[0] == 0
    assert file.read_text(encoding="utf-8") == TEXTS["classifier"]


def test_a_link_that_leads_nowhere_is_left_alone_too(told: Told, tmp_path: Path) -> None:
    (tmp_path / "model.cnn").symlink_to("elsewhere.cnn")
    assert told("new")[0] == 2
    assert not (tmp_path / "elsewhere.cnn").exists()


def test_of_many_at_once_one_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(run(["new"]))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(codes) == [0] + [2] * 7
    assert (tmp_path / "model.cnn").read_text(encoding="utf-8") == TEXTS["classifier"]


def test_where_it_cannot_be_written_nothing_is_left(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = told("new", "no/net")
    assert code == 2
    assert "the folder `no` does not exist" in err

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = told("new")
    assert code == 2
    assert "cannot write `model.cnn`: No space left on device" in err
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nets/"], "for example `nets/model.cnn`"),
        ([""], "for example `model.cnn`"),
        (["zoo:resnet50"], "`cnnspec zoo resnet50 > my_net.cnn` copies a network of the zoo"),
        (["--template", "unet"], "is not one of 'classifier', 'residual', 'segmentation'"),
    ],
)
def test_what_is_no_file(told: Told, tmp_path: Path, arguments: list[str], said: str) -> None:
    code, out, err = told("new", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert os.listdir(tmp_path) == []


def test_a_folder_is_not_replaced(told: Told, tmp_path: Path) -> None:
    (tmp_path / "model.cnn").mkdir()
    assert told("new")[0] == 2
    assert told("new", "--force")[0] == 2
    assert (tmp_path / "model.cnn").is_dir()


def test_standard_output(told: Told, tmp_path: Path) -> None:
    assert told("new", "-", "--template", "residual") == (0, TEXTS["residual"], "")
    assert os.listdir(tmp_path) == []
