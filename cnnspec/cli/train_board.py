"""`cnnspec train --tensorboard`"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cnnspec.cli.refusal import note
from cnnspec.reports.look import Look
from cnnspec.training.launch import is_silent

if TYPE_CHECKING:
    from cnnspec.api.train import Run
    from cnnspec.training.loop import Epoch


@contextmanager
def board(run: Run, wanted: bool, err: Look) -> Iterator[Callable[[Epoch, float | None], None]]:
    """Takes epochs and their speed to TensorBoard's files, if that is wanted; of several processes the first."""
    if not wanted or is_silent():
        yield lambda epoch, speed: None
        return
    from cnnspec.training.tensorboard import Board

    made = Board(run.wish.out, run.loop.history)
    told: list[str] = []

    def tell_trouble() -> None:
        if made.trouble and not told:
            told.append(made.trouble)
            note(made.trouble, err)

    def take(epoch: Epoch, speed: float | None) -> None:
        made.add(epoch, speed)
        tell_trouble()

    tell_trouble()
    try:
        yield take
    finally:
        made.close()
        tell_trouble()
