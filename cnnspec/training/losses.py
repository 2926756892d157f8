"""What training makes small, on a batch of outputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from cnnspec.contract.training.losses import BALANCED, BinaryCrossEntropy, CrossEntropy, Loss, MeanSquaredError

Judge = Callable[[Tensor, Tensor], Tensor]
"""The loss of outputs N x K against classes N."""


def judge(loss: Loss, outputs: int, targets: NDArray[np.int64], device: torch.device) -> Judge:
    """For a network of so many outputs; `targets` are those of the training set, which `balanced` weighs."""
    if isinstance(loss, CrossEntropy):
        weights = _class_weights(loss, outputs, targets)
        weights = None if weights is None else weights.to(device)
        return lambda x, y: functional.cross_entropy(x, y, weights, label_smoothing=loss.smoothing)
    if isinstance(loss, BinaryCrossEntropy):
        positive = torch.tensor(loss.positive, dtype=torch.float32, device=device)
        return lambda x, y: functional.binary_cross_entropy_with_logits(x, _targets(x, y), pos_weight=positive)
    assert isinstance(loss, MeanSquaredError)
    return lambda x, y: functional.mse_loss(x, _targets(x, y))


def _targets(x: Tensor, y: Tensor) -> Tensor:
    """1 at the right class and 0 elsewhere; of a single output, the class itself."""
    return y[:, None].to(x.dtype) if x.shape[1] == 1 else functional.one_hot(y, x.shape[1]).to(x.dtype)


def _class_weights(loss: CrossEntropy, outputs: int, targets: NDArray[np.int64]) -> Tensor | None:
    if loss.weights is None:
        return None
    if loss.weights != BALANCED:
        return torch.tensor(loss.weights, dtype=torch.float32)
    counts = np.bincount(targets, minlength=outputs)
    return torch.from_numpy(len(targets) / (outputs * np.maximum(counts, 1))).float()
