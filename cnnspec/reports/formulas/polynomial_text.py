"""Polynomials of sizes as people write them, as programs read them, and as LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from cnnspec.passes.formulas.polynomial import Monomial, Whole, terms_of
from cnnspec.passes.formulas.size_class import Axis
from cnnspec.reports.numbers import thousands

BATCH = "N"
Terms = Mapping[Monomial, Fraction]
"""By the letters that are multiplied; () is the number without any."""


class Notation(NamedTuple):
    """How signs are written: `divided` takes a numerator, in brackets if it is a sum, and a number."""

    times: str
    minus: str
    number: Callable[[int], str]
    power: Callable[[str, int], str]
    divided: Callable[[str, int], str]


SUPERSCRIPTS = {2: "²", 3: "³"}
PEOPLE = Notation(
    "·",
    "−",
    thousands,
    lambda name, n: name + SUPERSCRIPTS.get(n, f"^{n}"),
    lambda top, by: f"{top}/{thousands(by)}",
)
SIZES = PEOPLE._replace(number=str)
"""Of sizes, which nobody writes with commas."""
ASCII = PEOPLE._replace(times="*", minus="-", power=lambda name, n: f"{name}^{n}")
ASCII_SIZES = ASCII._replace(number=str)
PYTHON = Notation("*", "-", str, lambda name, n: f"{name}**{n}", lambda top, by: f"{top}//{by}")
LATEX = Notation(
    r"\,",
    "-",
    lambda number: thousands(number).replace(",", "{,}"),
    lambda name, n: f"{name}^{n}",
    lambda top, by: rf"\frac{{{top[1:-1] if top.startswith('(') else top}}}{{{by}}}",
)


def of_sizes(value: Whole, axes: Sequence[Axis], letters: Mapping[str, str]) -> Terms:
    """The same of the sizes themselves, by their letters: an unknown is (size - least) / period."""
    found: dict[Monomial, Fraction] = {}
    by_unknown = {each.unknown: each for each in axes}
    for monomial, count in terms_of(value).items():
        part: dict[Monomial, Fraction] = {(): Fraction(count)}
        for unknown in monomial:
            axis, letter = by_unknown[unknown], letters[unknown]
            more: dict[Monomial, Fraction] = {}
            for done, factor in part.items():
                for further, by in (((letter,), Fraction(1, axis.period)), ((), Fraction(-axis.least, axis.period))):
                    key = tuple(sorted((*done, *further)))
                    more[key] = more.get(key, Fraction(0)) + factor * by
            part = more
        for key, factor in part.items():
            found[key] = found.get(key, Fraction(0)) + factor
    return {key: factor for key, factor in found.items() if factor}


def for_batch(terms: Terms) -> Terms:
    """For N samples."""
    return {(BATCH, *key): factor for key, factor in terms.items()}


def written(terms: Terms, notation: Notation = PEOPLE, *, batch: bool = False, bracket: bool = False) -> str:
    """`81,456·H·W + 2,048,000`; of N samples `N·(81,456·H·W + 2,048,000)`. One quotient at most, of the whole. With
    `bracket` a sum has brackets around it."""
    if not terms:
        return "0"
    by = lcm(*(factor.denominator for factor in terms.values()))
    whole = {key: int(factor * by) for key, factor in terms.items()}
    if batch and len(whole) == 1:
        whole = {(BATCH, *key): count for key, count in whole.items()}
    parts = _parts(whole, notation)
    text = _joined(parts, notation)
    bracketed = f"({text})" if len(parts) > 1 else text
    if batch and len(whole) > 1:
        text = bracketed = f"{BATCH}{notation.times}({text})"
    return notation.divided(bracketed, by) if by > 1 else bracketed if bracket else text


def _joined(parts: Sequence[tuple[bool, str]], notation: Notation) -> str:
    text = ""
    for is_negative, part in parts:
        sign = notation.minus if is_negative else "+"
        text += f" {sign} {part}" if text else f"{sign}{part}" if is_negative else part
    return text


def _parts(whole: Mapping[Monomial, int], notation: Notation) -> list[tuple[bool, str]]:
    """The summands, the largest degree first, each with whether it is taken off. Sizes with one factor stand together:
    `5·(H + W)`."""
    parts: list[tuple[bool, str]] = []
    done: set[Monomial] = set()
    for key in sorted(whole, key=lambda each: (-len(each), each)):
        if key in done:
            continue
        alike: list[Monomial] = sorted(
            each for each in whole if len(each) == len(key) == 1 and whole[each] == whole[key]
        )
        done.update(alike)
        count = abs(whole[key])
        if len(alike) > 1 and count != 1:
            names = f"({' + '.join(letter for letter, *_ in alike)})"
            parts.append((whole[key] < 0, f"{notation.number(count)}{notation.times}{names}"))
            continue
        for each in alike or (key,):
            parts.append((whole[key] < 0, _product(count, each, notation)))
    return parts


def _product(count: int, key: Monomial, notation: Notation) -> str:
    factors = [notation.number(count)] if count != 1 or not key else []
    factors += [notation.power(name, n) if (n := key.count(name)) > 1 else name for name in dict.fromkeys(key)]
    return notation.times.join(factors)
