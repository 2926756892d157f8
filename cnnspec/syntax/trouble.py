"""What is known where the parser stopped; the rules in `complaints.py` look at it."""

from collections.abc import Set
from typing import NamedTuple

from cnnspec.source.text import Source, Span
from cnnspec.syntax.lexer import END, NEWLINE, Token


class Trouble(NamedTuple):
    """tokens[at] cannot stand where it stands, in the line tokens[first:end]. `accepts` are the terminals that could;
    `names` are the parameters and `let`s that were declared so far."""

    source: Source
    tokens: list[Token]
    at: int
    first: int
    end: int
    accepts: frozenset[str]
    in_file: bool
    open_parens: frozenset[int]
    names: Set[str]

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def before(self) -> Token | None:
        """The token before it in its line."""
        return self.tokens[self.at - 1] if self.at > self.first else None

    @property
    def after(self) -> Token | None:
        """The token behind it in its line."""
        return self.tokens[self.at + 1] if self.at + 1 < self.end else None

    @property
    def line(self) -> list[Token]:
        return self.tokens[self.first : self.end]

    @property
    def at_line_end(self) -> bool:
        """Whether the trouble is that the line, or what there is of it, ends here."""
        before, token = self.before, self.token
        if before is None:
            return False
        if token.type in (NEWLINE, END) or not token.text:
            return True
        is_dropped = token.type in ("RBRACE", "ARROW", "ELSE", "EXPECT")
        return is_dropped and "\n" in self.source.text[before.end : token.start]

    def span(self, first: Token, last: Token | None = None) -> Span:
        return Span(self.source, first.start, (last or first).end)

    def after_end(self, token: Token) -> Span:
        """The empty place behind a token."""
        return Span(self.source, token.end, token.end)

    def calls_a_word(self, paren: int) -> bool:
        """Whether tokens[paren] is the `(` of `conv(3x3, 64)`: directly behind a word that stands as a step."""
        word = self.tokens[paren - 1] if paren > self.first else None
        if word is None or word.type not in ("NAME", "PATH") or word.end != self.tokens[paren].start:
            return False
        return self.begins_step(paren - 1) or self.tokens[paren - 2].type in ("COMMA", "TIGHT_COMMA")

    def begins_step(self, index: int) -> bool:
        """Whether a step can begin with that token of the line."""
        return index == self.first or self.tokens[index - 1].type in ("ARROW", "COLON", "LPAR")
