"""The functions of the language, on exact numbers."""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.values import Dim, Value, describe

Number = int | Fraction
LARGEST_BITS = 512
"""Numbers with more bits than this, above or below the line of a fraction, are refused."""


class Function(NamedTuple):
    """`low` and `high` bound the number of arguments; `apply` gets that many numbers."""

    low: int
    high: int
    apply: Callable[..., Value]
    usage: str

    @property
    def takes(self) -> str:
        """`2 arguments`, `2 to 64 arguments`."""
        number = str(self.low) if self.low == self.high else f"{self.low} to {self.high}"
        return f"{number} argument{'s' if self.high > 1 else ''}"


def divisible(value: Number, divisor: Number) -> int:
    """The nearest multiple of the divisor, at least the divisor, never below 90 % of the value.

    torchvision's `_make_divisible`, MobileNet's rounding of widths.
    """
    if divisor < 1 or Fraction(divisor).denominator != 1:
        raise ArgumentError("the divisor of `divisible` must be a whole number of at least 1")
    step = int(divisor)
    nearest = max(step, int((Fraction(value) + Fraction(step, 2)) // step) * step)
    return nearest + step if nearest < Fraction(9, 10) * value else nearest


def power(base: Number, exponent: Number) -> Number:
    if Fraction(exponent).denominator != 1:
        raise ArgumentError("the exponent of `pow` must be a whole number", hint="numbers are exact in the language")
    times = int(exponent)
    if base == 0 and times < 0:
        raise ArgumentError("0 has no negative power")
    exact = Fraction(base)
    bits = max(exact.numerator.bit_length(), exact.denominator.bit_length())
    if bits > 1 and bits * abs(times) > LARGEST_BITS:
        raise ArgumentError(f"this power is too large: written out exactly it has more than {LARGEST_BITS} bits")
    if bits <= 1 and times > 2:
        times = 2 - times % 2  # 0, 1 and -1 need no long way
    return plain(exact**times)


def divide(above: Number, below: Number) -> Number:
    if below == 0:
        raise ArgumentError("division by zero")
    return plain(Fraction(above) / below)


def dims(*sizes: Number) -> Dim:
    for each in sizes:
        if Fraction(each).denominator != 1 or each < 0:
            raise ArgumentError(f"a size is a whole number, got {describe(each)}")
    return Dim(int(each) for each in sizes)


def plain(number: Fraction | int) -> Number:
    """An int where the number is whole."""
    return int(number) if Fraction(number).denominator == 1 else number


FUNCTIONS = {
    "divisible": Function(2, 2, divisible, "divisible(value, 8)"),
    "min": Function(2, 64, min, "min(a, b)"),
    "max": Function(2, 64, max, "max(a, b)"),
    "floor": Function(1, 1, lambda value: value // 1, "floor(value)"),
    "ceil": Function(1, 1, lambda value: -(-value // 1), "ceil(value)"),
    "round": Function(1, 1, round, "round(value)"),
    "pow": Function(2, 2, power, "pow(base, exponent)"),
    "div": Function(2, 2, divide, "div(above, below)"),
    "dims": Function(1, 3, dims, "dims(1, s, s)"),
}
