"""What a layer's formulas come to: read once, then worked out, or written with numbers in place of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from cnnspec.contract.facts import Formula

NAME = re.compile(r"[A-Za-z]+(?:_\w+)?'?")
_TOKEN = re.compile(rf"\s*(?:(\d+)|({NAME.pattern})|(.))")

FUNCTIONS: Mapping[str, Callable[..., Fraction]] = {
    "floor": lambda one: Fraction(floor(one)),
    "ceil": lambda one: Fraction(ceil(one)),
    "max": max,
}


class Term(NamedTuple):
    """A formula read: `kind` is `number`, `name`, a sign (`+ - * / ^`) or a function; `text` that of a number or name,
    `parts` what stands on both sides, or within the brackets."""

    kind: str
    text: str = ""
    parts: tuple[Term, ...] = ()


class _Reader:
    """Signs bind as everywhere, and what is equal from the left."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _TOKEN.findall(text)

    def whole(self) -> Term:
        found = self.sum()
        assert not self.tokens, f"`{self.text}` goes on behind its end"
        return found

    def sum(self) -> Term:
        return self._chain("+-", self.product)

    def product(self) -> Term:
        return self._chain("*/", self.power)

    def power(self) -> Term:
        return self._chain("^", self.atom)

    def _chain(self, signs: str, part: Callable[[], Term]) -> Term:
        found = part()
        while sign := self._take(*signs):
            found = Term(sign, parts=(found, part()))
        return found

    def _take(self, *signs: str) -> str:
        if self.tokens and self.tokens[0][2] in signs:
            return str(self.tokens.pop(0)[2])
        return ""

    def atom(self) -> Term:
        assert self.tokens, f"`{self.text}` ends too early"
        number, name, sign = self.tokens.pop(0)
        if number:
            return Term("number", number)
        if name and not (name in FUNCTIONS and self._take("(")):
            return Term("name", name)
        assert name or sign == "(", f"`{self.text}`: `{sign}` stands where a number should"
        parts = [self.sum()]
        while self._take(","):
            parts.append(self.sum())
        assert self._take(")"), f"`{self.text}` lacks a bracket"
        return Term(name, parts=tuple(parts)) if name else parts[0]


def read(text: str) -> Term:
    """The formula as a tree; brackets are in its form alone. AssertionError where it is none."""
    return _Reader(text).whole()


def value(formula: Formula) -> int | Fraction:
    """What it comes to, exactly; a whole number is an int."""
    found = worked(read(formula.text), formula.values)
    return int(found) if found.denominator == 1 else found


def is_sum(formula: Formula) -> bool:
    """Whether there is anything to work out: more than one name or number."""
    return bool(read(formula.text).parts)


def whole(formula: Formula) -> int:
    """The same of what counts things; AssertionError if that is no whole number."""
    found = value(formula)
    assert isinstance(found, int), f"{formula} comes to {found}"
    return found


def worked(term: Term, values: Mapping[str, int]) -> Fraction:
    """What a term comes to with these values."""
    match term.kind:
        case "number":
            return Fraction(int(term.text))
        case "name":
            return Fraction(values[term.text])
    parts = [worked(each, values) for each in term.parts]
    match term.kind:
        case "+":
            return parts[0] + parts[1]
        case "-":
            return parts[0] - parts[1]
        case "*":
            return parts[0] * parts[1]
        case "/":
            return parts[0] / parts[1]
        case "^":
            return parts[0] ** int(parts[1])
    return FUNCTIONS[term.kind](*parts)


def in_ascii(formula: Formula) -> str:
    """`floor((32 - 5 + 2*2) / 1) + 1 = 32`, laid out as the formula is."""

    def number(found: re.Match[str]) -> str:
        name = found[0]
        if name in FUNCTIONS:
            return name
        known = formula.values[name]
        return str(known) if known >= 0 else f"({known})"

    return f"{NAME.sub(number, formula.text)} = {value(formula)}"


def names(formulas: Iterable[Formula]) -> tuple[str, ...]:
    """All names in formulas, in the order in which they come up."""
    found = (name for each in formulas for name in NAME.findall(each.text))
    return tuple(dict.fromkeys(each for each in found if each not in FUNCTIONS))


def added(formulas: Iterable[Formula]) -> int:
    """What several come to together."""
    return sum(map(whole, formulas))
