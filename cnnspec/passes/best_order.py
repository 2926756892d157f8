"""The order of a network's steps in which the least is alive at once.

One value a step, alive until the last step that reads it has run (as in passes/memory.py). To find the order is hard in
general (one-shot pebbling); networks are mostly chains, which need no choice:

- Where one value alone is alive and no output lies behind, the network falls into two parts, each with a best order of
  its own.
- A step that can run now, leaves no more alive than before, and needs no more than is needed anyhow, may run at once:
  any order that runs it later can be changed to run it now, and nowhere has more alive.
- What is left to choose is searched from the least peak upwards, set of steps done by set of steps done; so the first
  way that reaches the end is the best.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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


def best_order(steps: Sequence[Step], given: int) -> Ordered:
    """The first `given` steps are inputs and made first; the others stand in some order that works."""
    order = list(range(given))
    peak = least = peak_of(steps, order)
    for part in _parts(steps, given):
        found = _solved(part)
        order += found.order
        peak, least = max(peak, found.peak), max(least, found.least)
    return Ordered(tuple(order), peak, least)


def peak_of(steps: Sequence[Step], order: Iterable[int]) -> int:
    """The most that is alive in this order."""
    waiting = [0] * len(steps)
    for step in steps:
        for each in set(step.inputs):
            waiting[each] += 1
    alive = peak = 0
    for number in order:
        alive += steps[number].size
        peak = max(peak, alive)
        for each in set(steps[number].inputs):
            waiting[each] -= 1
        for each in {*steps[number].inputs, number}:
            if not waiting[each] and not steps[each].kept:
                alive -= steps[each].size
    return peak


class _Part(NamedTuple):
    """Steps that are ordered by themselves, as bits from 0: `numbers` in the whole, `needs` the bits that must have
    run, `unlocks` the steps that wait for it, `frees` the values that it may be the last to read, as their readers'
    bits and their bytes. `alive` are the bytes before, `floor` what some step needs at least: its operands and result.
    """

    numbers: tuple[int, ...]
    sizes: tuple[int, ...]
    needs: tuple[int, ...]
    unlocks: tuple[tuple[int, ...], ...]
    frees: tuple[tuple[tuple[int, int], ...], ...]
    alive: int
    floor: int


def _parts(steps: Sequence[Step], given: int) -> Iterator[_Part]:
    """From one lonely value to the next. Behind the first output that nothing reads, the rest is one part: that output
    may be made later, too."""
    readers: list[list[int]] = [[] for _ in steps]
    for number, step in enumerate(steps):
        for each in set(step.inputs):
            readers[each].append(number)
    waiting = [len(each) for each in readers]
    unread = {number for number in range(given) if waiting[number]}
    alive = sum(step.size for n, step in enumerate(steps[:given]) if n in unread or step.kept)
    first, apart = given, True
    for number in range(given, len(steps)):
        for each in set(steps[number].inputs):
            waiting[each] -= 1
            if not waiting[each]:
                unread.discard(each)
        if waiting[number]:
            unread.add(number)
        else:
            apart = False
        if (apart and unread == {number}) or number == len(steps) - 1:
            yield _part(steps, range(first, number + 1), readers, alive)
            alive += sum(steps[each].size for each in range(first, number + 1))
            alive -= sum(steps[each].size for each in _freed(steps, range(first, number + 1), waiting))
            first = number + 1


def _freed(steps: Sequence[Step], numbers: range, waiting: Sequence[int]) -> set[int]:
    """What these steps are the last to read."""
    read = {each for number in numbers for each in steps[number].inputs} | set(numbers)
    return {each for each in read if not waiting[each] and not steps[each].kept}


def _part(steps: Sequence[Step], numbers: range, readers: Sequence[Sequence[int]], alive: int) -> _Part:
    first = numbers.start
    bits = {number: 1 << number - first for number in numbers}
    readers_of: dict[int, int] = {}  # -1: some are in another part
    frees = []
    for number in numbers:
        read = [each for each in {*steps[number].inputs, number} if not steps[each].kept]
        for each in read:
            if each not in readers_of:
                inside = all(one in bits for one in readers[each])
                readers_of[each] = sum(bits[one] for one in readers[each]) if inside else -1
        frees.append(tuple((readers_of[each], steps[each].size) for each in read if readers_of[each] >= 0))
    return _Part(
        tuple(numbers),
        tuple(steps[number].size for number in numbers),
        tuple(sum({bits[each] for each in steps[number].inputs if each >= first}) for number in numbers),
        tuple(tuple(each - first for each in readers[number] if each in bits) for number in numbers),
        tuple(frees),
        alive,
        max(steps[each].size + sum(steps[one].size for one in set(steps[each].inputs)) for each in numbers),
    )


class _State(NamedTuple):
    """On the way: what has run and can run next, as bits; `last` the step before and the state before that."""

    done: int
    ready: int
    alive: int
    last: tuple[int, _State] | None


def _run(part: _Part, state: _State, step: int) -> _State:
    done = state.done | 1 << step
    alive = state.alive + part.sizes[step]
    for readers, size in part.frees[step]:
        if not readers & ~done:
            alive -= size
    ready = state.ready & ~(1 << step)
    for each in part.unlocks[step]:
        if not part.needs[each] & ~done:
            ready |= 1 << each
    return _State(done, ready, alive, (step, state))


def _solved(part: _Part) -> Ordered:
    """The search from the least peak upwards, by most done among equals."""
    ready = sum(1 << step for step, needs in enumerate(part.needs) if not needs)
    start, full = _State(0, ready, part.alive, None), (1 << len(part.numbers)) - 1
    heap: list[tuple[int, int, int, _State]] = [(max(part.alive, part.floor), 0, 0, start)]
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


def _at_once(part: _Part, state: _State, peak: int) -> _State:
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


def _guessed(part: _Part, start: _State, full: int, least: int) -> Ordered:
    """The better of the order as it stands and of the one that takes the smallest result at each moment."""
    plain, greedy = _Way(part, start), _Way(part, start)
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


class _Way:
    """An order as it is made."""

    def __init__(self, part: _Part, start: _State) -> None:
        self.part = part
        self.state = start
        self.peak = part.alive

    def run(self, step: int) -> None:
        self.peak = max(self.peak, self.state.alive + self.part.sizes[step])
        self.state = _run(self.part, self.state, step)


def _numbers(part: _Part, state: _State) -> tuple[int, ...]:
    order = []
    while state.last is not None:
        step, state = state.last
        order.append(part.numbers[step])
    return tuple(reversed(order))


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1
