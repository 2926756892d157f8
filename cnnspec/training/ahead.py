"""The next updates, prepared by threads while one is trained on. It changes when they are made, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

import torch

Made = TypeVar("Made")


class Ahead(Generic[Made]):
    """What `make` makes of each number up to `end`, asked for in order; without workers when it is asked for."""

    def __init__(self, make: Callable[[int], Made], end: int, workers: int) -> None:
        self.make, self.end, self.workers = make, end, workers
        self._waiting: dict[int, Future[Made]] = {}
        # A thread has as many threads below it as the main one: sums are taken in the same order.
        threads = torch.get_num_threads()
        self._pool = (
            ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(threads,)) if workers else None
        )

    def __enter__(self) -> Ahead[Made]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def take(self, number: int) -> Made:
        """What is made of the number; whatever went wrong with it is raised here."""
        if self._pool is None:
            return self.make(number)
        for each in range(number, min(number + self.workers + 1, self.end)):
            if each not in self._waiting:
                self._waiting[each] = self._pool.submit(self.make, each)
        return self._waiting.pop(number).result()
