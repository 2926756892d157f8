"""Diagnostics as data for other programs; docs/report-schema.md says what each field is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from cnnspec.reports.findings.fingerprint import fingerprints
from cnnspec.source.diagnostic import Diagnostic, Fix
from cnnspec.source.text import Span

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

Json = dict[str, Any]


def diagnostic_records(compiled: Compiled) -> list[Json]:
    """All findings of a network, each with its fingerprint."""
    marks = fingerprints(compiled)
    found = zip(compiled.diagnostics, marks, strict=True)
    return [{**diagnostic_record(each), "fingerprint": mark} for each, mark in found]


def diagnostic_record(diagnostic: Diagnostic) -> Json:
    """Places count from 1 and end behind their last character; they are null where there is no text to point at."""
    label = diagnostic.label
    place = place_record(label.span) if label else {**_NOWHERE, "file": file_name(diagnostic.file)}
    return {
        "id": diagnostic.id,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **place,
        "labels": [
            {**place_record(each.span), "text": each.text, "primary": each is label}
            for each in ((label, *diagnostic.secondary) if label else ())
        ],
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
        "trace": [{"path": each.path, **place_record(each.span)} for each in diagnostic.trace],
        "fix": diagnostic.fix and _fix_record(diagnostic.fix),
        "alternatives": [_fix_record(each) for each in diagnostic.alternatives],
    }


def _fix_record(fix: Fix) -> Json:
    return {
        "title": fix.title,
        "safe": fix.safe,
        "cost": fix.cost,
        "edits": [{**place_record(each.span), "replacement": each.replacement} for each in fix.edits],
    }


_NOWHERE = {"file": None, "line": None, "column": None, "end_line": None, "end_column": None}


def place_record(span: Span) -> Json:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "file": file_name(span.source.name),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def file_name(name: str | None) -> str | None:
    """The name as text: bytes of it that are no UTF-8 as `\\xff`, since JSON holds no lone surrogates."""
    return None if name is None else os.fsencode(name).decode("utf-8", "backslashreplace")
