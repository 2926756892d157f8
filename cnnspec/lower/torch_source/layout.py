"""Lines of Python no longer than 88 characters, broken where ruff and Black break them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

WIDTH = 88
INDENT = "    "


class Bracket(NamedTuple):
    """`head(item, item)`: a call, a list or a signature. Items of a generator stand without commas (`sep` is " ")."""

    head: str
    items: tuple[Code, ...]
    close: str = ")"
    sep: str = ", "


Code = str | Bracket


def call(target: str, arguments: Iterable[Code]) -> Bracket:
    return Bracket(f"{target}(", tuple(arguments))


def flat(code: Code) -> str:
    """All of it in one line."""
    if isinstance(code, str):
        return code
    return code.head + code.sep.join(map(flat, code.items)) + code.close


def laid(prefix: str, code: Code, suffix: str = "", *, indent: int) -> list[str]:
    """The code between `prefix` and `suffix` in as many lines as it takes, `indent` levels deep."""
    margin = INDENT * indent
    line = margin + prefix + flat(code) + suffix
    if len(line) <= WIDTH or isinstance(code, str) or not code.items:
        return [line]
    inside = margin + INDENT + code.sep.join(map(flat, code.items))
    is_collection = code.head[-1:] == code.head.lstrip("*") and code.sep == ", "
    if len(inside) <= WIDTH and not is_collection:
        body = [inside]
    else:
        comma = code.sep.rstrip()
        body = [each for item in code.items for each in laid("", item, comma, indent=indent + 1)]
    return [margin + prefix + code.head, *body, margin + code.close + suffix]


def listed(head: str, items: Sequence[Code], comments: Sequence[str], close: str, *, indent: int) -> list[str]:
    """A bracket with a line an item, each with its comment."""
    margin = INDENT * indent
    lines = []
    for item, comment in zip(items, comments, strict=True):
        lines += laid("", item, f",  # {comment}" if comment else ",", indent=indent + 1)
    return [margin + head, *lines, margin + close]


def wrapped(text: str, *, indent: int, mark: str = "") -> list[str]:
    """Prose in lines, for a docstring, or with a `mark` for a comment."""
    begin = INDENT * indent + mark
    lines, line = [], begin
    for word in text.split():
        if len(line) + len(word) > WIDTH and line != begin:
            lines.append(line.rstrip())
            line = begin
        line += word + " "
    return [*lines, line.rstrip()]
