"""Every example of docs/language.md does what the page says."""

import re
from pathlib import Path

import pytest

from tests.texts import findings, good, model

PAGE = Path(__file__).parent.parent / "docs" / "language.md"
EXAMPLES = re.findall(r"^```cnn([^\n]*)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


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
