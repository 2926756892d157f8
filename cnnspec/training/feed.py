"""What a batch is: pictures by their places, made numbers, augmented and normalized."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnspec.contract.preprocess import Preprocess
from cnnspec.contract.sections import Normalize, Rescale
from cnnspec.contract.settings import Setting
from cnnspec.contract.values import Shape
from cnnspec.training.augment import augmented, chances
from cnnspec.training.data.fit import Fitted, Planes, steps_of
from cnnspec.training.split import order


class Scaling:
    """The value steps of an `image` section on batches, with the same roundings as on one picture (runtime.prepare);
    augmentation sees values from 0 to 1, before means and deviations."""

    def __init__(self, preprocess: Preprocess, shape: Shape, device: torch.device) -> None:
        self.is_vector, self.device = len(shape) == 1, device
        scaling = steps_of(preprocess).scaling
        self.factors = [each.factor for each in scaling if isinstance(each, Rescale)]
        self.norms = [
            tuple(
                torch.tensor(each_, dtype=torch.float32, device=device)[:, None, None]
                for each_ in (each.mean, each.std)
            )
            for each in scaling
            if isinstance(each, Normalize)
        ]
        self.is_bgr = preprocess.channels == "bgr"

    def of(self, planes: Planes, steps: Sequence[Setting] = (), chance: Tensor | None = None) -> Tensor:
        x = torch.from_numpy(planes).to(self.device).float()
        if steps and chance is not None:
            x = x.flip(1) if self.is_bgr else x  # jitter knows red from blue
            x = augmented(x / 255, steps, chance) * 255
            x = x.flip(1) if self.is_bgr else x
        for factor in self.factors:
            divisor = round(1 / factor)
            x = x / divisor if divisor > 1 and 1 / divisor == factor else x * factor
        for mean, std in self.norms:
            x = (x - mean) / std
        return x.flatten(1) if self.is_vector else x


class Batch(NamedTuple):
    """Part of an update: `x` and the classes `y`."""

    x: Tensor
    y: Tensor


class Feed:
    """The training samples, batch by batch, as a function of seed, epoch and place."""

    def __init__(
        self, fitted: Fitted, scaling: Scaling, augment: Sequence[Setting], seed: int, size: int, parts: int
    ) -> None:
        self.fitted, self.scaling, self.augment = fitted, scaling, augment
        self.seed, self.size, self.parts = seed, size, parts
        self.epoch = -1
        self.places: NDArray[np.intp] = np.empty(0, np.intp)
        self.chance: NDArray[np.float64] | None = None

    def update(self, epoch: int, place: int, per_epoch: int) -> list[Batch]:
        """The parts that the update at this place of the epoch is made of; the last takes what is left."""
        if epoch != self.epoch:
            self.epoch = epoch
            self.places = order(len(self.fitted), self.seed, epoch)
            self.chance = chances(self.augment, len(self.fitted), self.seed, epoch) if self.augment else None
        end = None if place == per_epoch - 1 else (place + 1) * self.size
        chosen = self.places[place * self.size : end]
        parts = min(self.parts, max(1, len(chosen) // 2))  # none of one sample alone
        return [self._part(each) for each in np.array_split(chosen, parts)]

    def _part(self, chosen: NDArray[np.intp]) -> Batch:
        device = self.scaling.device
        chance = None if self.chance is None else torch.from_numpy(self.chance[chosen]).to(device)
        x = self.scaling.of(self.fitted.take(chosen), self.augment, chance)
        return Batch(x, torch.from_numpy(self.fitted.targets[chosen]).to(device))
