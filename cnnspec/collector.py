"""Garbage collection put off while networks are built.

A build makes very many objects and drops few; to look through them for circles again and again takes as long as to make
them.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SPARED = 500_000
"""So many objects more, and those that are there are looked through; or a quarter of them more, as Python does it."""


class _Unseen:
    """What was made while nobody collected: the objects, those that were alive when all were looked through, and how
    many full collections there had been."""

    objects = alive = collections = 0


@contextmanager
def collector_paused() -> Iterator[None]:
    """No collection meanwhile. What was made goes straight to the oldest generation, as the next collection would walk
    through all of it to find that it lives; and is counted, so that circles that were dropped do not pile up."""
    if not gc.isenabled():
        yield
        return
    _look_through_if_due()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # what somebody froze on purpose stays frozen
            _Unseen.objects += gc.get_count()[0]
            gc.freeze()
            gc.unfreeze()
        gc.enable()


def _look_through_if_due() -> None:
    collections = gc.get_stats()[2]["collections"]
    if collections != _Unseen.collections:
        _Unseen.collections, _Unseen.objects = collections, 0
    if _Unseen.objects > max(SPARED, _Unseen.alive // 4):
        gc.collect()
        _Unseen.objects, _Unseen.alive, _Unseen.collections = 0, len(gc.get_objects()), collections + 1
