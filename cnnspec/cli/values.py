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
    """`3x320x320`: channels, height and width; `100` is a vector."""
    if not (_SIZE.fullmatch(text) or _WHOLE.fullmatch(text)) or any(int(each) < 1 for each in text.split("x")):
        raise ValueError(f"`{text}` is no shape; one is 3x320x320: channels, height and width, without the batch")
    return tuple(map(int, text.split("x")))


UNITS = {"B": 1} | {
    f"{letter}{middle}B": base**power
    for power, letter in enumerate("kMGT", 1)
    for middle, base in (("", 1000), ("i", 1024))
}
_BYTES = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s?([kKMGT]i?B|B)", re.ASCII)


def bytes_of(text: str) -> int:
    """`8GB` is 8 * 10^9, `8GiB` 8 * 2^30; rounded down. ValueError for what is no size of a memory."""
    found = _BYTES.fullmatch(text.strip())
    if not found:
        raise ValueError(f"`{text[:40]}` is no size of a memory; one is 8GB (10^9 bytes each), 24GiB (2^30) or 512MB")
    unit = found[2].replace("K", "k")
    return int(Fraction(found[1]) * UNITS[unit])


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
