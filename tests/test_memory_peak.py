"""The most that is alive at inference: the moment and what is alive then; and the best order, beside all orders."""

import random
from collections.abc import Iterator, Sequence

import pytest

from cnnspec.passes.memory.best_order import best_order
from cnnspec.passes.memory.inference import inference_memory
from cnnspec.passes.memory.order_search import MANY, WIDTH, Step
from cnnspec.passes.memory.peak import at_peak, peak_bytes, value_bytes
from cnnspec.pipeline import Compiled
from tests.networks import ZOO, network
from tests.texts import good, model


def orders(steps: Sequence[Step], given: int) -> Iterator[list[int]]:
    """Every order in which each step stands behind what it reads."""

    def further(order: list[int]) -> Iterator[list[int]]:
        if len(order) == len(steps):
            yield list(order)
        for number in range(given, len(steps)):
            if number not in order and all(each in order for each in steps[number].inputs):
                yield from further([*order, number])

    return further(list(range(given)))


def alive_in(steps: Sequence[Step], order: Sequence[int]) -> int:
    """The peak by its definition: at each moment, what was made and is still to be read, or kept."""
    most = 0
    for place, number in enumerate(order):
        later = {each for other in order[place:] for each in steps[other].inputs}
        made = [each for each in order[: place + 1] if each == number or each in later or steps[each].kept]
        most = max(most, sum(steps[each].size for each in made))
    return most


def drawn(seed: int, most: int) -> tuple[list[Step], int]:
    """Any small graph: several inputs, values that are read often, never or are kept."""
    chance = random.Random(seed)
    count, given = chance.randint(2, most), chance.randint(1, 2)
    steps = [Step((), chance.randint(1, 20), False) for _ in range(given)]
    for number in range(given, max(count, given + 1)):
        first = max(0, number - chance.randint(1, 5))
        read = tuple(chance.randrange(first, number) for _ in range(chance.randint(1, 3)))
        steps.append(Step(read, chance.randint(1, 20), chance.random() < 0.15))
    read_ones = {each for step in steps for each in step.inputs}
    return [
        each if number in read_ones or number < given else each._replace(kept=True) for number, each in enumerate(steps)
    ], given


@pytest.mark.parametrize("seed", range(400))
def test_the_best_order_beside_all_orders(seed: int) -> None:
    steps, given = drawn(seed, 8)
    found = best_order(steps, given)
    assert found.exact
    assert alive_in(steps, found.order) == found.peak
    assert found.peak == min(alive_in(steps, order) for order in orders(steps, given))


def forked(seed: int, width: int, depth: int) -> list[Step]:
    """Chains between a fork and a join."""
    chance = random.Random(seed)
    steps, ends = [Step((), 10, False)], []
    for _ in range(width):
        last = 0
        for _ in range(chance.randint(1, depth)):
            steps.append(Step((last,), chance.randint(1, 50), False))
            last = len(steps) - 1
        ends.append(last)
    return [*steps, Step(tuple(ends), 5, True)]


@pytest.mark.parametrize("seed", range(4))
def test_wide_graphs_are_exact_up_to_a_width(seed: int) -> None:
    steps = forked(seed, WIDTH, 3)
    found = best_order(steps, 1)
    assert found.exact
    assert found.peak == alive_in(steps, found.order) <= alive_in(steps, range(len(steps)))


def test_what_is_too_wide_is_marked() -> None:
    """An upper bound and a lower one; the order is one that works."""
    chance = random.Random(2)
    steps, last = [Step((), 10, False)], [0]
    for _ in range(12):
        first = len(steps)
        for _ in range(30):
            read = tuple(chance.sample(last, min(2, len(last))))
            steps.append(Step(read, chance.randint(1, 50), False))
        last = list(range(first, len(steps)))
    unread = set(range(len(steps))) - {each for step in steps for each in step.inputs}
    steps.append(Step(tuple(sorted(unread)), 1, True))
    found = best_order(steps, 1)
    assert not found.exact
    assert found.least < found.peak == alive_in(steps, found.order) <= alive_in(steps, range(len(steps)))
    assert sorted(found.order) == list(range(len(steps)))
    assert MANY >= 100_000


@pytest.mark.parametrize("name", ZOO)
def test_examples(name: str) -> None:
    built = network(name).built
    assert built is not None
    found = inference_memory(built.graph, built.shapes)
    assert found.peak is not None
    assert found.peak.total == peak_bytes(built.graph, built.shapes) == sum(found.peak.alive.values())
    assert found.best.least == found.best.bytes <= found.peak.total
    step = built.shapes[found.peak.step]
    assert found.peak.alive[found.peak.step] == value_bytes(step)
    assert found.peak.total <= found.activations + found.inputs


def best_of(result: Compiled) -> tuple[int, int, tuple[str, ...] | None]:
    assert result.built is not None
    found = inference_memory(result.built.graph, result.built.shapes)
    assert found.peak is not None
    return found.peak.total, found.best.bytes, found.best.order


def test_a_better_order_is_found() -> None:
    """Written so, the wide branch is alive while the other one is at its widest."""
    lines = "add { conv 1x1 8 | conv 1x1 64 -> relu -> conv 1x1 8 }"
    written, best, order = best_of(good(model(lines, "1x10x10")))
    assert (written, best) == (4 * 100 * (8 + 64 + 64), 4 * 100 * (1 + 64 + 64))
    assert order == ("input", "conv2", "relu1", "conv3", "conv1", "add1")


def test_the_moment_of_the_peak() -> None:
    result = good(model("a: conv 1x1 4 -> b: relu -> c: conv 1x1 2 -> add { id | conv 1x1 2 } -> relu", "1x2x2"))
    assert result.built is not None
    found = at_peak(result.built.graph, result.built.shapes)
    assert found is not None
    assert (found.step, found.total) == ("b", 128)
    assert list(found.alive.items()) == [("a", 64), ("b", 64)]
