"""Findings as commands to GitHub Actions, which shows them at their lines in a pull request."""

from collections.abc import Iterable

from cnnspec.reports.findings.json import file_name
from cnnspec.source.diagnostic import Diagnostic, Severity

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}


def github(diagnostics: Iterable[Diagnostic]) -> str:
    """A command a line: `::error file=model.cnn,line=6,col=3,endLine=6,endColumn=6,title=…::message`. The columns of
    a finding over several lines are left out: GitHub takes them for one line only."""
    return "".join(f"{_command(each)}\n" for each in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    title = f"cnnspec {diagnostic.id}"
    properties = {**_place(diagnostic), "title": title}
    written = ",".join(f"{name}={_escaped(value, inside=True)}" for name, value in properties.items())
    help = (f"help: {diagnostic.help}",) if diagnostic.help else ()
    said = "\n".join((diagnostic.message, *diagnostic.notes, *help))
    return f"::{LEVELS[diagnostic.severity]} {written}::{_escaped(said)}"


def _place(diagnostic: Diagnostic) -> dict[str, str]:
    if diagnostic.label is None:
        name = file_name(diagnostic.file)
        return {"file": name} if name else {}
    span = diagnostic.label.span
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    columns = {"col": column, "endColumn": end_column} if line == end_line else {}
    places = {"line": line, "endLine": end_line, **columns}
    return {"file": str(file_name(span.source.name)), **{name: str(value) for name, value in places.items()}}


def _escaped(text: str, *, inside: bool = False) -> str:
    """What the runner unescapes again (actions/toolkit, packages/core: command); `inside` a property there is more."""
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(sign, code)
    return text.replace(":", "%3A").replace(",", "%2C") if inside else text
