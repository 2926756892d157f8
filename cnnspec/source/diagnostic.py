"""What the compiler has to say, as data. How it looks is decided in `reports/`."""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from cnnspec.source.text import Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Label(NamedTuple):
    """A place and the few words that are written under it."""

    span: Span
    text: str = ""


class Edit(NamedTuple):
    """Replace the text of a span; an empty span inserts."""

    span: Span
    replacement: str


class Fix(NamedTuple):
    """Edits that belong together. `safe` means that no number of the network changes beyond what the message says;
    `cost` is what comes with it: "adds 8,448 parameters"."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool
    cost: str = ""


class Frame(NamedTuple):
    """One step of the way into blocks: the instance's path and the step in the text that made it."""

    path: str
    span: Span


class Diagnostic(NamedTuple):
    """One finding.

    `message` stands alone, lower case, without a full stop. `label` is the smallest span that is to blame; it is None
    only where there is no text to point at (a file that cannot be read). `notes` hold the arithmetic, worked.
    `help` says what would be right, `fix` is an edit that makes it so, `alternatives` are others that do. `trace` leads
    from the model into the block where the span stands, outermost first.
    """

    id: str
    severity: Severity
    message: str
    label: Label | None = None
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    fix: Fix | None = None
    trace: tuple[Frame, ...] = ()
    file: str | None = None  # set where label is None
    alternatives: tuple[Fix, ...] = ()

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def error(id: str, message: str, span: Span, label: str = "", **more: object) -> Diagnostic:
    """An error at a span; `more` are further fields of Diagnostic."""
    return Diagnostic(id, Severity.ERROR, message, Label(span, label), **more)  # type: ignore[arg-type]


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By file in order of first appearance, then by place; what has no place comes first."""
    found = list(diagnostics)
    files: dict[str, int] = {}
    for each in found:
        if each.label:
            files.setdefault(each.label.span.source.name, len(files))

    def place(each: Diagnostic) -> tuple[int, int, int]:
        if each.label is None:
            return (-1, 0, 0)
        return (files[each.label.span.source.name], each.label.span.start, each.label.span.end)

    return tuple(sorted(found, key=place))
