"""The symbols of layers' formulas, as the field has them: C x H x W comes in, C' x H' x W' comes out.

F is the kernel, S the stride, P the padding, d the dilation, K the number of filters, G of groups; E is how many values
the result has, X how many come in. texts/en.toml says what each is called.
"""

from collections.abc import Iterable
from math import prod

from cnnspec.contract.values import Shape

AXES = {0: (), 1: ("W",), 2: ("H", "W"), 3: ("D", "H", "W")}
"""The spatial axes by their number, as the language has them (`in.w`)."""

PLACES = {1: ("value",), 2: ("row", "column"), 3: ("plane", "row", "column")}
"""What all values at one place of each axis are called."""


def letters(shape: Shape, prime: str = "") -> tuple[str, ...]:
    """`C H W` of a map, `n` of a vector; `prime` is "'" for those of the result."""
    named = ("C", *AXES[len(shape) - 1]) if len(shape) > 1 else ("n",)
    return tuple(each + prime for each in named)


def extents(shape: Shape, prime: str = "") -> dict[str, int]:
    """The extents by their letters."""
    return dict(zip(letters(shape, prime), shape, strict=True))


def times(factors: Iterable[str]) -> str:
    """`C*H*W`; `1` of none."""
    return "*".join(factors) or "1"


def values_of(shape: Shape) -> dict[str, int]:
    """E, the number of values of a result."""
    return {"E": prod(shape)}


def taps(kernel: Shape) -> tuple[str, dict[str, int]]:
    """The positions of a window, and its sides: `F*F` if it is square, else `F_h*F_w`."""
    if len(set(kernel)) == 1:
        return times(["F"] * len(kernel)), {"F": kernel[0]}
    sides = [f"F_{each.lower()}" for each in AXES[len(kernel)]]
    return times(sides), dict(zip(sides, kernel, strict=True))
