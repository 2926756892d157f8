"""The kinds of arguments that recipes have besides those of layers."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.fields import Kind, choice, count, real
from cnnspec.contract.values import Value, Values, describe

EPOCH, STEP = "epoch", "step"


def above_zero(what: str) -> Kind:
    return real(what, lambda value: value > 0, "more than 0")


def at_least_zero(what: str) -> Kind:
    return real(what, lambda value: value >= 0, "0 or more")


def share(what: str) -> Kind:
    """A part of a whole: 0 <= p <= 1."""
    return real(what, lambda value: 0 <= value <= 1, "from 0 to 1")


def below_one(what: str) -> Kind:
    """A momentum, or a rate of decay of a mean: 0 <= p < 1."""
    return real(what, lambda value: 0 <= value < 1, "from 0 to below 1")


def between(what: str) -> Kind:
    """A factor that makes smaller: 0 < p < 1."""
    return real(what, lambda value: 0 < value < 1, "between 0 and 1")


def unit() -> Kind:
    """What the number before it counts: `30 epochs`, `500 steps`. A step is one update of the weights."""
    words = ("epochs", "steps", EPOCH, STEP)
    named = choice("the unit", *words)

    def make(value: Value) -> str:
        made: str = named.make(value)
        return made.removesuffix("s")

    return named._replace(make=make, expects="epochs or steps")


def per() -> Kind:
    """How often a rate is set: `per=epoch`, `per=step`."""
    also = {"epochs": EPOCH, "steps": STEP, "batch": STEP, "iteration": STEP}
    return choice("per", EPOCH, STEP)._replace(what="`per=epoch` or `per=step`", also=also)


def metric() -> Kind:
    """What is looked at, on the pictures that are held out."""
    also = {"acc": "accuracy", "valloss": "loss", "valaccuracy": "accuracy", "valacc": "accuracy"}
    return choice("the metric", "loss", "accuracy")._replace(also=also)


def several(one: Kind, what: str, accept: Callable[[tuple[float, ...]], bool] = bool, expects: str = "") -> Kind:
    """A list of numbers, one alone included: `30,60,80`."""

    def make(value: Value) -> tuple[float, ...]:
        made = tuple(one.make(each) for each in (value if isinstance(value, Values) else (value,)))
        if not accept(made):
            raise ArgumentError(f"{what} must be {expects}, got {describe(value)}")
        return made

    return Kind(expects or f"numbers, each {one.expects}", make, what=what)


def ascending(what: str) -> Kind:
    """Whole numbers, each larger than the one before: `30,60,80`."""

    def rising(values: tuple[float, ...]) -> bool:
        return all(one < other for one, other in pairwise(values))

    return several(count(what), what, rising, "whole numbers, each larger than the one before")


def pair(one: Kind, what: str) -> Kind:
    """Two numbers: `0.9,0.999`."""
    return several(one, what, lambda values: len(values) == 2, "two numbers such as 0.9,0.999")


def at_most(what: str, largest: Fraction) -> Kind:
    """How far something may go from what it was: 0 <= p <= largest."""
    return real(what, lambda value: 0 <= value <= largest, f"from 0 to {float(largest):g}")
