"""The search for the best order of a stretch of steps: sets of steps done, from the least peak upwards, and most done
among equals. A set is a number whose bits are steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

WIDTH = 12
"""Where never more steps than these could run at the same moment, the search goes on for long."""

FEW, MANY = 2_000, 100_000
"""So many steps are tried in one part of a network that is wider, and so many sets of steps looked at in others."""


class Step(NamedTuple):
    """A value: by number, what it is made of, and its bytes; `kept` to the end or not."""

    inputs: tuple[int, ...]
    size: int
    kept: bool


class Ordered(NamedTuple):
    """Numbers of steps; `peak` is the most that is alive, in bytes. Not `exact`: an upper bound, and `least` is a lower
    one."""

    order: tuple[int, ...]
    peak: int
    least: int

    @property
    def exact(self) -> bool:
        return self.peak == self.least


class Stretch(NamedTuple):
    """Steps that are ordered by themselves. `alive` are the bytes before, `written` the peak in the order as it stands,
    `floor` what every order has: what is alive before, and for each step its operands and its result."""

    numbers: range
    alive: int
    written: int
    floor: int


class Part(NamedTuple):
    """A stretch to be searched, its steps as bits from 0: `needs` the bits that must have run, `unlocks` the steps that
    wait for it, `frees` the values that it may be the last to read, as their readers' bits and their bytes."""

    numbers: range
    sizes: tuple[int, ...]
    needs: tuple[int, ...]
    unlocks: tuple[tuple[int, ...], ...]
    frees: tuple[tuple[tuple[int, int], ...], ...]
    alive: int
    floor: int


def part_of(steps: Sequence[Step], stretch: Stretch, readers: Sequence[Sequence[int]]) -> Part:
    numbers, first = stretch.numbers, stretch.numbers.start
    bits = {number: 1 << number - first for number in numbers}
    readers_of: dict[int, int] = {}  # -1: they are in another stretch
    frees = []
    for number in numbers:
        read = [each for each in {*steps[number].inputs, number} if not steps[each].kept]
        for each in read:
            if each not in readers_of:
                inside = all(one in bits for one in readers[each])
                readers_of[each] = sum(bits[one] for one in readers[each]) if inside else -1
        frees.append(tuple((readers_of[each], steps[each].size) for each in read if readers_of[each] >= 0))
    return Part(
        numbers,
        tuple(steps[number].size for number in numbers),
        tuple(sum({bits[each] for each in steps[number].inputs if each >= first}) for number in numbers),
        tuple(tuple(each - first for each in readers[number] if each in bits) for number in numbers),
        tuple(frees),
        stretch.alive,
        stretch.floor,
    )


class State(NamedTuple):
    """On the way: what has run and can run next, as bits; `last` the step before and the state before that."""

    done: int
    ready: int
    alive: int
    last: tuple[int, State] | None


def _run(part: Part, state: State, step: int) -> State:
    done = state.done | 1 << step
    alive = state.alive + part.sizes[step]
    for readers, size in part.frees[step]:
        if not readers & ~done:
            alive -= size
    ready = state.ready & ~(1 << step)
    for each in part.unlocks[step]:
        if not part.needs[each] & ~done:
            ready |= 1 << each
    return State(done, ready, alive, (step, state))


def searched(part: Part) -> Ordered:
    """The best order; a good one, and a lower bound, where there is too much to look at."""
    ready = sum(1 << step for step, needs in enumerate(part.needs) if not needs)
    start, full = State(0, ready, part.alive, None), (1 << len(part.numbers)) - 1
    heap: list[tuple[int, int, int, State]] = [(part.floor, 0, 0, start)]
    seen: set[int] = set()
    tries = wide = 0
    while heap:
        peak, _, _, state = heappop(heap)
        state = _at_once(part, state, peak)
        if state.done == full:
            return Ordered(_numbers(part, state), peak, peak)
        if state.done in seen:
            continue
        seen.add(state.done)
        wide = max(wide, state.ready.bit_count())
        if tries > FEW if wide > WIDTH else len(seen) > MANY:
            return _guessed(part, start, full, peak)
        for step in _bits(state.ready):
            after = _run(part, state, step)
            tries += 1
            top = max(peak, state.alive + part.sizes[step])
            heappush(heap, (top, -after.done.bit_count(), tries, after))
    raise AssertionError("some step waits for itself")


def _at_once(part: Part, state: State, peak: int) -> State:
    """Runs what costs nothing."""
    ready = state.ready
    while ready:
        step = (ready & -ready).bit_length() - 1
        ready &= ready - 1
        if state.alive + part.sizes[step] <= peak:
            after = _run(part, state, step)
            if after.alive <= state.alive:
                state, ready = after, after.ready
    return state


def _guessed(part: Part, start: State, full: int, least: int) -> Ordered:
    """The better of the order as it stands and of the one that takes the smallest result at each moment."""
    plain, greedy = Way(part, start), Way(part, start)
    for step in range(len(part.numbers)):
        plain.run(step)
    heap = [(part.sizes[step], step) for step in _bits(start.ready)]
    heapify(heap)
    while greedy.state.done != full:
        before = greedy.state.ready
        greedy.run(heappop(heap)[1])
        for step in _bits(greedy.state.ready & ~before):
            heappush(heap, (part.sizes[step], step))
    found = min(plain, greedy, key=lambda each: each.peak)
    return Ordered(_numbers(part, found.state), found.peak, least)


class Way:
    """An order as it is made."""

    def __init__(self, part: Part, start: State) -> None:
        self.part = part
        self.state = start
        self.peak = part.alive

    def run(self, step: int) -> None:
        self.peak = max(self.peak, self.state.alive + self.part.sizes[step])
        self.state = _run(self.part, self.state, step)


def _numbers(part: Part, state: State) -> tuple[int, ...]:
    order = []
    while state.last is not None:
        step, state = state.last
        order.append(part.numbers[step])
    return tuple(reversed(order))


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1
