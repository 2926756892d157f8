"""First values from a seed: the distributions that are asked for, and the same bytes everywhere."""

import hashlib
import statistics
import subprocess
import sys
from math import erf, sqrt

import numpy as np
import pytest

from cnnspec.contract.facts import ONES, ZEROS, Init, Weight
from cnnspec.lower.init import initialise
from cnnspec.lower.normal import logarithm, normal_quantile
from tests import ROOT

COUNT = 200_000
UNIFORM = Init("uniform", sqrt(1 / 27))
NORMAL = Init("normal", sqrt(2 / 147))


def drawn(init: Init, seed: int = 0, name: str = "conv1.weight", count: int = COUNT) -> np.ndarray:
    return initialise({name: Weight("weight", (count,), init)}, seed)[name]


def philox(key: int, count: int) -> list[int]:
    """Philox 4x64-10 as its paper has it, in whole numbers; the counter goes up before each block, as NumPy's does."""
    mask, made, counter = 2**64 - 1, [], 0
    while len(made) < count:
        counter += 1
        x = [counter & mask, counter >> 64, 0, 0]
        k = [key & mask, key >> 64]
        for _ in range(10):
            high0, low0 = divmod(0xD2E7470EE14C6C93 * x[0], 2**64)
            high1, low1 = divmod(0xCA5A826395121157 * x[2], 2**64)
            x = [high1 ^ x[1] ^ k[0], low1, high0 ^ x[3] ^ k[1], low0]
            k = [(k[0] + 0x9E3779B97F4A7C15) & mask, (k[1] + 0xBB67AE8584CAA73B) & mask]
        made += x
    return made[:count]


def test_the_stream_is_the_papers() -> None:
    """Worked again in plain Python: the key, the generator, the step to numbers."""
    for seed, name in ((0, "conv1.weight"), (-7, "layer1.0.conv2.bias"), (2**70, "ω.weight")):
        digest = hashlib.sha256(f"{seed}\n{name}".encode()).digest()
        raw = philox(int.from_bytes(digest[:16], "little"), 10)
        exact = [((each >> 12) * 2 + 1 - 2**52) / 2**52 * sqrt(1 / 27) for each in raw]
        assert drawn(UNIFORM, seed, name, 10).tolist() == np.array(exact, np.float32).tolist()
        normal = [statistics.NormalDist(0, sqrt(2 / 147)).inv_cdf(((each >> 12) + 0.5) / 2**52) for each in raw]
        assert drawn(NORMAL, seed, name, 10) == pytest.approx(normal, rel=2e-7)


def test_uniform() -> None:
    values, scale = drawn(UNIFORM).astype(float), sqrt(1 / 27)
    assert -scale <= values.min() < -0.999 * scale
    assert 0.999 * scale < values.max() <= scale
    assert abs(values.mean()) < 4 * scale / sqrt(3 * COUNT)
    assert values.var() == pytest.approx(scale**2 / 3, rel=0.01)
    assert kolmogorov(values, lambda x: (x / scale + 1) / 2) < 1.95


def test_normal() -> None:
    values, scale = drawn(NORMAL).astype(float), sqrt(2 / 147)
    assert abs(values.mean()) < 4 * scale / sqrt(COUNT)
    assert values.var() == pytest.approx(scale**2, rel=0.015)
    assert 4 * scale < np.abs(values).max() < 7 * scale
    assert kolmogorov(values, lambda x: (1 + erf(x / scale / sqrt(2))) / 2) < 1.95


def test_normal_without_its_ends() -> None:
    """The numbers of the normal stream in their order, without those that lie outside; none is outside at 0.02."""
    cut, whole = (drawn(Init(kind, 1.5), count=COUNT) for kind in ("trunc_normal", "normal"))
    kept = whole[np.abs(whole) <= 2]
    assert 0.8 * COUNT < len(kept) < 0.84 * COUNT
    assert np.array_equal(cut[: len(kept)], kept)
    assert np.abs(cut).max() <= 2
    below = (1 + erf(-2 / 1.5 / sqrt(2))) / 2
    assert kolmogorov(cut, lambda x: ((1 + erf(x / 1.5 / sqrt(2))) / 2 - below) / (1 - 2 * below)) < 1.95
    assert np.array_equal(drawn(Init("trunc_normal", 0.02)), drawn(Init("normal", 0.02)))


def kolmogorov(values: np.ndarray, cdf) -> float:
    """The statistic sqrt(n) * D; above 1.95 in one of a thousand honest draws."""
    exact = np.array([cdf(each) for each in np.sort(values)])
    steps = np.arange(len(values) + 1) / len(values)
    return float(max((steps[1:] - exact).max(), (exact - steps[:-1]).max()) * sqrt(len(values)))


def test_the_quantile_and_the_logarithm_against_pythons() -> None:
    chance = np.random.default_rng(0)
    p = np.concatenate([chance.random(20_000), 10.0 ** -chance.uniform(0, 16, 20_000), 1 - 2.0 ** -np.arange(1.0, 53)])
    exact = np.array([statistics.NormalDist().inv_cdf(each) for each in p])
    assert np.abs(normal_quantile(p) - exact).max() < 2e-14
    assert np.abs(logarithm(p) / np.log(p) - 1).max() < 1e-15


def test_constants_and_types() -> None:
    weights = {
        "bn.weight": Weight("weight", (3,), ONES),
        "bn.bias": Weight("bias", (3,), ZEROS),
        "bn.running_var": Weight("running_var", (3,), ONES, trainable=False),
        "bn.num_batches_tracked": Weight("num_batches_tracked", (), ZEROS, trainable=False, dtype="int64"),
        "scale.weight": Weight("weight", (2, 2), Init("constant", -0.5)),
        "empty.weight": Weight("weight", (0, 2), UNIFORM),
    }
    made = initialise(weights, 5)
    assert list(made) == list(weights)
    for name, weight in weights.items():
        assert (made[name].shape, made[name].dtype.name) == (weight.shape, weight.dtype)
    assert made["bn.weight"].tolist() == [1, 1, 1]
    assert made["bn.num_batches_tracked"] == 0
    assert made["scale.weight"].tolist() == [[-0.5, -0.5], [-0.5, -0.5]]


WEIGHTS = {
    "conv1.weight": Weight("weight", (64, 3, 7, 7), UNIFORM),
    "conv1.bias": Weight("bias", (64,), UNIFORM),
    "fc.weight": Weight("weight", (300, 300), NORMAL),
}


def digest(seed: int) -> str:
    made = hashlib.sha256()
    for name, array in initialise(WEIGHTS, seed).items():
        made.update(name.encode() + array.astype("<f4").tobytes())
    return made.hexdigest()


def test_the_bytes_are_pinned() -> None:
    """A change here changes every model that was exported from a seed: it takes a new edition."""
    assert digest(0) == "644f8e7ec8d1ed41178a07603ba5113fabeb7a28b8ceb0c29e2b979b6aebe878"
    assert digest(1) != digest(0)
    program = "from tests.test_init import digest; print(digest(0))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert run.stdout.strip() == digest(0)


def test_each_tensor_stands_alone() -> None:
    """The order, the company and the length of the others change nothing; another name changes all."""
    whole = initialise(WEIGHTS, 3)
    for name, array in initialise(dict(reversed(WEIGHTS.items())), 3).items():
        assert np.array_equal(array, whole[name])
        assert np.array_equal(initialise({name: WEIGHTS[name]}, 3)[name], array)
    same = Weight("weight", (1000,), UNIFORM)
    pair = initialise({"a.weight": same, "b.weight": same}, 3)
    assert abs(np.corrcoef(pair["a.weight"], pair["b.weight"])[0, 1]) < 0.1
    longer = initialise({"a.weight": same._replace(shape=(100_000,))}, 3)["a.weight"]
    assert np.array_equal(longer[:1000], pair["a.weight"])
