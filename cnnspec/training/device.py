"""Where a run is trained, and what makes two runs there equal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.utils import deterministic as deterministic_

from cnnspec.training.errors import TrainError


def device_named(name: str) -> torch.device:
    """TrainError where there is none; `auto` is CUDA if torch has it."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        if device.type not in ("cpu", "cuda"):
            raise RuntimeError("another device")
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise TrainError(f"the device `{name}` is not to be had here", "`--device cpu`") from error
    return device


@contextmanager
def deterministic(device: torch.device, threads: int) -> Iterator[None]:
    """What makes two runs equal to the bit; on CUDA, as far as there are such kernels. These settings are the whole
    process's, so they are put back: whoever trains from Python may have other work for torch."""
    before = torch.get_num_threads()
    was_on, warned = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.set_num_threads(threads)
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=device.type != "cpu")
    # It would fill every new tensor first, for whoever reads what was never written.
    filled, deterministic_.fill_uninitialized_memory = deterministic_.fill_uninitialized_memory, False
    try:
        yield
    finally:
        torch.set_num_threads(before)
        torch.use_deterministic_algorithms(was_on, warn_only=warned)
        deterministic_.fill_uninitialized_memory = filled
