"""Ctrl-C while something is trained: once, it ends at a checkpoint; twice, as ever."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


@contextmanager
def interrupts() -> Iterator[list[int]]:
    """Ctrl-C once: fills the list, and the update under way is finished; twice: as ever."""
    found: list[int] = []

    def first(number: int, _: FrameType | None) -> None:
        found.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, first)
    try:
        yield found
    finally:
        signal.signal(signal.SIGINT, before)
