"""Edits between two texts, edits that can be made together, and whether edits leave the comments alone."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from cnnspec.source.change import Change, applied
from cnnspec.source.diagnostic import Edit
from cnnspec.source.text import Source, Span
from cnnspec.syntax.lexer import lex

MANY_TOKENS = 2**31


def spares_comments(change: Change) -> bool:
    """Whether every comment is there afterwards, as it was and in its order; others may have come."""
    return all(_are_among(comments(source), comments(Source(source.name, text))) for source, text in change.pairs())


def _are_among(some: list[str], others: list[str]) -> bool:
    """Whether they are all there, in their order."""
    rest = iter(others)
    return all(each in rest for each in some)


def comments(source: Source) -> list[str]:
    return [each.text for each in lex(source, MANY_TOKENS).comments]


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
    is_same = applied(source.text, found) == source.text[:start] + new + source.text[end:]
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
