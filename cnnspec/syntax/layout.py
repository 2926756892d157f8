"""What stands between lexer and parser: which new lines count, which brackets belong together, how deep they nest.

A new line is dropped inside `( )`, after `{ -> |`, and before `-> } else =>`. A `(` that is never closed must not
swallow the lines below it, so its new lines stay and the parser stops at the first of them.
"""

from typing import NamedTuple

from cnnspec.source.text import Source, Span
from cnnspec.syntax import complaints
from cnnspec.syntax.braces import balanced
from cnnspec.syntax.findings import Findings
from cnnspec.syntax.lexer import EXCESS, NEWLINE, Token
from cnnspec.syntax.limits import SyntaxLimits

LINE_WORDS = frozenset(("LET", "SET", "USE", "BLOCK", "MODEL", "INPUT", "OUTPUT", "AUX", "REQUIRE"))
"""Keywords that begin a line; none can stand inside `( )`."""

_drop_after = frozenset(("LBRACE", "ARROW", "VBAR"))
_drop_before = frozenset(("ARROW", "RBRACE", "ELSE", "EXPECT"))
_operators = frozenset(("PLUS", "TIMES", "CMP", "AND", "OR", "NOT", "ELSE"))
_marks = LINE_WORDS | _operators | {NEWLINE, "LBRACE", "RBRACE", "LPAR", "RPAR", "VBAR", "ARROW"}


class Layout(NamedTuple):
    """The parser's tokens. `open_parens` are the starts of `(` that are not closed; `too_deep` is the bracket that
    exceeds the limit."""

    tokens: list[Token]
    open_parens: frozenset[int]
    too_deep: Token | None


class _Bracket(NamedTuple):
    """An open bracket; how many operators each step inside hangs below, and the walk's counts outside of it."""

    place: int
    is_paren: bool
    newlines: list[int]
    inside: int
    base: int
    most: int


def lay_out(source: Source, tokens: list[Token], limits: SyntaxLimits, findings: Findings) -> Layout:
    """Tokens as the grammar wants them; braces that do not match are told and made to match."""
    tokens = balanced(source, tokens, limits.nesting, findings)
    walk = _Walk(source, tokens, limits, findings)
    too_deep = walk.run()
    kept = [each for index, each in enumerate(walk.tokens) if index not in walk.dropped]
    return Layout(kept, frozenset(walk.open_parens), too_deep)


class _Walk:
    """One pass over the tokens that matter to the layout.

    It counts how many operators the value here may hang below, in this step and in what is around it, as each nests
    the tree once more. `base` counts those of the step so far that a body `{ }` hangs below: the `else` of a chain.
    """

    def __init__(self, source: Source, tokens: list[Token], limits: SyntaxLimits, findings: Findings) -> None:
        self.source, self.tokens, self.limits, self.findings = source, tokens, limits, findings
        self.dropped: set[int] = set()
        self.open_parens: set[int] = set()
        self.stack: list[_Bracket] = []
        self.base = self.operators = 0
        self.most = 0  # of `operators`, since the innermost bracket was opened
        self.header: int | None = None  # the `block` or `model` that begins this line

    def run(self) -> Token | None:
        """Fills `dropped` and `open_parens`; returns the bracket that is too deep, if any."""
        for index in [index for index, each in enumerate(self.tokens) if each.type in _marks]:
            token = self.tokens[index]
            if token.type == NEWLINE:
                self._newline(index)
            elif token.type in _operators:
                self._operator(index, token)
            elif token.type in ("ARROW", "VBAR"):
                self._next_step()
            elif token.type in ("LBRACE", "LPAR"):
                if len(self.stack) >= self.limits.nesting:
                    return token
                self._open(index, token.type == "LPAR")
                self.header = None if token.type == "LBRACE" else self.header
            elif token.type in ("RBRACE", "RPAR"):
                self._close(token.type == "RPAR")
            elif index == 0 or self.tokens[index - 1].type == NEWLINE:
                self._give_up_parens()
                self.header = index if token.type in ("BLOCK", "MODEL") else None
        self._give_up_parens()
        return None

    def _newline(self, index: int) -> None:
        before, after = self.tokens[index - 1].type, self.tokens[index + 1].type
        if before in _drop_after or after in _drop_before:
            self.dropped.add(index)
        elif self.stack and self.stack[-1].is_paren:
            self.stack[-1].newlines.append(index)
        elif after == "LBRACE" and self.header is not None:
            self.dropped.add(index)
            brace = self.tokens[index + 1]
            gap = Span(self.source, self.tokens[index - 1].end, brace.end)
            self.findings.add(complaints.brace_on_next_line(self._span(brace), gap))
        else:
            self._next_step()
            self.header = None

    def _next_step(self) -> None:
        """What follows hangs below what is around the step, and no more below the step before it."""
        around = self.stack[-1] if self.stack else None
        self.base = self.operators = around.inside if around else 0

    def _operator(self, index: int, token: Token) -> None:
        if token.type == "ELSE":
            self.base += 1
            self.operators = self.base
        else:
            self.operators += 1
        self.most = max(self.most, self.operators)
        if self.operators > self.limits.operators:
            self.tokens[index] = token._replace(type=EXCESS)

    def _open(self, index: int, is_paren: bool) -> None:
        inside = self.operators if is_paren else self.base
        self.stack.append(_Bracket(index, is_paren, [], inside, self.base, self.most))
        self.base = self.operators = self.most = inside

    def _close(self, is_paren: bool) -> None:
        if not is_paren:
            self._give_up_parens()
        if self.stack and self.stack[-1].is_paren == is_paren:
            bracket = self.stack.pop()
            self.dropped.update(bracket.newlines)
            self.base = bracket.base
            # The operators behind `( )` may hang above all those within; behind `{ }` none does.
            self.operators = self.most if is_paren else self.base
            self.most = max(bracket.most, self.operators)

    def _give_up_parens(self) -> None:
        """Nothing can close the `(` any more that stand innermost."""
        while self.stack and self.stack[-1].is_paren:
            bracket = self.stack.pop()
            self.most = bracket.most
            self.open_parens.add(self.tokens[bracket.place].start)
            self._next_step()

    def _span(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)
