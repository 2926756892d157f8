"""Findings a line each, in the form that compilers use and editors read: `file:line:column: severity: message [id]`."""

from collections.abc import Iterable

from cnnspec.reports.look import Look, visible
from cnnspec.source.diagnostic import Diagnostic


def concise(diagnostics: Iterable[Diagnostic], look: Look) -> str:
    """All of them, a line each; the help of a finding follows its message."""
    return "".join(f"{_line(each, look)}\n" for each in diagnostics)


def _line(diagnostic: Diagnostic, look: Look) -> str:
    label = diagnostic.label
    name = label.span.source.name if label else diagnostic.file or ""
    place = visible(name, look.encoding) + (f":{label.span.line}:{label.span.column}" if label else "")
    severity = diagnostic.severity.value
    said = visible(diagnostic.message, look.encoding)
    return f"{look.paint('bold', place)}: {look.paint(severity, severity)}: {said} [{diagnostic.id}]"
