"""Edits on texts: applied, compared with what they came from, and whether they leave the comments alone."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from cnnspec.source.diagnostic import Edit
from cnnspec.source.text import Source, Span
from cnnspec.syntax.lexer import lex

MANY_TOKENS = 2**31


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
    def overlaps(self) -> bool:
        """Whether two edits touch the same place, so that it would matter which comes first."""
        return any(touch(one, other) for edits in self._edits.values() for one, other in pairwise(edits))

    def texts(self) -> dict[str, str]:
        """The new texts by the sources' names."""
        return {name: _applied(edits[0].span.source.text, edits) for name, edits in self._edits.items()}

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

    def spares_comments(self) -> bool:
        """Whether every comment is there afterwards, as it was and in its order."""
        return all(
            comments(edits[0].span.source) == comments(Source(name, _applied(edits[0].span.source.text, edits)))
            for name, edits in self._edits.items()
        )


def touch(one: Edit, other: Edit) -> bool:
    """Whether two edits of one source, the first of which begins first, overlap or insert at one place."""
    return other.span.start < one.span.end or other.span.start == one.span.start


def comments(source: Source) -> list[str]:
    return [each.text for each in lex(source, MANY_TOKENS).comments]


def _applied(text: str, edits: Sequence[Edit]) -> str:
    parts, at = [], 0
    for each in edits:
        parts += [text[at : each.span.start], each.replacement]
        at = each.span.end
    return "".join((*parts, text[at:]))


def edits_between(source: Source, text: str) -> tuple[Edit, ...]:
    """The edits that lead from a source to another text: word by word, within the lines that differ."""
    old, new = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    found, starts = list[Edit](), _starts(old)
    for i1, i2, j1, j2 in _differences(old, new):
        whole = Edit(Span(source, starts[i1], starts[i2]), "".join(new[j1:j2]))
        found += next(filter(None, (_word_by_word(whole, pattern) for pattern in _PIECES)), [whole])
    return tuple(found)


_WORD = r"(?:\w+|->|=>|[^\w \t])"
_PIECES = (re.compile(_WORD), re.compile(rf"[ \t]*{_WORD}"))


def _word_by_word(whole: Edit, pattern: re.Pattern[str]) -> list[Edit]:
    """The same as smaller edits; none if what stands between the pieces differs where they do not."""
    source, start, end = whole.span
    old, new = source.text[start:end], whole.replacement
    words, others = (list(pattern.finditer(each)) for each in (old, new))
    from_, to = ([*(word.start() for word in each), len(text)] for each, text in ((words, old), (others, new)))
    found = []
    for k1, k2, m1, m2 in _differences([each[0] for each in words], [each[0] for each in others]):
        found.append(Edit(Span(source, start + from_[k1], start + from_[k2]), new[to[m1] : to[m2]]))
    is_same = _applied(source.text, found) == source.text[:start] + new + source.text[end:]
    return found if is_same else []


def _starts(pieces: Sequence[str]) -> list[int]:
    """Where each piece begins, and where the last one ends."""
    return list(accumulate(map(len, pieces), initial=0))


def _differences(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    for kind, *bounds in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            i1, i2, j1, j2 = bounds
            yield i1, i2, j1, j2


def without_overlap(fixes: Iterable[tuple[Edit, ...]]) -> Iterator[int]:
    """Which of the fixes can be made together: the first come, and each that touches none of those before it."""
    taken: list[Edit] = []
    for place, edits in enumerate(fixes):
        if not Change((*taken, *edits)).overlaps:
            taken += edits
            yield place
