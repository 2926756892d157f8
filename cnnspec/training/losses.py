"""What training makes small, on a batch of outputs: a sum, and the weight that it is divided by. So parts of a batch
add up to the loss of the whole, whatever weights its classes have."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from cnnspec.contract.training.losses import BALANCED, BinaryCrossEntropy, CrossEntropy, Loss, MeanSquaredError


class Criterion:
    """The loss of outputs N x K against classes N, for a network of `outputs` numbers; `targets` are those of the
    training set, which `balanced` weighs."""

    def __init__(self, loss: Loss, outputs: int, targets: NDArray[np.int64], device: torch.device) -> None:
        self.loss, self.outputs = loss, outputs
        self.weights: Tensor | None = None
        self.positive: Tensor | None = None
        if isinstance(loss, CrossEntropy) and loss.weights is not None:
            self.weights = _class_weights(loss.weights, outputs, targets).to(device)
        if isinstance(loss, BinaryCrossEntropy):
            self.positive = torch.tensor(loss.positive, dtype=torch.float32, device=device)

    @property
    def threshold(self) -> float:
        """Above it a single output says yes: as mse has it, or as a logit."""
        return 0.5 if isinstance(self.loss, MeanSquaredError) else 0.0

    def weight(self, y: Tensor) -> float:
        """What the sum over these samples is divided by for their mean."""
        return float(len(y)) if self.weights is None else float(self.weights[y].sum())

    def total(self, x: Tensor, y: Tensor) -> Tensor:
        """The sum over samples."""
        if isinstance(self.loss, CrossEntropy):
            smoothing = self.loss.smoothing
            return functional.cross_entropy(x, y, self.weights, reduction="sum", label_smoothing=smoothing)
        t = y[:, None].to(x.dtype) if x.shape[1] == 1 else functional.one_hot(y, x.shape[1]).to(x.dtype)
        if isinstance(self.loss, BinaryCrossEntropy):
            positive = None if self.positive is None else self.positive.to(x.dtype)
            whole = functional.binary_cross_entropy_with_logits(x, t, pos_weight=positive, reduction="sum")
        else:
            whole = functional.mse_loss(x, t, reduction="sum")
        return whole / x.shape[1]


def _class_weights(weights: str | tuple[float, ...], outputs: int, targets: NDArray[np.int64]) -> Tensor:
    if weights != BALANCED:
        return torch.tensor(weights, dtype=torch.float32)
    counts = np.bincount(targets, minlength=outputs)
    return torch.from_numpy(len(targets) / (outputs * np.maximum(counts, 1))).float()
