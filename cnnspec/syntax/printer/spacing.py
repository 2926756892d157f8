"""Blanks within a line: where one stands between two tokens, and where none does."""

from bisect import bisect_right
from collections.abc import Sequence

from cnnspec.syntax import tree
from cnnspec.syntax.lexer import Token

_none_before = frozenset(("RPAR", "COMMA", "TIGHT_COMMA", "COLON", "DOT"))
_none_behind = frozenset(("LPAR", "SLASH", "MINUS", "DOT"))
_commas = frozenset(("COMMA", "TIGHT_COMMA"))
_arithmetic = frozenset(("PLUS", "TIMES"))
_definitions = frozenset(("BLOCK", "MODEL"))
_outside = Token("", "", -1, -1)


def spelled(token: Token) -> str:
    """A token as it is printed: as it was written, but for the sign `×`, whose other form is `x`."""
    return token.text.replace("×", "x") if token.type in ("DIM", "SHAPE", "REPEAT") else token.text


def blanks(tokens: Sequence[Token], file: tree.File) -> list[bool]:
    """For each token whether a blank stands before it, unless it begins a row."""
    rules = _Rules(tokens, file)
    return [rules.blank_before(index) for index in range(len(tokens))]


class _Rules:
    """The rules, and what they need to know of the tree: which commas are those of a list of values, and which
    expressions stand alone, as a condition does, and not among other arguments."""

    def __init__(self, tokens: Sequence[Token], file: tree.File) -> None:
        self.tokens = tokens
        self.listed: set[int] = set()  # where the items of lists begin that have a comma before them
        self.bodies: set[int] = set()  # where those of blocks and models begin
        self.starts: list[int] = []
        self.ends: list[int] = []
        for node in tree.walk(file):
            if isinstance(node, tree.ListOf):
                self.listed.update(each.span.start for each in node.items[1:])
            elif isinstance(node, tree.Loop):
                self.listed.update(each.span.start for each in node.values[1:])
            elif isinstance(node, tree.Block | tree.Model):
                self.bodies.add(node.body.span.start)
            alone = node.tests if isinstance(node, tree.Require) else ()
            alone = (node.value,) if isinstance(node, tree.Let) else alone
            alone = (node.test,) if isinstance(node, tree.Cond) else alone
            for each in alone:
                self.starts.append(each.span.start)
                self.ends.append(each.span.end)
        self.starts.sort()
        self.ends.sort()

    def blank_before(self, index: int) -> bool:
        before, token = self.at(index - 1), self.at(index)
        kind, left = token.type, before.type
        if kind in _none_before or left in _none_behind:
            return False
        if left in _commas:
            return token.start not in self.listed
        if kind in _arithmetic or left in _arithmetic:
            return self.is_wide(index if kind in _arithmetic else index - 1)
        if kind == "DOTS" or left == "DOTS":
            return kind == "MINUS"
        if kind == "EQUAL" or left == "EQUAL":
            return self.at(index - (2 if kind == "EQUAL" else 3)).type == "LET"
        if left == "REPEAT":
            return kind not in ("INT", "LPAR")
        if kind == "LPAR":
            return not self.hugs(index)
        if kind == "LIST":  # `block Stage(n)[] {`, but `-> []{`
            return left != "LABEL" and self.at(index + 1).start not in self.bodies
        return left != "LIST" or token.start in self.bodies

    def at(self, index: int) -> Token:
        return self.tokens[index] if 0 <= index < len(self.tokens) else _outside

    def is_wide(self, index: int) -> bool:
        """`n-1` among arguments and `c + 1` in a condition; `2*c` in both. A sign has a blank before it."""
        token = self.at(index)
        if self.at(index + 1).type == "MINUS":
            return True
        alone = bisect_right(self.starts, token.start) > bisect_right(self.ends, token.start)
        return alone and token.text in ("+", "-", "%")

    def hugs(self, index: int) -> bool:
        """`min(`, `in(@skip)`, `block Name(`; but `conv (a+b)` and `for i in (a)..3`. `maxpool(2)` stays as it is: it
        is a mistake, which is told when the network is compiled, and not for a layout to hide."""
        before = self.at(index - 1)
        if before.type == "IN":
            return self.at(index + 1).type == "REF"
        if before.type == "NAME" and self.at(index - 2).type in _definitions:
            return True
        written = before.type in ("NAME", "PATH") and before.end == self.at(index).start
        return before.type == "FUNCTION" or written
