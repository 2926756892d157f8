"""Which samples are held out: the same share of every class, the same ones for a seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnspec.lower.init import stream
from cnnspec.training.errors import DataError

Places = NDArray[np.intp]


def drawn(seed: int, *what: object) -> np.random.Philox:
    """Numbers of their own for a seed and a purpose, as weights begin with theirs."""
    return stream("\n".join(map(str, what)), seed)


def shuffled(count: int, seed: int, *what: object) -> Places:
    """A permutation: the order of as many raw numbers of 64 bits (NumPy keeps those as they are, NEP 19)."""
    return np.argsort(drawn(seed, *what).random_raw(count), kind="stable")


def order(count: int, seed: int, epoch: int) -> Places:
    """In which order an epoch goes through the samples: a function of its arguments and of nothing else."""
    return shuffled(count, seed, "order", epoch)


def hold_out(targets: NDArray[np.int64], share: float, seed: int) -> tuple[Places, Places]:
    """Places to train on and places held out, both ascending: of each class that share, rounded, at least one and at
    most all but one. DataError where a class has one sample alone."""
    held = []
    for each in np.unique(targets):
        places = np.flatnonzero(targets == each)
        if len(places) < 2:
            raise DataError(
                f"class {each} has one sample alone, which cannot be both trained on and held out",
                "`--holdout 0` holds nothing out",
            )
        count = min(max(1, round(share * len(places))), len(places) - 1)
        held.append(places[shuffled(len(places), seed, "hold out", each)[:count]])
    out = np.sort(np.concatenate(held))
    return np.setdiff1d(np.arange(len(targets)), out), out
