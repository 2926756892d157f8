"""What the README shows is what the program prints."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cnnspec.contract.register import words
from cnnspec.resources import zoo_names
from tests import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ cnnspec ([^\n]*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def printed(arguments: str, folder: Path) -> str:
    """Run where the files of the checkout and the data stand, and where nothing that is written matters."""
    for name in ("examples", "tests"):
        (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    command = f'"{sys.executable}" -m cnnspec {arguments}'
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True)
    return done.stdout or done.stderr


NUMBERS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty"}
DIGITS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _in_words(number: int) -> str:
    return "-".join(filter(None, (NUMBERS[number // 10 * 10], DIGITS[number % 10])))


def test_the_readme_counts_what_ships() -> None:
    text = " ".join(README.split())
    assert f"`cnnspec zoo` lists {_in_words(len(zoo_names()))} networks" in text
    assert f"`cnnspec words` lists the {_in_words(len(words()))} words" in text


def test_the_readme_shows_every_command() -> None:
    told = {"run", "report", "sweep", "formulas", "sizes", "memory", "field", "explain", "check", "export"}
    assert {arguments.split()[0] for arguments, _ in SHOWN} == told


@pytest.mark.skipif(os.name == "nt", reason="the README is written for a POSIX shell")
@pytest.mark.parametrize(("arguments", "expected"), SHOWN, ids=[arguments.split()[0] for arguments, _ in SHOWN])
def test_shown_is_printed(arguments: str, expected: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if "data/" in arguments:
        (tmp_path / "data").symlink_to(request.getfixturevalue("data_dir"), target_is_directory=True)
    found = printed(arguments, tmp_path)
    beginning, ellipsis, _ = expected.partition("…\n")
    if ellipsis:
        assert found.startswith(beginning)
    else:
        assert found.strip("\n") == expected.strip("\n")
