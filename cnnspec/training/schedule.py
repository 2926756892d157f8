"""The learning rate of each update, as a function of when it is; only a plateau remembers anything."""

from __future__ import annotations

from math import cos, pi

from cnnspec.contract.training.kinds import EPOCH
from cnnspec.contract.training.schedules import (
    Cosine,
    Exponential,
    OneCycle,
    Plateau,
    Polynomial,
    Schedule,
    Step,
    WarmUp,
)


class Rates:
    """`steps` is the number of updates of all training, `per_epoch` of a walk through the set. `reduced` is the factor
    that a plateau has come to."""

    def __init__(self, lr: float, schedule: Schedule, warmup: WarmUp | None, steps: int, per_epoch: int) -> None:
        self.lr, self.schedule, self.steps, self.per_epoch = lr, schedule, steps, per_epoch
        self.warmup = warmup
        self.warm = 0 if warmup is None else warmup.length * (per_epoch if warmup.unit == EPOCH else 1)
        self.reduced = 1.0

    def at(self, step: int) -> float:
        """Of the update with that number, from 0."""
        if step < self.warm and self.warmup is not None:
            start = self.warmup.start
            return self._course(step) * (start + (1 - start) * (step + 1) / self.warm)
        return self._course(step)

    def _course(self, step: int) -> float:
        match self.schedule:
            case Step(factor=factor, unit=unit, every=every, at=at):
                time = self._time(step, unit)
                passed = time // every if every else sum(time >= each for each in at or ())
                return float(self.lr * factor**passed)
            case Exponential(factor=factor, per=per):
                return float(self.lr * factor ** self._time(step, per))
            case Polynomial(power=power, to=to, per=per):
                return float(to + (self.lr - to) * (1 - self._share(step, per)) ** power)
            case Cosine(to=to, per=per):
                return float(to + (self.lr - to) * (1 + cos(pi * self._share(step, per))) / 2)
            case OneCycle():
                return self._one_cycle(step, self.schedule)
            case Plateau(to=to):
                return max(self.lr * self.reduced, min(to, self.lr))
        return self.lr

    def _time(self, step: int, unit: str) -> int:
        return step // self.per_epoch if unit == EPOCH else step

    def _share(self, step: int, unit: str) -> float:
        """How much of the way from the warm-up's end is gone, by whole epochs or by steps."""
        size = self.per_epoch if unit == EPOCH else 1
        begin, length = self.warm // size, -(-self.steps // size)
        return min(max(0, step // size - begin) / max(1, length - begin), 1.0)

    def _one_cycle(self, step: int, cycle: OneCycle) -> float:
        first = self.lr / cycle.div_factor
        last, top = first / cycle.final_div_factor, cycle.pct_start * self.steps - 1
        if step <= top:
            return _between(first, self.lr, step / top if top > 0 else 1.0)
        return _between(self.lr, last, (step - top) / max(self.steps - 1 - top, 1e-12))


def _between(begin: float, end: float, share: float) -> float:
    """Along half a cosine."""
    return end + (begin - end) * (1 + cos(pi * min(share, 1.0))) / 2


class Patience:
    """Counts epochs without a gain, as torch's ReduceLROnPlateau does: for a plateau, and for stopping early."""

    def __init__(self, patience: int, larger_is_better: bool, share: float = 0.0, delta: float = 0.0) -> None:
        self.patience, self.larger, self.share, self.delta = patience, larger_is_better, share, delta
        self.best: float | None = None
        self.waited = 0

    def gains(self, value: float) -> bool:
        """Whether this is better than all before, by enough."""
        if self.best is None:
            return True
        if self.larger:
            return value > self.best * (1 + self.share) + self.delta
        return value < self.best * (1 - self.share) - self.delta

    def take(self, value: float) -> None:
        """An epoch's value."""
        if self.gains(value):
            self.best, self.waited = value, 0
        else:
            self.waited += 1

    @property
    def is_over(self) -> bool:
        """Whether there were more epochs than `patience` without a gain."""
        return self.waited > self.patience
