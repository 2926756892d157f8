"""`conv(3x3, 64)`: arguments in parentheses, as other languages give them."""

import re
from itertools import pairwise

from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.source.text import Span
from cnnspec.syntax.lexer import Token
from cnnspec.syntax.mistakes.commas import NUMBERS
from cnnspec.syntax.trouble import Trouble

_LONGEST_SIZE = 16  # tokens
_commas = ("COMMA", "TIGHT_COMMA")
_values = (*NUMBERS[:-1], "NAME", "STRING", "YES", "NO", "REF")
_PARENTHESES = ("parentheses-around-arguments", "arguments are separated by spaces")
_FOREIGN = re.compile(r"[A-Z]|.*[123][dD]$")
"""Names that no word has: `Conv2d`, `max_pool2d`. What they take, and in which order, is for those to say who know."""


def arguments_in_parentheses(trouble: Trouble) -> Diagnostic | None:
    """`conv(3x3, 64)`, `Conv2D(64, (3, 3), activation='relu')`"""
    opened = _called(trouble)
    if opened is None:
        return None
    tokens = trouble.tokens
    closed = _closing(trouble, opened)
    inner = tokens[opened + 1 : trouble.end if closed is None else closed]
    span = trouble.span(tokens[opened], tokens[closed] if closed is not None else inner[-1] if inner else None)
    edits = _set_apart(trouble, opened)
    if edits is None:
        branches = _as_branches(trouble, opened, closed)
        if branches is not None:
            return error(*_PARENTHESES, span, help=branches.title, fix=branches)
        plain = [each.type for each in _plain(trouble, inner)[0] if each.type not in _commas]
        help = "`conv 3x3 64`"
        if plain[:2] == ["INT", "INT"]:
            help = "leave the parentheses out; what comes in is not said, and the kernel comes first: `conv 3x3 64`"
        return error(*_PARENTHESES, span, help=help)
    for index in range(closed or trouble.end, trouble.end):  # the others in the line, which is read as a whole
        if tokens[index].type == "LPAR" and trouble.calls_a_word(index):
            edits += _set_apart(trouble, index) or []
    fix = Fix("leave the parentheses out", tuple(edits), safe=True)
    return error(*_PARENTHESES, span, help=fix.title, fix=fix)


def _as_branches(trouble: Trouble, opened: int, closed: int | None) -> Fix | None:
    """`add(conv 3x3 64 -> bn, id)`: steps with a comma between them."""
    tokens = trouble.tokens
    inner = tokens[opened + 1 : closed] if closed is not None else []
    kinds = [each.type for each in inner]
    has_steps = "ARROW" in kinds or any(this in _values and that in _values for this, that in pairwise(kinds))
    if closed is None or "COMMA" not in kinds or not has_steps or {"LPAR", "LBRACE"} & set(kinds):
        return None
    edits = [Edit(trouble.span(tokens[opened]), " { "), Edit(trouble.span(tokens[closed]), " }")]
    edits += [Edit(Span(trouble.source, a.start, b.start), " | ") for a, b in pairwise(inner) if a.type == "COMMA"]
    return Fix(f"branches stand in `{{ }}`: `{tokens[opened - 1].text} {{ … | … }}`", tuple(edits), safe=False)


def _set_apart(trouble: Trouble, opened: int) -> list[Edit] | None:
    """The edits that set the arguments of one call apart; None where they are no plain values, or their order is not
    sure."""
    tokens, closed = trouble.tokens, _closing(trouble, opened)
    inner = tokens[opened + 1 : trouble.end if closed is None else closed]
    plain, edits = _plain(trouble, inner)
    in_a_row = any(this.type in _values and following.type in _values for this, following in pairwise(plain))
    has_commas = any(each.type in _commas for each in plain)
    if (in_a_row and has_commas) or any(each.type in ("LPAR", "LBRACE", "ARROW") for each in plain):
        return None
    numbers = [each.type for each in plain if each.type not in _commas][:2]
    name = tokens[opened - 1].text.rpartition(".")[2]
    if not _FOREIGN.match(name) and numbers == ["INT", "INT"]:  # others have another order
        return None
    edits.append(Edit(trouble.span(tokens[opened]), " " if inner else ""))
    spaced = any(each.type == "COMMA" for each in plain)
    for this, following in pairwise(plain):
        if this.type == "COMMA" or (this.type == "TIGHT_COMMA" and not spaced):
            edits.append(Edit(Span(trouble.source, this.start, following.start), " "))
    if closed is not None:
        behind = trouble.source.text[tokens[closed].end : tokens[closed].end + 1]
        edits.append(Edit(trouble.span(tokens[closed]), "" if not behind.strip(" \t\r\n,)") else " "))
    return edits


def _called(trouble: Trouble) -> int | None:
    """The outermost `(` before the trouble, in its line, that stands open and follows a word directly."""
    opened: list[int] = []
    for index in range(trouble.first, trouble.at):
        kind = trouble.tokens[index].type
        if kind == "LPAR":
            opened.append(index)
        elif kind == "RPAR" and opened:
            opened.pop()
    return next((each for each in opened if trouble.calls_a_word(each)), None)


def _closing(trouble: Trouble, opened: int) -> int | None:
    depth = 0
    for index in range(opened, trouble.end):
        kind = trouble.tokens[index].type
        depth += (kind == "LPAR") - (kind == "RPAR")
        if depth == 0:
            return index
    return None


def _plain(trouble: Trouble, inner: list[Token]) -> tuple[list[Token], list[Edit]]:
    """The arguments with a size for each `(3, 3)` and `[3, 3]`, and words without their single quotes; and the edits
    that make them so."""
    plain: list[Token] = []
    edits: list[Edit] = []
    index = 0
    while index < len(inner):
        token = inner[index]
        size = _tuple(inner, index)
        if size is not None:
            last, text = size
            edits.append(Edit(trouble.span(token, inner[last]), text))
            plain.append(Token("DIM", text, token.start, inner[last].end))
            index = last + 1
        elif token.text == "'" and [each.text for each in inner[index + 2 : index + 3]] == ["'"]:
            edits += [Edit(trouble.span(each), "") for each in (token, inner[index + 2])]
            plain.append(inner[index + 1])
            index += 3
        else:
            plain.append(token)
            index += 1
    return plain, edits


def _tuple(tokens: list[Token], first: int) -> tuple[int, str] | None:
    """The last token of `(3, 3)` or `[3, 3]`, and how it is written here."""
    closing = {"(": ")", "[": "]"}.get(tokens[first].text)
    end = min(first + _LONGEST_SIZE, len(tokens))
    last = next((i for i in range(first + 1, end) if tokens[i].text == closing), None) if closing else None
    if last is None:
        return None
    numbers = [each for each in tokens[first + 1 : last] if each.type not in _commas]
    if not numbers or any(each.type != "INT" for each in numbers):
        return None
    return last, "x".join(each.text for each in numbers)


def size_in_brackets(trouble: Trouble) -> Diagnostic | None:
    """`conv (3, 3) 8`, `conv [3, 3] 8`"""
    line, place = trouble.line, trouble.at - trouble.first
    found = [(i, *size) for i in range(1, len(line)) if (size := _tuple(line, i)) and _is_argument(line, i)]
    here = next(((first, last, text) for first, last, text in found if first <= place <= last), None)
    if here is None or any(each.type == "FOR" for each in line[:place]):
        return None
    first, last, text = here
    edits = tuple(Edit(trouble.span(line[i], line[j]), right) for i, j, right in found if i >= first)
    fix = Fix(f"a size is written with `x`: `{text}`", edits, safe=True)
    message = "a size has no brackets"
    return error("unexpected-token", message, trouble.span(line[first], line[last]), help=fix.title, fix=fix)


def _is_argument(line: list[Token], first: int) -> bool:
    """Whether brackets stand behind a word, an argument or an argument's name, and call nothing."""
    before = line[first - 1]
    return before.type == "EQUAL" or (before.type in ("NAME", "PATH", "DIM", "INT") and before.end < line[first].start)


RULES = (arguments_in_parentheses,)
