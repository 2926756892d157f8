"""Channels that fall into groups of the same size."""

from __future__ import annotations

from math import gcd, isqrt

from cnnspec.contract.errors import LayerError
from cnnspec.contract.repairs import Given


def check_groups(groups: int, sides: dict[str, int]) -> None:
    """LayerError about `groups` unless it divides the channels of every side, which are given by what they are called:
    {"input channels": 64}."""
    for name, channels in sides.items():
        if channels % groups:
            divisors = _divisors(gcd(*sides.values()))
            listed = ", ".join(map(str, divisors))
            nearest = sorted(divisors, key=lambda each: (abs(each - groups), -each))
            raise LayerError(
                f"groups={groups} does not divide {channels} {name}",
                about="groups",
                hint=f"groups must divide {' and '.join(map(str, sides.values()))}: {listed}",
                repairs=tuple(Given("groups", str(each), _titled(each, *sides.values())) for each in nearest[:2]),
            )


def _titled(groups: int, *channels: int) -> str:
    kind = ", which is depthwise" if len(channels) > 1 and {groups} == set(channels) != {1} else ""
    return f"`groups={groups}` divides {' and '.join(map(str, channels))}{kind}"


def _divisors(number: int) -> list[int]:
    small = [each for each in range(1, isqrt(number) + 1) if number % each == 0]
    return sorted({*small, *(number // each for each in small)})
