"""Parentheses and commas where the language has spaces and arrows."""

import re
from itertools import pairwise

from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.source.text import Span
from cnnspec.syntax.lexer import NEWLINE, Token
from cnnspec.syntax.trouble import Trouble

_commas = ("COMMA", "TIGHT_COMMA")
NUMBERS = ("INT", "FLOAT", "RATIO", "DIM", "MINUS")
_LONGEST_MENDED = 500  # tokens of a line
_STRAY = ("stray-parenthesis", "`)` closes nothing")
_COMMA = {
    "step": ("steps-not-joined", "steps are joined with `->`", "write `->`"),
    "argument": ("commas-between-arguments", "arguments are separated by spaces", "leave the commas out"),
    "branch": ("commas-between-branches", "branches are separated by `|` or a new line", "write `|`"),
    "shape": ("commas-between-arguments", "a shape is written with `x`", "write `x`"),
    "list": ("spaces-in-list", "a list of values has no spaces", "write it without spaces"),
}


def innermost_paren(trouble: Trouble) -> int | None:
    """The `(` that stands open before the trouble, in its line."""
    depth = 0
    for index in range(trouble.at - 1, trouble.first - 1, -1):
        kind = trouble.tokens[index].type
        if kind == "RPAR":
            depth += 1
        elif kind == "LPAR":
            depth -= 1
            if depth < 0:
                return index
    return None


def unclosed_paren(trouble: Trouble) -> Diagnostic | None:
    opened = innermost_paren(trouble)
    if opened is None or trouble.tokens[opened].start not in trouble.open_parens:
        return None
    return error("unclosed-parenthesis", "`(` is not closed", trouble.span(trouble.tokens[opened]), help="add `)`")


def stray_paren(trouble: Trouble) -> Diagnostic | None:
    if trouble.token.type != "RPAR" or innermost_paren(trouble) is not None:
        return None
    return error(*_STRAY, trouble.span(trouble.token), help="delete it")


def _stray_closing(trouble: Trouble) -> Token | None:
    """A `)` further on in the line that nothing opens."""
    depth = 0
    for each in trouble.line:
        depth += (each.type == "LPAR") - (each.type == "RPAR")
        if depth < 0:
            return each
    return None


def comma(trouble: Trouble) -> Diagnostic | None:
    """`conv 3x3 64, relu`, `conv 3x3, 64`, `mean=0.5, 0.5`: a comma where the step could end."""
    more_arguments = NEWLINE in trouble.accepts and ("SLASH" in trouble.accepts or trouble.line[0].type == "SET")
    if trouble.token.type not in _commas or not ("ARROW" in trouble.accepts or more_arguments):
        return None
    span = trouble.span(trouble.token)
    closing = _stray_closing(trouble)
    if closing is not None:
        return error(*_STRAY, trouble.span(closing), help="delete it, or add the `(` that it closes")
    if trouble.after is None:
        fix = Fix("delete it", (Edit(span, ""),), safe=True)
        return error("commas-between-arguments", "a comma has nothing to separate here", span, help=fix.title, fix=fix)
    edits, first = [], ""
    index = trouble.at
    while index + 1 < trouble.end and trouble.tokens[index].type not in ("ARROW", "LBRACE"):
        if trouble.tokens[index].type in _commas and (trouble.tokens[index].type == "COMMA" or index == trouble.at):
            apart = _argument_apart(trouble, index)
            meaning, right = ("argument", apart[1]) if apart else _comma_means(trouble, index)
            first = first or meaning
            comma = trouble.tokens[index].start
            end = trouble.tokens[apart[0]].end if apart else trouble.tokens[index + 1].start
            edits.append(Edit(Span(trouble.source, comma, end), right))
        index += 1
        if index - trouble.at > _LONGEST_MENDED:
            break
    id, message, title = _COMMA[first]
    is_sure = not _in_words_body(trouble)  # there a comma may stand for `->` as well as for `|`
    return error(id, message, span, help=title, fix=Fix(title, tuple(edits), safe=is_sure))


def words_of_set(trouble: Trouble) -> Diagnostic | None:
    """`set conv depthwise pad=same`"""
    line = trouble.line
    names = [each for each in line[1:] if each.type == "NAME"]
    is_list = trouble.at > trouble.first + 2 and trouble.token.type == "NAME" and line[0].type == "SET"
    if not is_list or any(each.type != "NAME" for each in trouble.tokens[trouble.first + 1 : trouble.at]):
        return None
    last = next((i for i, each in enumerate(line) if each.type == "EQUAL"), len(line)) - 1
    words = line[1:last]
    if not names or any(each.type != "NAME" for each in words):
        return None
    edits = tuple(Edit(Span(trouble.source, a.end, b.start), ", ") for a, b in pairwise(words))
    span, title = trouble.span(words[0], words[-1]), "write a comma between them"
    fix = Fix(title, edits, safe=True)
    return error("unexpected-token", "the words of a `set` have commas between them", span, help=title, fix=fix)


def _comma_means(trouble: Trouble, index: int) -> tuple[str, str]:
    """What was meant by a comma, and what to write for it."""
    before, after = trouble.tokens[index - 1], trouble.tokens[index + 1]
    behind = trouble.tokens[index + 2] if index + 2 < trouble.end else None
    are_numbers = after.type in NUMBERS and before.type in NUMBERS
    if are_numbers and _in_keyword(trouble, index):
        return "list", ","
    if are_numbers and trouble.line[0].type == "INPUT":
        return "shape", "x"
    in_parens = innermost_paren(trouble) is not None
    if before.type == "REF" and trouble.begins_step(index - 1):
        return ("step", " -> ") if in_parens else ("branch", " | ")
    if after.type == "REF" and _in_words_body(trouble) and not _step_before(trouble, index).text[0].isupper():
        return "branch", " | "
    is_keyword = behind is not None and behind.type == "EQUAL"
    if after.type in ("NAME", "PATH", "LABEL") and not is_keyword and after.text not in trouble.names:
        return ("branch", " | ") if _in_words_body(trouble) else ("step", " -> ")
    return "argument", " "


def _step_before(trouble: Trouble, index: int) -> Token:
    """The token that begins the step before tokens[index]."""
    first = max(trouble.first, index - _LONGEST_MENDED)
    return trouble.tokens[next((i for i in range(index - 1, first, -1) if trouble.begins_step(i)), first)]


def _argument_apart(trouble: Trouble, index: int) -> tuple[int, str] | None:
    """`, stride 2`, `, s2` and `, pad 1` behind tokens[index]: the last token of it, and how it is written here."""
    tokens = trouble.tokens
    name, value = tokens[index + 1], tokens[index + 2] if index + 2 < trouble.end else None
    if name.type == "NAME" and re.fullmatch(r"s\d+", name.text):
        return index + 1, f" /{name.text[1:]}"
    right = {"stride": " /", "strides": " /", "s": " /", "pad": " pad=", "padding": " pad="}.get(name.text)
    if right is None or value is None or value.type not in ("INT", "DIM"):
        return None
    return index + 2, right + value.text


def _in_words_body(trouble: Trouble) -> bool:
    """Whether the line stands in the body of a word, `concat { … }`, where lines are branches."""
    depth = 0
    for index in range(trouble.first - 1, 0, -1):
        kind = trouble.tokens[index].type
        if kind == "RBRACE":
            depth += 1
        elif kind == "LBRACE":
            if depth == 0:
                owner = trouble.tokens[index - 1]
                return owner.type == "NAME" and owner.text[0].islower() and trouble.tokens[index - 2].type != "MODEL"
            depth -= 1
    return False


def _in_keyword(trouble: Trouble, index: int) -> bool:
    """Whether the values before a comma belong to `name=`."""
    first = max(trouble.first, index - _LONGEST_MENDED)
    while index > first and trouble.tokens[index].type in (*NUMBERS, *_commas):
        index -= 1
    return trouble.tokens[index].type == "EQUAL"


RULES = (unclosed_paren, stray_paren, words_of_set, comma)
