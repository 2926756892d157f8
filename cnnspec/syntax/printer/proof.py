"""The proof that a layout changed nothing: the same tree, the same words, the same comments between the same words."""

from typing import Any

from cnnspec.source.text import Source, Span
from cnnspec.syntax import tree
from cnnspec.syntax.lexer import NEWLINE, lex
from cnnspec.syntax.printer.spacing import spelled

_free = frozenset((NEWLINE, "ARROW", "VBAR", "COMMA", "TIGHT_COMMA"))
"""What may change places with a comment: a row begins with its arrow and ends with its comma."""


def difference(before: tree.File, after: tree.File) -> str | None:
    """What two texts do not have in common, in words that hold nothing of either; None if they say the same."""
    if without_places(before) != without_places(after):
        return "the tree is another one"
    if _said(before.span.source) != _said(after.span.source):
        return "a word or a comment is lost, changed, or at another place"
    return None


def without_places(file: tree.File) -> list[Any]:
    """What a tree says, part by part, with nothing in it of where the parts stood, nor of what a layout may choose."""
    said: list[Any] = []
    waiting: list[Any] = [file._replace(comments=())]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, tuple):
            said.append(node)
            continue
        if isinstance(node, tree.Apply) and node.body is not None:
            node = node._replace(body=node.body._replace(bars=()))  # branches on rows of their own have none
        parts = [None if isinstance(each, Span) else each for each in node]
        said.append((type(node).__name__, len(parts)))
        waiting += reversed(parts)
    return said


def _said(source: Source) -> list[str]:
    """The words and the comments in their order."""
    lexed = lex(source, len(source.text))
    words = [(each.start, spelled(each)) for each in lexed.tokens if each.type not in _free]
    comments = [(each.span.start, each.text.rstrip()) for each in lexed.comments]
    return [text for _, text in sorted(words + comments)]
