"""The bounds that layers state of their results, against the layers' own NumPy."""

import numpy as np
import pytest

from cnnspec.contract.facts import Bounds
from cnnspec.contract.register import words
from tests.judges.examples import Case, cases, evaluated, operands, weights

every_case = pytest.mark.parametrize("case", [case for case in cases() if case.size == 0], ids=lambda case: case.name)


def moved(array: np.ndarray, within: Bounds) -> np.ndarray:
    """The same numbers brought between two bounds."""
    high = within.high if np.isfinite(within.high) else 9.0
    low = within.low if np.isfinite(within.low) else -9.0
    return low + (array - array.min()) / (array.max() - array.min()) * (high - low)


@every_case
def test_no_result_is_beyond_the_bounds(case: Case) -> None:
    result = evaluated(case, [3 * each for each in operands(case, 4)], weights(case))
    assert case.layer.bounds.low <= result.min()
    assert result.max() <= case.layer.bounds.high


@pytest.mark.parametrize("case", [case for case in cases() if case.layer.keeps_bounds], ids=lambda case: case.name)
def test_what_keeps_bounds_gives_nothing_beyond_them(case: Case) -> None:
    for within in (Bounds(2, 3), Bounds(-3, -2)):
        arrays = [moved(each, within) for each in operands(case, 4)]
        result = evaluated(case, arrays, weights(case))
        assert min(within.low, 0) - 1e-9 <= result.min()
        assert result.max() <= max(within.high, 0) + 1e-9


@pytest.mark.parametrize("case", [case for case in cases() if case.layer.spares], ids=lambda case: case.name)
def test_what_is_spared_stays_as_it_is(case: Case) -> None:
    assert case.layer.spares is not None
    arrays = [moved(each, case.layer.spares) for each in operands(case, 4)]
    np.testing.assert_array_equal(evaluated(case, arrays, weights(case)), arrays[0].astype(np.float64))


def test_what_is_never_negative_says_so() -> None:
    """An activation whose results are never negative for large numbers of both signs has bounds that say it."""
    never = set()
    for case in cases():
        layer = case.layer
        if not (layer.fields or layer.merges or layer.keeps_bounds or layer.weights(case.inputs)):
            arrays = [10 * each for each in operands(case, 16)]
            if arrays[0].min() < -1 and evaluated(case, arrays, {}).min() >= 0:
                never.add(case.layer.word)
    assert never == {word for word, cls in words().items() if cls.bounds.low >= 0}
