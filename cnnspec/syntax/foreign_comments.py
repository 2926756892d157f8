"""`// …`, `-- …` and `/* … */`: told once each, and then passed over as the comments that they are meant to be."""

import re
from bisect import bisect_left

from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Source, Span
from cnnspec.syntax.findings import Findings
from cnnspec.syntax.lexer import NEWLINE, Token

_LIKELY = re.compile(r"/\*|^[ \t]*//|[ \t]//[ \t]*[A-Za-z]|(^|[ \t])--[ \t]", re.MULTILINE)
_DECLARED_BEHIND = frozenset(("LET", "FOR", "LPAR", "COMMA", "TIGHT_COMMA", "SLASH"))

MOST_NAMES = 1000
"""Of more names nobody says whether one is near."""


def without_foreign_comments(source: Source, tokens: list[Token], findings: Findings) -> list[Token]:
    """The tokens that are no part of another language's comments."""
    text = source.text
    if not any(sign in text for sign in ("//", "/*", "--")) or _LIKELY.search(text) is None:  # nearly all
        return tokens
    kept: list[Token] = []
    names = {tokens[i].text for i in range(1, len(tokens)) if tokens[i - 1].type in _DECLARED_BEHIND}
    index = 0
    while index < len(tokens):
        token = tokens[index]
        end = -1
        if token.text[:1] in ("/", "-"):
            if text.startswith("/*", token.start):
                end = _end_of_block(text, token.start)
                findings.add(_block(Span(source, token.start, end)))
            elif text.startswith(("//", "-- "), token.start) and _begins_comment(tokens, index, names):
                end = _line_end(text, token.start)
                fix = Fix("write `#`", (Edit(Span(source, token.start, token.start + 2), "#"),), safe=True)
                findings.add(_told(Span(source, token.start, token.start + 2), fix.title, fix))
        if end < 0:
            kept.append(token)
            index += 1
            continue
        index = bisect_left(tokens, end, lo=index, key=lambda each: each.start)
    return _with_single_newlines(kept)


def _begins_comment(tokens: list[Token], index: int, names: set[str]) -> bool:
    """Whether `//` divides nothing: it begins its line, or behind it stands a word that nothing is called."""
    if index == 0 or tokens[index - 1].type == NEWLINE:
        return True
    following = [each for each in tokens[index + 1 : index + 4] if each.text != "-"]
    if tokens[index - 1].end == tokens[index].start or not following or following[0].type != "NAME":
        return False
    name, is_call = following[0].text, following[1:] and following[1].type == "LPAR"
    return not is_call and name not in names and len(names) <= MOST_NAMES and nearest(name, names) is None


def _end_of_block(text: str, start: int) -> int:
    closed = text.find("*/", start + 2)
    return closed + 2 if closed >= 0 else _line_end(text, start)


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _block(span: Span) -> Diagnostic:
    """`/* … */`; there is a fix where nothing follows it on its line, and, if it has several, nothing comes before."""
    text, sign = span.source.text, span._replace(end=span.start + 2)
    lines = span.text.removeprefix("/*").removesuffix("*/").split("\n")
    begin = text.rfind("\n", 0, span.start) + 1
    margin = text[begin : span.start]
    if text[span.end : _line_end(text, span.end)].strip() or (len(lines) > 1 and margin.strip()):
        return _told(sign, "it ends with its line: `relu  # as in the paper`", None)
    said = [each.strip(" \t\r*") for each in lines]
    written = f"\n{margin}".join(f"# {each}" for each in said if each) or "#"
    fix = Fix("write `#`", (Edit(span, written),), safe=True)
    return _told(sign, fix.title, fix)


def _told(span: Span, help: str, fix: Fix | None) -> Diagnostic:
    return error("unexpected-token", "a comment begins with `#`", span, help=help, fix=fix)


def _with_single_newlines(tokens: list[Token]) -> list[Token]:
    """As the lexer gives them: one between two lines, none at the ends."""
    kept: list[Token] = []
    for each in tokens:
        if each.type != NEWLINE or (kept and kept[-1].type != NEWLINE):
            kept.append(each)
    if kept and kept[-1].type == NEWLINE:
        kept.pop()
    return kept
