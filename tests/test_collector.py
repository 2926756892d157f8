"""Garbage collection is put off while networks are built, and for nobody else."""

import gc
import weakref
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from cnnspec.collector import collector_paused
from cnnspec.pipeline import compile_source
from cnnspec.source.text import Source

NET = "model M {\n  input 3x8x8\n  conv 3x3 8 -> bn -> relu\n}\n"


@pytest.fixture(autouse=True)
def enabled() -> Iterator[None]:
    before = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if before else gc.disable)()


class Circle:
    """What only the collector frees."""

    def __init__(self) -> None:
        self.itself = self


def test_what_others_drop_does_not_pile_up() -> None:
    dropped = []
    for _ in range(100):
        dropped += [weakref.ref(Circle()) for _ in range(50)]
        assert compile_source(Source("net.cnn", NET)).ok
    alive = sum(each() is not None for each in dropped)
    assert alive <= gc.get_threshold()[0] + 50


@pytest.mark.parametrize("to_the_end", [True, False])
def test_what_is_dropped_within_is_found_in_the_end(to_the_end: bool) -> None:
    with collector_paused(to_the_end=to_the_end):
        assert not gc.isenabled()
        dropped = weakref.ref(Circle())
    assert gc.isenabled()
    gc.collect()
    assert dropped() is None


def test_what_is_frozen_stays_frozen() -> None:
    gc.freeze()
    try:
        with collector_paused(to_the_end=True):
            pass
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()


def test_pauses_of_several_threads_are_one_pause() -> None:
    inside, done = Event(), Event()

    def other() -> None:
        with collector_paused():
            inside.set()
            done.wait(10)

    thread = Thread(target=other)
    thread.start()
    assert inside.wait(10)
    with collector_paused():
        pass
    assert not gc.isenabled(), "the other is not done yet"
    done.set()
    thread.join()
    assert gc.isenabled()
