"""The catalogue of rules: each id has its file, each file's programs do what its page says, and its messages stay.

`UPDATE=1 python -m pytest tests/test_rules.py` writes the snapshots and docs/rules.md anew; look at what changed.
"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cnnspec.cli.app import run
from cnnspec.cli.rule import said_of
from cnnspec.cli.trial import tried
from cnnspec.reports.findings.rules import catalogue_markdown
from cnnspec.reports.findings.text import render
from cnnspec.reports.look import Look
from cnnspec.rules.catalogue import ids, module_of, rules
from cnnspec.rules.page import Page, Program, page_of
from cnnspec.source.diagnostic import Diagnostic, Fix
from tests import ROOT

SNAPSHOTS = ROOT / "tests" / "snapshots"
BOOK = ROOT / "docs" / "rules.md"
UPDATE = os.environ.get("UPDATE") == "1"
PAGES = [page_of(id) for id in ids()]
FINDING = {"api", "build", "files", "fixes", "lower", "pipeline", "source", "syntax"}
"""The rooms whose code makes findings, and says their ids."""

NO_IDS = {"onnxruntime-gpu", "steps-pre", "cat-file", "ls-tree", "rev-parse"}
"""Texts there that look like an id and are none."""


def named(page: Page) -> str:
    return page.rule.id


def findings(program: Program, page: Page) -> list[Diagnostic]:
    return [one for each in tried(program, page) for one in each.diagnostics]


def fixed(text: str, fix: Fix) -> str:
    for edit in sorted(fix.edits, key=lambda each: -each.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


def compare(path: Path, text: str) -> None:
    if UPDATE:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, "if this is meant: UPDATE=1"


# -- files and ids -----------------------------------------------------------------------------------------------------


def made_in(path: Path) -> str:
    """The room of a file."""
    return path.relative_to(ROOT / "cnnspec").parts[0].removesuffix(".py")


def ids_in_the_code() -> set[str]:
    """Every text that has the form of an id, in the rooms where findings are made."""
    found = {"require"}  # the one id of a single word
    for path in (ROOT / "cnnspec").rglob("*.py"):
        if made_in(path) not in FINDING or path.name == "table.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", node.value) else set()
    return found - NO_IDS


def test_findings_are_made_in_the_rooms_that_are_searched_for_ids() -> None:
    """The rules' own room apart, where each file has its id."""
    made = re.compile(r"\bDiagnostic\(|\btroubles\.(error|warn)")
    files = (ROOT / "cnnspec").rglob("*.py")
    assert {made_in(path) for path in files if made.search(path.read_text(encoding="utf-8"))} - FINDING == {"rules"}


def test_each_id_that_the_code_tells_has_its_file_and_each_error_is_told_by_the_code() -> None:
    told = {id for id in ids_in_the_code() if not re.fullmatch(r"utf-.*|latin-1|e-0", id)}
    assert told - set(ids()) == set()
    assert {id for id, module in ids().items() if ".errors." in module} - told == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_rule_is_a_page(page: Page) -> None:
    assert page.summary[-1] == "."
    assert len(page.summary) <= 110
    assert any(each.fails for each in page.programs)
    if any(each.language == "cnn" for each in page.programs):
        assert not page.programs[-1].fails or page.programs[-1].language == "console"
        assert any(each.language == "cnn" and not each.fails for each in page.programs)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_severity_is_what_is_told(page: Page) -> None:
    severities = {
        one.severity
        for each in page.programs
        if each.fails and each.language == "cnn"
        for one in findings(each, page)
        if one.id == page.rule.id
    }
    assert severities <= {page.rule.severity}
    assert (page.rule.group in ("lint", "pedantic", "perf")) is ("lints" in page.rule.module.split("."))


# -- programs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_programs_do_what_the_page_says(page: Page) -> None:
    for program in page.programs:
        if program.language != "cnn":
            continue
        found = [each.id for each in findings(program, page)]
        if not program.fails:
            assert found == [], program.text
        elif page.rule.id == "more-errors":
            assert found[-1] == page.rule.id
        else:
            assert set(found) == {page.rule.id}, program.text


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment in which `cnnspec` is this checkout's."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "cnnspec"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cnnspec "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "NO_COLOR": "1"}


@pytest.mark.skipif(os.name == "nt", reason="the pages are written for a POSIX shell")
@pytest.mark.parametrize("page", [each for each in PAGES if "console" in str(each.blocks)], ids=named)
def test_a_command_says_what_its_page_shows(page: Page, shell: dict[str, str], tmp_path: Path) -> None:
    for program in page.programs:
        if program.language == "console":
            command, _, shown = program.text.removeprefix("$ ").partition("\n")
            done = subprocess.run(
                command, shell=True, cwd=tmp_path, env=shell, capture_output=True, text=True, timeout=60
            )
            assert done.stderr == shown
            assert shown.startswith(f"error[{page.rule.id}]")
            assert done.returncode == 2


# -- messages ----------------------------------------------------------------------------------------------------------


def snapshot(page: Page) -> str:
    """SOURCE, then MESSAGE, then what the fix makes of the source if there is one."""
    parts = []
    for program in page.programs:
        if not program.fails:
            continue
        options = "".join(f" {each}" for each in program.options)
        parts.append(f"SOURCE{options}\n{program.text}")
        if program.language == "console":
            continue
        found = [each for each in findings(program, page) if each.id == page.rule.id]
        parts.append("MESSAGE\n" + "\n".join(render(each, Look(width=100)) for each in found))
        parts += ["FIXED\n" + fixed(program.text, each.fix) for each in found if each.fix]
    return "\n".join(parts)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_messages_stay(page: Page) -> None:
    compare(SNAPSHOTS / f"{page.rule.id}.txt", snapshot(page))


def test_there_is_a_snapshot_for_each_rule_and_no_other() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.txt")} == set(ids())


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_rule_has_fixes_if_it_says_so_and_they_mend(page: Page) -> None:
    offered = False
    for program in page.programs:
        for each in findings(program, page) if program.fails and program.language == "cnn" else []:
            if each.fix is None:
                continue
            offered = True
            mended = program._replace(text=fixed(program.text, each.fix))
            left = findings(mended, page)
            assert (each.id, each.message) not in [(one.id, one.message) for one in left]
            assert not [one for one in left if one.is_error]
    assert page.rule.fixes is offered


def test_the_book_is_fresh() -> None:
    header = "# What `cnnspec check` says\n\n"
    note = "<!-- Made by `UPDATE=1 python -m pytest tests/test_rules.py` from the rules' own files. -->\n\n"
    pages = [page_of(each.id) for each in rules()]
    compare(BOOK, header + note + catalogue_markdown(pages, said_of))


# -- cnnspec rule ------------------------------------------------------------------------------------------------------


def test_the_command_lists_all_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule"]) == 0
    shown = capsys.readouterr().out
    assert all(re.search(rf"^  {id}  ", shown, re.MULTILINE) for id in ids())
    assert max(map(len, shown.splitlines())) <= 120


def test_the_command_shows_a_rule(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["rule", "shape-expectation"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("shape-expectation  error · shapes · has fixes\n\nA step has another shape than")
    assert "    error[shape-expectation]: shape is 64x16x16, not 64x32x32\n" in shown
    assert run(["rule", "unknown-parameter"]) == 0
    assert "fails, with `--set widht=2`:" in capsys.readouterr().out


def test_the_command_gives_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "argument-order", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    page = record.pop("page")
    assert page.startswith("# argument-order\n")
    assert "```text\nerror[argument-order]" in page
    assert record == {
        "id": "argument-order",
        "severity": "error",
        "group": "arguments",
        "on": True,
        "fixes": True,
        "summary": "Two arguments stand in each other's place.",
    }
    assert run(["rule", "--format", "json"]) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == [each.id for each in rules()]


def test_a_rule_that_there_is_none_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "shape-mismtach"]) == 2
    assert "there is no rule `shape-mismtach`; did you mean `shape-mismatch`?" in capsys.readouterr().err


def test_a_check_loads_no_page_of_an_error() -> None:
    script = "import sys; from cnnspec.cli.app import run; run(['check', 'zoo:lenet']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "cnnspec.rules.errors" not in done.stdout
    assert module_of("shape-mismatch").__name__ == "cnnspec.rules.errors.shape_mismatch"
