"""The order of a network's steps in which the least is alive at once.

One value a step, alive until the last step that reads it has run (as in peak.py). To find the order is hard in
general (one-shot pebbling); networks are mostly chains, which need no choice:

- Where one value alone is alive and no output lies behind, the network falls into two parts, each with a best order of
  its own.
- A step that can run now, leaves no more alive than before, and needs no more than is needed anyhow, may run at once:
  any order that runs it later can be changed to run it now, and nowhere has more alive.
- What is left to choose is searched from the least peak upwards, set of steps done by set of steps done; so the first
  way that reaches the end is the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnspec.passes.memory.order_search import Ordered, Step, Stretch, part_of, searched


def best_order(steps: Sequence[Step], given: int) -> Ordered:
    """The first `given` steps are inputs and made first; the others stand in some order that works."""
    order = list(range(given))
    readers: list[list[int]] = [[] for _ in steps]
    for number, step in enumerate(steps):
        for each in set(step.inputs):
            readers[each].append(number)
    alive = peak = 0
    for number in order:
        alive += steps[number].size
        peak = max(peak, alive)
        alive -= 0 if readers[number] or steps[number].kept else steps[number].size
    least = peak
    for stretch in stretches(steps, given, readers, alive):
        if stretch.written == stretch.floor:  # no order has less
            order += stretch.numbers
            peak, least = max(peak, stretch.floor), max(least, stretch.floor)
            continue
        found = searched(part_of(steps, stretch, readers))
        order += found.order
        peak, least = max(peak, found.peak), max(least, found.least)
    return Ordered(tuple(order), peak, least)


def stretches(steps: Sequence[Step], given: int, readers: Sequence[Sequence[int]], alive: int) -> Iterator[Stretch]:
    """From one lonely value to the next; `alive` are the bytes of the first `given` ones. Behind the first output that
    nothing reads, the rest is one stretch: that output may be made later, too."""
    waiting = list(map(len, readers))
    unread = sum(count > 0 for count in waiting[:given])
    first, apart, before, written, floor = given, True, alive, alive, alive
    for number in range(given, len(steps)):
        inputs, size, kept = steps[number]
        alive += size
        written = max(written, alive)
        needed = size
        for each in inputs if len(inputs) == 1 else set(inputs):
            needed += steps[each].size
            waiting[each] -= 1
            if not waiting[each]:
                unread -= 1
                alive -= 0 if steps[each].kept else steps[each].size
        floor = max(floor, needed)
        if waiting[number]:
            unread += 1
        else:
            apart = False
            alive -= 0 if kept else size
        if (apart and unread == 1) or number == len(steps) - 1:
            yield Stretch(range(first, number + 1), before, written, floor)
            first, before, written, floor = number + 1, alive, alive, alive
