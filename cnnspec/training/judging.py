"""A network's outputs for every sample, and what ONNX Runtime makes of the same."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from cnnspec.runtime.errors import DeviceError
from cnnspec.runtime.session import open_session
from cnnspec.training.data.fit import Fitted
from cnnspec.training.errors import Diverged
from cnnspec.training.feed import Scaling
from cnnspec.training.losses import Criterion
from cnnspec.training.metrics import said
from cnnspec.training.network import Network
from cnnspec.training.processes import ALONE, Processes

AT_A_TIME = 256
Outputs = NDArray[np.float32]
"""N x K."""


class Parity(NamedTuple):
    """How two runtimes' outputs compare on so many samples: the largest difference, as a share of the largest output,
    and on how many they say the same class."""

    samples: int
    largest: float
    agree: int


def outputs(
    network: Network, data: Fitted, scaling: Scaling, criterion: Criterion, processes: Processes = ALONE
) -> tuple[Outputs, float]:
    """In evaluation mode; and the mean loss. Each process judges every so-many-th part, and all get all."""
    network.eval()
    parts = list(_parts(len(data)))
    sums = np.zeros((2, len(parts)))
    whole = np.zeros((len(data), criterion.outputs), np.float32)
    with processes.together(), torch.no_grad():
        for each in range(processes.rank, len(parts), processes.size):
            x = scaling.of(data.take(parts[each]))
            y = torch.from_numpy(data.targets[parts[each]]).to(x.device)
            found = network(x)
            sums[:, each] = float(criterion.total(found, y)), criterion.weight(y)
            whole[parts[each]] = found.cpu().numpy()
    total, weight = np.asarray(processes.settled(sums.ravel().tolist())).reshape(2, -1).tolist()
    processes.add([torch.from_numpy(whole)])  # every row is of one process, and zero in the others
    if not np.isfinite(whole).all():
        bad = int((~np.isfinite(whole)).any(axis=1).sum())
        raise Diverged(
            f"the outputs for {bad:,} of {len(data):,} samples are no numbers",
            "a smaller learning rate, a `warmup`, or `clip 1`; the last checkpoint is kept",
        )
    return whole, sum(total) / max(sum(weight), 1e-300)


def finite(weights: Mapping[str, NDArray[Any]]) -> None:
    """Diverged, where a tensor holds an infinity or a NaN: a loss may still be a number then."""
    wrong = next((name for name, each in weights.items() if not np.isfinite(each).all()), None)
    if wrong is not None:
        raise Diverged(
            f"the best weights so far are no numbers: `{wrong}` is not finite",
            "a smaller learning rate, a `warmup`, or `clip 1`; the last checkpoint is kept",
        )


def compared(ours: Outputs, path: Path, data: Fitted, scaling: Scaling, threshold: float) -> Parity | str:
    """The ONNX file's outputs beside these; or why they were not compared."""
    try:
        session = open_session(os.fspath(path), "cpu", trusted=True)
    except DeviceError as error:
        return f"not compared with ONNX Runtime: {error.message}"
    made = []
    for places in _parts(len(data)):
        (found,) = session.run(scaling.of(data.take(places)).cpu().numpy()).values()
        made.append(found)
    theirs = np.concatenate(made)
    scale = float(np.abs(ours).max()) or 1.0
    agree = int((said(ours, threshold) == said(theirs, threshold)).sum())
    return Parity(len(data), float(np.abs(ours - theirs).max()) / scale, agree)


def _parts(count: int) -> Iterator[NDArray[np.intp]]:
    for begin in range(0, count, AT_A_TIME):
        yield np.arange(begin, min(begin + AT_A_TIME, count))
