"""The loss of an update and its gradients: of this process's samples, and then of all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import reduce
from operator import add
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from cnnspec.training.errors import Diverged, TrainError
from cnnspec.training.feed import Batch, Update
from cnnspec.training.losses import Criterion
from cnnspec.training.metrics import said
from cnnspec.training.network import Network
from cnnspec.training.processes import LostError, Processes, VagueError
from cnnspec.training.sync_bn import Synced
from cnnspec.training.works import Works, first_not_finite

RANKS_APART = 0x9E3779B97F4A7C15
"""Between the seeds of two processes (the golden ratio of 64 bits)."""


class UpdateLoss(NamedTuple):
    """Of all samples of an update: the mean loss, how many were said right, which mixed ones are in part, and how many
    there are."""

    loss: float
    right: float
    samples: int


class Gradients:
    """Leaves the gradients of an update's mean loss in the network, the same in each process."""

    def __init__(
        self, works: Works, criterion: Criterion, aux: Mapping[str, float], processes: Processes, seed: int
    ) -> None:
        self.works, self.criterion, self.aux = works, criterion, aux
        self.processes, self.seed = processes, seed
        self.network: Network = works.network

    def meeting(self) -> AbstractContextManager[None]:
        """What is done within, all processes do together: with --sync-bn they wait for each other in every forward
        pass, and none may have stopped before it."""
        return self.processes.together() if self.works.manner.sync_bn else nullcontext()

    def of(self, take: Callable[[], Update], step: int, lr: float) -> UpdateLoss:
        """TrainError, in all processes, where a picture of one cannot be read, or its loss is no number."""
        loss, right, samples, error = 0.0, 0.0, 0, None
        try:
            with self.meeting():
                update = take()
            samples = len(update.y)
            for loss_now, right_now in self._parts(update, step, lr):
                loss, right = loss + loss_now, right + right_now
        except LostError:
            raise
        except TrainError as found:
            error = found
        except RuntimeError as found:
            if self.processes.is_loss(found):
                raise LostError from found
            raise
        loss, right = self.processes.settled((loss, right), error)
        if self.processes.size > 1:
            self._summed(update)
        return UpdateLoss(loss, right, samples)

    def _parts(self, update: Update, step: int, lr: float) -> Iterator[tuple[float, float]]:
        weights = (self.criterion.weight(update.y), self.criterion.weight(update.other))
        for place, batch in enumerate(update.parts):
            # What chance there is in the network (dropout) is that of this part of this update.
            own = ((self.seed * 1_000_003 + step) * 1_009 + place) + self.processes.rank * RANKS_APART
            _seeded(own % 2**63, self.works.device)
            if batch is not None:
                yield self._part(batch, weights, step, lr)

    def _part(self, batch: Batch, weights: tuple[float, float], step: int, lr: float) -> tuple[float, float]:
        """Adds the part's gradients; gives its share of the update's loss, and how many are right. `weights` are the
        whole update's, for the samples' own classes and for those that they are mixed with."""
        with self.meeting():
            heads = self.works(batch.x)
            whole = reduce(add, (self._loss(name, each, batch, weights) for name, each in heads.items()))
            loss_now = float(whole.detach())
            if not math.isfinite(loss_now):
                self._not_finite(batch.x, loss_now, step, lr)
        self.works.backward(whole)
        main = next(name for name in heads if name not in self.aux)
        made = said(heads[main].detach().cpu().numpy(), self.criterion.threshold)
        taken = torch.from_numpy(made).to(batch.y.device)
        right = float((taken == batch.y).sum())
        if batch.share < 1:
            right = batch.share * right + (1 - batch.share) * float((taken == batch.other).sum())
        return loss_now, right

    def _loss(self, head: str, made: Tensor, batch: Batch, weights: tuple[float, float]) -> Tensor:
        """What an output adds to the loss."""
        loss = self.criterion.total(made, batch.y) * (batch.share / weights[0])
        if batch.share < 1:
            loss = loss + self.criterion.total(made, batch.other) * ((1 - batch.share) / weights[1])
        return loss * self.aux[head] if head in self.aux else loss

    def _not_finite(self, x: Tensor, loss: float, step: int, lr: float) -> None:
        where = first_not_finite(self.works, x)
        what = f"the first such value comes out of `{where}`" if where else "the outputs are too far apart"
        kind = Diverged if where else VagueError  # with --sync-bn, a number that is none is in all processes at once
        raise kind(
            f"the loss is {loss} at step {step + 1:,}: {what}",
            f"a smaller learning rate than {lr:g}, a `warmup`, or `clip 1`; the last checkpoint is kept",
        )

    def _summed(self, update: Update) -> None:
        """Gradients become the sum over the processes, whose losses are shares of one. Running means and variances
        become the mean over all samples: each process has seen its own."""
        weights = [each for each in self.network.parameters() if each.requires_grad]
        have = torch.tensor([float(each.grad is not None) for each in weights], device=self.processes.device)
        for each in weights:
            if each.grad is None:
                each.grad = torch.zeros_like(each)
        running = [each for module in self.network.modules() for each in _running(module)]
        with torch.no_grad():
            for each in running:
                each.mul_(update.own / len(update.y))
        self.processes.add([*(each.grad for each in weights if each.grad is not None), *running, have])
        for each, found in zip(weights, have.tolist(), strict=True):
            if not found:  # nowhere: then no update is made of it
                each.grad = None


def _seeded(seed: int, device: torch.device) -> None:
    """`torch.manual_seed` seeds every device, those too that are not there, which takes half a millisecond."""
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)
    torch.default_generator.manual_seed(seed)


def _running(module: nn.Module) -> list[Tensor]:
    """Its means and variances, if they follow what this process sees; those of --sync-bn are alike already."""
    if not isinstance(module, _BatchNorm) or isinstance(module, Synced) or not module.training:
        return []
    return [each for each in module.buffers(recurse=False) if each.is_floating_point()]
