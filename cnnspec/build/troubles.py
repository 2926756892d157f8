"""What goes wrong in a build: told once, with the way through blocks, and stopped where it must be."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from cnnspec.contract.errors import ArgumentError, LayerError
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, Frame, Label, Severity
from cnnspec.source.text import Span


class Refused(Exception):
    """A step or value cannot be; what there is to say has been told, or follows from what was told before."""


class Joined(Refused):
    """An argument of a step, by its place, is a step of its own: the arrow before it is missing, as has been told."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place


class Stop(Exception):
    """A bound was passed: the whole build ends here."""


class NoBranch(Exception):
    """The word `none`: what is expanded here is no branch of its merge."""

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span


ORDER = "argument-order"
"""The finding that a use of a block may be to blame for (`build/blame.py`)."""


class Met(NamedTuple):
    """A finding as it was met first, and how often again. `ways` lead to each use of the block that it was met in, if
    a use may be to blame for it."""

    first: Diagnostic
    more: int
    ways: tuple[tuple[Frame, ...], ...]

    def told(self) -> Diagnostic:
        """The finding once, with the number of the further uses."""
        if not self.more or not self.first.trace:
            return self.first
        return self.first._replace(notes=(*self.first.notes, more_uses(self.more)))


def more_uses(more: int) -> str:
    uses = "one more use" if more == 1 else f"{more:,} more uses"
    return f"the same in {uses} of this block"


MOST = 1000
"""Findings after which a build gives up: nobody reads more, and each takes its time."""


class Troubles:
    """Collects diagnostics. The same finding at the same place, met again in another use of a block, only counts.
    `count` is how often something was told so far."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Span], Diagnostic] = {}
        self._again: dict[tuple[str, Span], int] = {}
        self._ways: dict[tuple[str, Span], list[tuple[Frame, ...]]] = {}
        self.is_muted = False
        self.count = 0

    @contextmanager
    def muted(self) -> Iterator[None]:
        """What is looked at meanwhile is not told."""
        before, self.is_muted = self.is_muted, True
        try:
            yield
        finally:
            self.is_muted = before

    def tell(self, diagnostic: Diagnostic) -> None:
        assert diagnostic.label is not None, "a finding in a text has its place"
        if self.is_muted:
            return
        self.count += 1
        key = (diagnostic.id, diagnostic.label.span)
        if diagnostic.id == ORDER:
            self._ways.setdefault(key, []).append(diagnostic.trace)
        if key in self._found:
            self._again[key] = self._again.get(key, 0) + 1
        else:
            self._found[key] = diagnostic
            if len(self._found) >= MOST:
                raise Stop

    def met(self) -> Iterator[Met]:
        """In the order they were met."""
        for key, first in self._found.items():
            yield Met(first, self._again.get(key, 0), tuple(self._ways.get(key, ())))

    @property
    def may_be_of_uses(self) -> bool:
        """Whether anything was met that a use of a block may be to blame for."""
        return any(self._ways.values())

    def all(self) -> tuple[Diagnostic, ...]:
        """In the order they were met, each once."""
        return tuple(each.told() for each in self.met())

    def error(
        self,
        id: str,
        message: str,
        span: Span,
        label: str = "",
        *,
        help: str | None = None,
        notes: tuple[str, ...] = (),
        secondary: tuple[Label, ...] = (),
        fix: Fix | None = None,
        alternatives: tuple[Fix, ...] = (),
        meant: str | None = None,
        trace: tuple[Frame, ...] = (),
    ) -> Refused:
        """Tells an error; the caller raises what comes back where the step cannot go on. `meant` is what was likely to
        stand at the span: if there is such, it is the help and the fix."""
        if meant is not None:
            help = f"did you mean `{meant}`?"
            fix = Fix(help, (Edit(span, meant),), safe=False)
        place = Label(span, label)
        self.tell(
            Diagnostic(
                id, Severity.ERROR, message, place, secondary, notes, help, fix, trace, alternatives=alternatives
            )
        )
        return Refused()

    def layer_error(
        self, error: LayerError, span: Span, trace: tuple[Frame, ...], secondary: tuple[Label, ...] = ()
    ) -> Refused:
        """Tells what a layer or a field's kind said, at the place that was found for it."""
        instead = error.instead if isinstance(error, ArgumentError) else None
        return self.error(
            error.id,
            error.message,
            span,
            error.label,
            help=error.hint,
            notes=error.notes,
            secondary=secondary,
            fix=Fix(error.hint or f"write `{instead}`", (Edit(span, instead),), safe=False) if instead else None,
            trace=trace,
        )
