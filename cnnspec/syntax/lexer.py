"""Text to tokens. No text is refused: what is wrong becomes a token of a kind that no rule of the grammar takes."""

import re
from fractions import Fraction
from typing import NamedTuple

from cnnspec.source.text import Source, Span
from cnnspec.syntax.limits import (
    LARGEST_EXPONENT,
    LARGEST_NUMBER,
    LONGEST_NAME,
    LONGEST_NUMBER,
    LONGEST_PATH,
    LONGEST_TEXT,
)
from cnnspec.syntax.table import FIXED, PATTERN
from cnnspec.syntax.tree import Comment

NEWLINE = "_NL"
END = "$END"
BROKEN = "BROKEN"
TOO_LARGE, TOO_LONG, ZERO_DIVISOR, NOT_WHOLE = "TOO_LARGE", "TOO_LONG", "ZERO_DIVISOR", "NOT_WHOLE"
LONG_NAME, LONG_TEXT, EXCESS = "LONG_NAME", "LONG_TEXT", "EXCESS"

SCALE = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KB": 10**3, "MB": 10**6, "GB": 10**9}
SCALE |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}

_pattern = re.compile(PATTERN)
_always_checked = frozenset(("FLOAT", "RATIO", "QUANTITY"))
_unchecked = frozenset((NEWLINE, "BAD", "BAD_STRING"))


class Token(NamedTuple):
    """One token: its terminal in the grammar (or what is wrong with it), its text, and where it stands."""

    type: str
    text: str
    start: int
    end: int


class Lexed(NamedTuple):
    """`overflow` is the first token beyond the limit; what follows it was not read."""

    tokens: list[Token]
    comments: tuple[Comment, ...]
    overflow: Token | None


def lex(source: Source, most: int) -> Lexed:
    """The tokens without white space and with one `_NL` between lines, however many are empty; comments apart."""
    tokens: list[Token] = []
    comments: list[Comment] = []
    last = NEWLINE
    whole, new = source.text, tuple.__new__  # what Token(…) does, without its call: it is made for every word
    begin = 1 if whole.startswith("\ufeff") else 0
    for match in _pattern.finditer(whole, begin, len(whole.rstrip(" \t\f"))):
        kind = match.lastgroup or "BAD"
        start, end = match.span(kind)
        text = whole[start:end]
        if kind == "NAME" or kind == "SIGN":
            kind = FIXED.get(text, kind)
        elif kind == NEWLINE and last == NEWLINE:
            continue
        if kind == "COMMENT":
            text = text.rstrip("\r")
            comments.append(Comment(text, Span(source, start, start + len(text))))
        else:
            if (end - start > 9 or kind in _always_checked) and kind not in _unchecked:
                kind = flaw(kind, text) or kind
            tokens.append(new(Token, (kind, text, start, end)))
            last = kind
            if kind == "BAD_STRING":
                tokens += closers_behind(tokens.pop())
        if len(tokens) + len(comments) > most:
            return Lexed(tokens, tuple(comments), Token(kind, text, start, end))
    if tokens and last == NEWLINE:
        tokens.pop()
    return Lexed(tokens, tuple(comments), None)


def closers_behind(text: Token) -> list[Token]:
    """A text that is not closed runs to the end of its line; the `}` and `)` there are still brackets."""
    inner = text.text.rstrip(" \t\f})")
    tokens = [Token(text.type, inner, text.start, text.start + len(inner))]
    for at in range(tokens[0].end, text.end):
        sign = text.text[at - text.start]
        if sign in "})":
            tokens.append(Token(FIXED[sign], sign, at, at + 1))
    return tokens


def flaw(kind: str, text: str) -> str | None:
    """What is wrong with a token whose form is right."""
    if kind == "STRING":
        return LONG_TEXT if len(text) > LONGEST_TEXT + 2 else None
    if kind in ("NAME", "PATH", "REF", "LABEL"):
        parts = text.lstrip("@").split(".")
        return LONG_NAME if len(text) > LONGEST_PATH or max(map(len, parts)) > LONGEST_NAME else None
    if kind in ("INT", "DIM", "SHAPE", "RATIO"):
        numbers = [each.lstrip("0") for each in re.split("[x×/]", text)]
        if any(len(each) > 10 or (each.isdigit() and int(each) > LARGEST_NUMBER) for each in numbers):
            return TOO_LARGE
        return ZERO_DIVISOR if kind == "RATIO" and not numbers[-1] else None
    if kind == "FLOAT":
        mantissa, _, exponent = text.lower().partition("e")
        if len(mantissa) > LONGEST_NUMBER or len(exponent) > 4 or abs(int(exponent or 0)) > LARGEST_EXPONENT:
            return TOO_LONG if "-" in exponent or not exponent else TOO_LARGE
        if not exponent and len(mantissa.partition(".")[0]) < 10:  # nearly all
            return None
        return TOO_LARGE if Fraction(text) > LARGEST_NUMBER else None
    if kind == "QUANTITY":
        if len(text) > LONGEST_NUMBER:
            return TOO_LONG
        value = units(text)[0]
        return NOT_WHOLE if value.denominator != 1 else None
    return None


def units(text: str) -> tuple[Fraction, str]:
    """The number of units or bytes that a quantity says, and its unit: `1.5k` is (1500, "k")."""
    unit = text.lstrip("0123456789.")
    return Fraction(text[: -len(unit)]) * SCALE[unit], unit
