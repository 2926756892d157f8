"""Every example of docs/language.md does what the page says."""

import re
from pathlib import Path

import pytest

from cnnspec.manual.entries import entries
from cnnspec.reports.words.signature import default
from tests.texts import findings, good, model

PAGE = Path(__file__).parent.parent / "docs" / "language.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```cnn([^\n]*)\n(.*?)^```", TEXT, re.M | re.S)


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLES) >= 12


@pytest.mark.parametrize(("kind", "text"), EXAMPLES, ids=[text.strip().splitlines()[0][:40] for _, text in EXAMPLES])
def test_example(kind: str, text: str) -> None:
    text = model(text) if "step" in kind else text
    wrong = re.search(r"fails=([\w-]+)", kind)
    if wrong:
        assert [id for id, _ in findings(text)] == [wrong.group(1)]
    else:
        good(text)


# -- the table of words ------------------------------------------------------------------------------------------------


def table() -> dict[str, tuple[str, str]]:
    """What stands by place and by name, by word. In a row of several words, "`elu`: …" holds for that one alone."""
    found = {}
    for line in TEXT.partition("\n## Words\n")[2].partition("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("| `") else []
        for word in re.findall(r"`(\w+)`", cells[0]) if cells else ():
            assert word not in found, f"two rows for {word}"
            found[word] = (_of(word, cells[1]), _of(word, cells[2]))
    return found


def _of(word: str, cell: str) -> str:
    parts = [re.fullmatch(r"(?:`(\w+)`: )?(.*)", part.strip()) for part in cell.split(";")]
    return "; ".join(part[2] for part in parts if part and part[1] in (None, word))


def test_the_table_has_every_word_and_no_other() -> None:
    assert set(table()) == set(entries())


@pytest.mark.parametrize("word", entries())
def test_the_table_has_the_arguments_of_a_word(word: str) -> None:
    placed, named = table()[word]
    fields = [each.field for each in entries()[word].arguments]
    if not entries()[word].branches:
        assert re.findall(r"(\w+)(?: \([^)]*\))?(?:, |$)", placed) == [each.name for each in fields if each.positional]
    expected = {"/n" if each.slash else each.name for each in fields if not each.positional}
    assert set(re.findall(r"`(/n|\w+)`", named)) == expected


def test_the_table_has_the_defaults() -> None:
    """One that is not written is that of the nearest row above that has one."""
    shown: dict[str, str] = {}
    for word, (placed, named) in table().items():
        fields = {"/n" if each.field.slash else each.field.name: each.field for each in entries()[word].arguments}
        written = re.findall(r"`?(/n|\w+)`?(?: stride)? \(([^)]*)\)", f"{placed}, {named}")
        for name, value in written:
            assert value == (default(fields[name]) or "the kernel"), f"{word} {name}"
        for name, field in fields.items():
            if name not in dict(written) and default(field):
                assert shown.get(name) == default(field), f"{word} {name}"
        shown |= dict(written)
