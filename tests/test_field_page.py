"""What docs/field.md shows is what the program prints; `UPDATE=1 python -m pytest tests/test_field_page.py` writes it
anew, look at what changed."""

import os
import re
from pathlib import Path

import pytest

import cnnspec
from tests import ROOT
from tests.test_readme import printed

PAGE = ROOT / "docs" / "field.md"
TEXT = PAGE.read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ cnnspec ([^\n]*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the page is written for a POSIX shell")


@pytest.mark.parametrize(("arguments", "expected"), SHOWN, ids=[arguments for arguments, _ in SHOWN])
def test_shown_is_printed(arguments: str, expected: str, tmp_path: Path) -> None:
    found = printed(arguments, tmp_path).strip("\n") + "\n"
    if os.environ.get("UPDATE"):
        before = f"$ cnnspec {arguments}\n"
        fresh = PAGE.read_text(encoding="utf-8").replace(before + expected, before + found)
        PAGE.write_text(fresh, encoding="utf-8")
    else:
        assert found == expected


def test_python_as_shown() -> None:
    (shown,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    room: dict[str, object] = {}
    exec(shown, room)  # noqa: S102
    model = room["model"]
    assert isinstance(model, cnnspec.Model)
    assert model.field("layer4").to_dict()["layers"][0]["fields"][0]["size"] == [427, 427]


def test_every_field_of_the_json_is_told() -> None:
    model = cnnspec.load("zoo:googlenet")
    records = [model.field().to_dict(), model.field("inception3a", (3, 3)).to_dict()]
    records.append(model.projective_field("input", (3, 3)).to_dict())

    def names(record: object) -> set[str]:
        if isinstance(record, dict):
            return set(record) | {each for value in record.values() for each in names(value)}
        return {each for value in record for each in names(value)} if isinstance(record, list) else set()

    told = set(re.findall(r"`(?:… |layers\[\]\.|layers\[\]\.fields\[\]\.|sees\[\]\.)?(\w+)(?:\[\])?`", TEXT))
    told |= {"first", "last", "kind", "text", "fields", "shape", "name", "layer", "layers"}
    assert names(records) <= told
