"""Findings for other programs: concise, JSON, GitHub Actions, SARIF; and the fingerprints that survive moved lines."""

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cnnspec.cli.app import run
from cnnspec.pipeline import Compiled, compile_source
from cnnspec.reports.findings.fingerprint import fingerprints
from cnnspec.reports.look import Look
from cnnspec.source.text import Source
from tests import ROOT

SHORTCUT = (ROOT / "tests" / "programs" / "shortcut.cnn").read_text(encoding="utf-8")
FORMS = ("concise", "json", "github", "sarif")
BAD = """model Bad {
  input 3x32x32
  covn 3x3 8
  dropout 2
  -> -> relu
}
"""


def compiled(text: str, name: str = "bad.cnn") -> Compiled:
    return compile_source(Source(name, text))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.cnn").write_text(BAD)
    (tmp_path / "good.cnn").write_text("model Good {\n  input 3x32x32\n  conv 3x3 8\n}\n")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize("form", FORMS)
def test_everything_is_on_standard_output_and_the_code_stays(here: Any, form: str) -> None:
    plain = here("check", "good.cnn", "bad.cnn")[0]
    code, out, err = here("check", "good.cnn", "bad.cnn", "--format", form)
    assert (code, err) == (plain, "") == (1, "")
    assert "bad.cnn" in out
    code, out, err = here("check", "good.cnn", "--format", form)
    assert (code, err) == (0, "")
    assert "good" not in out


def test_concise_is_a_line_each(here: Any) -> None:
    _, out, _ = here("check", "bad.cnn", "missing.cnn", "--format", "concise")
    ids = [each.id for each in compiled(BAD).diagnostics]
    *lines, last = out.splitlines()
    assert [re.fullmatch(r"bad\.cnn:\d+:\d+: error: .+ \[([a-z-]+)\]", line).group(1) for line in lines] == ids
    assert last == "missing.cnn: error: there is no file `missing.cnn` [file-not-found]"


def test_github_escapes_what_its_runner_unescapes(here: Any, tmp_path: Path) -> None:
    (tmp_path / "a,b:c%.cnn").write_text(BAD)
    lines = here("check", "a,b:c%.cnn", "--format", "github")[1].splitlines()
    assert len(lines) == len(compiled(BAD).diagnostics)
    for line, each in zip(lines, compiled(BAD).diagnostics, strict=True):
        kind, properties, message = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line).groups()
        given = dict(pair.split("=") for pair in properties.split(","))
        assert kind == "error"
        assert given["file"] == "a%2Cb%3Ac%25.cnn"
        assert int(given["line"]) == each.label.span.line
        assert given["title"] == f"cnnspec {each.id}"
        assert message.startswith(each.message.replace("%", "%25"))
    assert any("%0Ahelp: " in line for line in lines)


@pytest.fixture(scope="module")
def schema() -> Any:
    """The standard's own schema, which scripts/fetch_data.py brings."""
    folder = Path(os.environ.get("CNNSPEC_DATA") or ROOT / "data")
    file = folder / "sarif" / "sarif-2.1.0.json"
    if not file.is_file():
        pytest.skip(f"{folder} lacks sarif: python scripts/fetch_data.py {folder} sarif")
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.data
def test_sarif_is_what_the_standard_says(here: Any, schema: Any, tmp_path: Path) -> None:
    (tmp_path / "ü b#.cnn").write_text(SHORTCUT)
    _, out, _ = here("check", "bad.cnn", "ü b#.cnn", "missing.cnn", str(tmp_path / "bad.cnn"), "--format", "sarif")
    log = json.loads(out)
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(log)
    broken = json.loads(out)
    broken["runs"][0]["results"][0]["level"] = "catastrophe"
    assert not jsonschema.Draft4Validator(schema).is_valid(broken)


def test_sarif_says_what_was_found(here: Any) -> None:
    (run_,) = json.loads(here("check", "bad.cnn", "missing.cnn", "--format", "sarif")[1])["runs"]
    found = compiled(BAD).diagnostics
    results = run_["results"]
    assert [each["ruleId"] for each in results] == [*(each.id for each in found), "file-not-found"]
    rules = run_["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in results)
    assert all(each["shortDescription"]["text"] in each["fullDescription"]["text"] for each in rules)
    for result, each in zip(results, found, strict=False):
        region = result["locations"][0]["physicalLocation"]["region"]
        line, column = each.label.span.source.position(each.label.span.start)
        assert (region["startLine"], region["startColumn"]) == (line, column)
        assert bool(result.get("fixes")) == bool(each.fix)
    assert run_["results"][-1]["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "missing.cnn"}


def test_sarif_names_the_step_and_the_other_side() -> None:
    from cnnspec.reports.findings.sarif import sarif

    (result,) = sarif([compiled(SHORTCUT)])["runs"][0]["results"]
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "Basic/add1"
    assert len(result["relatedLocations"]) == 3, "both branches and the use of the block"


# -- fingerprints -----------------------------------------------------------------------------------------------------


def marks(text: str) -> dict[str, str]:
    """The id of each finding by its fingerprint."""
    one = compiled(text)
    found = dict(zip(fingerprints(one), (each.id for each in one.diagnostics), strict=True))
    assert len(found) == len(one.diagnostics), "two findings have one fingerprint"
    return found


def test_fingerprints_survive_what_does_not_touch_the_finding() -> None:
    before = marks(BAD)
    assert marks("# a new first line\n\n" + BAD) == before
    assert marks(BAD.replace("input 3x32x32", "input 3x64x64")) == before
    assert marks(BAD.replace("  dropout", "  add { conv 1x1 8 | conv 1x1 8 }\n  dropout")) == before
    assert marks(SHORTCUT) == marks(SHORTCUT.replace("Basic 64 x2", "Basic 64 x2 -> Basic 32 /2"))
    assert marks(SHORTCUT) == marks(SHORTCUT.replace("block Basic", "block Other() { relu }\n\nblock Basic"))


def test_fingerprints_tell_findings_apart() -> None:
    twice = BAD.replace("  covn 3x3 8\n", "  covn 3x3 8\n  covn 3x3 8\n")
    assert set(marks(BAD)) < set(marks(twice))
    assert len(marks(twice)) == len(marks(BAD)) + 1
    renamed = marks(BAD.replace("covn", "covm"))
    assert len(set(renamed) & set(marks(BAD))) == len(renamed) - 1


def test_json_has_the_fingerprints(here: Any) -> None:
    records = json.loads(here("check", "bad.cnn", "--json")[1])
    assert [each["fingerprint"] for each in records] == list(fingerprints(compiled(BAD)))


def test_a_control_character_of_a_name_reaches_no_terminal() -> None:
    from cnnspec.reports.findings.concise import concise

    assert "\x1b" not in concise(compiled(BAD, "a\x1b[31m.cnn").diagnostics, Look())
