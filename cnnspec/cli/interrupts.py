"""Ctrl-C while something is trained: once, it ends at a checkpoint; twice, as ever."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cnnspec.training.launch import is_one_of_several

if TYPE_CHECKING:
    from types import FrameType


@contextmanager
def interrupts() -> Iterator[list[int]]:
    """Ctrl-C once: fills the list, and the update under way is finished; twice: as ever. One of several processes gets
    it from the terminal and from torchrun, which asks by SIGTERM, too, and ends them for good where they do not end."""
    found: list[int] = []

    def first(number: int, _: FrameType | None) -> None:
        found.append(number)
        if not is_one_of_several():
            signal.signal(signal.SIGINT, before[signal.SIGINT])

    numbers = (signal.SIGINT, signal.SIGTERM) if is_one_of_several() else (signal.SIGINT,)
    before = {number: signal.signal(number, first) for number in numbers}
    try:
        yield found
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
