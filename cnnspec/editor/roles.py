"""What each part of a text is, for colours: every character has one role. Any text will do, however broken."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from heapq import merge
from typing import NamedTuple

from cnnspec.editor.vocabulary import vocabulary
from cnnspec.source.text import Source
from cnnspec.syntax.lexer import NEWLINE, Token, lex


class Role(Enum):
    BLANK = auto()
    COMMENT = auto()
    DIRECTIVE = auto()  # `# cnnspec: allow lost-border`
    DEFINITION = auto()  # `block`, `model`, `let`, `set`, `use`
    KEYWORD = auto()
    WORD = auto()  # of a layer, a merge or a section
    BLOCK = auto()  # a capital: where it is made, and where it is used
    NAME = auto()  # a parameter, a `let`, or a word that is unknown here
    ARGUMENT = auto()
    VALUE = auto()  # a word that an argument lists: `same`
    FLAG = auto()  # `yes`, `no`
    LABEL = auto()
    REFERENCE = auto()
    FUNCTION = auto()
    DIMENSION = auto()  # the `c` of `in.c`
    WHOLE = auto()  # `64`, `3x3`
    REAL = auto()  # `0.5`, `1/255`
    QUANTITY = auto()  # `12M`
    EXPECTED = auto()  # `=>`, and the shape behind it
    TEXT = auto()
    LOGIC = auto()  # `and`, `or`, `not`
    OPERATOR = auto()
    SIGN = auto()  # brackets, commas, colons
    WRONG = auto()  # what is no word of the language anywhere


class Part(NamedTuple):
    """A range of the text `[start, end)` and its role."""

    start: int
    end: int
    role: Role


ROLES: Mapping[str, Role] = {
    **dict.fromkeys(("BLOCK", "MODEL", "LET", "SET", "USE", "AS"), Role.DEFINITION),
    **dict.fromkeys(("CNN", "INPUT", "OUTPUT", "AUX", "REQUIRE", "IF", "ELSE", "FOR", "IN"), Role.KEYWORD),
    **dict.fromkeys(("AND", "OR", "NOT"), Role.LOGIC),
    **dict.fromkeys(("YES", "NO"), Role.FLAG),
    **dict.fromkeys(("ARROW", "EQUAL", "CMP", "PLUS", "MINUS", "TIMES", "SLASH", "REPEAT", "DOTS"), Role.OPERATOR),
    **dict.fromkeys(("LPAR", "RPAR", "LBRACE", "RBRACE", "LIST", "COLON", "VBAR", "DOT"), Role.SIGN),
    **dict.fromkeys(("COMMA", "TIGHT_COMMA"), Role.SIGN),
    **dict.fromkeys(("INT", "DIM"), Role.WHOLE),
    **dict.fromkeys(("FLOAT", "RATIO"), Role.REAL),
    **dict.fromkeys(("EXPECT", "SHAPE"), Role.EXPECTED),
    "QUANTITY": Role.QUANTITY,
    "STRING": Role.TEXT,
    "FUNCTION": Role.FUNCTION,
    "LABEL": Role.LABEL,
    "REF": Role.REFERENCE,
}
"""By the terminals of the grammar; that of a name is found by where it stands."""

_BEFORE_STEPS = frozenset((NEWLINE, "ARROW", "VBAR", "LBRACE", "COLON", "SET"))
_NAMED = frozenset(("LET", "FOR", "AS"))
_COMMAS = frozenset(("COMMA", "TIGHT_COMMA"))


def parts(text: str) -> Iterator[Part]:
    """The parts of a text in their order, without a gap."""
    lexed = lex(Source("", text), len(text))
    comments = [Part(each.span.start, each.span.end, _of_comment(each.text)) for each in lexed.comments]
    at = 0
    for part in merge(comments, _of_tokens(lexed.tokens)):
        if part.start > at:
            yield Part(at, part.start, Role.BLANK)
        yield part
        at = part.end
    if at < len(text):
        yield Part(at, len(text), Role.BLANK)


def _of_comment(text: str) -> Role:
    return Role.DIRECTIVE if text[1:].lstrip().startswith("cnnspec:") else Role.COMMENT


def _of_tokens(tokens: Sequence[Token]) -> Iterator[Part]:
    """The tokens but line ends. `begins`: a step begins here; `holds`: whether each open bracket holds lines."""
    begins, setting, holds, before = True, False, [True], ""
    for index, token in enumerate(tokens):
        kind, behind = token.type, tokens[index + 1].type if index + 1 < len(tokens) else ""
        if kind == NEWLINE:
            begins, setting = begins or holds[-1], False  # inside `( )` a step may go on
            continue
        if kind in ("NAME", "PATH"):
            role = _of_name(token.text, before, behind, begins)
        else:
            role = Role.EXPECTED if before == "EXPECT" and kind in ("INT", "DIM") else ROLES.get(kind, Role.WRONG)
        yield Part(token.start, token.end, role)
        if kind in ("LPAR", "LBRACE"):
            holds.append(kind == "LBRACE")
        elif kind in ("RPAR", "RBRACE") and len(holds) > 1:
            holds.pop()
        setting = kind == "SET" or (setting and kind != "EQUAL")
        begins = kind in _BEFORE_STEPS or (begins and kind == "LPAR") or (setting and kind in _COMMAS)
        before = kind


def _of_name(name: str, before: str, behind: str, begins: bool) -> Role:
    """The role of a name, between two kinds of tokens."""
    known = vocabulary()
    if before == "DOT":
        return Role.DIMENSION
    if before in _NAMED:
        return Role.NAME
    if behind == "EQUAL":
        return Role.ARGUMENT
    if before in ("BLOCK", "MODEL") or name.rpartition(".")[2][:1].isupper():
        return Role.BLOCK
    if not begins and name in known.values:
        return Role.VALUE
    return Role.WORD if name in known.words else Role.NAME
