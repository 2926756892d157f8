"""What there is to say of a step that has no shape: what it is, and why it is not known."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.ir.graph import Unknown
from cnnspec.passes.explained.derivation import Derivation
from cnnspec.reports.explained.document import Document, Section, Sentence
from cnnspec.reports.explained.place import flags, placed, summary
from cnnspec.reports.explained.record import SCHEMA_VERSION
from cnnspec.reports.explained.texts import Texts
from cnnspec.reports.findings.json import Json, file_name
from cnnspec.reports.step import step
from cnnspec.source.diagnostic import Diagnostic


def unknown_document(derived: Derivation, diagnostics: Sequence[Diagnostic], texts: Texts) -> Document:
    """In words; nothing is worked out."""
    node = derived.row.node
    refused = isinstance(node.layer, Unknown)
    cause = _cause(derived, diagnostics)
    if cause is not None and cause.label is not None:
        reason = texts("unknown", "reason", line=cause.label.span.line, message=cause.message)
    else:
        reason = texts("unknown", "no-reason")
    said = Sentence(texts("unknown", "step" if refused else "below", reason=reason))
    place = (*placed(node, texts), *(() if refused else flags(derived, texts, ())))
    sections = (Section(texts("title", "place"), place), Section(texts("title", "shape"), (said,)))
    written = " ".join(node.span.text.split()) if refused else step(node.layer, node.inputs)
    return Document(node.id, written, "" if refused else summary(node.layer, texts), sections)


def unknown_record(derived: Derivation, diagnostics: Sequence[Diagnostic]) -> Json:
    """The same as data: `output` is null, and `error` says why."""
    node, cause = derived.row.node, _cause(derived, diagnostics)
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "unknown",
        "name": node.id,
        "file": file_name(node.span.source.name),
        "line": node.span.line,
        "inputs": [
            {"name": id, "shape": each and list(each)} for id, each in zip(node.inputs, derived.shapes, strict=True)
        ],
        "output": None,
        "error": cause and {"id": cause.id, "message": cause.message},
    }


def _cause(derived: Derivation, diagnostics: Sequence[Diagnostic]) -> Diagnostic | None:
    """The error at the step itself, or else the first one."""
    span = derived.row.node.span
    errors = [each for each in diagnostics if each.is_error and each.label is not None]
    for each in errors:
        assert each.label is not None
        place = each.label.span
        if place.source is span.source and place.start < span.end and span.start < max(place.end, place.start + 1):
            return each
    return errors[0] if errors else None
