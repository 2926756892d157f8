"""`init=` before torch: each word's module, its weight begun by torch.nn.init, and what we draw for the same.

The fans are the ones that torch itself reads off its module's weight.
"""

from math import sqrt
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from cnnspec.contract.facts import Init, Weight  # noqa: E402
from cnnspec.contract.layer import Layer  # noqa: E402
from cnnspec.lower.init import initialise  # noqa: E402
from tests.judges import torch_module  # noqa: E402
from tests.judges.examples import Case, cases  # noqa: E402

pytestmark = pytest.mark.torch
drawn = [case for case in cases() if case.size == 0 and case.layer.arguments.get("init") == "torch"]
MANY = 20_000

BEGIN: dict[str, Any] = {
    "he_normal": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    "he_uniform": lambda weight: nn.init.kaiming_uniform_(weight, nonlinearity="relu"),
    "he_normal fan_out": lambda weight: nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu"),
    "he_uniform fan_out": lambda weight: nn.init.kaiming_uniform_(weight, mode="fan_out", nonlinearity="relu"),
    "xavier_normal": nn.init.xavier_normal_,
    "xavier_uniform": nn.init.xavier_uniform_,
    "zeros": nn.init.zeros_,
    "normal 0.3": lambda weight: nn.init.normal_(weight, std=0.3),
    "uniform 0.05": lambda weight: nn.init.uniform_(weight, -0.05, 0.05),
    "trunc_normal 1.25": lambda weight: nn.init.trunc_normal_(weight, std=1.25),
    "constant -0.1": lambda weight: nn.init.constant_(weight, -0.1),
}
every_beginning = pytest.mark.parametrize("scheme", BEGIN)


def beginning_with(layer: Layer, scheme: str) -> Layer:
    return type(layer)(**{**layer.arguments, "init": scheme})


def torch_scale(scheme: str, weight: Tensor) -> float:
    """Deviation or bound by torch's own fans and gains."""
    fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(weight)
    name, _, more = scheme.partition(" ")
    if name.startswith("he_"):
        deviation = nn.init.calculate_gain("relu") / sqrt(fan_out if more else fan_in)
    elif name.startswith("xavier_"):
        deviation = sqrt(2 / (fan_in + fan_out))
    else:
        return float(more or 0)
    return deviation * sqrt(3) if name.endswith("uniform") else deviation


@pytest.mark.parametrize("case", drawn, ids=lambda case: case.name)
@every_beginning
def test_the_scale_is_torchs(case: Case, scheme: str) -> None:
    weight, *bias = beginning_with(case.layer, scheme).weights(case.inputs)
    assert weight.init.scale == pytest.approx(torch_scale(scheme, torch_module.fresh(case).weight), rel=1e-15)
    assert not any(each.init.scale for each in bias)


def of_torch(scheme: str, weight: Tensor) -> np.ndarray:
    tensors = [BEGIN[scheme](weight).detach().numpy().ravel().copy() for _ in range(-(-MANY // weight.numel()))]
    return np.concatenate(tensors)[:MANY]


def of_ours(weight: Weight) -> np.ndarray:
    return initialise({"a.weight": weight._replace(shape=(MANY,))}, 1)["a.weight"]


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Kolmogorov's and Smirnov's statistic of two samples; above 1.95 in one of a thousand alike."""
    places = np.sort(np.concatenate([one, other]))
    below = [np.searchsorted(np.sort(each), places, side="right") / len(each) for each in (one, other)]
    return float(np.abs(below[0] - below[1]).max() * sqrt(len(one) * len(other) / (len(one) + len(other))))


one_a_word = list({case.layer.word: case for case in drawn}.values())


@pytest.mark.parametrize("case", one_a_word, ids=lambda case: case.name)
@every_beginning
def test_the_numbers_are_spread_as_torchs(case: Case, scheme: str) -> None:
    torch.manual_seed(2)
    weight = beginning_with(case.layer, scheme).weights(case.inputs)[0]
    theirs, ours = of_torch(scheme, torch_module.fresh(case).weight), of_ours(weight)
    assert apart(ours, theirs) < 1.95
    assert abs(ours.mean() - theirs.mean()) <= 5 * max(ours.std(), theirs.std()) / sqrt(MANY)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.03)
    if weight.init.kind == "uniform":
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=2e-3)


def test_the_judge_tells_neighbours_apart() -> None:
    """A twentieth more, or torch's own in place of He's, is seen."""
    he, wider, own = (of_ours(Weight("weight", (), Init("uniform", each))) for each in (0.5, 0.525, 0.5 / sqrt(6)))
    assert apart(he, wider) > 1.95
    assert apart(he, own) > 1.95


def test_a_slope_begins_as_torchs() -> None:
    assert nn.PReLU(init=0.125).weight.item() == 0.125
    (case,) = (case for case in cases() if case.text == "prelu per=channel init=0.5" and case.size == 0)
    assert torch_module.fresh(case).weight.tolist() == [0.5] * 4
