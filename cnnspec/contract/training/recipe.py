"""`train { … }`: the lines of a recipe, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple

from cnnspec.contract.errors import LayerError
from cnnspec.contract.fields import choice, count, option, positional
from cnnspec.contract.settings import Setting, by_word
from cnnspec.contract.training.augment import Augment
from cnnspec.contract.training.kinds import EPOCH, STEP, above_zero, at_least_zero, below_one, metric
from cnnspec.contract.training.losses import Loss, LossLine
from cnnspec.contract.training.optimizers import L1, L2, Decay, Optimizer, OptimizerLine
from cnnspec.contract.training.schedules import Schedule, ScheduleLine, WarmUp
from cnnspec.contract.training.transfer import Freeze, Rate

LINE = "train."
"""What a line of a recipe is called by outside of a text: `--set train.batch=64`."""


class Epochs(Setting):
    """`epochs 90`: how long training is, in walks through the training set."""

    word = "epochs"
    usage = "epochs 90"
    number: int = positional(count("the number of epochs"))


class Steps(Setting):
    """`steps 64000`: how long training is, in updates of the weights."""

    word = "steps"
    usage = "steps 64000"
    number: int = positional(count("the number of steps"))


class Batch(Setting):
    """`batch 256`: how many samples one update is made of, on all devices together. With `accumulate=4` their gradients
    are taken in 4 parts of 64 and added up, where memory is short."""

    word = "batch"
    usage = "batch 256"
    size: int = positional(count("the batch"))
    accumulate: int = option(count("accumulate"), 1)

    def check(self) -> None:
        if self.size % self.accumulate:
            raise LayerError(
                f"a batch of {self.size} does not fall into {self.accumulate} equal parts",
                id="bad-argument",
                about="accumulate",
            )


class Clip(Setting):
    """`clip 1`: gradients whose norm, of all together, is larger are made as long as that; with `by=value` each number
    of them is held within -bound and bound. Source: Pascanu et al., 2013; torch.nn.utils.clip_grad_norm_."""

    word = "clip"
    usage = "clip 1"
    bound: float = positional(above_zero("the bound"))
    by: str = option(choice("by", "norm", "value"), "norm")


class Ema(Setting):
    """`ema 0.999`: beside the weights w a mean of theirs, m = decay * m + (1 - decay) * w after each step, what is
    judged and kept in the end."""

    word = "ema"
    usage = "ema 0.999"
    decay: float = positional(below_one("the decay"))


class Stop(Setting):
    """`stop patience=10`: training ends when the metric of the pictures held out has not become better by more than
    `min_delta` for so many epochs, and the weights of the best epoch are taken."""

    word = "stop"
    usage = "stop patience=10"
    patience: int = option(count("the patience"))
    metric: str = option(metric(), "loss")
    min_delta: float = option(at_least_zero("min_delta"), 0.0)


class Train(Setting):
    """`train { optimizer sgd 0.1 … }`: the recipe, a line each; the order says nothing."""

    word = "train"
    usage = "train { optimizer sgd 0.1 }"
    ordered = False
    repeated = frozenset((Freeze.word, Rate.word))
    steps = by_word(
        LossLine,
        OptimizerLine,
        L2,
        L1,
        Decay,
        ScheduleLine,
        WarmUp,
        Epochs,
        Steps,
        Batch,
        Clip,
        Ema,
        Augment,
        Stop,
        Freeze,
        Rate,
    )
    also: ClassVar[Mapping[str, str]] = {
        **{word: f"optimizer {word}" for word in OptimizerLine.kinds},
        **{word: f"loss {word}" for word in LossLine.kinds},
        **{word: f"schedule {word}" for word in ("cosine", "polynomial", "exponential", "plateau")},
        **dict.fromkeys(("lr", "learningrate"), "optimizer sgd 0.1"),
        **dict.fromkeys(("criterion", "objective"), "loss"),
        **dict.fromkeys(("optim", "solver"), "optimizer"),
        **dict.fromkeys(("scheduler", "lrscheduler", "lrschedule"), "schedule"),
        **dict.fromkeys(("weightdecay", "wd"), "l2"),
        **dict.fromkeys(("batchsize", "minibatch"), "batch"),
        **dict.fromkeys(("iterations", "maxsteps"), "steps"),
        **dict.fromkeys(("clipnorm", "gradclip", "clipgradient"), "clip"),
        **dict.fromkeys(("augmentation", "transform", "transforms"), "augment"),
        **dict.fromkeys(("earlystopping", "earlystop"), "stop"),
        **dict.fromkeys(("labelsmoothing", "smoothing"), "loss cross_entropy smoothing=0.1"),
        **dict.fromkeys(("mixup", "cutout", "flip"), "augment"),
        **dict.fromkeys(("frozen", "notrain", "nontrainable"), "freeze"),
        **dict.fromkeys(("lrmult", "lrscale", "multiplier"), "rate"),
    }


class Recipe(NamedTuple):
    """What a `train` section says; None where it says nothing, and that is for whoever trains to fill.

    `augment` are the steps in order; `freeze` and `rate` all lines of that word. `length` is in epochs or in steps.
    """

    loss: Loss | None = None
    optimizer: Optimizer | None = None
    l2: L2 | None = None
    l1: L1 | None = None
    decay: Decay | None = None
    schedule: Schedule | None = None
    warmup: WarmUp | None = None
    epochs: Epochs | None = None
    steps: Steps | None = None
    batch: Batch | None = None
    clip: Clip | None = None
    ema: Ema | None = None
    augment: tuple[Setting, ...] | None = None
    stop: Stop | None = None
    freeze: tuple[Freeze, ...] | None = None
    rate: tuple[Rate, ...] | None = None

    @classmethod
    def of(cls, lines: Iterable[tuple[str, Setting]]) -> Recipe:
        """From the lines of a section, each with its word."""
        said: dict[str, Any] = {}
        for word, each in lines:
            if word in Train.repeated:
                said[word] = (*said.get(word, ()), each)
            else:
                said[word] = each.body if each.steps else each
        return cls(**said)

    @property
    def names_parts(self) -> bool:
        """Whether it says something of single steps."""
        return bool(self.freeze or self.rate)

    @property
    def length(self) -> tuple[int, str] | None:
        """How long, and in which unit."""
        if self.epochs:
            return self.epochs.number, EPOCH
        return (self.steps.number, STEP) if self.steps else None

    def plain(self) -> dict[str, Any]:
        """As JSON has it: each line by its word, with its arguments."""
        lines: dict[str, Any] = {}
        for word, line in self._asdict().items():
            if isinstance(line, tuple):
                lines[word] = [each.plain() for each in line]
            else:
                lines[word] = line.plain() if line else None
        return lines
