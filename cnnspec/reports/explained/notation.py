"""Formulas written for people: in a terminal, with the characters that it has, and in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from cnnspec.contract.facts import Formula
from cnnspec.contract.formula import Term, read, value
from cnnspec.reports.numbers import thousands

BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
TIGHTEST = 4


class Signs(NamedTuple):
    """How things are written: each is a pattern with a place for every part."""

    functions: Mapping[str, str]
    minus: str
    times: str
    over: str
    power: str
    prime: str
    latex: bool = False


ASCII = Signs({"floor": "floor({})", "ceil": "ceil({})"}, "-", "*", "{} / {}", "{}^{}", "'")
UNICODE = Signs({"floor": "⌊{}⌋", "ceil": "⌈{}⌉"}, "−", "·", "{} / {}", "{}^{}", "′")
LATEX = Signs(
    {"floor": r"\left\lfloor {} \right\rfloor", "ceil": r"\left\lceil {} \right\rceil"},
    "-",
    r" \cdot ",
    r"\frac{{{}}}{{{}}}",
    "{}^{{{}}}",
    "'",
    latex=True,
)
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def steps(formula: Formula, signs: Signs, name: str = "") -> list[str]:
    """What is written between the signs of equality: the name, the formula, the formula with its numbers, the value.
    What says nothing new is left out."""
    term = read(formula.text)
    shown = [named(term, signs), _written(term, signs, formula.values)[0], number(value(formula), signs)]
    if name:
        shown.insert(0, named(read(name), signs))
    return [each for place, each in enumerate(shown) if each not in shown[:place]]


def named(term: Term, signs: Signs) -> str:
    """The formula with its names."""
    return _written(term, signs, None)[0]


def number(found: int | Fraction, signs: Signs) -> str:
    """`31,467,520`, `27/49`"""
    if isinstance(found, Fraction):
        up, down = number(found.numerator, signs), number(found.denominator, signs)
        return rf"\frac{{{up}}}{{{down}}}" if signs.latex else f"{up}/{down}"
    text = thousands(abs(found))
    if signs.latex:
        text = text.replace(",", "{,}")
    return f"{signs.minus if found < 0 else ''}{text}"


def _written(term: Term, signs: Signs, values: Mapping[str, int] | None) -> tuple[str, int]:
    """The text of a term, and how tightly it binds."""
    if term.kind == "number":
        return number(int(term.text), signs), TIGHTEST
    if term.kind == "name":
        if values is None:
            return symbol(term.text, signs), TIGHTEST
        found = values[term.text]
        text = number(found, signs)
        return (_bracketed(text, signs) if found < 0 else text), TIGHTEST
    if term.kind not in BINDS:
        return _function(term, signs, values), TIGHTEST
    own = BINDS[term.kind]
    left, right = (_written(each, signs, values) for each in term.parts)
    if term.kind == "/":
        if signs.latex:
            return signs.over.format(left[0], right[0]), TIGHTEST
        return signs.over.format(_within(left, own, signs), _within(right, own + 1, signs)), own
    if term.kind == "^":
        return _power(_within(left, own + 1, signs), right[0], signs), own
    one, other = _within(left, own, signs), _within(right, own + 1, signs)
    if term.kind == "*":
        if values is None and [each.kind for each in term.parts] == ["number", "name"] and signs is not ASCII:
            return f"{one}{other}", own
        return f"{one}{signs.times}{other}", own
    return f"{one} {signs.minus if term.kind == '-' else '+'} {other}", own


def _function(term: Term, signs: Signs, values: Mapping[str, int] | None) -> str:
    parts = [_written(each, signs, values)[0] for each in term.parts]
    if term.kind in signs.functions:
        return signs.functions[term.kind].format(*parts)
    return (rf"\{term.kind}" if signs.latex else term.kind) + _bracketed(", ".join(parts), signs)


def _power(base: str, exponent: str, signs: Signs) -> str:
    if signs is UNICODE and exponent.isdecimal():
        return base + exponent.translate(_SUPERSCRIPT)
    return signs.power.format(base, exponent)


def _within(part: tuple[str, int], binds: int, signs: Signs) -> str:
    text, own = part
    return text if own >= binds else _bracketed(text, signs)


def _bracketed(text: str, signs: Signs) -> str:
    """In LaTeX as high as what is in them."""
    return rf"\left({text}\right)" if signs.latex and r"\frac" in text else f"({text})"


def symbol(name: str, signs: Signs) -> str:
    """`H'`, `C_1`, `P_b`, `stop` as they are written."""
    found = re.fullmatch(r"([A-Za-z]+)(?:_(\w+))?('?)", name)
    assert found, name
    base, below, prime = found.groups()
    if signs.latex:
        base = base if len(base) == 1 else rf"\mathrm{{{base}}}"
        # A subscript before the prime: Markdown takes a `_` between marks for emphasis.
        return base + (f"_{{{below}}}" if below else "") + signs.prime * bool(prime)
    if below and signs is UNICODE and below.isdecimal():
        return base + below.translate(_SUBSCRIPT) + signs.prime * bool(prime)
    return base + (f"_{below}" if below else "") + signs.prime * bool(prime)
