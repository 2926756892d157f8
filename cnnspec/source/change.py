"""Edits made: the texts that come of them, and where a place of a new text stood in the old one."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from cnnspec.source.diagnostic import Edit
from cnnspec.source.text import Source, Span


class Change:
    """Edits of any number of texts, none of which touches another: for each its new text and the way back. A text is
    known by its source's name, as a file may have been read more than once."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._edits: dict[str, list[Edit]] = {}
        for each in edits:
            self._edits.setdefault(each.span.source.name, []).append(each)
        for of_one in self._edits.values():
            of_one.sort(key=lambda edit: (edit.span.start, edit.span.end))

    @property
    def is_empty(self) -> bool:
        return not self._edits

    @property
    def overlaps(self) -> bool:
        """Whether two edits touch the same place, so that it would matter which comes first."""
        return any(touch(one, other) for edits in self._edits.values() for one, other in pairwise(edits))

    def texts(self) -> dict[str, str]:
        """The new texts by the sources' names."""
        return {source.name: text for source, text in self.pairs()}

    def back(self, span: Span, source: Source) -> tuple[Span, bool]:
        """Where a span of the new text stood in `source`, which it was made of; and whether it begins in what was
        written newly. What was written newly stands for what it took the place of."""
        start, is_new = self._back(span.start, source, at_end=False)
        end, _ = self._back(span.end, source, at_end=True)
        return Span(source, start, max(start, end)), is_new

    def _back(self, offset: int, source: Source, *, at_end: bool) -> tuple[int, bool]:
        grown = 0
        for edit in self._edits.get(source.name, ()):
            start = edit.span.start + grown
            if offset < start or (at_end and offset == start):
                break
            if offset < start + len(edit.replacement) or (at_end and offset == start + len(edit.replacement)):
                return (edit.span.end if at_end else edit.span.start), True
            grown += len(edit.replacement) - (edit.span.end - edit.span.start)
        return offset - grown, False

    def pairs(self) -> Iterator[tuple[Source, str]]:
        """Each source and its new text."""
        for edits in self._edits.values():
            yield edits[0].span.source, applied(edits[0].span.source.text, edits)


def touch(one: Edit, other: Edit) -> bool:
    """Whether two edits of one source, the first of which begins first, overlap or insert at one place."""
    return other.span.start < one.span.end or other.span.start == one.span.start


def applied(text: str, edits: Sequence[Edit]) -> str:
    parts, at = [], 0
    for each in edits:
        parts += [text[at : each.span.start], each.replacement]
        at = each.span.end
    return "".join((*parts, text[at:]))
