"""What an update is made of: pictures by their places, made numbers, augmented, normalized and mixed."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnspec.contract.preprocess import Preprocess
from cnnspec.contract.sections import Normalize, Rescale
from cnnspec.contract.settings import Setting
from cnnspec.contract.training.augment import Mixup
from cnnspec.contract.training.recipe import Batch as Size
from cnnspec.contract.values import Shape
from cnnspec.training.augment import augmented, chances, mixed
from cnnspec.training.data.fit import Fitted, Planes, steps_of
from cnnspec.training.errors import TrainError
from cnnspec.training.plan import steps_of_epoch
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
    """What one process has of a part of an update: pictures `x` and their classes `y`. With `mixup`, only a `share` of
    each picture is of its class, and the rest is of the class `other`."""

    x: Tensor
    y: Tensor
    other: Tensor
    share: float


class Update(NamedTuple):
    """`parts` are this process's, None where it has nothing of one. `y` and `other` are the classes of all samples,
    whichever process has them."""

    parts: list[Batch | None]
    y: Tensor
    other: Tensor

    @property
    def own(self) -> int:
        """How many samples this process has."""
        return sum(len(each.y) for each in self.parts if each is not None)


class Share(NamedTuple):
    """Of every part, the `rank`-th of `size` processes takes its share; none takes fewer than `least` samples."""

    rank: int = 0
    size: int = 1
    least: int = 2

    def of(self, places: NDArray[np.intp]) -> NDArray[np.intp]:
        """Its share; those that get nothing are the last."""
        count = min(self.size, max(1, len(places) // self.least))
        return np.array_split(places, count)[self.rank] if self.rank < count else places[:0]


class Feed:
    """The training samples, update by update, as a function of seed and step. Several threads may ask at once."""

    def __init__(
        self, fitted: Fitted, scaling: Scaling, augment: Sequence[Setting], seed: int, size: Size, share: Share
    ) -> None:
        """TrainError where some process would never get anything."""
        self.fitted, self.scaling, self.augment = fitted, scaling, augment
        self.seed, self.size, self.share = seed, size, share
        self.mixup = next((each for each in augment if isinstance(each, Mixup)), None)
        self.per_epoch = steps_of_epoch(len(fitted), size.size)
        self._epochs: dict[int, tuple[NDArray[np.intp], NDArray[np.float64] | None]] = {}
        self._lock = Lock()
        _enough(len(fitted), self.per_epoch, size, share)

    def update(self, step: int) -> Update:
        """The update of that number, from 0. An epoch's last takes what is left."""
        epoch, place = divmod(step, self.per_epoch)
        order, chance = self._epoch(epoch)
        end = None if place == self.per_epoch - 1 else (place + 1) * self.size.size
        chosen = order[place * self.size.size : end]
        whole = parts_of(len(chosen), self.size.accumulate)
        share, partner = 1.0, np.arange(len(chosen))
        if self.mixup:
            for each in whole:  # within a part, whichever process has which of it
                share, within = mixed(self.mixup, len(each), self.seed, step)
                partner[each] = each[within]
        y = torch.from_numpy(self.fitted.targets[chosen]).to(self.scaling.device)
        other = torch.from_numpy(self.fitted.targets[chosen[partner]]).to(self.scaling.device)
        parts = [self.share.of(each) for each in whole]
        return Update([self._batch(each, chosen, (share, partner), chance) for each in parts], y, other)

    def _epoch(self, epoch: int) -> tuple[NDArray[np.intp], NDArray[np.float64] | None]:
        """The order of the samples, and what chance has for each."""
        with self._lock:
            if epoch not in self._epochs:
                count = len(self.fitted)
                chance = chances(self.augment, count, self.seed, epoch) if self.augment else None
                kept = {each: found for each, found in self._epochs.items() if each == epoch - 1}
                self._epochs = {**kept, epoch: (order(count, self.seed, epoch), chance)}
            return self._epochs[epoch]

    def _batch(
        self,
        own: NDArray[np.intp],
        chosen: NDArray[np.intp],
        mix: tuple[float, NDArray[np.intp]],
        chance: NDArray[np.float64] | None,
    ) -> Batch | None:
        """Of the samples chosen, those of these places: with the ones that are mixed into them, which may be another
        process's."""
        if not len(own):
            return None
        device, (share, partner) = self.scaling.device, mix
        needed = np.unique(np.concatenate([own, partner[own]])) if self.mixup else own
        chances = None if chance is None else torch.from_numpy(chance[chosen[needed]]).to(device)
        x = self.scaling.of(self.fitted.take(chosen[needed]), self.augment, chances)
        if self.mixup:
            first, second = (torch.from_numpy(np.searchsorted(needed, each)).to(device) for each in (own, partner[own]))
            x = share * x[first] + (1 - share) * x[second]
        y, other = (torch.from_numpy(self.fitted.targets[chosen[each]]).to(device) for each in (own, partner[own]))
        return Batch(x, y, other, share)


def parts_of(count: int, parts: int) -> list[NDArray[np.intp]]:
    """The places of so many samples in as many parts, none of one sample alone."""
    return np.array_split(np.arange(count), min(parts, max(1, count // 2)))


def _enough(samples: int, per_epoch: int, size: Size, share: Share) -> None:
    if share.size == 1:
        return
    counts = [min(size.size, samples)]
    if share.least == 1:  # nobody may be left out, also not of an epoch's last update
        counts.append(samples - (per_epoch - 1) * size.size)
    for count in counts:
        smallest = min(map(len, parts_of(count, size.accumulate)))
        if smallest < share.least * share.size:
            one = "sample" if smallest == 1 else "samples"
            raise TrainError(
                f"{smallest} {one} at a time are too few for {share.size} processes",
                "a larger `batch`, fewer parts by `accumulate`, or fewer processes",
            )
