"""Values as they are typed on a command line: `--set width=0.5`, `--input 3x320x320`, `--limit nodes=1000000`."""

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import TypeVar

from cnnspec.build.options import Limits, bounded
from cnnspec.contract.values import Dim, Shape, Value, Values, Word

N = TypeVar("N", bound=str | None)
T = TypeVar("T")

_WHOLE = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_REAL = re.compile(
    r"[+-]?(\d{1,9}\.\d{1,17}([eE][+-]?\d{1,2})?|\d{1,9}[eE][+-]?\d{1,2}|\d{1,9}/0*[1-9]\d{0,8})", re.ASCII
)
_DIGITS = re.compile(r"\d+", re.ASCII)
_SIZE = re.compile(r"\d{1,9}(x\d{1,9})+", re.ASCII)
_LONG = re.compile(r"\d+(?:x\d+)*", re.ASCII)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_TEXT = re.compile(r'"[^"\n]{0,255}"')
FORMS = '64, 0.5, 1/3, 3x3, yes, no, relu, "text", or several with commas'


def value(text: str) -> Value:
    """One value of the language; ValueError says which forms there are."""
    if "," in text and not _TEXT.fullmatch(text):
        return Values(value(each.strip()) for each in text.split(","))
    if _WHOLE.fullmatch(text):
        return int(text)
    if _REAL.fullmatch(text):
        return Fraction(text)
    if text.lower() in ("yes", "no", "true", "false"):
        return text.lower() in ("yes", "true")
    if _SIZE.fullmatch(text):
        return Dim(map(int, text.split("x")))
    if _WORD.fullmatch(text):
        return Word(text)
    if _TEXT.fullmatch(text):
        return text[1:-1]
    raise ValueError(f"`{text}` is no value; values are {FORMS}")


def shape(text: str) -> Shape:
    """`3x320x320`: channels, height and width; `100` is a vector. ValueError for anything else, and for what is longer
    than any size that a map has."""
    if _LONG.fullmatch(text) and (long := max(text.split("x"), key=len)) and len(long) > 9:
        shown = long if len(long) <= 30 else f"{long[:27]}..."
        raise ValueError(f"{shown} is too large a number for a size; one has at most 9 digits")
    if not (_SIZE.fullmatch(text) or _WHOLE.fullmatch(text)) or any(int(each) < 1 for each in text.split("x")):
        raise ValueError(f"`{text}` is no shape; one is 3x320x320: channels, height and width, without the batch")
    return tuple(map(int, text.split("x")))


_AMOUNT = re.compile(r"(\d{1,15}(?:\.\d{1,9})?(?:[eE]\d{1,2})?)\s?(?:([kKmMgGtTpP])([iI]?))?", re.ASCII)
_BYTE = re.compile(r"[bB]?")
RATES = {
    "flops": re.compile(r"(?:(?:fl)?ops?(?:/s|/sec|ps)?)?", re.I | re.ASCII),
    "bytes": re.compile(r"(?:B?(?:/s|/sec|ps)?)?", re.I | re.ASCII),
}
"""What may stand behind the number of a rate: `TFLOPS`, `TOPS`, `GB/s`."""
_BITS = re.compile(r"[kKMGTP]i?b(?:/s|ps)?|.*bits?(?:/s)?|.*bps", re.ASCII)


def _amount(text: str) -> tuple[Fraction, str, bool]:
    """A number with its power, what is written behind that, and whether a power is said. ValueError where none is."""
    found = _AMOUNT.match(text)
    if not found:
        raise ValueError(text)
    power = "kmgtp".index(found[2].lower()) + 1 if found[2] else 0
    return Fraction(found[1]) * Fraction(1024 if found[3] else 1000) ** power, text[found.end() :].strip(), power > 0


def bytes_of(text: str) -> int:
    """`8GB`, `8gb` and `8G` are 8 * 10^9, `8GiB` and `8Gi` 8 * 2^30; rounded down. ValueError for what is no size of a
    memory, such as a number without a unit."""
    try:
        number, unit, prefixed = _amount(text.strip())
    except ValueError:
        unit = "?"
    if not _BYTE.fullmatch(unit) or not (unit or prefixed):
        raise ValueError(f"`{text[:40]}` is no size of a memory; one is 8GB (10^9 bytes each), 24GiB (2^30) or 512MB")
    return int(number)


def rate_of(text: str, name: str) -> Fraction:
    """So many `flops` or `bytes` a second: `10T`, `10TFLOPS`, `900GB/s`. ValueError for what is none above 0."""
    try:
        number, unit, _ = _amount(text.strip())
    except ValueError:
        number, unit = Fraction(0), ""
    if name == "bytes" and _BITS.fullmatch(text.strip().lstrip("0123456789. ")):
        raise ValueError(f"`{text[:40]}` may be bits: `bytes` are bytes a second, such as 900GB/s; 8 bits are one")
    if not number or not RATES[name].fullmatch(unit):
        example = "10TFLOPS or 10T" if name == "flops" else "900GB/s or 900G"
        raise ValueError(f"`{text[:40]}` is no rate above 0; one is {example}: k, M, G, T and P are powers of ten")
    return number


def pair(text: str, example: str) -> tuple[str, str]:
    """`name=value` in two."""
    name, equals, rest = text.partition("=")
    if not equals or not _WORD.fullmatch(name.strip()) or not rest.strip():
        raise ValueError(f"`{text}` is not of the form NAME=VALUE, such as {example}")
    return name.strip(), rest.strip()


def by_name(found: Iterable[tuple[N, T]], option: str) -> dict[N, T]:
    """As a table; ValueError where a name is there twice, and one of the two would be passed over."""
    table: dict[N, T] = {}
    for name, each in found:
        if name in table:
            raise ValueError(f"`{option}` is given twice{f' for `{name}`' if name else ''}")
        table[name] = each
    return table


def limits(given: dict[str, str]) -> Limits:
    """The bounds with those named replaced; ValueError as `bounded` has it, and for what is no whole number."""
    for name, text in given.items():
        if not _DIGITS.fullmatch(text):
            raise ValueError(f"the bound `{name}` is a whole number above 0, not `{text[:40]}`")
    return bounded({name: int(text[:40]) for name, text in given.items()})
