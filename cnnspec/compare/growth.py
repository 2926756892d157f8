"""Bounds on growth: `params=5%,macs=0`."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from cnnspec.compare.difference import Numbers
from cnnspec.source.nearest import nearest

QUANTITIES = ("params", "macs", "ops", "depth", "memory", "weights", "activations")
"""What may be bounded: names of Numbers, of which more is worse."""
BYTES = frozenset(("memory", "weights", "activations"))
SCALE = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KB": 10**3, "MB": 10**6, "GB": 10**9}
SCALE |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_AMOUNT = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)(%|[a-zA-Z]*)", re.ASCII)


class Bound(NamedTuple):
    """By how much a quantity may grow: by a share of what it was, or by so many."""

    quantity: str
    amount: Fraction
    is_share: bool
    text: str


class Growth(NamedTuple):
    """A bound with the numbers before and after."""

    bound: Bound
    old: int
    new: int

    @property
    def is_over(self) -> bool:
        """Exactly; what was 0 may not grow by any share."""
        bound = self.bound
        return self.new - self.old > (bound.amount * self.old if bound.is_share else bound.amount)


def bounds(text: str) -> tuple[Bound, ...]:
    """`params=5%,macs=0,memory=1MB`; ValueError says what is not understood."""
    found: dict[str, Bound] = {}
    for part in text.split(","):
        name, equals, amount = (each.strip() for each in part.partition("="))
        if not equals or not name:
            raise ValueError(f"`{part[:40]}` is not of the form QUANTITY=AMOUNT, such as params=5% or macs=100M")
        if name not in QUANTITIES:
            near = nearest(name, QUANTITIES)
            meant = f"did you mean `{near}`?" if near else f"those are {', '.join(QUANTITIES)}"
            raise ValueError(f"there is no quantity `{name[:40]}` to bound; {meant}")
        if name in found:
            raise ValueError(f"`{name}` is bounded twice")
        found[name] = Bound(name, *_amount(amount), amount)
    return tuple(found.values())


def _amount(text: str) -> tuple[Fraction, bool]:
    match = _AMOUNT.fullmatch(text)
    if match and match[2] == "%":
        return Fraction(match[1]) / 100, True
    if match and match[2] in SCALE:
        return Fraction(match[1]) * SCALE[match[2]], False
    raise ValueError(f"`{text[:40]}` is no amount; amounts are 5%, 0, 100k, 2.5M, 1G, 64MB or 64MiB")


def growths(asked: Sequence[Bound], old: Numbers, new: Numbers) -> tuple[Growth, ...]:
    return tuple(Growth(each, getattr(old, each.quantity), getattr(new, each.quantity)) for each in asked)
