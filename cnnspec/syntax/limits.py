"""How large a text may be. The bounds that `--limit NAME=N` raises have a name; the others belong to the language."""

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

LARGEST_NUMBER = 2**31 - 1
LONGEST_NUMBER = 40  # characters, of a number with a fraction
LARGEST_EXPONENT = 99
LONGEST_NAME = 64  # of each part between the dots of a path
LONGEST_PATH = 255
LONGEST_FULL_NAME = 2_000  # of a step, with all that it stands in
LONGEST_TEXT = 255
MOST_ERRORS = 50


class SyntaxLimits(NamedTuple):
    """Bounds of one text; `operators` counts those of one step and of what it stands in, since each nests the tree once
    more."""

    file_bytes: int = 1_000_000
    tokens: int = 200_000
    nesting: int = 64
    operators: int = 64


MOST: Mapping[str, int] = MappingProxyType(
    {
        "nodes": 1_000_000,
        "elements": 10**15,
        "steps": 10_000_000,
        "repeat": 1_000_000,
        "nesting": 250,
        "files": 1_000,
        "file_bytes": 100_000_000,
        "tokens": 20_000_000,
        "operators": 250,
    }
)
"""How far each bound can be raised, so that no small text takes all memory, or hours, or nests deeper than the
machine's stack."""

_FRAMES_OF_CALLERS = 1_000
_FRAMES_A_LEVEL = 20  # of nesting; 17 were measured: 13 for each branch of an `add`, 4 for each `max(` in an argument
_FRAMES_AN_OPERATOR = 4  # 3 were measured


def way_out(name: str, limit: int) -> str:
    """What there is to do about a text that is beyond a bound."""
    if limit >= MOST[name]:
        return f"the bound `{name}` cannot be raised further"
    return f"if that is meant: `--limit {name}={min(10 * limit, MOST[name])}`"


def allow_recursion(limits: SyntaxLimits) -> None:
    """Lets Python recurse as deep as a walk over a tree within these bounds goes. The limit of the interpreter is only
    ever raised: others may be deep in a recursion of their own."""
    frames = _FRAMES_OF_CALLERS + _FRAMES_A_LEVEL * limits.nesting + _FRAMES_AN_OPERATOR * limits.operators
    if sys.getrecursionlimit() < frames:
        sys.setrecursionlimit(frames)
