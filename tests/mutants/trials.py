"""What a text must come through: the compiler with its reports, or the command line; each within seconds."""

import io
import os
import random
import re
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from cnnspec.build.options import Limits, Options
from cnnspec.cli.app import run
from cnnspec.cli.conventions import CLEAN, FINDINGS, USAGE
from cnnspec.pipeline import Compiled
from cnnspec.reports.findings.text import render_all
from cnnspec.reports.look import Look
from tests import ROOT
from tests.mutants.seeds import Text
from tests.texts import compiled

SECONDS = 5
COMMAND_LIMITS = ("--limit=nodes=5000", "--limit=steps=10000")  # what mends a file compiles it many times over
BOUNDS = Options(limits=Limits(nodes=20_000, steps=40_000))
LARGEST_EXPORT = 200_000
"""Parameters of a network that is written as a file: what is tried is what is said, not the disk."""
FORMATS = ("full", "concise", "json", "github", "sarif")
COMMANDS = (
    *(("check", f"--format={each}", "--pedantic", "--perf") for each in FORMATS),
    ("check", "--fix", "--unsafe-fixes"),
    ("check", "--diff", "--unsafe-fixes", "--strict"),
    ("fmt",),
    ("fmt", "--diff"),
    *(("report", f"--format={each}") for each in ("table", "json", "csv", "markdown")),
    ("report", "--levels=1", "--batch=4"),
    ("report", "--input=3x40x40"),
    ("export", "--seed=0", "--output=model.onnx"),
    ("export", "--seed=1", "--output=model.onnx", "--json"),
)


class Outcome(NamedTuple):
    """What became of a text: whether it compiles; and the verb and exit code, if it went through the command line."""

    compiles: bool
    verb: str = ""
    code: int = 0


def through_the_compiler(text: Text) -> Outcome:
    """A network, or diagnostics that can be shown."""
    result = _compiled(text)
    assert result.ok or result.diagnostics, "refused without a reason"
    for diagnostic in result.diagnostics:
        assert diagnostic.label is None or 0 <= diagnostic.label.span.start <= diagnostic.label.span.end
        assert diagnostic.message
    shown = render_all(result.diagnostics, Look())
    assert "\x1b" not in shown, "a control character of the text reached the terminal"
    if result.built is not None:
        assert result.analysis.totals.params >= 0
    return Outcome(result.ok)


def _compiled(text: Text) -> Compiled:
    name = str(ROOT / "examples" / "mutant.cnn")
    files = {str(ROOT / "examples" / each): other for each, other in text.files.items()}
    return compiled(text.main, BOUNDS, name, files)


def through_the_command_line(text: Text, chance: random.Random) -> Outcome:
    """An exit code that the page on commands knows, and no traceback."""
    verb, *options = chance.choice(COMMANDS)
    result = _compiled(text)
    if verb == "export" and result.ok and result.analysis.totals.params > LARGEST_EXPORT:
        verb, options = "report", []
    with tempfile.TemporaryDirectory() as folder, _inside(folder):
        for name, content in {"model.cnn": text.main, **text.files}.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(content.encode("utf-8", "surrogatepass"))
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([verb, "model.cnn", *options, *COMMAND_LIMITS])
    assert code in (CLEAN, FINDINGS, USAGE), f"`{verb} {' '.join(options)}` exits with {code}\n{_fault(err.getvalue())}"
    for shown in (out.getvalue(), err.getvalue()):
        assert "Traceback" not in shown, shown
        assert "\x1b" not in shown, "a control character of the text reached the terminal"
    return Outcome(result.ok, verb, code)


def _fault(said: str) -> str:
    """What the command told of its own fault, and the report that it wrote."""
    found = re.search(r"a report is in (\S+)", said)
    if not found:
        return said
    report = Path(found[1])
    told = report.read_text(encoding="utf-8")
    report.unlink()
    return f"{said}\n{told}"


@contextmanager
def _inside(folder: str) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """TimeoutError after so many seconds of work, or ten times as many of waiting, where the system has such timers.

    Work, not the clock, is what counts: a busy machine is no fault of the text.
    """

    def ring(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"no answer within {seconds} seconds")

    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGPROF, ring)
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 10 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
