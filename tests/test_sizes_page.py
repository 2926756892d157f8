"""What docs/sizes.md shows is what the program prints."""

import json
import os
import re
from pathlib import Path

import pytest

import cnnspec
from tests import ROOT
from tests.test_readme import printed

PAGE = (ROOT / "docs" / "sizes.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ cnnspec ([^\n]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(os.name == "nt", reason="the page is written for a POSIX shell")
@pytest.mark.parametrize(("arguments", "expected"), SHOWN, ids=[arguments for arguments, _ in SHOWN])
def test_shown_is_printed(arguments: str, expected: str, tmp_path: Path) -> None:
    assert printed(f"{arguments} 2>&1", tmp_path) == expected


def test_python_does_what_is_shown() -> None:
    sizes = cnnspec.load("zoo:unet").sizes()
    assert (1, 572, 572) in sizes
    assert sizes.proved
    assert sizes.works({"input": (1, 188, 188)})
    assert len(sizes.trial({"input": (1, 100, 100)}).because) == 2


@pytest.mark.parametrize("arguments", ["zoo:unet", "zoo:siamese", "zoo:c3d", "zoo:mlp", "zoo:lenet --try 3x40x32"])
def test_every_field_has_a_line(arguments: str, tmp_path: Path) -> None:
    """Of the data of both forms, down to the fields of a set."""
    record = json.loads(printed(f"sizes {arguments} --json", tmp_path))
    named = {*record, *(field for each in record.get("sets", ()) for field in each)}
    assert {each for each in named if not re.search(rf"`(sets\[\])?\.?{each}`", PAGE)} == set()
