"""Rows: the lines of a text while it is printed, before their columns are aligned."""

from cnnspec.syntax.lexer import Token
from cnnspec.syntax.printer.spacing import spelled

WIDTH = 120
"""Columns that a row may take, a comment behind it left out."""

GAP = 4
"""Blanks before `=>`, at least."""


class Row:
    """One line. `body` tells the bodies apart in which lines stand; `air`: an empty line stands before the row. A row
    with a comment takes no more tokens."""

    __slots__ = ("air", "arrows", "body", "comment", "end", "expect", "indent", "parts", "tokens")

    def __init__(self, indent: int, body: int, air: bool = False) -> None:
        self.indent, self.body, self.air = indent, body, air
        self.end = indent  # the column behind the last token
        self.parts: list[str] = []
        self.tokens: list[Token] = []
        self.arrows: list[int] = []  # where ` -> ` begins, in the text
        self.expect = 0  # where the last ` => ` begins
        self.comment: str | None = None

    def add(self, token: Token, blank: bool) -> None:
        assert self.comment is None, "a comment ends its line"
        if token.type == "ARROW":
            self.arrows.append(self.end - self.indent)
        elif token.type == "EXPECT":
            self.expect = self.end - self.indent
        part = " " + spelled(token) if blank and self.parts else spelled(token)
        self.parts.append(part)
        self.tokens.append(token)
        self.end += len(part)

    def cut(self) -> tuple[str, str]:
        """What the row says, and the `=> 64x56x56` at its end, or nothing."""
        text = "".join(self.parts)
        if len(self.tokens) > 2 and self.tokens[-2].type == "EXPECT":
            return text[: self.expect], text[self.expect + 1 :]
        return text, ""

    def words(self) -> list[str]:
        """The words that the steps of this row begin with, by which the rows of a table are told; none where a body or
        an arrow at the beginning makes it no row of a table."""
        words, wanted = [], True
        for kind, text, _, _ in self.tokens:
            if kind in ("LBRACE", "RBRACE"):
                return []
            if kind == "ARROW":
                wanted = True
            elif wanted and kind not in ("LABEL", "LIST", "COLON", "LPAR"):
                words.append("@" if kind == "REF" else text)
                wanted = False
        return words if 0 not in self.arrows else []
