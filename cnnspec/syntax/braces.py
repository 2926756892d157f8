"""Braces that do not match: which one is to blame, and how the text was probably meant.

A definition that begins at the margin begins anew, so that one forgotten `}` does not reach into the next. Within one,
the indentation tells: a `}` that begins its line closes the `{` whose line begins in the same column.
"""

from bisect import bisect_right
from itertools import pairwise

from cnnspec.source.text import Source, Span
from cnnspec.syntax import complaints
from cnnspec.syntax.findings import Findings
from cnnspec.syntax.lexer import NEWLINE, Token

_definitions = ("BLOCK", "MODEL")
_DEEPEST = 1_000  # how far outwards an indentation is looked for


def balanced(
    source: Source, tokens: list[Token], deepest: int, findings: Findings
) -> tuple[list[Token], frozenset[int]]:
    """The tokens with every brace matched, and the starts of the definitions in which something had to be guessed.

    Braces that nest deeper than `deepest` are left as they are: such a text is refused anyway.
    """
    depth = 0
    for each in tokens:
        if each.type == "LBRACE":
            depth += 1
            if depth > deepest:
                return tokens, frozenset()
        elif each.type == "RBRACE":
            depth -= 1
            if depth < 0:
                break
    if depth == 0:
        return tokens, frozenset()
    repair = _Repair(source, tokens, findings)
    return repair.run(), frozenset(repair.damaged)


class _Repair:
    """Matches the braces of each definition on its own."""

    def __init__(self, source: Source, tokens: list[Token], findings: Findings) -> None:
        self.source, self.tokens, self.findings = source, tokens, findings
        self.damaged: set[int] = set()
        self.dropped: set[int] = set()
        self.inserted: dict[int, list[Token]] = {}  # before the token of that index
        self.newlines = [index for index, each in enumerate(tokens) if each.type == NEWLINE]

    def run(self) -> list[Token]:
        starts = [index for index, each in enumerate(self.tokens) if self._begins_definition(index, each)]
        bounds = [0, *(each for each in starts if each > 0), len(self.tokens)]
        for first, end in pairwise(bounds):
            self._segment(first, end)
        result: list[Token] = []
        for index, each in enumerate(self.tokens):
            result += self.inserted.get(index, ())
            twice = each.type == NEWLINE and (not result or result[-1].type == NEWLINE)
            if index not in self.dropped and not twice:
                result.append(each)
        result += self.inserted.get(len(self.tokens), ())
        if result and result[-1].type == NEWLINE:
            result.pop()
        return result

    def _segment(self, first: int, end: int) -> None:
        """Matches the braces of tokens[first:end]."""
        opened: list[int] = []
        last_close: int | None = None
        bare_header = self._bare_header(first)
        for index in range(first, end):
            kind = self.tokens[index].type
            if kind == "LBRACE":
                opened.append(index)
            elif kind == "RBRACE":
                self._close_deeper(first, opened, index)
                if opened:
                    opened.pop()
                    last_close = None if opened else index
                elif bare_header is not None and index > bare_header:
                    self._open_body(first, bare_header)
                    bare_header = None
                else:
                    last_close = self._stray(first, index, last_close)
        while opened:
            self._unclosed(first, opened.pop(), self._end_of_line_before(end))

    def _close_deeper(self, first: int, opened: list[int], index: int) -> None:
        """A `}` at the margin of an outer `{` closes the inner ones that were forgotten."""
        if not self._begins_line(index):
            return
        margin = self._indent(index)
        if all(self._indent(each) != margin for each in opened[-_DEEPEST:]):
            return
        while self._indent(opened[-1]) > margin:
            self._unclosed(first, opened.pop(), self._end_of_line_before(index))

    def _unclosed(self, first: int, brace: int, before: int) -> None:
        self._mark(first)
        self.findings.add(complaints.unclosed_brace(self._span(self.tokens[brace])))
        at = self.tokens[before - 1].end
        self.inserted.setdefault(before, []).append(Token("RBRACE", "", at, at))

    def _bare_header(self, first: int) -> int | None:
        """The end of the line of a definition that does not open its body there."""
        end = self._end_of_line_after(first)
        is_bare = all(each.type != "LBRACE" for each in self.tokens[first:end])
        return end if is_bare and self.tokens[first].type in _definitions else None

    def _open_body(self, first: int, line_end: int) -> None:
        self._mark(first)
        at = self.tokens[line_end - 1].end
        self.inserted[line_end] = [Token("LBRACE", "", at, at)]
        self.findings.add(complaints.missing_open_brace(self.tokens[first].text, Span(self.source, at, at)))

    def _open_branches(self, first: int, index: int) -> bool:
        """Whether the `}` closes branches whose `{` was forgotten: the line above at its margin ends in a word, and
        the lines between are deeper."""
        if not self._begins_line(index):
            return False
        margin, last = self._indent(index), bisect_right(self.newlines, index) - 1
        for place in range(last, max(last - _DEEPEST, 0), -1):
            end = self.newlines[place]
            indent = self._indent(end - 1)
            if indent <= margin or end <= first:
                break
        else:
            return False
        word, before, below = self.tokens[end - 1], self.tokens[end - 2], self.tokens[end + 1]
        is_step = word.type == "NAME" and word.text[0].islower() and before.type in (NEWLINE, "ARROW", "COLON")
        if indent != margin or place == last or end <= first or not is_step or below.type == "ARROW":
            return False
        self._mark(first)
        self.inserted.setdefault(end, []).append(Token("LBRACE", "", word.end, word.end))
        self.findings.add(complaints.branches_without_brace(word.text, Span(self.source, word.end, word.end)))
        return True

    def _stray(self, first: int, index: int, last_close: int | None) -> int | None:
        """One `}` too many: an earlier one that stands too deep to end the definition, or this one. Returns the one
        that ends it."""
        self._mark(first)
        stray, margin = index, self._indent(first)
        if last_close is not None and self._begins_line(last_close) and self._indent(last_close) != margin:
            stray, last_close = last_close, index
        if self._open_branches(first, stray):
            return last_close
        self.dropped.add(stray)
        self.findings.add(complaints.stray_brace(self._span(self.tokens[stray])))
        return last_close

    def _mark(self, first: int) -> None:
        if self.tokens[first].type in _definitions:
            self.damaged.add(self.tokens[first].start)

    # -- where tokens stand ---------------------------------------------------------------------------------------

    def _begins_definition(self, index: int, token: Token) -> bool:
        return token.type in _definitions and (index == 0 or token.start == 0 or self._at_margin(token))

    def _at_margin(self, token: Token) -> bool:
        return self.source.text[token.start - 1] == "\n"

    def _begins_line(self, index: int) -> bool:
        return index == 0 or self.tokens[index - 1].type == NEWLINE

    def _indent(self, index: int) -> int:
        """The column, from 0, in which the line of a token begins."""
        line = bisect_right(self.newlines, index)
        start = self.tokens[self.newlines[line - 1] + 1 if line else 0].start
        return start - self.source.text.rfind("\n", 0, start) - 1

    def _end_of_line_before(self, index: int) -> int:
        """The index before which a token is put to stand at the end of what precedes tokens[index]."""
        return index - 1 if index > 0 and self.tokens[index - 1].type == NEWLINE else index

    def _end_of_line_after(self, index: int) -> int:
        position = bisect_right(self.newlines, index)
        return self.newlines[position] if position < len(self.newlines) else len(self.tokens)

    def _span(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)
