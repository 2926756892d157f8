"""First values of the weights: the same from a seed on every machine, whatever else the network holds.

Each tensor has its own stream of numbers: Philox 4x64-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3,
SC 2011), whose key is the SHA-256 of the seed and the tensor's full name. So a layer that is added, moved or left out
changes no other tensor. NumPy gives only the raw bits, which its policy keeps as they are (NEP 19); what is made of
them is made here.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from hashlib import sha256
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnspec.contract.facts import Init, Weight
from cnnspec.contract.values import Shape
from cnnspec.lower.normal import Reals, normal_quantile

BLOCK = 1 << 16
"""Numbers made at a time: what is needed besides the tensor itself stays small. Does not change the values."""


def initialise(weights: Mapping[str, Weight], seed: int) -> dict[str, NDArray[Any]]:
    """Every tensor by its full name, in the mapping's order and each weight's type."""
    return {name: _tensor(name, weight, seed) for name, weight in weights.items()}


def _tensor(name: str, weight: Weight, seed: int) -> NDArray[Any]:
    scale = _root(weight.init.scale_squared)
    if weight.init.kind == "constant":
        return np.full(weight.shape, scale, weight.dtype)
    return _drawn(name, weight.shape, weight.dtype, _making(weight.init, scale), seed)


def _root(squared: Fraction) -> float:
    """Correctly rounded twice, by division and by root: the same everywhere."""
    return sqrt(squared.numerator / squared.denominator)


def _making(init: Init, scale: float) -> Callable[[Reals], Reals]:
    """From probabilities, evenly spread in (0, 1), to the numbers of the distribution."""
    if init.kind == "uniform":
        return lambda p: (p - 0.5) * (2.0 * scale)
    assert init.kind == "normal", f"no distribution is called {init.kind}"
    return lambda p: normal_quantile(p) * scale


def _drawn(name: str, shape: Shape, dtype: str, make: Callable[[Reals], Reals], seed: int) -> NDArray[Any]:
    made = np.empty(shape, dtype)
    flat = made.reshape(-1)
    stream = np.random.Philox(key=_key(name, seed))
    for start in range(0, flat.size, BLOCK):
        block = flat[start : start + BLOCK]
        block[:] = make(_probabilities(stream.random_raw(block.size)))
    return made


def _key(name: str, seed: int) -> int:
    return int.from_bytes(sha256(f"{seed}\n{name}".encode()).digest()[:16], "little")


def _probabilities(raw: NDArray[np.uint64]) -> Reals:
    """The middles of 2**52 equal steps of (0, 1): exact, even about 1/2, never 0 or 1."""
    return ((raw >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
