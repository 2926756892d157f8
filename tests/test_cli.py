"""The command line as a shell sees it: what is printed where, and exit codes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple, Protocol

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import cnnspec.pipeline
from cnnspec import __version__
from cnnspec.cli.app import VERBS, Verbs, command, run
from cnnspec.cli.verb import Verb
from tests import ROOT

GOOD = "cnn 1\nmodel Small(c=4) {\n  input 3x8x8\n  conv 3x3 c -> relu -> gap -> flatten -> linear 3\n}\n"
BAD = GOOD.replace("relu", "rellu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.cnn").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.cnn").write_text(BAD, encoding="utf-8")
    (tmp_path / "blocks.cnn").write_text("cnn 1\nblock A(c) { conv 3x3 c }\n", encoding="utf-8")
    (tmp_path / "binary.cnn").write_bytes(b"\x00\x01\x02")
    (tmp_path / "empty.cnn").write_bytes(b"")
    return tmp_path


def plain() -> dict[str, str]:
    """An environment without anything that changes how output looks."""
    kept = {"PATH", "HOME", "SYSTEMROOT", "TMPDIR", "LANG"}
    return {name: value for name, value in os.environ.items() if name in kept} | {"PYTHONPATH": str(ROOT)}


def shell(
    folder: Path, *arguments: str, input: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`python -m cnnspec …` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cnnspec", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        input=input,
        cwd=folder,
        env=plain() | environment,
        timeout=120,
    )


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


class Here(Protocol):
    def __call__(self, *arguments: str) -> Done: ...


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """The command in this process, which is quicker; in the folder."""
    monkeypatch.chdir(folder)

    def invoke(*arguments: str) -> Done:
        code = run(arguments)
        shown = capsys.readouterr()
        return Done(code, shown.out, shown.err)

    return invoke


# -- exit codes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "good.cnn"], 0),
        (["check", "good.cnn", "bad.cnn"], 1),
        (["check", "bad.cnn", "missing.cnn", "good.cnn"], 2),
        (["check", "missing.cnn"], 2),
        (["check", "binary.cnn"], 2),
        (["check", "empty.cnn"], 2),
        (["check", "."], 2),
        (["check"], 2),
        (["check", "--no-such-option", "good.cnn"], 2),
        (["check", "good.cnn", "--set", "d=3"], 2),
        (["check", "good.cnn", "--set", "c"], 2),
        (["check", "good.cnn", "--set", "c=4;"], 2),
        (["check", "good.cnn", "--set", "c=8"], 0),
        (["check", "good.cnn", "--model", "Big"], 2),
        (["check", "good.cnn", "--input", "3x0x8"], 2),
        (["check", "good.cnn", "--input", "3x8"], 2),
        (["check", "good.cnn", "--input", "3x2x2"], 1),
        (["check", "good.cnn", "--limit", "nodes=1"], 1),
        (["check", "good.cnn", "--limit", "knots=1"], 2),
        (["check", "zoo:lenet"], 0),
        (["check", "zoo:lent"], 2),
        (["report", "good.cnn"], 0),
        (["report", "bad.cnn"], 1),
        (["report", "missing.cnn"], 2),
        (["report", "good.cnn", "--batch", "0"], 2),
        (["export", "good.cnn", "-o", "a.onnx"], 2),
        (["export", "bad.cnn", "-o", "a.onnx", "--seed", "1"], 1),
        (["export", "good.cnn", "-o", "a.onnx", "--seed", "1", "--weights", "w.npz"], 2),
        (["export", "good.cnn", "-o", "a.onnx", "--weights", "missing.npz"], 2),
        (["export", "good.cnn", "-o", "a.onnx", "--weights", "bad.cnn"], 2),
        (["export", "good.cnn", "-o", "no/a.onnx", "--seed", "1"], 2),
        (["export", "good.cnn", "-o", ".", "--seed", "1"], 2),
        (["run", "good.cnn", "a.png"], 2),
        (["run", "bad.cnn", "a.png", "--seed", "1"], 1),
        (["run", "good.onnx", "a.png", "--seed", "1"], 2),
        (["run", "missing.onnx", "a.png"], 2),
        (["check", "blocks.cnn"], 0),
        (["check", "blocks.cnn", "--json"], 0),
        (["report", "blocks.cnn"], 1),
        (["export", "blocks.cnn", "-o", "a.onnx", "--seed", "1"], 1),
        (["run", "blocks.cnn", "a.png", "--seed", "1"], 1),
        (["zoo"], 0),
        (["zoo", "lenet"], 0),
        (["zoo", "lent"], 2),
        (["new", "-"], 0),
        (["new", "good"], 2),
        (["new", "good", "--template", "bad"], 2),
        (["words"], 0),
        (["words", "conv"], 0),
        (["words", "Conv2d"], 2),
        (["words", "conv", "--format", "html"], 2),
        (["completion", "zsh"], 0),
        (["completion", "tcsh"], 2),
        (["--version"], 0),
        ([], 0),
        (["--help"], 0),
        (["chek", "good.cnn"], 2),
    ],
)
def test_exit_codes(folder: Path, here: Here, arguments: list[str], code: int) -> None:
    before = sorted(folder.iterdir())
    assert here(*arguments).returncode == code
    assert sorted(folder.iterdir()) == before, "something was written"


def test_a_process_ends_with_the_code_and_data_apart_from_findings(folder: Path) -> None:
    done = shell(folder, "check", "good.cnn", "bad.cnn", "missing.cnn")
    assert done.returncode == 2
    assert done.stdout == "good.cnn: ok — Small: 3x8x8 → 3, depth 2, 127 parameters\n"
    assert "error[unknown-word]" in done.stderr
    assert "did you mean `relu`?" in done.stderr
    assert "there is no file `missing.cnn`" in done.stderr
    assert done.stderr.endswith("\n2 of 3 files did not pass\n")


def test_warnings_pass_unless_strict(folder: Path, here: Here) -> None:
    (folder / "warned.cnn").write_text("model M {\n  input 3x8x8\n  output a: relu\n  tanh\n}\n")
    done = here("check", "warned.cnn")
    assert done.returncode == 0
    assert "warning[unused-step]: this step feeds no output" in done.stderr
    assert "ok with 1 warning" in done.stdout
    assert here("check", "--strict", "warned.cnn").returncode == 1
    assert json.loads(here("check", "--json", "warned.cnn").stdout)[0]["severity"] == "warning"


def test_lints_are_selected(folder: Path, here: Here) -> None:
    (folder / "warned.cnn").write_text(
        "model M {\n  input 3x8x8\n  let n = 1\n  conv 3x3 6 /2 -> relu -> conv 1x1 8\n}\n"
    )

    def told(*options: str) -> set[str]:
        done = here("check", "warned.cnn", "--format", "concise", *options)
        return set(re.findall(r"\[([\w-]+)\]$", done.stdout, re.MULTILINE))

    assert told() == {"unused-let", "lost-border"}
    assert told("--perf", "--ignore", "unused-let") == {"lost-border", "odd-channels"}
    assert told("--select", "unused-let,perf") == {"unused-let", "odd-channels"}
    refused = here("check", "warned.cnn", "--ignore", "lost-bordr")
    assert refused.returncode == 2
    assert "there is no rule `lost-bordr`; did you mean `lost-border`?" in refused.stderr


def test_a_project_selects_lints(folder: Path, here: Here) -> None:
    (folder / "warned.cnn").write_text("model M {\n  input 3x8x8\n  let n = 1\n  conv 3x3 6 /2 -> relu\n}\n")
    (folder / "cnnspec.toml").write_text('[check]\nignore = ["lint"]\n')
    assert here("check", "warned.cnn", "--strict").returncode == 0
    assert here("check", "warned.cnn", "--strict", "--ignore", "unused-let").returncode == 1


def test_a_file_of_blocks_is_passed_over_with_what_its_text_shows(folder: Path, here: Here) -> None:
    (folder / "b.cnn").write_text("let n = 1\nblock B() { relu }\n")
    done = here("check", "b.cnn")
    assert done.returncode == 0
    assert done.stdout == "b.cnn: a file of blocks: it is checked through the models that use it\n"
    assert done.stderr.startswith("warning[unused-let]: `n` is never used\n")
    assert "file of blocks" not in done.stderr


def test_every_model_of_a_file_is_checked_and_what_they_share_is_told_once(folder: Path, here: Here) -> None:
    shared = "block B(c) { conv 3x3 c -> rleu }\n"
    models = "".join(f"model {name} {{\n  input 3x8x8\n  {line}\n}}\n" for name, line in (("A", "B 4"), ("C", "relu")))
    (folder / "two.cnn").write_text(shared + models + "model D {\n  input 3x8x8\n  B 4 -> covn 1 1\n}\n")
    done = here("check", "two.cnn")
    assert done.returncode == 1
    assert done.stdout == "two.cnn: ok — C: 3x8x8 → 3x8x8, depth 0, 0 parameters\n"
    assert done.stderr.count("unknown layer `covn`") == 1
    assert here("check", "two.cnn", "--model", "C").returncode == 0
    assert here("report", "two.cnn").returncode == 2


def test_a_file_of_blocks_is_named_and_passed_over(here: Here) -> None:
    done = here("check", "blocks.cnn", "good.cnn")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("blocks.cnn: a file of blocks")
    assert len(done.stdout.splitlines()) == 2


def test_standard_input(folder: Path) -> None:
    assert shell(folder, "check", "-", input=GOOD).stdout.startswith("-: ok")
    done = shell(folder, "check", "-", input=BAD)
    assert done.returncode == 1
    assert "--> -:4:" in done.stderr


# -- what is said ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek", "a.cnn"], "there is no command `chek`; did you mean `check`?"),
        (["model.cnn"], "did you mean `cnnspec check model.cnn`?"),
        (["check", "--strickt", "a.cnn"], "--strict"),
        (["check", "a.cnn", "--limit", "node=3"], "did you mean `nodes`?"),
        (["check", "a.cnn", "--set", "width=a b"], "`a b` is no value"),
        (["check", "a.cnn", "--set", "=3"], "NAME=VALUE"),
        (["check", "a.cnn", "--input", "big"], "3x320x320"),
        (["zoo", "resnet5"], "did you mean `resnet50`?"),
        (["run", "a.onnx", "b.png", "--set", "a=1"], "networks as text"),
        (
            ["report", "zoo:lenet", "-o", "u.xlsx"],
            "as .csv, .json, .md, .html, .txt, by the file's ending; not as .xlsx",
        ),
        (["report", "zoo:lenet", "-o", "u.pdf"], "not as .pdf"),
        (["report", "zoo:lenet", "--csv", "--md"], "`--csv` and `--markdown` are two answers to one question"),
        (["report", "zoo:lenet", "--json", "--format", "csv"], "`--json` and `--format csv` are two answers"),
    ],
)
def test_usage_is_answered_with_what_was_meant(here: Here, arguments: list[str], said: str) -> None:
    shown = here(*arguments)
    assert shown.returncode == 2
    assert said in shown.stderr
    assert shown.stdout == ""


def test_help_of_every_verb_has_examples() -> None:
    page = CliRunner().invoke(command, ["--help"]).output
    assert CliRunner().invoke(command, []).output == page
    assert "..." not in page.partition("Commands:")[2], "a verb's first line is too long"
    for verb in VERBS:
        assert f"\n  {verb} " in page
        told = CliRunner().invoke(command, [verb, "--help"])
        assert told.exit_code == 0
        assert f"Examples:\n    cnnspec {verb}" in told.output


def test_the_page_names_every_option_and_every_field_has_a_line() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for verb in VERBS:
        assert f"| `{verb} " in page
        told = CliRunner().invoke(command, [verb, "--help"]).output
        for option in re.findall(r"^  (?:-\w, )?(--[a-z]+)", told, re.MULTILINE):
            assert option in page or option == "--help", f"docs/cli.md does not say what {option} does"
    schema = json.loads((ROOT / "docs" / "report-schema.json").read_text(encoding="utf-8"))
    fields = (ROOT / "docs" / "report-schema.md").read_text(encoding="utf-8")
    names = {*schema["properties"], *schema["$defs"]["totals"]["properties"], *schema["$defs"]["layer"]["properties"]}
    assert {name for name in names if not re.search(rf"`{name}[`.]", fields)} == set()


def test_version() -> None:
    assert CliRunner().invoke(command, ["--version"]).output == f"cnnspec {__version__}\n"


def test_check_as_json(folder: Path) -> None:
    done = shell(folder, "check", "good.cnn", "bad.cnn", "missing.cnn", "--json")
    assert (done.returncode, done.stderr) == (2, "")
    found = json.loads(done.stdout)
    assert [(each["id"], each["file"], each["line"]) for each in found] == [
        ("unknown-word", "bad.cnn", 4),
        ("file-not-found", "missing.cnn", None),
    ]
    first = found[0]
    line = BAD.splitlines()[first["line"] - 1]
    assert line[first["column"] - 1 : first["end_column"] - 1] == "rellu"


def test_report_in_every_form(here: Here) -> None:
    assert "127" in here("report", "good.cnn").stdout
    record = json.loads(here("report", "good.cnn", "--json").stdout)
    assert record["totals"]["params"] == 127
    assert json.loads(here("report", "good.cnn", "--format", "json", "--batch", "2").stdout)["batch"] == 2
    assert here("report", "good.cnn", "--format", "csv").stdout.startswith("name,step,")
    assert here("report", "good.cnn", "--format", "markdown").stdout.startswith("## Small\n")
    assert here("report", "zoo:lenet", "--depth", "1").stdout == here("report", "zoo:lenet", "--levels", "1").stdout
    partial = here("report", "bad.cnn")
    assert "at least" in partial.stdout
    assert "unknown-word" in partial.stderr


@pytest.mark.parametrize("verb", [["report", "zoo:lenet"], ["sweep", "zoo:lenet", "--set", "classes=3,4"]])
def test_forms_have_short_names(here: Here, verb: list[str]) -> None:
    for name in ("json", "csv", "markdown"):
        assert here(*verb, f"--{name}").stdout == here(*verb, "--format", name).stdout
    assert here(*verb, "--md").stdout == here(*verb, "--markdown").stdout


def test_a_report_in_a_file_is_what_would_be_printed_and_its_ending_says_the_format(folder: Path, here: Here) -> None:
    for name, form in [("a.json", "json"), ("a.csv", "csv"), ("a.md", "markdown"), ("a.txt", "table")]:
        done = here("report", "good.cnn", "-o", name)
        assert done.returncode == 0
        assert done.stdout.startswith(f"wrote {name}: ")
        assert (folder / name).read_text(encoding="utf-8") == here("report", "good.cnn", "--format", form).stdout
    assert here("report", "good.cnn", "-o", "a.csv", "--json").returncode == 0
    assert json.loads((folder / "a.csv").read_text(encoding="utf-8"))["model"] == "Small"
    before = sorted(folder.iterdir())
    assert here("report", "bad.cnn", "-o", "a.json").returncode == 1
    assert json.loads((folder / "a.json").read_text(encoding="utf-8"))["complete"] is False
    for name in (".", "no/a.csv"):
        done = here("report", "good.cnn", "-o", name)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: cannot write")
    assert sorted(folder.iterdir()) == before


def test_export_tells_what_it_wrote_and_replaces_what_stands_there(folder: Path, here: Here) -> None:
    for seed in ("1", "2"):
        done = here("export", "good.cnn", "-o", "a.onnx", "--seed", seed)
        assert done.returncode == 0, done.stderr
    size = (folder / "a.onnx").stat().st_size
    assert done.stdout.startswith(f"wrote a.onnx: {size / 1000:.2f} kB, opset 18, IR 10\n")
    assert "input   input  batch x 3 x 8 x 8\n" in done.stdout
    record = json.loads(here("export", "good.cnn", "-o", "b.onnx", "--seed", "2", "--json").stdout)
    assert record["outputs"] == [{"name": "output", "shape": ["batch", 3]}]
    assert (folder / "a.onnx").read_bytes() == (folder / "b.onnx").read_bytes()


def test_an_ending_that_others_do_not_take_for_onnx_is_told(here: Here) -> None:
    assert here("export", "good.cnn", "-o", "a.onnx", "--seed", "1").stderr == ""
    done = here("export", "good.cnn", "-o", "a.pt", "--seed", "1")
    assert (done.returncode, done.stderr.startswith("note: `a.pt` is an ONNX file")) == (0, True)


def test_the_zoo_prints_blocks_and_knows_families(here: Here) -> None:
    assert "block Bottleneck(" in here("zoo", "resnet_blocks").stdout
    done = here("zoo", "resnet")
    assert done.returncode == 2
    assert "there is `resnet18`, " in done.stderr


def test_an_open_extent_is_told_as_such(folder: Path, here: Here) -> None:
    (folder / "any.cnn").write_text("model Any {\n  input 3x8x8 size=any\n  conv 3x3 4 /2\n}\n", encoding="utf-8")
    done = here("export", "any.cnn", "-o", "any.onnx", "--seed", "1")
    assert done.stdout.splitlines()[1:] == [
        "  input   input  batch x 3 x height x width",
        "  output  output  batch x 4 x ? x ?",
    ]
    record = json.loads(here("export", "any.cnn", "-o", "any.onnx", "--seed", "1", "--json").stdout)
    assert record["outputs"] == [{"name": "output", "shape": ["batch", 4, "?", "?"]}]


def test_many_outputs_are_counted(folder: Path, here: Here) -> None:
    text = "model Many {\n  input 3x8x8\n  for i in 1..N { output o{i}: conv 1x1 i }\n}\n"
    for many, told in ((4, "1x8x8, 2x8x8, 3x8x8, 4x8x8"), (5, "5 outputs")):
        (folder / "many.cnn").write_text(text.replace("N", str(many)), encoding="utf-8")
        assert f"Many: 3x8x8 → {told}, depth 1" in here("check", "many.cnn").stdout
        assert here("report", "many.cnn").stdout.splitlines()[0] == f"Many  3x8x8 → {told}  many.cnn"


def test_run_on_text_and_on_onnx(folder: Path, here: Here) -> None:
    pytest.importorskip("onnxruntime")
    for name in ("one.png", "two.png"):
        Image.fromarray(np.full((8, 8, 3), 90, np.uint8)).save(folder / name)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    done = here("run", "good.cnn", "one.png", "--seed", "1", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("one.png\n")
    assert "class " in done.stdout
    assert "%" in done.stdout
    assert "seed 1" in done.stderr
    assert here("export", "good.cnn", "-o", "good.onnx", "--seed", "1").returncode == 0
    done = here("run", "good.onnx", "one.png", "broken.jpg", "two.png", "--json", "--top", "2")
    assert done.returncode == 2
    first, bad, second = json.loads(done.stdout)
    assert first["top"] == second["top"]
    assert set(first["top"][0]) == {"label", "score", "index"}
    assert len(first["top"]) == 2
    assert bad["top"] == []
    assert bad["error"]


# -- streams -----------------------------------------------------------------------------------------------------------


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    for arguments, code in (["report", "zoo:resnet50"], 0), (["--help"], 0), (["check", "--json", "bad.cnn"], 1):
        process = subprocess.Popen(
            [sys.executable, "-m", "cnnspec", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=plain(),
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(60), said) == (code, b"")
        process.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_is_told(folder: Path) -> None:
    for arguments in ["report", "good.cnn"], ["check", "good.cnn"], ["zoo", "--json"]:
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "cnnspec", *arguments],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                cwd=folder,
                env=plain(),
                timeout=60,
            )
        assert done.returncode == 2
        assert done.stderr == "error: cannot write to standard output: no space left on device\n"


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes streams")
@pytest.mark.parametrize("closing", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams(folder: Path, closing: str) -> None:
    for arguments, code in ("check bad.cnn", 1), ("export good.cnn -o a.onnx --seed 1", 0):
        line = f"{sys.executable} -m cnnspec {arguments} {closing}"
        done = subprocess.run(["sh", "-c", line], cwd=folder, env=plain(), capture_output=True, timeout=60)
        assert done.returncode == code
        assert b"Traceback" not in done.stdout + done.stderr
    assert (folder / "a.onnx").stat().st_size > 500


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_a_locale_without_utf8(folder: Path, environment: dict[str, str]) -> None:
    (folder / "wide.cnn").write_text("# 漢字 — é\n" + GOOD.replace("relu", '漢 "é"'), encoding="utf-8")
    for arguments, code in (["check", "good.cnn"], 0), (["check", "wide.cnn"], 1), (["report", "good.cnn"], 0):
        done = shell(folder, *arguments, **environment)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
    if "PYTHONIOENCODING" in environment:
        assert shell(folder, "report", "good.cnn", **environment).stdout.isascii()


@pytest.mark.parametrize("columns", ["1", "80", "200"])
def test_width_comes_from_columns(folder: Path, columns: str) -> None:
    done = shell(folder, "report", "zoo:resnet50", "--levels", "2", COLUMNS=columns)
    assert done.returncode == 0
    if columns != "1":
        assert max(map(len, done.stdout.splitlines())) <= int(columns)
    assert shell(folder, "check", "bad.cnn", COLUMNS=columns).returncode == 1


def test_colour_follows_the_conventions(folder: Path) -> None:
    assert "\x1b[" not in shell(folder, "check", "bad.cnn").stderr
    assert "\x1b[" in shell(folder, "check", "bad.cnn", "--color", "always").stderr
    assert "\x1b[" in shell(folder, "report", "good.cnn", FORCE_COLOR="1").stdout


def test_names_of_files_cannot_speak_to_the_terminal(folder: Path) -> None:
    name = "a\x1b[31mb\n.cnn"
    (folder / name).write_text(BAD, encoding="utf-8")
    done = shell(folder, "check", name)
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr
    assert r"a\x1b[31mb\x0a.cnn:4:" in done.stderr
    assert json.loads(shell(folder, "check", name, "--json").stdout)[0]["file"] == name


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
def test_a_name_that_is_no_utf8(folder: Path) -> None:
    path = os.fsencode(folder) + b"/\xff.cnn"
    with open(path, "w") as file:
        file.write(BAD)
    for form in [], ["--json"]:
        done = subprocess.run(
            [sys.executable, "-m", "cnnspec", "check", *form, path], capture_output=True, env=plain(), timeout=60
        )
        assert done.returncode == 1
        assert b"xff.cnn" in done.stdout + done.stderr
        (done.stdout + done.stderr).decode("utf-8")


# -- interrupted, and our own faults -----------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_interrupted(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnspec", "check", "good.cnn", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=plain(),
        # Where the tests run in the background of a script, they and their children are told to ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"good.cnn: ok")  # from here on it waits for its standard input
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, (out, err)
    assert b"Traceback" not in out + err
    assert time.monotonic() - begun < 5


def test_our_own_fault_is_told_and_written_down(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fault(*_: object) -> None:
        raise RuntimeError("the \x1b[31mcat")

    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr(cnnspec.pipeline, "compile_each", fault)
    assert run(["check", "good.cnn"]) == 3
    shown = capsys.readouterr().err
    assert "internal-fault" in shown
    assert r"RuntimeError: the \x1b[31mcat" in shown
    assert "Traceback" not in shown
    (report,) = folder.glob("cnnspec-fault-*.txt")
    assert str(report) in shown
    assert "Traceback" in report.read_text(encoding="utf-8")
    assert GOOD.splitlines()[1] not in report.read_text(encoding="utf-8")


def test_no_memory_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(cnnspec.pipeline, "compile_each", full)
    assert run(["check", "zoo:lenet"]) == 2
    assert capsys.readouterr().err == "error: there is not enough memory for this\n"


# -- start-up ----------------------------------------------------------------------------------------------------------

NEVER = {
    "PIL",
    "concurrent",
    "dataclasses",
    "multiprocessing",
    "networkx",
    "numpy",
    "onnx",
    "onnxruntime",
    "pkg_resources",
    "rich",
    "safetensors",
    "shutil",
    "tempfile",
    "torch",
    "traceback",
}


def imported(*lines: str) -> set[str]:
    """The modules that a fresh interpreter holds after these lines."""
    script = "\n".join([*lines, "import sys", "print('modules:', *sys.modules)"])
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=plain(), check=True, timeout=60
    )
    return set(done.stdout.rpartition("modules:")[2].split())


def test_what_check_imports() -> None:
    """Start-up time is a feature: of libraries only click and lark, and of our rooms what a check needs."""
    begin = "import sys; sys.argv = ['cnnspec', 'check', 'zoo:resnet50']"
    modules = imported(begin, "from cnnspec.cli import main", "assert main() == 0") - imported()
    tops = {each.partition(".")[0] for each in modules}
    assert not tops & NEVER
    assert tops - set(sys.stdlib_module_names) <= {"cnnspec", "click", "lark"}
    rooms = {each.split(".")[1] for each in modules if each.startswith("cnnspec.")}
    assert not rooms & {"api", "lower", "runtime"}
    reports = {each.removeprefix("cnnspec.reports.") for each in modules if each.startswith("cnnspec.reports.")}
    assert reports == {"look", "numbers", "summary"}
    assert {each for each in VERBS if f"cnnspec.cli.{each}" in modules} == {"check"}
    assert "cnnspec.layers.conv" in modules, "the test looks where modules are"


@pytest.mark.parametrize("arguments", [["words"], ["words", "conv"]])
def test_what_words_imports(arguments: list[str]) -> None:
    begin = f"import sys; sys.argv = {['cnnspec', *arguments]}"
    modules = imported(begin, "from cnnspec.cli import main", "assert main() == 0") - imported()
    assert not {each.partition(".")[0] for each in modules} & NEVER
    assert ("cnnspec.pipeline" in modules) == (len(arguments) == 2), "a list needs no compiler"


# -- completion --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cnnspec che", "check"),
        ("cnnspec report --le", "--levels"),
        ("cnnspec check zoo : resnet5", "resnet50"),
        ("cnnspec check zoo :", "lenet"),
        ("cnnspec zoo resnet5", "resnet50"),
        ("cnnspec words conv_", "conv_transpose"),
        ("cnnspec report a.cnn --format ", "markdown"),
    ],
)
def test_bash_completes(folder: Path, words: str, expected: str) -> None:
    given = words.split(" ")
    environment = {
        "_CNNSPEC_COMPLETE": "bash_complete",
        "COMP_WORDS": "\n".join(given),
        "COMP_CWORD": str(len(given) - 1),
    }
    done = shell(folder, **environment)
    assert done.returncode == 0, done.stderr
    assert f"plain,{expected}" in done.stdout.splitlines()


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_command(shell_name: str) -> None:
    result = CliRunner().invoke(command, ["completion", shell_name])
    assert "_CNNSPEC_COMPLETE" in result.output
    assert "cnnspec" in result.output


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("report zoo:lenet --batch 2 --batch 2", "`--batch` is given twice"),
        ("memory zoo:lenet --batch 1 --batch 2 --batch 3", "`--batch` is given 3 times"),
        ("check zoo:lenet --format concise --format json", "`--format` is given twice"),
        ("report zoo:lenet --set classes=3 --set classes=4", "`--set` is given twice for `classes`"),
        ("report zoo:lenet --input 3x32x32 --input 3x40x40", "`--input` is given twice"),
    ],
)
def test_nothing_that_was_asked_for_is_passed_over(here: Here, line: str, said: str) -> None:
    result = here(*line.split())
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {said}\n")


def test_every_verb_takes_an_option_once() -> None:
    assert isinstance(command, Verbs)
    context = click.Context(command)
    assert all(isinstance(command.get_command(context, each), Verb) for each in VERBS)


@pytest.mark.parametrize(
    "verb", ["sizes", "formulas", "memory", "report", "field", "explain", "sweep", "diff good.cnn"]
)
def test_a_program_is_always_given_json(here: Here, verb: str) -> None:
    """Of a network with errors, too."""
    result = here(*verb.split(), "bad.cnn", "--json")
    assert result.returncode == 1
    record = json.loads(result.stdout)
    assert record.get("diagnostics") or record.get("complete") is False or "rellu" in result.stdout
