"""`cnnspec diff` at the command line: exit codes, sides, forms, and what is said where."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.test_cli import BAD, GOOD, Here, folder, here, shell

__all__ = ["folder", "here"]  # fixtures
WIDER = GOOD.replace("c=4", "c=8")


@pytest.fixture
def nets(folder: Path) -> Path:
    (folder / "wider.cnn").write_text(WIDER, encoding="utf-8")
    (folder / "named.cnn").write_text(GOOD.replace("conv", "c: conv"), encoding="utf-8")
    (folder / "spaced.cnn").write_text(GOOD.replace(" -> ", "\n  -> ") + "# a remark\n", encoding="utf-8")
    (folder / "two.cnn").write_text(
        GOOD + GOOD.replace("cnn 1\n", "").replace("Small", "Other").replace("relu", "gelu"), encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("good.cnn good.cnn", 0),
        ("good.cnn wider.cnn", 0),
        ("good.cnn wider.cnn --exit-code", 1),
        ("good.cnn named.cnn --exit-code", 1),
        ("good.cnn spaced.cnn --exit-code", 0),
        ("good.cnn wider.cnn --max-growth params=0", 1),
        ("good.cnn wider.cnn --max-growth params=1k --max-growth depth=0", 0),
        ("good.cnn wider.cnn --max-growth params=1k --max-growth macs=1%", 1),
        ("wider.cnn good.cnn --max-growth params=0,macs=0,memory=0", 0),
        ("good.cnn wider.cnn --max-growth params", 2),
        ("good.cnn wider.cnn --max-growth params=0 --max-growth params=1", 2),
        ("good.cnn good.cnn --set-b c=8 --exit-code", 1),
        ("good.cnn good.cnn --set c=8 --exit-code", 0),
        ("good.cnn wider.cnn --set c=8 --exit-code", 0),
        ("good.cnn wider.cnn --set-a c=8 --exit-code", 0),
        ("good.cnn wider.cnn --set c=1 --set-a c=8 --set-b c=8 --exit-code", 0),
        ("good.cnn good.cnn --input-b 3x16x16 --exit-code", 1),
        ("good.cnn good.cnn --input 3x16x16 --exit-code", 0),
        ("two.cnn two.cnn --model Small --exit-code", 0),
        ("two.cnn two.cnn --model-a Small --model-b Other --exit-code", 1),
        ("two.cnn two.cnn", 2),
        ("good.cnn bad.cnn", 1),
        ("bad.cnn good.cnn", 1),
        ("good.cnn missing.cnn", 2),
        ("missing.cnn bad.cnn", 2),
        ("good.cnn blocks.cnn", 1),
        ("good.cnn good.cnn --set-b d=1", 2),
        ("good.cnn", 2),
        ("good.cnn good.cnn good.cnn", 2),
        ("- -", 2),
        ("good.cnn zoo:lent", 2),
        ("good.cnn git:-x:good.cnn", 2),
        ("good.cnn good.cnn --json --markdown", 2),
        ("good.cnn good.cnn --format html", 2),
        ("good.cnn good.cnn --limit nodes=1", 1),
    ],
)
def test_exit_codes(nets: Path, here: Here, arguments: str, code: int) -> None:
    assert here("diff", *arguments.split()).returncode == code


def test_the_same_network_is_told_in_a_line(nets: Path, here: Here) -> None:
    assert here("diff", "good.cnn", "spaced.cnn").stdout == "Small  good.cnn → spaced.cnn\nthe same network\n"
    named = here("diff", "good.cnn", "named.cnn").stdout
    assert "the same network, where 1 step bears another name" in named
    assert "conv1.* → c.*  (2 tensors)" in named


def test_what_is_over_is_told_last(nets: Path, here: Here) -> None:
    told = here("diff", "good.cnn", "wider.cnn", "--max-growth", "params=50%,depth=0").stdout
    assert told.splitlines()[-2:] == [
        "over: params grew by 124 (97.6%), and may by 50%",
        "ok: depth did not grow, and may by 0",
    ]


def test_findings_of_either_side_go_to_standard_error(nets: Path, here: Here) -> None:
    done = here("diff", "bad.cnn", "missing.cnn")
    assert (done.returncode, done.stdout) == (2, "")
    assert "unknown layer `rellu`" in done.stderr
    assert "there is no file `missing.cnn`" in done.stderr


def test_standard_input_is_either_side(nets: Path) -> None:
    assert shell(nets, "diff", "-", "good.cnn", "--exit-code", input=GOOD).returncode == 0
    assert shell(nets, "diff", "good.cnn", "-", "--exit-code", input=WIDER).returncode == 1
    assert shell(nets, "diff", "good.cnn", "-", input=BAD).returncode == 1


def test_json_has_it_all(nets: Path, here: Here) -> None:
    done = here("diff", "good.cnn", "wider.cnn", "--json", "--max-growth", "macs=1%")
    record = json.loads(done.stdout)
    assert done.returncode == 1
    assert record["totals"]["params"] == {"a": 127, "b": 251, "difference": 124}
    assert record["counts"] == {"same": 1, "follows": 4, "changed": 1, "moved": 0, "added": 0, "removed": 0}
    conv = next(each for each in record["steps"] if each["change"] == "changed")
    assert conv["arguments"] == {"channels": {"a": "4", "b": "8"}}
    assert (conv["a"]["output"], conv["b"]["output"]) == ([4, 6, 6], [8, 6, 6])
    assert record["tensors"]["reshaped"]["conv1.weight"] == {
        "name": "conv1.weight",
        "a": [4, 3, 3, 3],
        "b": [8, 3, 3, 3],
    }
    assert record["growth"] == [{"quantity": "macs", "bound": "1%", "a": 3900, "b": 7800, "exceeded": True}]


def test_markdown_is_safe_and_short(nets: Path, here: Here) -> None:
    (nets / "a`b|c<i>.cnn").write_text(WIDER, encoding="utf-8")
    told = here("diff", "good.cnn", "a`b|c<i>.cnn", "--markdown").stdout
    assert told.startswith("**Small**: steps: 1 changed, 4 only follow; c=4 → 8.\n")
    assert "a\\`b\\|c&lt;i>.cnn" in told
    assert here("diff", "good.cnn", "good.cnn", "--markdown").stdout.count("\n") == 2


def test_colour_marks_signs(nets: Path, here: Here) -> None:
    told = here("diff", "good.cnn", "wider.cnn", "--color", "always", "--all").stdout
    assert "\x1b[1;33m~ conv1" in told
    assert "\x1b[2m. relu1" in told
    assert "\x1b" not in here("diff", "good.cnn", "wider.cnn").stdout


def test_a_locale_without_utf8(nets: Path) -> None:
    done = shell(nets, "diff", "good.cnn", "wider.cnn", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert "conv 3x3 4 -> conv 3x3 8" in done.stdout


def test_two_revisions_of_a_file(nets: Path) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=nets, check=True, capture_output=True)

    git("init", "-q")
    git("add", "good.cnn")
    git("commit", "-qm", "one")
    (nets / "good.cnn").write_text(WIDER, encoding="utf-8")
    git("commit", "-qam", "two")
    done = shell(nets, "diff", "git:HEAD~1:good.cnn", "git:HEAD:./good.cnn")
    assert "git:HEAD~1:good.cnn → git:HEAD:./good.cnn" in done.stdout
    assert "conv 3x3 4 → conv 3x3 8" in done.stdout
    assert shell(nets, "diff", "git:HEAD:good.cnn", "good.cnn", "--exit-code").returncode == 0


def test_a_parameter_that_is_set_otherwise_and_a_budget_that_is_not_held_are_told(folder: Path, here: Here) -> None:
    text = "model Net(width=8) {\n  input 3x32x32\n  conv 3x3 width -> relu\n  require params <= 300\n}\n"
    (folder / "old.cnn").write_text(text, encoding="utf-8")
    (folder / "new.cnn").write_text(text.replace("=8", "=20"), encoding="utf-8")
    done = here("diff", "old.cnn", "new.cnn")
    assert done.returncode == 1
    assert done.stdout.splitlines()[1].endswith("; width=8 → 20")
    told = here("diff", "old.cnn", "new.cnn", "--markdown").stdout
    assert "; width=8 → 20." in told
    assert "**Budget**\n\n- **over**: `params <= 300` does not hold: 560 of 300 parameters" in told
    record = json.loads(here("diff", "old.cnn", "new.cnn", "--json").stdout)
    assert record["parameters"] == {"width": {"a": "8", "b": "20"}}
    assert [each[:15] for each in record["over_budget"]] == ["`params <= 300`"]
    asked = here("diff", "old.cnn", "old.cnn", "--set-b", "width=9").stdout
    assert "width=8" not in asked
    assert "width=9" in asked
