"""What is asked of Hypothesis while a network is drawn."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
_integers = cache(st.integers)


def _made(make: Callable[[], T], _: None) -> T:
    return make()


class Draw(NamedTuple):
    """Hypothesis' `draw` with the few questions that are asked of it. Simple answers come first, for shrinking."""

    draw: Callable[[st.SearchStrategy[Any]], Any]

    def part(self, make: Callable[[], T]) -> T:
        """What is made, as a part of its own: Hypothesis shrinks by making whole parts simple."""
        made: T = self.draw(st.none().map(partial(_made, make)))
        return made

    def several(self, most: int, percent: int, *, least: int = 1) -> Iterator[int]:
        """0, 1, 2 …: as often as there shall be one more."""
        for place in range(most):
            if place >= least and not self.chance(percent):
                return
            yield place

    def one(self, choices: Sequence[T]) -> T:
        return choices[self.number(0, len(choices) - 1)]

    def number(self, low: int, high: int) -> int:
        chosen: int = self.draw(_integers(low, high))
        return chosen

    def chance(self, percent: int) -> bool:
        """Yes in about so many of a hundred cases; no is the simple answer."""
        return self.number(0, 99) >= 100 - percent
