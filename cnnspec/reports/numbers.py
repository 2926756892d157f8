"""Numbers and shapes as people read them."""

from collections.abc import Sequence
from fractions import Fraction

from cnnspec.contract.values import Shape
from cnnspec.source.amounts import percentage

LISTED = 4
"""So many shapes are named one by one."""


def thousands(number: int) -> str:
    """`25,557,032`"""
    return f"{number:,}"


def counted(number: int, name: str) -> str:
    """`1 tensor`, `159 tensors`"""
    return f"{thousands(number)} {name}{'' if number == 1 else 's'}"


def short(number: int) -> str:
    """Three digits and a power of ten: `4.09 G`, `25.6 M`, `760`."""
    scaled, unit = float(number), ""
    for unit in ("", "k", "M", "G", "T", "P"):
        if scaled < 999.5 or unit == "P":
            break
        scaled /= 1000
    if not unit:
        return str(number)
    digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
    return f"{scaled:.{digits}f} {unit}"


def memory(bytes: int) -> str:
    """`2.23 GB`, `102.23 MB`, `3.13 kB`: units are powers of ten. What a float cannot hold is rounded as it is."""
    if bytes >= 10**15:
        hundredths = round(Fraction(bytes, 10**7))
        return f"{hundredths // 100:,}.{hundredths % 100:02} GB"
    if bytes >= 1_000_000_000:
        return f"{bytes / 1e9:,.2f} GB"
    if bytes >= 1_000_000:
        return f"{bytes / 1e6:,.2f} MB"
    return f"{bytes / 1e3:.2f} kB" if bytes >= 1000 else f"{bytes} bytes"


def percent(part: int | Fraction, whole: int | Fraction) -> str:
    """`7.4%`, `<0.1%`, `>99.9%`; of nothing there is no share."""
    return percentage(part, whole) if whole else ""


def size(shape: Shape | None, batch: int | None = None) -> str:
    """`64x56x56`, with the batch before it if there is one."""
    if shape is None:
        return "?"
    return "x".join(map(str, shape if batch is None else (batch, *shape)))


def ends(shapes: Sequence[Shape | None], what: str, batch: int | None = None) -> str:
    """What goes into a network, or comes out: `3x224x224, 1x8`; of many only how many they are: `10 outputs`."""
    if len(shapes) > LISTED:
        return f"{len(shapes)} {what}"
    return ", ".join(size(each, batch) for each in shapes)


def per_axis(numbers: tuple[int, ...]) -> str:
    """One number where all axes agree: `43`, else `7x1`."""
    return str(numbers[0]) if len(set(numbers)) == 1 else "x".join(map(str, numbers))


def share(part: int, whole: int) -> str:
    """A percentage that is 0% or 100% only where it is exactly that: `<0.1%`, `16.5%`, `>99.9%`."""
    if part in (0, whole):
        return "100%" if part else "0%"
    return percentage(part, whole)


def bar(part: int | Fraction, whole: int | Fraction, length: int, unicode: bool) -> str:
    """A share as a bar of at most `length` cells."""
    eighths = round(8 * length * part / whole) if whole else 0
    if part and not eighths:
        eighths = 1
    if not unicode:
        return "#" * max(round(eighths / 8), 1 if part else 0)
    full, rest = divmod(eighths, 8)
    return "█" * full + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[rest]


def quotient(number: Fraction) -> str:
    """Three digits, of a number below 1000: `0.125`, `21.3`, `1,024`."""
    value = float(number)
    digits = 3 if value < 0.9995 else 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:,.{digits}f}"


def duration(seconds: Fraction) -> str:
    """Three digits and a part of a second: `712 µs`, `1.09 ms`."""
    value = float(seconds)
    for unit in ("s", "ms", "µs"):
        if value >= 0.9995:
            return f"{quotient(Fraction(value))} {unit}"
        value *= 1000
    return f"{quotient(Fraction(value))} ns"


def rate(number: Fraction, unit: str) -> str:
    """Of units a second: `10 TFLOP/s`, `19.5 TFLOP/s`, `900 GB/s`."""
    scaled, power = number, ""
    for power in ("", "k", "M", "G", "T", "P"):
        if scaled < 1000 or power == "P":
            break
        scaled /= 1000
    return f"{float(scaled):.6g} {power}{unit}/s"
