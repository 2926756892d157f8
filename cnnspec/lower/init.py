"""First values of the weights: the same from a seed on every machine, whatever else the network holds.

Each tensor has its own stream of numbers: Philox 4x64-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3,
SC 2011), whose key is the SHA-256 of the seed and the tensor's full name. So a layer that is added, moved or left out
changes no other tensor. NumPy gives only the raw bits, which its policy keeps as they are (NEP 19); what is made of
them is made here.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnspec.contract.facts import Init, Weight
from cnnspec.contract.values import Shape
from cnnspec.lower.normal import Reals, normal_quantile

CUT = 2.0
"""Where `trunc_normal` ends on both sides: torch.nn.init.trunc_normal_ and timm's have a=-2, b=2."""

BLOCK = 1 << 16
"""Numbers made at a time: what is needed besides the tensor itself stays small. Does not change the values."""


def initialise(weights: Mapping[str, Weight], seed: int) -> dict[str, NDArray[Any]]:
    """Every tensor by its full name, in the mapping's order and each weight's type."""
    return {name: _tensor(name, weight, seed) for name, weight in weights.items()}


def _tensor(name: str, weight: Weight, seed: int) -> NDArray[Any]:
    if weight.init.kind == "constant":
        return np.full(weight.shape, weight.init.scale, weight.dtype)
    return _drawn(name, weight.shape, weight.dtype, _making(weight.init), seed)


def _making(init: Init) -> Callable[[Reals], Reals]:
    """From probabilities, evenly spread in (0, 1), to numbers of the distribution; to fewer where some are cut off."""
    if init.kind == "uniform":
        return lambda p: (p - 0.5) * (2.0 * init.scale)
    if init.kind == "trunc_normal":
        return lambda p: _within(normal_quantile(p) * init.scale, CUT)
    assert init.kind == "normal", f"no distribution is called {init.kind}"
    return lambda p: normal_quantile(p) * init.scale


def _within(numbers: Reals, bound: float) -> Reals:
    return numbers[np.abs(numbers) <= bound]


def _drawn(name: str, shape: Shape, dtype: str, make: Callable[[Reals], Reals], seed: int) -> NDArray[Any]:
    """The first numbers of the tensor's own stream."""
    made = np.empty(shape, dtype)
    flat = made.reshape(-1)
    bits = stream(name, seed)
    filled = 0
    while filled < flat.size:
        numbers = make(_probabilities(bits.random_raw(min(BLOCK, flat.size - filled))))
        flat[filled : filled + numbers.size] = numbers
        filled += numbers.size
    return made


def stream(name: str, seed: int) -> np.random.Philox:
    """The numbers of a seed that belong to this name, whatever else is drawn."""
    return np.random.Philox(key=int.from_bytes(sha256(f"{seed}\n{name}".encode()).digest()[:16], "little"))


def _probabilities(raw: NDArray[np.uint64]) -> Reals:
    """The middles of 2**52 equal steps of (0, 1): exact, even about 1/2, never 0 or 1."""
    return ((raw >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
