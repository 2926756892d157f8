"""The list in which one parse collects its diagnostics."""

from cnnspec.source.diagnostic import Diagnostic, Label, Severity, in_order
from cnnspec.source.text import Span
from cnnspec.syntax.limits import MOST_ERRORS


class Findings:
    """Diagnostics in the order in which they were found, at most MOST_ERRORS; the rest is counted."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.left_off = 0
        self.first_left_off: Span | None = None

    @property
    def full(self) -> bool:
        return len(self.diagnostics) >= MOST_ERRORS

    def add(self, diagnostic: Diagnostic) -> None:
        if not self.full:
            self.diagnostics.append(diagnostic)
        elif diagnostic.label is not None:
            self.count(diagnostic.label.span)

    def count(self, span: Span) -> None:
        """One more that is not told."""
        self.left_off += 1
        self.first_left_off = self.first_left_off or span

    def close(self) -> tuple[Diagnostic, ...]:
        """All that is told, in order of place, with a last word on what is not."""
        if self.first_left_off is None:
            return in_order(self.diagnostics)
        more = f"{self.left_off:,} more syntax errors are not shown"
        return (*in_order(self.diagnostics), Diagnostic("more-errors", Severity.HINT, more, Label(self.first_left_off)))
