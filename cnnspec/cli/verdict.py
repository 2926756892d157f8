"""What the findings of a network mean for a command: go on, or with which code to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.cli.conventions import CLEAN, FINDINGS, USAGE
from cnnspec.cli.streams import say, tell
from cnnspec.reports.look import Look
from cnnspec.source.diagnostic import Diagnostic, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.pipeline import Compiled


def verdict(compiled: Compiled, strict: bool = False) -> int:
    """2 where the file could not be read or an option fits nothing in it, 1 on errors (on warnings too, if strict)."""
    if any(map(_is_usage, compiled.diagnostics)):
        return USAGE
    counted = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    return FINDINGS if any(each.severity in counted for each in compiled.diagnostics) else CLEAN


def refusal(compiled: Compiled) -> int:
    """The code of a command that needs a model and has none that is free of errors."""
    return max(verdict(compiled), FINDINGS)


def say_refusal(*compiled: Compiled) -> None:
    """What a program that asked for JSON is given in place of an answer: the findings of the texts."""
    import json

    from cnnspec.reports.findings.json import diagnostic_records

    found = [record for each in compiled for record in diagnostic_records(each)]
    say(json.dumps({"model": None, "diagnostics": found}, indent=2) + "\n")


def refused_work(compiled: Compiled, look: Look) -> int:
    """The same of a command that puts the network to work: one over its budget alone is told that this is why."""
    if compiled.whole:
        from cnnspec.cli.refusal import note

        note(
            "a network over its budget is not put to work; `cnnspec report`, `memory` and `diff` show its numbers", look
        )
    return refusal(compiled)


def _is_usage(diagnostic: Diagnostic) -> bool:
    from cnnspec.files import IO_IDS

    return is_misfit((diagnostic,)) or (diagnostic.label is None and diagnostic.id in IO_IDS)


def is_misfit(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether something was asked for that is not in the file: a parameter, an input, a model."""
    from cnnspec.build.elaborate import OPTION_IDS

    return any(each.id in OPTION_IDS for each in diagnostics)


def answered(compiled: Compiled) -> Compiled:
    """The same with, at each error, the changes that would make it right."""
    if compiled.ok:
        return compiled
    from cnnspec.fixes.solve import solved_one

    return solved_one(compiled)


def tell_findings(name: str, compiled: Compiled, look: Look) -> None:
    """All findings and their number, to standard error; nothing if there are none."""
    from cnnspec.reports.findings.text import render_all
    from cnnspec.reports.summary import one_file

    if compiled.diagnostics:
        tell(render_all(compiled.diagnostics, look) + "\n" + ("" if compiled.ok else one_file(name, compiled, look)))
