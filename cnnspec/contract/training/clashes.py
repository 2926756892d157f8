"""What does not go together in a recipe, and what does not go with the network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.contract.preprocess import pair
from cnnspec.contract.training.augment import Crop, Cutout, Jitter, Mixup
from cnnspec.contract.training.kinds import EPOCH
from cnnspec.contract.training.losses import CrossEntropy
from cnnspec.contract.training.optimizers import Adam, AdamW
from cnnspec.contract.training.recipe import Recipe
from cnnspec.contract.training.schedules import OneCycle, Plateau, Step
from cnnspec.contract.values import Shape, dress


class Clash(NamedTuple):
    """`line` is the word of the line to blame and `field` its argument, if it is one; `step` its place in the body;
    `other` is the line that it does not go with, and what that says. One that is not `wrong` only comes to nothing."""

    message: str
    line: str
    field: str | None = None
    step: int | None = None
    other: tuple[str, str] | None = None
    help: str | None = None
    wrong: bool = True


def clashes(recipe: Recipe) -> Iterator[Clash]:
    """What contradicts itself in a recipe, or would never happen."""
    yield from _decays(recipe)
    if isinstance(recipe.schedule, OneCycle) and recipe.warmup:
        message, help = "`one_cycle` has a warm-up of its own", "`pct_start` is the share of training in which it rises"
        yield Clash(message, "warmup", other=("schedule", "begins with a rise"), help=help)
    if recipe.epochs and recipe.steps:
        message = "`epochs` and `steps` both say how long"
        yield Clash(message, "steps", other=("epochs", "says it, too"), help="one of them")
    mixups = [place for place, each in enumerate(recipe.augment or ()) if isinstance(each, Mixup)]
    if len(mixups) > 1:
        yield Clash("`mixup` is given twice", "augment", step=mixups[1], help="one mixes every picture with another")
    yield from _too_late(recipe)


def _decays(recipe: Recipe) -> Iterator[Clash]:
    optimizer = recipe.optimizer
    if isinstance(optimizer, AdamW) and recipe.l2:
        message = "adamw takes the decay of weights out of the gradient, and `l2` adds it there"
        help = "`decay 0.05` goes with adamw, `l2` with `optimizer adam`"
        yield Clash(message, "l2", other=("optimizer", "goes with `decay`"), help=help)
    elif isinstance(optimizer, AdamW) and not recipe.decay:
        message = "adamw makes weights smaller, and nothing says by how much"
        yield Clash(message, "optimizer", help="`decay 0.01` is torch's default; without any decay it is adam")
    elif isinstance(optimizer, Adam) and not isinstance(optimizer, AdamW) and recipe.decay:
        message = "adam with a decay outside the gradient is adamw"
        help = "`optimizer adamw` goes with `decay`, `optimizer adam` with `l2`"
        yield Clash(message, "optimizer", other=("decay", "is outside the gradient"), help=help)


class _Event(NamedTuple):
    """Something that happens at a time, in `unit`s, because of a line's field."""

    time: int
    unit: str
    line: str
    field: str
    what: str
    step: int | None = None


def _too_late(recipe: Recipe) -> Iterator[Clash]:
    """What would happen only after the end, where both are counted in one unit, or after an early end."""
    length, unit = recipe.length or (None, EPOCH)
    said = f"{unit}s"
    for each in _events(recipe):
        if length is not None and each.unit == unit and each.time >= length:
            message = f"{each.what}, and training ends after {length:,} {said}"
            yield Clash(message, each.line, each.field, each.step, (said, "the end"), wrong=False)
    stop, schedule = recipe.stop, recipe.schedule
    if stop and isinstance(schedule, Plateau) and stop.patience <= schedule.patience:
        message = f"training stops after {stop.patience} epochs without a gain, before the rate ever changes"
        yield Clash(message, "stop", "patience", other=("schedule", f"waits for {schedule.patience}"), wrong=False)


def _events(recipe: Recipe) -> Iterator[_Event]:
    schedule, warmup, stop = recipe.schedule, recipe.warmup, recipe.stop
    if isinstance(schedule, Step):
        field, time = ("every", schedule.every) if schedule.every else ("at", (schedule.at or (0,))[-1])
        yield _Event(time, schedule.unit, "schedule", field, f"the rate would change after {time:,} {schedule.unit}s")
    if isinstance(schedule, Plateau):
        yield _Event(schedule.patience, EPOCH, "schedule", "patience", "the rate would change later")
    if warmup:
        what = f"the rate would rise for {warmup.length:,} {warmup.unit}s"
        yield _Event(warmup.length, warmup.unit, "warmup", "length", what)
    if stop:
        yield _Event(stop.patience, EPOCH, "stop", "patience", "it would never stop early")
    for place, line in enumerate(recipe.freeze or ()):
        if line.until and line.unit:
            what = f"these steps would be trained after {line.until:,} {line.unit}s"
            yield _Event(line.until, line.unit, "freeze", "until", what, place)


def misfits(recipe: Recipe, entry: Shape | None, result: Shape | None) -> Iterator[Clash]:
    """What does not go with the network's only input or only output; None where there are several, or any size."""
    loss = recipe.loss
    if isinstance(loss, CrossEntropy) and result is not None:
        if result[0] == 1:
            help = "`loss binary_cross_entropy` is for one output that is yes or no"
            yield Clash("the cross-entropy of a single class is always 0", "loss", help=help)
        elif isinstance(loss.weights, tuple) and len(loss.weights) != result[0]:
            message = f"{len(loss.weights)} class weights, but the output has {result[0]:,} classes"
            yield Clash(message, "loss", "weights")
    for place, step in enumerate(recipe.augment or ()):
        if entry is None or isinstance(step, Mixup):
            continue
        if len(entry) != 3:
            yield Clash(f"`{step.word}` is for pictures, and the input is {dress(entry)}", "augment", step=place)
        elif isinstance(step, Crop) and pair(step.size) != entry[1:]:
            message = f"pictures are cropped to {dress(pair(step.size))}, and the input is {dress(entry)}"
            yield Clash(message, "augment", "size", place)
        elif isinstance(step, Cutout) and step.size > min(entry[1:]):
            yield Clash(f"a square of {step.size} is larger than the input of {dress(entry)}", "augment", "size", place)
        elif isinstance(step, Jitter) and entry[0] == 1 and (step.saturation or step.hue):
            field = "saturation" if step.saturation else "hue"
            yield Clash(f"a grey picture has no {field}", "augment", field, place)
