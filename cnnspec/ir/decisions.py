"""What a text asked of sizes while it was expanded: for another input it may say otherwise."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from cnnspec.source.text import Span


class Read(NamedTuple):
    """One axis of one node's result, channels being axis 0."""

    node: str
    axis: int


class Operation(NamedTuple):
    """An operator of the language on its operands: `+ - * // %`, `== != < <= > >=`, `and or not`."""

    operator: str
    operands: tuple[Test, ...]


Test = Read | Operation | int | bool | Fraction
"""A condition with every name worked out but the sizes that it reads."""


class Decision(NamedTuple):
    """A condition about sizes as it came out: `required` if it must hold (`require`), else the text goes another way
    where it does not (`if`)."""

    test: Test
    holds: bool
    required: bool
    span: Span


class Asked(NamedTuple):
    """All that a text asked: `reads` are sizes that it used in another way than in a condition."""

    decisions: tuple[Decision, ...] = ()
    reads: frozenset[Read] = frozenset()


NOTHING_ASKED = Asked()
