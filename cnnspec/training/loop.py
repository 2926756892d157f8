"""The loop: update after update, an epoch's end, a checkpoint; told as records, and gone on with to the bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnspec.contract.training.schedules import Plateau
from cnnspec.training.ahead import Ahead
from cnnspec.training.checkpoint import Checkpoint
from cnnspec.training.data.fit import Fitted
from cnnspec.training.feed import Feed, Scaling, Share, Update
from cnnspec.training.gradients import Gradients
from cnnspec.training.judging import Outputs, outputs
from cnnspec.training.losses import Criterion
from cnnspec.training.metrics import Metrics, metrics
from cnnspec.training.network import Network, arrays_of, load
from cnnspec.training.optimize import Updates
from cnnspec.training.plan import Plan, steps_of_epoch
from cnnspec.training.processes import ALONE, Processes
from cnnspec.training.schedule import Patience, Rates
from cnnspec.training.transfer import Transfer
from cnnspec.training.works import Works


class Updated(NamedTuple):
    """An update is done: the `step`-th of `steps`, in `epoch`, both from 1."""

    epoch: int
    step: int
    steps: int
    loss: float
    lr: float
    samples: int


class Epoch(NamedTuple):
    """An epoch is done. `loss` and `accuracy` are of the training pictures as they went by; None held out nothing."""

    epoch: int
    step: int
    lr: float
    loss: float
    accuracy: float
    held_loss: float | None
    held_accuracy: float | None
    is_best: bool


class Stopped(NamedTuple):
    """Training ended before its length, and why."""

    why: str


class Data(NamedTuple):
    """What a loop walks through: training samples, and those held out."""

    train: Fitted
    held: Fitted | None
    scaling: Scaling


class Loop:
    """All that changes while a network is trained, and nothing else: what a checkpoint holds is what there is."""

    def __init__(
        self,
        network: Network,
        plan: Plan,
        data: Data,
        classes: int,
        aux: Mapping[str, float],
        processes: Processes = ALONE,
    ) -> None:
        self.network, self.plan, self.data, self.processes = network, plan, data, processes
        self.works = Works(network, plan.manner, data.scaling.device)
        recipe = plan.recipe
        count, batch = len(data.train), plan.batch
        self.per_epoch = steps_of_epoch(count, batch.size)
        self.steps = plan.steps(count)
        self.transfer = Transfer(network, recipe, self.per_epoch)
        self.updates = Updates(network, plan.optimizer, recipe, self.transfer.factors)
        self.rates = Rates(plan.optimizer.lr, plan.schedule, recipe.warmup, self.steps, self.per_epoch)
        self.criterion = Criterion(plan.loss, classes, data.train.targets, data.scaling.device)
        augment = recipe.augment or ()
        share = Share(processes.rank, processes.size, 1 if plan.manner.sync_bn else 2)
        self.feed = Feed(data.train, data.scaling, augment, plan.seed, batch, share)
        self.gradients = Gradients(self.works, self.criterion, aux, processes, plan.seed)
        self.mean = {name: each.detach().clone() for name, each in network.state_dict().items()} if recipe.ema else {}
        self.waits: dict[str, Patience] = {}
        stop, schedule = recipe.stop, plan.schedule
        if stop:
            self.waits["stop"] = Patience(stop.patience - 1, stop.metric == "accuracy", delta=stop.min_delta)
        if isinstance(schedule, Plateau):
            larger = schedule.metric == "accuracy"
            self.waits["plateau"] = Patience(schedule.patience, larger, share=schedule.threshold)
        self.step = 0
        self.sums = [0.0, 0.0, 0.0]  # of this epoch: loss, right, samples
        self.best: tuple[float, ...] | None = None
        self.best_epoch = 0
        self.history: list[Epoch] = []

    # -- going on -------------------------------------------------------------------------------------------------

    def run(self) -> Iterator[Updated | Epoch | Stopped]:
        """From where it stands to the end. TrainError at a loss that is no number."""
        stop = self.waits.get("stop")
        with Ahead(self.feed.update, self.steps, self.plan.manner.workers) as ahead:
            while self.step < self.steps:
                if stop and stop.is_over:
                    yield Stopped(f"no gain for {stop.waited} epochs")
                    return
                yield self._update(ahead)
                if self.is_between:
                    yield self._end_of_epoch()

    @property
    def is_between(self) -> bool:
        """Whether an epoch has just ended, or training has."""
        return self.step % self.per_epoch == 0 or self.step == self.steps

    def _update(self, ahead: Ahead[Update]) -> Updated:
        epoch, lr = self.step // self.per_epoch, self.rates.at(self.step)
        self.transfer.at(self.step)
        self.network.train()
        found = self.gradients.of(lambda: ahead.take(self.step), self.step, lr)
        for place, each in enumerate((found.loss * found.samples, found.right, found.samples)):
            self.sums[place] += each
        if self.works.is_sound(self.updates.torch):
            self.updates.step(lr)
        if self.plan.recipe.ema:
            self._follow(self.plan.recipe.ema.decay)
        self.step += 1
        return Updated(epoch + 1, self.step, self.steps, found.loss, lr, found.samples)

    def _follow(self, decay: float) -> None:
        for name, each in self.network.state_dict().items():
            if not self.transfer.moves(name):
                continue
            if each.is_floating_point():  # means and variances, too: they belong to the weights
                self.mean[name].lerp_(each, 1 - decay)
            else:
                self.mean[name].copy_(each)

    # -- the end of an epoch --------------------------------------------------------------------------------------

    def _end_of_epoch(self) -> Epoch:
        loss, right, seen = self.sums
        self.sums = [0.0, 0.0, 0.0]
        lr = self.rates.at(self.step - 1)  # before a plateau changes it
        held = self.metrics(self.data.held) if self.data.held else None
        is_best = held is None or self.best is None or self._value(held) > self.best
        if is_best:
            self.best, self.best_epoch = self._value(held) if held else None, len(self.history) + 1
        if held is not None:
            self._wait(held)
        made = Epoch(
            len(self.history) + 1,
            self.step,
            lr,
            loss / seen,
            right / seen,
            held.loss if held else None,
            held.accuracy if held else None,
            is_best,
        )
        self.history.append(made)
        return made

    def _wait(self, held: Metrics) -> None:
        stop, schedule = self.plan.recipe.stop, self.plan.schedule
        if stop:
            self.waits["stop"].take(held.loss if stop.metric == "loss" else held.accuracy)
        if isinstance(schedule, Plateau):
            plateau = self.waits["plateau"]
            plateau.take(held.loss if schedule.metric == "loss" else held.accuracy)
            if plateau.is_over:
                self.rates.reduced *= schedule.factor
                plateau.waited = 0

    def _value(self, held: Metrics) -> tuple[float, ...]:
        """What the best epoch has most of: what `stop` looks at, else accuracy and, of equals, the smaller loss."""
        stop = self.plan.recipe.stop
        return (-held.loss,) if stop and stop.metric == "loss" else (held.accuracy, -held.loss)

    def kept(self) -> dict[str, NDArray[Any]]:
        """The weights that are judged and kept: their running mean, where there is one."""
        return arrays_of(self.mean or self.network.state_dict())

    def metrics(self, data: Fitted) -> Metrics:
        """Of the weights that are kept."""
        made, loss = self.outputs(data)
        return metrics(made, data.targets, loss, self.criterion.threshold)

    def outputs(self, data: Fitted) -> tuple[Outputs, float]:
        """For every sample, of the weights that are kept; and the mean loss."""
        own = {name: each.clone() for name, each in self.network.state_dict().items()} if self.mean else {}
        if self.mean:
            self.network.load_state_dict(self.mean)
        made = outputs(self.network, data, self.data.scaling, self.criterion, self.processes)
        if own:
            self.network.load_state_dict(own)
        return made

    def take(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """These are the weights now, and are judged as they are."""
        load(self.network, weights)
        self.mean = {}

    # -- checkpoints ----------------------------------------------------------------------------------------------

    def checkpoint(self) -> Checkpoint:
        tensors = {f"network.{name}": each for name, each in arrays_of(self.network.state_dict()).items()}
        tensors |= {f"mean.{name}": each for name, each in arrays_of(self.mean).items()}
        tensors |= {f"optimizer.{name}": each for name, each in arrays_of(self.updates.state()).items()}
        plain = {
            "step": self.step,
            "sums": self.sums,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "reduced": self.rates.reduced,
            "waits": {name: [each.best, each.waited] for name, each in self.waits.items()},
            "history": [each._asdict() for each in self.history],
            "scaler": self.works.state(),
        }
        return Checkpoint(tensors, plain)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Everything as it was when the checkpoint was made."""
        by_part: dict[str, dict[str, Tensor]] = {"network": {}, "mean": {}, "optimizer": {}}
        for name, each in checkpoint.tensors.items():
            part, _, rest = name.partition(".")
            by_part[part][rest] = torch.from_numpy(np.array(each))
        self.network.load_state_dict(by_part["network"])
        own = self.network.state_dict()
        self.mean = {name: self.works.placed(each, own.get(name)) for name, each in by_part["mean"].items()}
        self.updates.load(by_part["optimizer"])
        for weight, values in self.updates.torch.state.items():
            values.update({name: self.works.placed(each, weight) for name, each in values.items()})
        self.works.load(checkpoint.plain.get("scaler", {}))
        plain = checkpoint.plain
        self.step, self.sums, self.best_epoch = (plain[each] for each in ("step", "sums", "best_epoch"))
        self.best = None if plain["best"] is None else tuple(plain["best"])
        self.rates.reduced = plain["reduced"]
        for name, patience in self.waits.items():
            patience.best, patience.waited = plain["waits"][name]
        self.history = [Epoch(**each) for each in plain["history"]]
