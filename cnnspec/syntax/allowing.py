"""How comments such as `# cnnspec: allow lost-border` are read: what they name, and for which line."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.source.text import Source, Span
from cnnspec.syntax.lexer import lex

MARK = "cnnspec"
_FORM = re.compile(r"#\s*cnnspec:\s*(\w*)")
_IDS = re.compile(r"\s+([\w-]+(?:\s*,\s*[\w-]+)*)")
_ALL = 2**31


class Allowing(NamedTuple):
    """Where a comment begins to speak to us, and the ids it allows; none where it says anything else."""

    start: int
    ids: tuple[Span, ...]


def allowing(comment: Span) -> Allowing | None:
    """What a comment allows; None where it does not speak to us."""
    form = _FORM.search(comment.text)
    if form is None:
        return None
    start, ids = comment.start + form.start(), _IDS.match(comment.text, form.end())
    if form[1] != "allow" or ids is None:
        return Allowing(start, ())
    places = ((comment.start + ids.start(1) + each.start(), len(each[0])) for each in re.finditer(r"[\w-]+", ids[1]))
    return Allowing(start, tuple(Span(comment.source, at, at + length) for at, length in places))


def allowed_lines(source: Source, id: str) -> Iterator[int]:
    """The lines of a text at which a rule is allowed."""
    for comment in comments_of(source):
        form = allowing(comment)
        if form and any(each.text == id for each in form.ids):
            yield line_of(comment)


def comments_of(source: Source) -> list[Span]:
    """The comments of a text that may speak to us."""
    if MARK not in source.text:
        return []
    return [each.span for each in lex(source, _ALL).comments]


def line_of(comment: Span) -> int:
    """The comment's own line, or, where it has that for itself, the next one that holds more than a comment."""
    source, line = comment.source, comment.line
    if source.line(line)[: comment.column - 1].strip():
        return line
    while line < source.line_count:
        line += 1
        if (text := source.line(line).strip()) and text[0] != "#":
            return line
    return comment.line
