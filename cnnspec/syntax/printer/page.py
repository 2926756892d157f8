"""A page: takes a text's tokens one by one, in their order, and its comments with them, and makes rows of both.

Whoever prints says where rows begin. A comment is printed before the first token behind it, so that none can be lost;
the row that it ends goes on as a new one.
"""

from bisect import bisect_left, bisect_right
from itertools import accumulate

from cnnspec.syntax import tree
from cnnspec.syntax.lexer import NEWLINE, Token, lex
from cnnspec.syntax.printer.directives import Meant, meant_rows
from cnnspec.syntax.printer.rows import Row
from cnnspec.syntax.printer.spacing import blanks, spelled

STEP = 2
"""Columns that a body stands to the right of what holds it; a line that goes on is moved by as many."""


class Page:
    """The tokens of one text, and the rows made of them so far. `line` is the present one in the tree,
    `margin` the column where it begins, `body` the token that opened the body in which it stands, 0 in none."""

    def __init__(self, file: tree.File) -> None:
        source = file.span.source
        self.text = source.text
        self.tokens = [each for each in lex(source, len(source.text)).tokens if each.type != NEWLINE]
        self.starts = [each.start for each in self.tokens]
        self.blanks = blanks(self.tokens, file)
        widths = (len(spelled(each)) + blank for each, blank in zip(self.tokens, self.blanks, strict=True))
        self.widths = [0, *accumulate(widths)]
        self.comments = file.comments
        self.breaks = self._breaks()
        self.held = meant_rows(self.text, self.comments, self.starts)
        self.at = self.noted = 0  # the token and the comment that come next
        self.printed = 0  # the end of what came last, in the text
        self.margin = self.parens = self.body = 0
        self.line = file.span
        self.rows: list[Row] = []

    # -- what the text says ---------------------------------------------------------------------------------------

    def _breaks(self) -> list[int]:
        """Where the author's own line ends are kept, so that what holds them is not printed on one row: comments,
        arrows, `else`, and braces with a line end between them."""
        found = [each.span.start for each in self.comments]
        opened: list[int] = []
        for index, token in enumerate(self.tokens):
            arrow = token.type == "ARROW" and self.breaks_before(index + 1)
            if arrow or (token.type in ("ARROW", "ELSE") and self.breaks_before(index)):
                found.append(token.start)
            elif token.type == "LBRACE":
                opened.append(token.start)
            elif token.type == "RBRACE":
                start = opened.pop()
                if "\n" in self.text[start : token.start]:
                    found.append(start)
        return sorted(found)

    def is_held(self, offset: int) -> bool:
        """Whether the row of a token stays one, however long it is: what is allowed in a row is looked for there."""
        at = bisect_right(self.held, Meant(offset, len(self.text), True))
        return any(self._holds(offset, each) for each in self.held[max(0, at - 2) : at])

    def _holds(self, offset: int, meant: Meant) -> bool:
        line, end = self.line, meant.end
        whole = self.index(end) <= self.index(line.end) if meant.behind else line.start <= meant.start
        return whole and offset < end and self.is_one_row(offset, min(end, line.end))

    def breaks_before(self, index: int) -> bool:
        """Whether a line ends between a token and the one before it."""
        return self.text.find("\n", self.tokens[index - 1].end, self.tokens[index].start) >= 0

    def index(self, offset: int) -> int:
        """The token that begins at an offset of the text, or the first one behind it."""
        return bisect_left(self.starts, offset)

    def is_one_row(self, start: int, end: int) -> bool:
        """Whether the author wrote this range so that it is printed on one row, if there is room."""
        at = bisect_left(self.breaks, start)
        return at == len(self.breaks) or self.breaks[at] >= end

    def width(self, start: int, end: int) -> int:
        """Columns that a range takes on one row, with the blank before it."""
        return self.widths[self.index(end)] - self.widths[self.index(start)]

    def head(self, start: int, end: int) -> int:
        """Columns of the part of a range that stands on the first row, whatever becomes of the rest."""
        first, last = self.index(start), self.index(end)
        for index in range(first, last):
            if index > first and (self.tokens[index].type == "ARROW" or self._noted_between(index)):
                return self.widths[index] - self.widths[first]
            if self.tokens[index].type == "LBRACE":
                return self.widths[index + 1] - self.widths[first]
        return self.widths[last] - self.widths[first]

    def _noted_between(self, index: int) -> bool:
        return not self.is_one_row(self.tokens[index - 1].end, self.tokens[index].start)

    # -- rows -------------------------------------------------------------------------------------------------------

    @property
    def row(self) -> Row:
        return self.rows[-1]

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    @property
    def onwards(self) -> int:
        """Where a row begins that goes on with the present line."""
        return self.margin + STEP * (1 + self.parens)

    def fresh(self, indent: int, *, airy: bool = False) -> None:
        """Begins a row; what will stand on it may keep the empty line before it."""
        self.rows.append(Row(indent, self.body, airy and self._air(self.next.start)))

    def until(self, end: int) -> None:
        """Prints the tokens before an offset."""
        while self.at < len(self.tokens) and self.next.start < end:
            self.put()

    def put(self) -> None:
        """Prints one token, on this row if it takes one more."""
        token = self.next
        if token.type == "RPAR":
            self.parens -= 1
        if token.type not in ("COMMA", "TIGHT_COMMA"):  # it stays with what is before it
            self.note(token.start, self.onwards)
        if self.row.comment is not None:
            self.fresh(self.onwards)
        self.row.add(token, self.blanks[self.at])
        if token.type == "LPAR":
            self.parens += 1
        self.skip()

    def skip(self) -> None:
        """Leaves a token out."""
        self.printed = self.next.end
        self.at += 1

    def note(self, before: int, indent: int, *, airy: bool = False) -> None:
        """Prints the comments before an offset: behind this row if they stood so, else on rows of their own."""
        while self.noted < len(self.comments) and self.comments[self.noted].span.start < before:
            text, span = self.comments[self.noted]
            begun = self.text.rfind("\n", 0, span.start) + 1
            alone = not self.text[begun : span.start].lstrip("\ufeff").strip()
            if alone or not self.rows or self.row.comment is not None:
                self.rows.append(Row(indent, self.body, airy and self._air(span.start)))
            self.row.comment = text.rstrip()
            self.printed = span.end
            self.noted += 1

    def _air(self, start: int) -> bool:
        """Whether an empty line stands before an offset, and something is above it that is no `{`."""
        opened = not self.rows or (self.row.tokens and self.row.tokens[-1].type == "LBRACE" and not self.row.comment)
        return not opened and self.text.count("\n", self.printed, start) > 1
