"""Sets of places and index maps against arrays of booleans."""

import random

import numpy as np
import pytest

pytest.importorskip("torch")

from cnnspec.contract.reads import Moved
from cnnspec.passes.fields.index_maps import IndexMap
from cnnspec.passes.fields.regions import apart, channels, count, members, positions, rectangle, regrouped, united
from cnnspec.passes.fold import Kind
from tests.judges.dense_regions import dense, drawn
from tests.judges.dependence import stated
from tests.judges.examples import Case, cases

SHAPES = [(5,), (3, 4), (2, 5, 3), (2, 3, 4, 2)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("boxes", [1, 2, 7, 40])
def test_a_region_is_a_set(shape: tuple[int, ...], boxes: int) -> None:
    draw = random.Random(f"{shape}{boxes}")
    for _ in range(10):
        one, other = drawn(draw, shape, boxes), drawn(draw, shape, 2)
        array = dense(one, shape)
        assert np.array_equal(dense(united(one, other), shape), array | dense(other, shape))
        assert count(one) == array.sum() == sum(dense((box,), shape).sum() for box in apart(one))
        found = np.argwhere(array)
        box = rectangle(one)
        if box is None:
            assert not found.size
            continue
        assert [(each.first, each.last) for each in box] == list(zip(found.min(0), found.max(0), strict=True))
        assert np.array_equal(dense(positions(one), shape[1:]), array.any(axis=0))
        assert list(members(channels(one))) == sorted(set(found[:, 0]))


def test_many_boxes_stay_few() -> None:
    """A hundred random boxes are no more than there are rows."""
    draw = random.Random(1)
    region = drawn(draw, (1, 12, 30), 100)
    assert len(region) <= 12


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *(((2, 3, 4), (24,)), ((24,), (2, 3, 4)), ((4, 3, 5), (2, 30)), ((6, 4, 2), (4, 3, 2, 2)), ((1, 4, 1), (4,))),
        *(((8, 3, 4), (2, 2, 2, 3, 4)), ((2, 6), (4, 3)), ((1, 1), (1,)), ((3, 1, 5), (1, 15, 1))),
    ],
)
def test_values_keep_their_order_in_another_shape(before: tuple[int, ...], after: tuple[int, ...]) -> None:
    draw = random.Random(str(before))
    for _ in range(20):
        for box in drawn(draw, before, 3):
            made = tuple(regrouped(box, before, after))
            assert np.array_equal(dense(made, after), dense((box,), before).reshape(after))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_index_maps_go_both_ways(case: Case) -> None:
    draw = random.Random(case.name)
    for operand, before in enumerate(case.inputs):
        table, map = stated(case, operand), IndexMap(Kind(case.layer, case.inputs, case.result), operand)
        for boxes in (1, 1, 3):
            wanted, given = drawn(draw, case.result, boxes), drawn(draw, before, boxes)
            read = table[:, dense(wanted, case.result).reshape(-1)].any(axis=1)
            assert np.array_equal(dense(map.back(wanted), before).reshape(-1), read)
            reading = table[dense(given, before).reshape(-1)].any(axis=0)
            assert np.array_equal(dense(map.onward(given), case.result).reshape(-1), reading)


@pytest.mark.parametrize("case", [each for each in cases() if isinstance(each.layer.reads(each.inputs), Moved)])
def test_what_moves_says_the_same_of_positions(case: Case) -> None:
    reads = case.layer.reads(case.inputs)
    assert isinstance(reads, Moved)
    table = stated(case, 0).reshape(*case.inputs[0], *case.result)
    for axis, along in enumerate(reads.spatial, start=1):
        assert along.axis is not None
        assert along.places is not None
        kept = {axis, len(case.inputs[0]) + along.axis}
        seen = table.any(axis=tuple(each for each in range(table.ndim) if each not in kept))
        assert [list(np.flatnonzero(column)) for column in seen.T] == [list(each) for each in along.places]
