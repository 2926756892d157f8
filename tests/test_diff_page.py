"""What docs/diff.md and docs/ci.md show is what the program prints, and the recipe of docs/ci.md runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cnnspec
from cnnspec.compare.growth import QUANTITIES
from cnnspec.reports.difference.json import difference_record
from tests import ROOT
from tests.networks import network
from tests.test_readme import printed

PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("diff", "ci")}
SHOWN = [
    found
    for page in PAGES.values()
    for found in re.findall(r"^```console\n\$ cnnspec ([^\n]*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
]
(RECIPE,) = re.findall(r"^```yaml\n(.*?)^```$", PAGES["ci"], re.MULTILINE | re.DOTALL)
WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
NET = """cnn 1
model Net(width=8) {
  input 3x32x32
  conv 3x3 width -> relu -> maxpool 2x2 -> conv 3x3 width -> relu -> gap -> flatten -> linear 10
}
"""


@pytest.mark.skipif(os.name == "nt", reason="the pages are written for a POSIX shell")
@pytest.mark.parametrize(("arguments", "expected"), SHOWN, ids=[arguments for arguments, _ in SHOWN])
def test_shown_is_printed(arguments: str, expected: str, tmp_path: Path) -> None:
    found = printed(arguments, tmp_path)
    beginning, ellipsis, _ = expected.partition("…\n")
    if ellipsis and found.startswith(beginning):
        return
    assert found.strip("\n") == expected.strip("\n")


def test_python_that_is_shown_runs() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGES["diff"], re.MULTILINE | re.DOTALL)
    told = [sys.executable, "-c", f"{code}\nprint(weights)"]
    done = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "{'features.3.weight': 'any array or tensor'}\n"


def test_every_field_has_a_line() -> None:
    found = cnnspec.diff("zoo:vgg16", "zoo:vgg16_bn")
    record = found.to_dict()
    page = PAGES["diff"]
    names = {*record, *record["totals"], *record["tensors"], *record["counts"], *record["steps"][0]}
    names |= {*record["common"]}
    names |= {key for each in record["steps"] for side in ("a", "b") for key in each[side] or ()}
    assert {name for name in names if f"`{name}`" not in page} == set()
    assert {name for name in QUANTITIES if not re.search(rf"^\| .*`{name}`.* \|", page, re.MULTILINE)} == set()
    assert difference_record(found._found)["a"]["model"] == "VGG16"
    assert network("vgg16").ok


# -- the recipe --------------------------------------------------------------------------------------------------------


def commands() -> list[str]:
    """The shell of each `run:`, without a library for YAML: what stands behind it, or is indented below it."""
    found = []
    for match in re.finditer(r"^( *)(?:- )?run: (\|\n)?", RECIPE, re.MULTILINE):
        rest = RECIPE[match.end() :]
        if match[2]:
            inside = re.match(rf"((?:{match[1]}  .*\n|\n)+)", rest)
            assert inside
            found.append(inside[1])
        else:
            found.append(rest.partition("\n")[0])
    return found


def test_the_recipe_is_yaml() -> None:
    yaml = pytest.importorskip("yaml")
    recipe = yaml.safe_load(RECIPE)
    steps = recipe["jobs"]["networks"]["steps"]
    assert [each["run"].split() for each in steps if "run" in each] == [each.split() for each in commands()]
    assert all("${{" not in each for each in commands()), "what others name is run by a shell"
    assert set(recipe["permissions"]) == {"contents", "pull-requests", "security-events"}
    assert (
        next(each["with"] for each in steps if each.get("uses", "").startswith("actions/checkout"))["fetch-depth"] == 0
    )


@pytest.mark.skipif(os.name == "nt", reason="GitHub's runner is a POSIX shell")
@pytest.mark.parametrize(
    ("width", "budget", "grows", "over"),
    [(8, "9k", False, False), (16, "9k", True, False), (16, "2k", True, True), (7, "500", False, True)],
)
def test_the_recipe_runs(tmp_path: Path, width: int, budget: str, grows: bool, over: bool) -> None:
    """Each command as GitHub's runner runs it (`bash -e`), in a clone whose base branch is origin/main."""
    tools, clone = tmp_path / "tools", tmp_path / "clone"
    tools.mkdir()
    for name, does in (
        ("cnnspec", f'exec "{sys.executable}" -m cnnspec "$@"'),
        ("gh", f'echo "$@" >> "{tmp_path / "said"}"'),
        ("pip", "exit 0"),
    ):
        (tools / name).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        (tools / name).chmod(0o755)

    def git(*arguments: str, at: Path = clone) -> None:
        subprocess.run(["git", *WHO, *arguments], cwd=at, check=True, capture_output=True)

    origin = tmp_path / "origin"
    origin.mkdir()
    git("init", "-q", "-b", "main", at=origin)
    (origin / "model.cnn").write_text(NET, encoding="utf-8")
    git("add", ".", at=origin)
    git("commit", "-qm", "first", at=origin)
    git("clone", "-q", str(origin), str(clone), at=tmp_path)
    git("checkout", "-qb", "change")
    text = NET.replace("width=8", f"width={width}").replace("  conv", f"  require params <= {budget}\n  conv", 1)
    (clone / "model.cnn").write_text(text, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "NET": "model.cnn",
        "BASE": "main",
        "PULL": "7",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    codes = []
    for each in commands():
        done = subprocess.run(["bash", "-e", "-c", each], cwd=clone, env=environment, capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr
        codes.append(done.returncode)
    installed, checked, listed, compared = codes
    assert (installed, checked, listed, compared) == (0, int(over), 0, int(grows or over))
    assert '"version": "2.1.0"' in (clone / "cnnspec.sarif").read_text(encoding="utf-8")
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert ("the same network" in summary) is (width == 8)
    assert ("- **over**: params" in summary) is grows
    assert (tmp_path / "said").read_text(encoding="utf-8").startswith("pr comment 7 --body-file diff.md")
