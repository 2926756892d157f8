"""Garbage collection put off while networks are built.

A build makes very many objects and drops few; to look through them for circles again and again takes as long as to make
them.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class _Pauses:
    """How many pauses there are now, of all threads, and whether the first found the collector at work. The collector
    is the whole process's, and so are these."""

    lock = Lock()
    count = 0
    was_enabled = False


@contextmanager
def collector_paused(*, to_the_end: bool = False) -> Iterator[None]:
    """No collection meanwhile. With `to_the_end`, for a process that has little else to do, what is alive then goes to
    the oldest generation, unseen: the next collection would walk through all of it to find that it lives."""
    with _Pauses.lock:
        if not _Pauses.count:
            _Pauses.was_enabled = gc.isenabled()
            gc.disable()
        _Pauses.count += 1
    try:
        yield
    finally:
        with _Pauses.lock:
            _Pauses.count -= 1
            if not _Pauses.count and _Pauses.was_enabled:
                if to_the_end and not gc.get_freeze_count():
                    gc.freeze()
                    gc.unfreeze()
                gc.enable()
