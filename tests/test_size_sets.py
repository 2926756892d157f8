"""Sets of sizes and where forms meet numbers, before counting."""

import random

import pytest

from cnnspec.passes.sizes.form import Form, TooLarge, Variable
from cnnspec.passes.sizes.runs import runs
from cnnspec.passes.sizes.sets import EVERY, NONE, SizeSet, at_least, equal_to, only, size_set, where, with_rests

FAR = 400
H = Variable("input", 1)


def members(sizes: SizeSet) -> set[int]:
    return {each for each in range(1, FAR) if each in sizes}


def some_set(chance: random.Random) -> SizeSet:
    start, period = chance.randint(1, 30), chance.choice((1, 2, 3, 4, 6, 8))
    rests = [rest for rest in range(period) if chance.random() < 0.4]
    return size_set((each for each in range(1, start) if chance.random() < 0.4), start, period, rests)


def some_form(chance: random.Random) -> Form:
    """Any linear form, those that fall and those that go up and down included."""
    slope = chance.randint(-3, 5)
    return Form(H, slope, tuple(chance.randint(-4, 9) for _ in range(chance.randint(1, 6))))


@pytest.mark.parametrize("seed", range(300))
def test_sets_are_what_their_members_are(seed: int) -> None:
    chance = random.Random(seed)
    one, other = some_set(chance), some_set(chance)
    ones, others = members(one), members(other)
    assert members(one.both(other)) == ones & others
    assert members(one.either(other)) == ones | others
    assert members(one.others()) == set(range(1, FAR)) - ones
    assert (one == other) == (ones == others), "equal sets are written alike"
    assert one.others().others() == one
    for size in range(1, 60):
        assert one.up(size) == min((each for each in ones if each >= size), default=None)
        assert one.down(size) == max((each for each in ones if each <= size), default=None)
    assert one.is_empty == (not ones)
    if ones:
        assert one.least == min(ones)


@pytest.mark.parametrize("seed", range(300))
def test_a_set_is_its_runs(seed: int) -> None:
    sizes = some_set(random.Random(seed))
    found = [
        {each for each in range(run.min, (run.max or FAR - 1) + 1) if each % run.period in run.residues}
        for run in runs(sizes)
    ]
    assert set().union(*found) == members(sizes)
    assert sum(map(len, found)) == len(members(sizes)), "runs have nothing in common"
    assert all(run.min in sizes and (run.max is None or run.max in sizes) for run in runs(sizes))


@pytest.mark.parametrize("seed", range(300))
def test_where_a_form_is_what(seed: int) -> None:
    chance = random.Random(seed)
    form, value, wanted = some_form(chance), chance.randint(-5, 40), some_set(chance)
    assert members(at_least(form, value)) == {each for each in range(1, FAR) if form.at(each) >= value}
    assert members(equal_to(form, value)) == {each for each in range(1, FAR) if form.at(each) == value}
    if form.slope >= 0:
        assert members(where(form, wanted)) == {each for each in range(1, FAR) if form.at(each) in wanted}
    other = some_form(chance)
    assert [form.less(other).at(each) for each in range(1, 99)] == [form.at(i) - other.at(i) for i in range(1, 99)]
    assert [form.modulo(4).at(each) for each in range(1, 99)] == [form.at(each) % 4 for each in range(1, 99)]


def test_what_is_too_large_is_said() -> None:
    """Not counted through."""
    with pytest.raises(TooLarge, match="rests"):
        with_rests(127, range(0, 127, 2)).both(with_rests(131, range(0, 131, 2)))
    with pytest.raises(TooLarge, match="single sizes"):
        size_set((), 10**9, 1, (0,)).others()
    assert only(3, 1, 3).low == (1, 3)
    assert EVERY.others() == NONE
