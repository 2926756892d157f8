"""How large a text may be. The bounds that `--limit NAME=N` raises have a name; the others belong to the language."""

from typing import NamedTuple

LARGEST_NUMBER = 2**31 - 1
LONGEST_NUMBER = 40  # characters, of a number with a fraction
LARGEST_EXPONENT = 99
LONGEST_NAME = 64  # of each part between the dots of a path
LONGEST_PATH = 255
LONGEST_TEXT = 255
MOST_ERRORS = 50


class SyntaxLimits(NamedTuple):
    """Bounds of one text; `operators` counts those of one step, since each nests the expression once more."""

    file_bytes: int = 1_000_000
    tokens: int = 200_000
    nesting: int = 64
    operators: int = 64
