"""Braces that do not match: which one is to blame, and how the text was probably meant.

A definition that begins at the margin begins anew, so that one forgotten `}` does not reach into the next. Within one,
the indentation tells: a `}` that begins its line closes the `{` whose line begins in the same column.
"""

from bisect import bisect_left
from itertools import pairwise

from cnnspec.source.text import Source, Span
from cnnspec.syntax import complaints
from cnnspec.syntax.findings import Findings
from cnnspec.syntax.lexer import NEWLINE, Token

_definitions = ("BLOCK", "MODEL")
_never_in_parameters = frozenset((*_definitions, "LBRACE", "RBRACE", "ARROW"))
_DEEPEST = 1_000  # how far outwards an indentation is looked for
_FARTHEST = 1_000  # how many lines above it is


def balanced(source: Source, tokens: list[Token], deepest: int, findings: Findings) -> list[Token]:
    """The tokens with every brace matched. Braces that nest deeper than `deepest` are left as they are: such a text is
    refused anyway."""
    depth = 0
    for index, each in enumerate(tokens):
        if each.type == "LBRACE":
            depth += 1
            if depth > deepest:
                return tokens
        elif each.type == "RBRACE":
            depth -= 1
        elif each.type in _definitions and at_margin(source, each):
            depth = -1 if depth or bare_header(tokens, index) is not None else 0
        if depth < 0:
            break
    return tokens if depth == 0 else _Repair(source, tokens, findings).run()


def bare_header(tokens: list[Token], index: int) -> int | None:
    """The end of the header of a definition that does not open its body there or on the next line; None if it does."""
    end = _end_of_header(tokens, index)
    opens = any(each.type == "LBRACE" for each in tokens[index : end + 2])
    return None if opens else end


def _end_of_header(tokens: list[Token], index: int) -> int:
    """Its `{`, or the end of its line or of its lines of parameters; a `(` that is never closed has no more lines."""
    first, depth = len(tokens), 0
    for i in range(index + 1, len(tokens)):
        kind = tokens[i].type
        depth += (kind == "LPAR") - (kind == "RPAR")
        if kind == NEWLINE:
            first = min(first, i)
            if depth <= 0:
                return i
        elif depth <= 0 and kind == "LBRACE":
            return i
        elif depth > 0 and first < i and kind in _never_in_parameters:
            break
    return first


def at_margin(source: Source, token: Token) -> bool:
    return token.start == 0 or source.text[token.start - 1] == "\n"


class _Repair:
    """Matches the braces of each definition on its own."""

    def __init__(self, source: Source, tokens: list[Token], findings: Findings) -> None:
        self.source, self.tokens, self.findings = source, tokens, findings
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
        closed: list[tuple[int, int]] = []
        is_definition = self.tokens[first].type in _definitions
        bare = bare_header(self.tokens, first) if is_definition else None
        for index in range(first, end):
            kind = self.tokens[index].type
            if kind == "LBRACE":
                opened.append(index)
            elif kind == "RBRACE":
                self._close_deeper(opened, index, end)
                if opened and not self._stands_deeper(index, opened[-1]):
                    closed.append((opened.pop(), index))
                elif bare is not None and index > bare and not opened:
                    self._open_body(first, bare)
                    bare = None
                elif not self._closed_too_early(closed, index) and not self._opened_nowhere(first, index):
                    self._stray(index)
        while opened:
            self._unclosed(opened.pop(), end)
        if bare is not None and self._is_followed(first, end):
            self._open_body(first, bare)
            self._end_body(first, end)

    def _close_deeper(self, opened: list[int], index: int, end: int) -> None:
        """A `}` at the margin of an outer `{` closes the inner ones that were forgotten."""
        if not self._begins_line(index):
            return
        margin = self._indent(index)
        if all(self._indent(each) != margin for each in opened[-_DEEPEST:]):
            return
        while self._indent(opened[-1]) > margin:
            self._unclosed(opened.pop(), end)

    def _stands_deeper(self, index: int, brace: int) -> bool:
        """Whether a `}` begins a line that is indented deeper than the line of a `{`, which it cannot close then."""
        return self._begins_line(index) and self._indent(index) > self._indent(brace)

    def _closed_too_early(self, closed: list[tuple[int, int]], index: int) -> bool:
        """A `}` stands where a body should end, and that body was ended at the end of a line within it: there one was
        too many."""
        if not self._begins_line(index):
            return False
        for place in reversed(range(max(0, len(closed) - _FARTHEST), len(closed))):
            brace, early = closed[place]
            if self._indent(brace) == self._indent(index):
                if self._begins_line(early) or (
                    self._line(early) == self._line(brace) and not self._is_followed(early)
                ):
                    return False
                self._stray(early)
                closed[place] = (brace, index)
                return True
        return False

    def _is_followed(self, close: int, end: int | None = None) -> bool:
        """Whether the line below the one that a token stands in is indented, as if a body went on there."""
        below = self._line(close) + 1
        end = len(self.tokens) if end is None else end
        return below <= self._line(end - 1) and self._indent(self._bounds(below)[0]) > self._indent(close)

    def _opened_nowhere(self, first: int, index: int) -> bool:
        """A `}` at the margin of a line whose followers are indented: a `{` is missing at its end."""
        margin, line = self._indent(index), self._line(index)
        for above in range(line - 1, max(self._line(first), line - _FARTHEST), -1):
            start, end = self._bounds(above)
            indent = self._indent(start)
            if indent <= margin:
                if indent < margin or above == line - 1 or self.tokens[end - 1].type == "LBRACE":
                    return False
                last, below = self.tokens[end - 1], self.tokens[end + 1]
                if below.type == "ARROW":
                    return False
                at = Span(self.source, last.end, last.end)
                self.inserted.setdefault(end, []).append(Token("LBRACE", "", at.start, at.end))
                before = self.tokens[end - 2].type if end - 1 > start else NEWLINE
                if last.type == "NAME" and last.text[0].islower() and before in (NEWLINE, "ARROW", "COLON"):
                    self.findings.add(complaints.branches_without_brace(last.text, at))
                else:
                    self.findings.add(complaints.missing_open_brace(self.tokens[start].text, at))
                return True
        return False

    def _unclosed(self, brace: int, end: int) -> None:
        """A `{` without its `}`: the body ends where the lines are no deeper than its own; if there is none, it is one
        too many."""
        self.findings.add(complaints.unclosed_brace(self._span(self.tokens[brace])))
        if brace + 1 < end and self.tokens[brace + 1].type == "LBRACE":  # one of two
            self.dropped.add(brace)
            return
        line = self._line(brace)
        is_header = self.tokens[self._bounds(line)[0]].type in _definitions
        if (
            self._stands_last(brace)
            and not self._is_followed(brace, end)
            and not (is_header and self._is_last(line, end))
        ):
            self.dropped.add(brace)
        else:
            self._end_body(brace, end)

    def _stands_last(self, index: int) -> bool:
        return index + 1 == len(self.tokens) or self.tokens[index + 1].type == NEWLINE

    def _is_last(self, line: int, end: int) -> bool:
        return line >= self._line(end - 1)

    def _end_body(self, header: int, end: int) -> None:
        """A `}` where the lines are no deeper than that of the header."""
        below, last = self._line(header) + 1, self._line(end - 1)
        while below <= last and self._indent(self._bounds(below)[0]) > self._indent(header):
            below += 1
        before = self._end_of_line_before(self._bounds(below)[0] if below <= last else end)
        at = self.tokens[before - 1].end
        self.inserted.setdefault(before, []).append(Token("RBRACE", "", at, at))

    def _stray(self, index: int) -> None:
        self.dropped.add(index)
        self.findings.add(complaints.stray_brace(self._span(self.tokens[index])))

    def _open_body(self, first: int, line_end: int) -> None:
        at = self.tokens[line_end - 1].end
        self.inserted[line_end] = [Token("LBRACE", "", at, at)]
        self.findings.add(complaints.missing_open_brace(self.tokens[first].text, Span(self.source, at, at)))

    # -- where tokens stand ---------------------------------------------------------------------------------------

    def _begins_definition(self, index: int, token: Token) -> bool:
        return token.type in _definitions and (index == 0 or at_margin(self.source, token))

    def _begins_line(self, index: int) -> bool:
        return index == 0 or self.tokens[index - 1].type == NEWLINE

    def _line(self, index: int) -> int:
        """Which line of tokens, from 0, a token stands in; lines without tokens do not count."""
        return bisect_left(self.newlines, index)

    def _bounds(self, line: int) -> tuple[int, int]:
        """The first token of a line, and the one behind its last."""
        start = self.newlines[line - 1] + 1 if line else 0
        return start, self.newlines[line] if line < len(self.newlines) else len(self.tokens)

    def _indent(self, index: int) -> int:
        """The column, from 0, in which the line of a token begins."""
        start = self.tokens[self._bounds(self._line(index))[0]].start
        return start - self.source.text.rfind("\n", 0, start) - 1

    def _end_of_line_before(self, index: int) -> int:
        """The index before which a token is put to stand at the end of what precedes tokens[index]."""
        return index - 1 if index > 0 and self.tokens[index - 1].type == NEWLINE else index

    def _span(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)
