"""`cnnspec words`: the list, the pages, docs/words.md, and what editors read."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnnspec.cli.app import run
from cnnspec.contract.facts import Example
from cnnspec.contract.register import words
from cnnspec.contract.sections import SECTIONS
from cnnspec.contract.training.recipe import Train
from cnnspec.manual.entries import Entry, entries
from cnnspec.manual.keywords import keywords
from cnnspec.manual.worked import Page, page, program
from cnnspec.reports.look import Look
from cnnspec.reports.words.json import word_record
from cnnspec.reports.words.markdown import words_markdown
from cnnspec.reports.words.signature import default
from cnnspec.reports.words.text import word_list, word_page
from cnnspec.reports.words.torch_call import torch_lines
from cnnspec.syntax.table import FIXED
from tests import ROOT
from tests.texts import good

Told = Callable[..., tuple[int, str, str]]
PAGES = [page(each) for each in entries().values()]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.entry.word)


# -- the list ----------------------------------------------------------------------------------------------------------


def test_the_list_has_every_word_in_a_line_that_is_not_cut() -> None:
    lines = word_list(entries().values(), Look(width=80)).splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("  ")]
    assert listed == list(entries())
    assert max(map(len, lines)) <= 80
    assert not any("…" in line for line in lines)


# -- the page of a word ------------------------------------------------------------------------------------------------


@every_page
@pytest.mark.parametrize("width", [80, 200])
def test_a_page_keeps_to_the_width(page: Page, width: int) -> None:
    """And holds all that the record holds, whatever the width."""
    text = word_page(page, Look(width=width))
    assert max(map(len, text.splitlines())) <= min(width, 100)
    assert not any(line != line.rstrip() for line in text.splitlines())
    said = re.sub(r"\s+", " ", text)
    entry = page.entry
    for piece in (entry.explained.summary, *entry.explained.text, entry.explained.shapes, entry.explained.source):
        assert piece in said
    for line in entry.explained.formula:
        assert f"\n    {line}\n" in text
    for argument in entry.arguments:
        assert f"{argument.text} ({argument.field.kind.expects})" in said
    for line in (*page.example.arithmetic, *(each.example.text for each in page.more), *entry.also):
        assert line in said


@every_page
def test_code_is_not_divided(page: Page) -> None:
    """What stands in backticks can be copied from one line."""
    lines = word_page(page, Look(width=50)).splitlines()
    entry = page.entry
    prose = (*entry.explained.text, entry.explained.shapes, *(each.text for each in entry.arguments))
    for code in re.findall(r"`[^`]+`", " ".join(prose)):
        assert any(code in line for line in lines), code


@every_page
def test_colour_changes_nothing_else(page: Page) -> None:
    plain, painted = (word_page(page, Look(colour=colour, width=80)) for colour in (False, True))
    assert painted != plain
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == plain


@every_page
def test_a_page_can_be_shown_in_ascii(page: Page) -> None:
    assert "\\" not in word_page(page, Look(encoding="ascii")).encode("ascii").decode()


def test_a_page_on_a_very_narrow_terminal() -> None:
    text = word_page(page(entries()["maxpool"]), Look(width=40))
    prose = [line for line in text.splitlines() if not line.startswith("    y[") and "`maxpool" not in line]
    assert max(map(len, prose)) <= 40


def test_what_conv_says() -> None:
    text = word_page(page(entries()["conv"]), Look(width=80))
    for line in (
        "conv — Convolution: filters slide over the map, in all channels.",
        "  conv KERNEL CHANNELS [/STRIDE] [pad=0] [dilation=1] [groups=1] [bias=yes]",
        "  /stride   1       pixels from one window to the next: `/2` (a size such as 3",
        "Example     `conv 3x3 8 /2 pad=1` on 3x9x11 → 8x5x6",
        "            floor((9 - 3 + 2*1) / 2) + 1 = 5",
        "            224 parameters: weight 8x3x3x3, bias 8",
        "            6,480 MACs, 240 other operations",
        "In torch    nn.Conv2d(3, 8, kernel_size=3, stride=2, padding=1)",
        "In ONNX     Conv",
        "Elsewhere   Conv2d, Convolution, convolutional",
    ):
        assert line in text.splitlines()


def spelled_out(entry: Entry) -> Iterator[tuple[Example, Example]]:
    """Examples, and the same with every default written that they leave out."""
    for example in entry.examples:
        left_out = [
            f"{each.field.name}={default(each.field)}"
            for each in entry.arguments
            if default(each.field)
            and not each.field.positional
            and f"{each.field.name}=" not in example.text
            and not (each.field.slash and " /" in example.text)
        ]
        if left_out:
            yield example, example._replace(text=f"{example.text} {' '.join(left_out)}")


@pytest.mark.parametrize(
    ("brief", "full"),
    [pair for entry in entries().values() if not entry.branches for pair in spelled_out(entry)],
    ids=lambda example: example.text,
)
def test_a_default_is_what_the_language_takes_where_nothing_is_written(brief: Example, full: Example) -> None:
    """What a page prints as a default can be written, and changes nothing."""
    one, other = (good(program(each)).built for each in (brief, full))
    assert one is not None
    assert other is not None
    assert [node.layer for node in one.graph] == [node.layer for node in other.graph]


@pytest.mark.torch
def test_what_is_said_in_torch_runs_and_makes_the_same_shape(tmp_path: Path) -> None:
    """One program of all lines; torch itself runs it."""
    pytest.importorskip("torch")
    program = ["import torch", "import torch.nn.functional as F", "from torch import nn"]
    counted = 0
    for each in PAGES:
        for made in (each.example, *each.more):
            if not made.torch:
                continue
            counted += 1
            lines = torch_lines(made.torch, len(made.example.inputs))
            program += [f"{name.name} = torch.zeros({name.shape})" for name in made.weights if name.dtype == "float32"]
            program += [f"x{i} = torch.rand({(2, *shape)})" for i, shape in enumerate(made.example.inputs)]
            program += lines if "=" in lines[0].partition("(")[0] else [f"y = {lines[0]}(x0)"]
            program.append(f"assert y.shape == {(2, *made.output)}, {made.example.text!r}")
    assert counted >= len(words())
    file = tmp_path / "lines.py"
    file.write_text("\n".join(program), encoding="utf-8")
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


# -- Markdown ----------------------------------------------------------------------------------------------------------


def test_the_page_of_all_words_is_fresh() -> None:
    kept = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
    fresh = words_markdown(PAGES)
    assert kept == fresh, "make it anew: python -m cnnspec words --format markdown > docs/words.md"


def test_the_page_of_all_words_is_markdown_as_it_is_meant() -> None:
    """Read by another parser: sections, tables of four cells, links that lead somewhere, and no stray HTML."""
    markdown = pytest.importorskip("markdown_it").MarkdownIt("commonmark").enable("table")
    html = markdown.render(words_markdown(PAGES))
    assert re.findall(r"<h3>(.*?)</h3>", html) == list(entries())
    chapters = list(dict.fromkeys(each.chapter for each in entries().values()))
    assert [each.lower() for each in re.findall(r"<h2>(.*?)</h2>", html)] == chapters
    assert set(re.findall(r'href="#(.*?)"', html)) == set(entries())
    for target in re.findall(r'href="([^#"]+)"', html):
        assert (ROOT / "docs" / target).is_file()
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    assert all(len(re.findall(r"<t[hd]", row)) == 4 for row in rows)
    tables = sum(bool(each.arguments) for each in entries().values())
    assert len(rows) == tables + sum(len(each.arguments) for each in entries().values())
    assert not re.search(r"<em>|&lt;code|<img", html)


# -- JSON --------------------------------------------------------------------------------------------------------------


@every_page
def test_a_record_has_the_fields_that_the_documentation_names(page: Page) -> None:
    record = json.loads(json.dumps(word_record(page)))
    documented = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").partition("\n## words\n")[2]
    parts = [record, record["example"], *record["arguments"], *record["more"]]
    assert {name for part in parts for name in part} - set(re.findall(r"`(\w+)`", documented)) == set()
    assert [each["name"] for each in record["arguments"]] == [each.field.name for each in page.entry.arguments]
    assert all(each["required"] is (each["default"] is None) or not each["required"] for each in record["arguments"])


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """`cnnspec words …` with 80 columns: its code, and what it writes to the two streams."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: str) -> tuple[int, str, str]:
        code = run(("words", *arguments))
        return code, *capsys.readouterr()

    return invoke


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Conv2d", "there is no word `Conv2d`; did you mean `conv`?"),
        ("dense", "did you mean `linear`?"),
        ("BatchNormalization", "did you mean `bn`?"),
        ("torch.nn.GELU", "did you mean `gelu`?"),
        ("cnov", "did you mean `conv`?"),
        ("transformer", "`cnnspec words` lists them all"),
        ("", "`cnnspec words` lists them all"),
    ],
)
def test_another_name_is_answered_with_the_word(told: Told, name: str, said: str) -> None:
    code, out, err = told(name)
    assert (code, out) == (2, "")
    assert said in err


KEYWORDS = sorted({name for name in FIXED if name.isalpha()} | set(SECTIONS))


def test_every_keyword_and_section_has_a_page() -> None:
    assert sorted(keywords()) == KEYWORDS


@pytest.mark.parametrize("name", KEYWORDS)
def test_a_keyword_is_explained(told: Told, name: str) -> None:
    keyword = keywords()[name]
    code, out, err = told(name)
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    assert all(form in out for form in keyword.forms)
    if keyword.example:
        assert re.search(rf"\b{name}\b", keyword.example)
        good(keyword.example)


@pytest.mark.parametrize("name", KEYWORDS)
def test_a_keyword_is_told_as_data_and_in_markdown(told: Told, name: str) -> None:
    keyword = keywords()[name]
    code, out, err = told(name, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "keyword": name,
        "forms": list(keyword.forms),
        "text": keyword.text,
        "example": keyword.example or None,
        "lines": [{"form": form, "text": text} for form, text in keyword.lines],
    }
    code, out, err = told(name, "--format", "markdown")
    assert (code, err) == (0, "")
    assert out.startswith(f"### {name}\n")
    blocks = re.findall(r"```text\n(.*?)\n```\n", out, re.DOTALL)
    assert blocks == [each.rstrip("\n") for each in ("\n".join(keyword.forms), keyword.example) if each]
    assert keyword.text in out
    assert all(f"- `{form}`: {text}\n" in out for form, text in keyword.lines)


def test_every_line_of_a_recipe_is_listed(told: Told) -> None:
    out = told("train")[1]
    for word, kind in Train.steps.items():
        assert f"\n  {kind.usage}\n" in out
        assert kind.usage.startswith(word)
        assert f"One of: {', '.join(kind.kinds)}." in " ".join(out.split()) or not kind.kinds


def test_the_command_in_every_form(told: Told) -> None:
    look = Look(width=80)
    assert told() == (0, word_list(entries().values(), look), "")
    assert told("bn")[1] == word_page(page(entries()["bn"]), look)
    assert told("--format", "markdown")[1] == words_markdown(PAGES)
    assert told("bn", "--format", "markdown")[1].startswith("### bn\n")
    assert json.loads(told("bn", "--json")[1])["word"] == "bn"
    assert [each["word"] for each in json.loads(told("--format", "json")[1])] == list(entries())


def test_colour_is_for_terminals(told: Told) -> None:
    assert "\x1b" not in told("conv")[1]
    assert "\x1b" in told("conv", "--color", "always")[1]
