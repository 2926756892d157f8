"""Which values a layer says it reads, against an experiment on all of its examples, value by value."""

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.judges.dependence import found, stated
from tests.judges.examples import Case, cases


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_layer_reads_what_it_says(case: Case) -> None:
    for operand in range(len(case.inputs)):
        seen, said = found(case, operand), stated(case, operand)
        assert np.array_equal(seen, said), f"operand {operand}: {np.argwhere(seen != said)[:5].tolist()}"
