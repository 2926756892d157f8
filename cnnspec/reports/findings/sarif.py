"""Findings as SARIF 2.1.0 (OASIS), which code scanning of GitHub, Azure and GitLab reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cnnspec import __version__
from cnnspec.reports.findings.fingerprint import fingerprints, subject
from cnnspec.reports.findings.json import Json, file_name
from cnnspec.rules.page import Prose, page_of
from cnnspec.source.diagnostic import Diagnostic, Fix, Severity
from cnnspec.source.text import Span

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "note"}
FINGERPRINT = "cnnspec/v1"
"""Raised when what a fingerprint is made of changes: the old ones then match nothing, rather than something else."""


def sarif(checked: Sequence[Compiled]) -> Json:
    """One log with one run over all that was checked."""
    ids = sorted({each.id for one in checked for each in one.diagnostics})
    driver = {"name": "cnnspec", "version": __version__, "rules": [_rule(id) for id in ids]}
    results = [result for one in checked for result in _results(one, ids)]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(id: str) -> Json:
    page = page_of(id)
    prose = [each.text for each in page.blocks if isinstance(each, Prose)]
    return {
        "id": id,
        "name": "".join(part.capitalize() for part in id.split("-")),
        "shortDescription": {"text": page.summary},
        "fullDescription": {"text": "\n\n".join([page.summary, *prose])},
        "help": {"text": f"`cnnspec rule {id}` shows what fails and what is right"},
        "defaultConfiguration": {"level": LEVELS[page.rule.severity]},
        "properties": {"tags": [page.rule.group]},
    }


def _results(compiled: Compiled, ids: list[str]) -> list[Json]:
    marks = fingerprints(compiled)
    return [_result(each, compiled, ids, mark) for each, mark in zip(compiled.diagnostics, marks, strict=True)]


def _result(diagnostic: Diagnostic, compiled: Compiled, ids: list[str], mark: str) -> Json:
    help = (f"help: {diagnostic.help}",) if diagnostic.help else ()
    text = "\n".join((diagnostic.message, *diagnostic.notes, *help))
    result: Json = {
        "ruleId": diagnostic.id,
        "ruleIndex": ids.index(diagnostic.id),
        "level": LEVELS[diagnostic.severity],
        "message": {"text": text},
        "locations": _locations(diagnostic, subject(diagnostic, compiled)),
        "partialFingerprints": {FINGERPRINT: mark},
    }
    related = [(each.span, each.text) for each in diagnostic.secondary]
    related += [(each.span, f"in {each.path}, from here") for each in reversed(diagnostic.trace)]
    if related:
        result["relatedLocations"] = [
            {"id": number, **_location(span), "message": {"text": text or "see here"}}
            for number, (span, text) in enumerate(related)
        ]
    if diagnostic.fix:
        result["fixes"] = [_fix(each) for each in (diagnostic.fix, *diagnostic.alternatives)]
    return result


def _locations(diagnostic: Diagnostic, step: str | None) -> list[Json]:
    if diagnostic.label is None:
        return [{"physicalLocation": {"artifactLocation": _artifact(diagnostic.file)}}] if diagnostic.file else []
    location = _location(diagnostic.label.span)
    if step:
        location["logicalLocations"] = [{"fullyQualifiedName": step, "kind": "member"}]
    return [location]


def _location(span: Span) -> Json:
    return {"physicalLocation": {"artifactLocation": _artifact(span.source.name), "region": _region(span)}}


def _region(span: Span) -> Json:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _artifact(name: str | None) -> dict[str, Any]:
    """The file as a URI reference: relative as it was named, `file://…` where it was named from the root."""
    if name is not None and name.startswith("zoo:"):
        return {"uri": name}
    path = PurePath(str(file_name(name)))
    return {"uri": path.as_uri() if path.is_absolute() else quote(path.as_posix())}


def _fix(fix: Fix) -> Json:
    by_file: dict[str, list[Json]] = {}
    for edit in fix.edits:
        replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.replacement}}
        by_file.setdefault(edit.span.source.name, []).append(replacement)
    changes = [{"artifactLocation": _artifact(name), "replacements": each} for name, each in by_file.items()]
    title = f"{fix.title} ({fix.cost})" if fix.cost else fix.title
    return {"description": {"text": title}, "artifactChanges": changes}
