"""What docs/report.md shows is what the program prints, and it names what there is to sort by."""

import os
import re
from pathlib import Path

import pytest

from cnnspec.reports.network.figures import SORTS
from tests import ROOT
from tests.test_readme import printed

PAGE = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ cnnspec ([^\n]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(os.name == "nt", reason="the page is written for a POSIX shell")
@pytest.mark.parametrize(("arguments", "expected"), SHOWN, ids=[arguments for arguments, _ in SHOWN])
def test_shown_is_printed(arguments: str, expected: str, tmp_path: Path) -> None:
    assert printed(arguments, tmp_path) == expected


def test_every_order_has_a_line() -> None:
    lines = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGE, re.MULTILINE)
    assert {name for name in SORTS if not any(f"`{name}`" in line for line in lines)} == set()
