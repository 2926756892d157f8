"""Options that a verb does not have, and values that an option does not take: what was meant is said."""

import re
from pathlib import Path

import click
import pytest

from cnnspec.cli.app import VERBS, Verbs, run
from cnnspec.cli.kinds import Choice

NET = "model Net(width=4) {\n  input 1x12x16\n  conv 3x3 width pad=1 -> bn -> relu\n  gap -> flatten -> linear 3\n}\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.cnn").write_text(NET, encoding="utf-8")


def commands() -> dict[str, click.Command]:
    group, found = Verbs(), {}
    for verb in VERBS:
        command = group.get_command(click.Context(click.Command("cnnspec")), verb)
        assert command is not None
        found[verb] = command
    return found


def options(command: click.Command) -> set[str]:
    return {option for each in command.params if isinstance(each, click.Option) for option in each.opts}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("memory", "net.cnn", "--md"), "`memory` has no Markdown; it prints text, or `--json`"),
        (("sizes", "net.cnn", "--csv"), "`sizes` has no CSV; it prints text, or `--json`"),
        (("formulas", "net.cnn", "--csv"), "`formulas` has no CSV; it prints text, or `--json` or `--md`"),
        (("report", "net.cnn", "--html"), "`report` has no `--html`; it is `--format html -o FILE.html`"),
        (
            ("check", "n.cnn", "--batch", "2"),
            "`check` has no `--batch`; `report`, `sweep`, `memory`",
        ),
        (("check", "net.cnn", "--text"), "`check` has no `--text`; it prints text anyway, or `--format concise`"),
        (("diff", "net.cnn", "net.cnn", "--a-set", "width=4"), "there is no option `--a-set`; did you mean `--set-a`?"),
        (("memory", "net.cnn", "-o", "x"), "`cnnspec memory … > FILE` writes it to a file"),
        (("report", "net.cnn", "--out", "x.html"), "there is no option `--out`; did you mean `--output`?"),
        (("report", "net.cnn", "--bach", "2"), "there is no option `--bach`; did you mean `--batch`?"),
        (("memory", "net.cnn", "--optimizer", "AdamWW"), "did you mean `adamw`?"),
        (("memory", "net.cnn", "--precision", "amp"), "did you mean `mixed`?"),
        (("report", "net.cnn", "--sort", "mac"), "did you mean `macs`?"),
        (("sweep", "net.cnn", "--set", "width=1,2", "--pivot", "mac"), "did you mean `macs`?"),
        (("memory", "net.cnn", "--batch", "1,16"), "--batch is one number, not 1,16; `cnnspec sweep --batch 1,16`"),
        (("report", "net.cnn", "--batch", "one"), "'one' is no whole number from 1 on"),
        (("report", "net.cnn", "--batch", "0"), "'0' is no whole number from 1 on"),
    ],
)
def test_what_was_meant_is_said(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err.partition("\n")[0]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("form", ["--csv", "--md", "--markdown", "--html", "--json"])
def test_a_form_is_never_taken_for_another_option(verb: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of every verb: it has the flag, or it is said what it has."""
    if form in options(commands()[verb]):
        return
    assert run([verb, form]) == 2
    first = capsys.readouterr().err.partition("\n")[0]
    assert re.search(r"; it (is|prints) ", first), first
    assert "did you mean" not in first


def test_of_a_letter_nothing_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "net.cnn", "-z", "3"]) == 2
    first = capsys.readouterr().err.partition("\n")[0]
    assert "`-z`" in first
    assert "did you mean" not in first


@pytest.mark.parametrize(
    "asked", [("report", "net.cnn"), ("report", "net.cnn", "--csv"), ("sweep", "net.cnn", "--set", "width=1,2")]
)
def test_a_dash_is_standard_output(asked: tuple[str, ...], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    assert run(asked) == 0
    shown = capsys.readouterr().out
    assert run([*asked, "-o", "-"]) == 0
    assert capsys.readouterr().out == shown
    assert sorted(tmp_path.iterdir()) == before


def test_where_there_is_a_form_its_flags_are_there() -> None:
    """`--md` wherever `--format markdown` is."""
    for verb, command in commands().items():
        kind = next((each.type for each in command.params if each.name == "form"), None)
        for form, flags in (("markdown", {"--md", "--markdown"}), ("json", {"--json"}), ("csv", {"--csv"})):
            if isinstance(kind, click.Choice) and form in kind.choices:
                assert flags <= options(command), (verb, form)


def test_every_choice_takes_other_cases() -> None:
    for command in commands().values():
        for each in command.params:
            assert isinstance(each.type, Choice) or not isinstance(each.type, click.Choice), each.name
    assert run(["memory", "net.cnn", "--optimizer", "AdamW"]) == 0
    assert run(["report", "net.cnn", "--sort", "MACs"]) == 0
    assert run(["sweep", "net.cnn", "--set", "width=1,2", "--sort", "RF"]) == 0


@pytest.mark.parametrize("verb", ["formulas", "explain"])
def test_markdown_by_either_flag(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for words in (("--md",), ("--markdown",), ("--format", "markdown")):
        assert run([verb, "net.cnn", *words]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0].startswith("#")
    assert len(set(shown)) == 1


@pytest.mark.parametrize(("file", "words"), [("s.csv", ("--csv",)), ("s.json", ("--json",)), ("s.md", ("--md",))])
def test_a_sweep_goes_to_a_file(
    file: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asked = ("sweep", "net.cnn", "--set", "width=4,8")
    assert run([*asked, *words]) == 0
    shown = capsys.readouterr().out
    assert run([*asked, "-o", file]) == 0
    assert capsys.readouterr().out.startswith(f"wrote {file}: ")
    assert (tmp_path / file).read_text(encoding="utf-8") == shown


def test_a_sweep_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("sweep", "net.cnn", "--set", "width=4,8", "-o")
    assert run([*asked, "s.html"]) == 2
    assert "a sweep is written as .csv, .json, .md, .txt" in capsys.readouterr().err
    assert run([*asked, "none/s.csv"]) == 2
    assert "none" in capsys.readouterr().err


def test_a_sweep_with_failures_is_written_and_ends_with_1(tmp_path: Path) -> None:
    assert run(["sweep", "net.cnn", "--set", "width=4,0.5", "-o", "s.csv"]) == 1
    assert len((tmp_path / "s.csv").read_text(encoding="utf-8").splitlines()) == 3
