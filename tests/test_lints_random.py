"""Random networks before the lints: what is said of values is what torch computes, and safe fixes change none of them.

CNNSPEC_LINTED_NETS says how many.
"""

import os
from collections import Counter

import pytest

pytestmark = pytest.mark.torch
pytest.importorskip("torch")

import torch  # noqa: E402
from hypothesis import HealthCheck, Phase, given, note, seed, settings  # noqa: E402

from tests.judges.lint_judges import judge_lints  # noqa: E402
from tests.judges.random_networks import Network, networks  # noqa: E402
from tests.random_networks import SEED  # noqa: E402
from tests.texts import compiled  # noqa: E402

NETS = int(os.environ.get("CNNSPEC_LINTED_NETS", "60"))
ONE = settings(
    max_examples=2,  # the simplest text of all comes first
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    database=None,
    deadline=None,
)


def test_random_networks() -> None:
    spoken: Counter[str] = Counter()

    def one(network: Network) -> None:
        note(network.text)
        if compiled(network.text, files=network.files).ok:
            with torch.no_grad():
                spoken.update(judge_lints(network.text, network.files))

    for case in range(NETS):
        seed(SEED * 1_000_003 + case)(ONE(given(networks())(one)))()
    assert len(spoken) >= 8, "the judge sees too little"


FOUND = [
    "abs\nabs -> prelu",  # a weight of its own goes with a step that changes nothing
    "relu -> add { relu | id }",  # a step that is a whole branch is no line
    "relu\noutput a: relu -> layernorm",  # the step that is left would get the name of its line
    "relu -> add { abs | abs -> for i in 1,2 { abs } }",  # a loop that is left alone is several branches
    "conv 1 4 /2 pad=3",  # padding hides that pixels are skipped
    "conv 3 4 dilation=11",  # two windows have holes, too
    "conv_transpose 1 1 pad=0,2,1,0",  # what is cut off by intent
]


@pytest.mark.parametrize("lines", FOUND)
def test_a_network_that_was_judged_wrongly(lines: str) -> None:
    with torch.no_grad():
        judge_lints(f"model M {{\n  input 3x24x24\n{lines}\n}}\n")
