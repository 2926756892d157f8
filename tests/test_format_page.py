"""docs/format.md shows what the formatter makes; what ships, and what other pages show, is in that layout."""

import re
from pathlib import Path

import pytest

import cnnspec
from tests import ROOT
from tests.texts import compiled

BLOCK = re.compile(r"^```cnn([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGE = BLOCK.findall((ROOT / "docs" / "format.md").read_text(encoding="utf-8"))
SHOWN = [
    (f"{page.name} {kind}", kind, text)
    for page in (ROOT / "README.md", ROOT / "docs" / "language.md", ROOT / "docs" / "format.md")
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8"))
    if "given" not in kind
]
SHIPPED = sorted(
    each for folder in ("examples", "templates", "tests/programs") for each in ROOT.glob(f"{folder}/*.cnn")
)


@pytest.mark.parametrize("place", [place for place, (kind, _) in enumerate(PAGE) if "given" in kind])
def test_what_is_given_becomes_what_is_shown(place: int) -> None:
    (_, before), (kind, after) = PAGE[place : place + 2]
    assert kind == ""
    assert cnnspec.format_text(before) == after
    assert not [each for each in compiled(after).diagnostics if each.is_error]


@pytest.mark.parametrize(("name", "kind", "text"), SHOWN, ids=[name for name, _, _ in SHOWN])
def test_a_page_shows_the_one_layout(name: str, kind: str, text: str) -> None:
    if "step" in kind:
        text = f"block B {{\n{re.sub(r'^(?=.)', '  ', text, flags=re.MULTILINE)}}}\n"
    assert cnnspec.format_text(text) == text


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_is_in_the_one_layout(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert cnnspec.format_text(text) == text
