"""Texts that say the same with other blanks, line ends and comments, strewn wherever the language lets them stand."""

import random

from cnnspec.source.text import Source
from cnnspec.syntax.lexer import NEWLINE, Token, lex

BLANKS = (" ", " ", "  ", "\t", " \t ")
LINE_ENDS = ("\n", "\n", "\n\n", "\n\n\n\n", "\r\n", "  \n\t", "\n  ")
REMARKS = ("#", "# a remark", "#no blank", "# { ( -> | , \" '", "# é → 漢", "#\ttabs\t", "# cnnspec: allow a-rule  ")
MAY_END_BEHIND = frozenset(("LBRACE", "ARROW", "VBAR"))
MAY_END_BEFORE = frozenset(("ARROW", "RBRACE", "ELSE", "EXPECT"))
BOUND = frozenset(("TIGHT_COMMA", "REPEAT"))
"""Tokens that need what follows them on their line."""


def tokens_of(text: str) -> list[Token]:
    return lex(Source("", text), len(text)).tokens


def with_blanks(text: str, chance: random.Random) -> str:
    """Blanks doubled or made tabs; no line ends elsewhere."""
    return _strewn(text, chance, 0)


def strewn(text: str, chance: random.Random, *, often: float = 0.2) -> str:
    """Blanks, and line ends and comments wherever they may stand."""
    return _strewn(text, chance, often)


def _strewn(text: str, chance: random.Random, often: float) -> str:
    tokens = [*tokens_of(text), Token("END", "", len(text), len(text))]
    parts, at, brackets = [_line_end(chance) if chance.random() < often else ""], 0, [""]
    for index, token in enumerate(tokens):
        gap, before = text[at : token.start], tokens[index - 1].type if index else ""
        parts += [
            _gap(gap, before, token.type, brackets[-1], chance, often),
            "" if token.type == NEWLINE else token.text,
        ]
        if token.type == NEWLINE:
            parts.append(_line_end(chance) if chance.random() < often else token.text)
        elif token.type in ("LPAR", "LBRACE"):
            brackets.append(token.type)
        elif token.type in ("RPAR", "RBRACE"):
            brackets.pop()
        at = token.end
    return "".join(parts)


def _gap(gap: str, before: str, behind: str, bracket: str, chance: random.Random, often: float) -> str:
    if gap.strip(" \t") or NEWLINE in (before, behind):  # a comment, or the ends of a line
        return gap
    apart = bool(gap) or before == "LPAR" or behind == "RPAR"
    may_end = before in MAY_END_BEHIND or behind in MAY_END_BEFORE or (bracket == "LPAR" and apart)
    if may_end and before not in BOUND and chance.random() < often:
        return _line_end(chance)
    return chance.choice(BLANKS) if gap else gap


def _line_end(chance: random.Random) -> str:
    """One line end or more, with comments at the ends of lines and on lines of their own."""
    parts = []
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        parts += [chance.choice(("", " ", "    ")), chance.choice(REMARKS), chance.choice(LINE_ENDS)]
    return "".join([*parts, chance.choice(LINE_ENDS)])
