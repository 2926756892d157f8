"""Paragraphs filled to a width, with what stands in backticks kept on one line."""

import re
from collections.abc import Iterable
from textwrap import wrap

from cnnspec.reports.look import Look, visible

COMFORT = 100
"""Longer lines are hard to read, however wide the terminal is."""

_CODE = re.compile(r"`[^`]*`")
_KEPT = "\0"


def fill(text: str, look: Look, indent: int = 0, hanging: int | None = None) -> list[str]:
    """The text's lines, the first one behind `indent` blanks, the others behind `hanging`, or as many."""
    return _wrapped(_CODE.sub(lambda found: _whole(found[0]), spelled(text, look)), look, indent, hanging)


def flow(pieces: Iterable[str], look: Look, indent: int = 0, hanging: int | None = None) -> list[str]:
    """The same for pieces, none of which is divided."""
    return _wrapped(" ".join(_whole(spelled(each, look)) for each in pieces), look, indent, hanging)


def spelled(text: str, look: Look) -> str:
    """The text in the characters that the stream has."""
    return visible(text.replace("…", look.ellipsis), look.encoding)


def _whole(piece: str) -> str:
    return piece.replace(" ", _KEPT)


def _wrapped(text: str, look: Look, indent: int, hanging: int | None) -> list[str]:
    lines = wrap(
        text,
        min(look.width, COMFORT),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent if hanging is None else hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_KEPT, " ") for line in lines]
