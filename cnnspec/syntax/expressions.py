"""Actions of the grammar's expressions, and what all actions share."""

from fractions import Fraction
from typing import Any

from cnnspec.source.text import Source, Span
from cnnspec.syntax import tree
from cnnspec.syntax.lexer import Token, units


class ExpressionActions:
    """Makes the nodes of expressions."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def span(self, first: Any, last: Any) -> Span:
        """From the start of one part, a token or a node, to the end of another."""
        start = first.start if type(first) is Token else first.span.start
        end = last.end if type(last) is Token else last.span.end
        return Span(self.source, start, end)

    def ident(self, token: Token) -> tree.Ident:
        return tree.Ident(token.text, Span(self.source, token.start, token.end))

    # -- values ---------------------------------------------------------------------------------------------------

    def on_whole(self, token: Token) -> tree.Number:
        return tree.Number(int(token.text), Span(self.source, token.start, token.end))

    def on_real(self, token: Token) -> tree.Number:
        return tree.Number(Fraction(token.text), Span(self.source, token.start, token.end))

    def on_ratio(self, token: Token) -> tree.Number:
        return self.on_real(token)

    def on_minus_whole(self, minus: Token, token: Token) -> tree.Number:
        return tree.Number(-int(token.text), Span(self.source, minus.start, token.end))

    def on_minus_real(self, minus: Token, token: Token) -> tree.Number:
        return tree.Number(-Fraction(token.text), Span(self.source, minus.start, token.end))

    def on_quantity(self, token: Token) -> tree.Quantity:
        value, unit = units(token.text)
        return tree.Quantity(int(value), unit, self.span(token, token))

    def on_size(self, token: Token) -> tree.Size:
        axes = tuple(map(int, token.text.replace("×", "x").split("x")))
        return tree.Size(axes, Span(self.source, token.start, token.end))

    def on_text(self, token: Token) -> tree.Text:
        return tree.Text(token.text[1:-1], self.span(token, token))

    def on_yes(self, token: Token) -> tree.Flag:
        return tree.Flag(True, self.span(token, token))

    def on_no(self, token: Token) -> tree.Flag:
        return tree.Flag(False, self.span(token, token))

    def on_name(self, token: Token) -> tree.Name:
        return tree.Name(token.text, Span(self.source, token.start, token.end))

    def on_path(self, token: Token) -> tree.Name:
        return self.on_name(token)

    def on_ref(self, token: Token) -> tree.Ref:
        return tree.Ref(tuple(token.text[1:].split(".")), self.span(token, token))

    def on_list_of(self, *parts: Any) -> tree.ListOf:
        return tree.ListOf(parts[::2], self.span(parts[0], parts[-1]))

    # -- operations -----------------------------------------------------------------------------------------------

    def on_binary(self, left: tree.Expr, operator: Token, right: tree.Expr) -> tree.Binary:
        return tree.Binary(operator.text, left, right, left.span.to(right.span))

    def on_unary(self, operator: Token, operand: tree.Expr) -> tree.Unary:
        return tree.Unary(operator.text, operand, self.span(operator, operand))

    def on_in_dim(self, word: Token, dot: Token, axis: Token) -> tree.InDim:
        return tree.InDim(self.ident(axis), None, self.span(word, axis))

    def on_ref_dim(
        self, word: Token, left: Token, ref: Token, right: Token, dot: Token, axis: Token
    ) -> tree.InDim:  # fmt: skip
        return tree.InDim(self.ident(axis), self.on_ref(ref), self.span(word, axis))

    def on_call(self, function: Token, left: Token, *parts: Any) -> tree.Call:
        return tree.Call(self.ident(function), parts[:-1:2], self.span(function, parts[-1]))

    def on_parenthesized(self, left: Token, value: tree.Expr, right: Token) -> tree.Expr:
        """The value itself; its span grows by the parentheses."""
        return value._replace(span=self.span(left, right))
