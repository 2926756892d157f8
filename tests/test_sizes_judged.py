"""The exact sets of sizes, before brute force at every size from 1 to 400 and far beyond.

`CNNSPEC_SIZES=200 python -m pytest tests/test_sizes_judged.py` tries that many random networks.
"""

import os

import pytest

from tests.judges.random_resampled import drawn
from tests.judges.sizes_judged import judged

NETWORKS = int(os.environ.get("CNNSPEC_SIZES", "24"))


@pytest.mark.parametrize("seed", range(NETWORKS))
def test_a_random_network(seed: int) -> None:
    """Nothing is in the set that brute force refuses, and nothing is missing that it takes."""
    result = drawn(seed)
    assert result.source is not None
    answer, taken = judged(result)
    assert taken or not answer.proved, result.source.text
