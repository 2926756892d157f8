"""How the learning rate goes, from the optimizer's lr on.

Time t is counted from the begin of training in epochs or steps, T is all of it. A step is one update of the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from cnnspec.contract.errors import LayerError
from cnnspec.contract.fields import count, option, positional
from cnnspec.contract.settings import Setting, by_word
from cnnspec.contract.training.kinds import (
    above_zero,
    ascending,
    at_least_zero,
    below_one,
    between,
    metric,
    per,
    unit,
)


class Schedule(Setting):
    """A course of the learning rate."""


class Fixed(Schedule):
    """`fixed`: the rate stays; so it does where nothing is said."""

    word = "fixed"


class Step(Schedule):
    """`step 0.1 every=30 epochs`, `step 0.1 at=32000,48000 steps`: the rate times the factor at each of those times.

    Source: torch's StepLR and MultiStepLR.
    """

    word = "step"
    usage = "schedule step 0.1 every=30 epochs"
    factor: float = positional(between("the factor"))
    unit: str = positional(unit())
    every: int | None = option(count("every"), None)
    at: tuple[int, ...] | None = option(ascending("the times"), None)

    def check(self) -> None:
        if self.every is None and self.at is None:
            raise LayerError(
                "`step` does not say when", id="missing-argument", hint="`every=30 epochs` or `at=30,60 epochs`"
            )
        if self.every is not None and self.at is not None:
            raise LayerError("`every` and `at` both say when", id="bad-argument", about="at", hint="one of them")


class Exponential(Schedule):
    """`exponential 0.98 per=epoch`: lr * factor ** t. Source: torch's ExponentialLR."""

    word = "exponential"
    usage = "schedule exponential 0.98 per=epoch"
    factor: float = positional(between("the factor"))
    per: str = option(per())


class Polynomial(Schedule):
    """`polynomial power=2 per=step`: to + (lr - to) * (1 - t / T) ** power; with power 1, the default, a straight line.

    After a warm-up it goes from the warm-up's end.
    Source: Caffe's `poly`; torch's PolynomialLR.
    """

    word = "polynomial"
    usage = "schedule polynomial power=2 per=step"
    power: float = option(above_zero("the power"), 1.0)
    to: float = option(at_least_zero("the last rate"), 0.0)
    per: str = option(per())


class Cosine(Schedule):
    """`cosine per=epoch`: to + (lr - to) * (1 + cos(pi * t / T)) / 2. After a warm-up it goes from the warm-up's end.

    Source: Loshchilov and Hutter, SGDR, 2017, without restarts; torch's CosineAnnealingLR.
    """

    word = "cosine"
    usage = "schedule cosine per=epoch"
    to: float = option(at_least_zero("the last rate"), 0.0)
    per: str = option(per())


class OneCycle(Schedule):
    """`one_cycle`: along a cosine from lr / div_factor up to lr, in the first `pct_start` of training, and along
    another down to lr / div_factor / final_div_factor; at each step. The momentum stays as it is.

    Source: Smith and Topin, Super-Convergence, 2018; torch's OneCycleLR, with its names.
    """

    word = "one_cycle"
    pct_start: float = option(between("the share of the rise"), 0.3)
    div_factor: float = option(above_zero("the divisor at the begin"), 25.0)
    final_div_factor: float = option(above_zero("the divisor at the end"), 1e4)


class Plateau(Schedule):
    """`plateau 0.1 patience=5`: the rate times the factor when the metric of the pictures held out has become better by
    less than the share `threshold` for more epochs than `patience`; never below `to`.

    Source: torch's ReduceLROnPlateau.
    """

    word = "plateau"
    usage = "schedule plateau 0.1 patience=5"
    factor: float = positional(between("the factor"))
    patience: int = option(count("the patience"))
    metric: str = option(metric(), "loss")
    threshold: float = option(below_one("the threshold"), 1e-4)
    to: float = option(at_least_zero("the last rate"), 0.0)


class ScheduleLine(Setting):
    """`schedule cosine per=epoch`: how the learning rate goes."""

    word = "schedule"
    usage = "schedule step 0.1 every=30 epochs"
    kinds = by_word(Fixed, Step, Exponential, Polynomial, Cosine, OneCycle, Plateau)
    also: ClassVar[Mapping[str, str]] = {
        "constant": "fixed",
        "none": "fixed",
        "multistep": "step",
        "steplr": "step",
        "linear": "polynomial",
        "poly": "polynomial",
        "cosineannealing": "cosine",
        "onecycle": "one_cycle",
        "reducelronplateau": "plateau",
    }


class WarmUp(Setting):
    """`warmup 5 epochs`: at first the rate rises in a straight line, step by step, from `start` times what it is to be:
    at the i-th of n steps lr * (start + (1 - start) * i / n).

    Source: Goyal et al., Accurate, Large Minibatch SGD, 2017.
    """

    word = "warmup"
    usage = "warmup 5 epochs"
    length: int = positional(count("the length"))
    unit: str = positional(unit())
    start: float = option(below_one("the start"), 0.0)
