"""Values of a block's use in each other's place: a change that is proposed only where it proves itself."""

from cnnspec.build.troubles import ORDER
from cnnspec.fixes.bench import Bench, Outcome
from cnnspec.ir.graph import Unknown
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Span

Place = tuple[str, int, int]


def is_unproven(found: Diagnostic) -> bool:
    """Whether the change of a finding is one of a block's use (`build/blame.py`), which no help tells of yet."""
    return found.id == ORDER and found.fix is not None and found.help is None


def proves(bench: Bench, error: Diagnostic) -> bool:
    """Whether fewer errors are left with it, none in the uses that it changes, and each just as it was, with as many
    further uses. Two values in each other's place move nothing else, so that places can be compared as they are."""
    outcome = bench.tried(error.fix.edits) if error.fix else None
    if outcome is None or len(outcome.left) >= len(bench.errors):
        return False
    return {_told(each) for each in outcome.left} < {_told(each) for each in bench.errors} and not _refused(
        error, outcome
    )


def _told(found: Diagnostic) -> tuple[object, ...]:
    return found.id, found.message, found.notes, _place(found.label.span) if found.label else None


def _refused(error: Diagnostic, outcome: Outcome) -> bool:
    """Whether a step is not understood in one of the uses that were changed."""
    changed = {(edit.span.source.name, edit.span.start) for edit in error.fix.edits} if error.fix else set()
    ways = {
        frame.span
        for each in outcome.compiled
        if each.built
        for node in each.built.graph
        if isinstance(node.layer, Unknown)
        for frame in node.trace
    }
    return any((way.source.name, at) in changed for way in ways for at in range(way.start, way.end))


def _place(span: Span) -> Place:
    return span.source.name, span.start, span.end
