"""What a sweep goes through: `batch=16,64,256`, `optimizer=sgd 0.1 momentum=0.9|adam 0.001`, `width=0.5,1`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from cnnspec.api.parted import AxisError, check_count, named_values
from cnnspec.api.recipe import Asked
from cnnspec.contract.training.recipe import LINE, Train
from cnnspec.training.errors import TrainError

SEED = "seed"
NUMBERS = ("batch", "epochs", "lr")
"""Axes that stand for the options of these names; `batch` and `epochs` are lines of the recipe besides."""
LENGTH = ("epochs", "steps")
"""How long training is: one question."""
MOST = 100
"""So many runs there may be unless more are asked for."""


class Axis(NamedTuple):
    """`values` are as they were written. `line` is the line of the recipe that a value is one of; None for a seed, a
    learning rate, and a parameter of the network."""

    name: str
    values: tuple[str, ...]

    @property
    def line(self) -> str | None:
        if self.name.startswith(LINE):
            return self.name.removeprefix(LINE)
        return self.name if self.name in Train.steps and self.name not in NUMBERS else None

    @property
    def is_parameter(self) -> bool:
        return self.line is None and self.name not in (*NUMBERS, SEED)


class Combination(NamedTuple):
    """One value of each axis but the seed, by name; and the seed."""

    settings: Mapping[str, str]
    seed: int

    @property
    def title(self) -> str:
        return said(self.settings)


def said(settings: Mapping[str, str]) -> str:
    """`batch=16 lr=0.1`; a value of several words in quotes."""
    return " ".join(f'{name}="{each}"' if " " in each else f"{name}={each}" for name, each in settings.items())


def axis(text: str) -> Axis:
    """`NAME=V1,V2,…`. Where there is a `|`, values are parted by it alone, and may hold commas. TrainError."""
    try:
        name, parts = named_values(text, "a sweep", "batch=16,64,256", "augment=none|{ crop 28 pad=2 }")
    except AxisError as error:
        raise TrainError(error.message, error.hint) from error
    if name == "holdout":
        raise TrainError("`holdout` is no axis: what is compared is compared on the same samples held out")
    made = Axis(name, parts)
    for each in parts:
        _number(name, each)
    return made


def _number(name: str, text: str) -> int | float | None:
    """What an axis of numbers means by a value. TrainError where it is none."""
    if name == "lr":
        try:
            rate = float(text)
        except ValueError:
            rate = 0.0
        if not 0 < rate < float("inf"):
            raise TrainError(f"`lr`: {text} is no learning rate", "a number above 0")
        return rate
    if name not in (*NUMBERS, SEED):
        return None
    least = 0 if name == SEED else 1
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise TrainError(f"`{name}`: {text} is no whole number from {least}")
    return int(text)


def axes_of(texts: Sequence[str], seeds: int | None, seed: int, most: int = MOST) -> tuple[Axis, ...]:
    """All axes; `seeds` are so many from `seed` on. TrainError for one that is there twice, or too many runs."""
    found = [axis(each) for each in texts]
    if seeds is not None:
        found.append(Axis(SEED, tuple(str(seed + each) for each in range(seeds))))
    names = [each.name.removeprefix(LINE) for each in found]
    double = next((each for each in names if names.count(each) > 1), None)
    if double is not None:
        raise TrainError(f"`{double}` is swept twice", "one axis has all its values")
    try:
        check_count([(each.name, len(each.values)) for each in found], most, "runs")
    except AxisError as error:
        raise TrainError(error.message, error.hint) from error
    return tuple(found)


def unambiguous(axes: Sequence[Axis], settings: Sequence[str], numbers: Mapping[str, object], seed: int) -> None:
    """TrainError where an axis and something that is given answer the same question: one of `--set`, a number of
    `--batch --epochs --lr`, a `seed` that is not 0."""
    fixed = {each.partition("=")[0].strip(): f"--set {each.partition('=')[0].strip()}" for each in settings}
    fixed |= {
        LINE + name if name in Train.steps else name: f"--{name}" for name in NUMBERS if numbers[name] is not None
    }
    fixed |= {SEED: "--seed"} if seed else {}
    for each in axes:
        line = each.line or (each.name if each.name in Train.steps else None)
        same = {each.name} if line is None else {f"{LINE}{other}" for other in (LENGTH if line in LENGTH else [line])}
        twice = next((other for other in same if other in fixed), None)
        if twice is not None:
            raise TrainError(f"`{each.name}` is swept, and `{fixed[twice]}` says it, too", "one of the two")


def combinations(axes: Sequence[Axis], seed: int) -> Iterator[Combination]:
    """Every one, the last axis first; seeds of the same settings stand together."""
    plain = [each for each in axes if each.name != SEED]
    seeds = next(([int(value) for value in each.values] for each in axes if each.name == SEED), [seed])
    names = [each.name for each in plain]
    for chosen in product(*(each.values for each in plain)):
        for each in seeds:
            yield Combination(dict(zip(names, chosen, strict=True)), each)


def applied(base: Asked, combination: Combination) -> Asked:
    """What is asked of the recipe for one combination."""
    lines, numbers = list(base.lines), dict[str, Any]()
    for name, text in combination.settings.items():
        line = Axis(name, ()).line
        if line is not None:
            lines.append(f"{line}={text}")
        elif name in NUMBERS:
            numbers[name] = _number(name, text)
    return base._replace(lines=tuple(lines), **numbers)


def parameters(combination: Combination) -> tuple[str, ...]:
    """What it says of the network's own parameters: `width=0.5`."""
    return tuple(f"{name}={each}" for name, each in combination.settings.items() if Axis(name, ()).is_parameter)
