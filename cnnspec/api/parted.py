"""`NAME=V1,V2,…` in parts: how the values of an axis are written, for a sweep of trainings and for one of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod

BAR = "|"
_NAMED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)\s*(.+)", re.ASCII)


class AxisError(ValueError):
    """`message` stands alone, lower case, without a full stop; `hint` says what would be right."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}: {hint}")
        self.message = message
        self.hint = hint


def named_values(text: str, whose: str, one: str, with_commas: str) -> tuple[str, tuple[str, ...]]:
    """The name, and the values as they are written. `one` is an axis as it could be, `with_commas` one whose values
    hold commas. AxisError, which says of `whose` axes none is."""
    name, equals, rest = text.partition("=")
    name = name.strip()
    if not equals or not name:
        raise AxisError(
            f"`{text}` is no axis of {whose}", f"one is {one}, or with `|` where a value holds a comma: {with_commas}"
        )
    try:
        return name, values_in(rest)
    except AxisError as error:
        if error.hint is None:
            raise AxisError(f"`{name}`: {error.message}") from error
        raise AxisError(f"`{text}` is no axis of {whose}", f"{error.hint}: {one}") from error


def values_in(text: str) -> tuple[str, ...]:
    """`V1,V2,…` in parts. Where there is a `|`, values are parted by it alone, and may hold commas; one at
    the end makes a single value of what has commas (`16,32|`). AxisError."""
    if text.count(BAR) == 1 and text.rstrip().endswith(BAR):
        text = text.rstrip()[:-1]
        parts: tuple[str, ...] = (text.strip(),)
    else:
        parts = tuple(each.strip() for each in text.split(BAR if BAR in text else ","))
    if not all(parts):
        raise AxisError(f"`{text}` holds an empty value", "no value may be empty")
    double = next((each for each in parts if parts.count(each) > 1), None)
    if double is not None:
        raise AxisError(f"{double} stands there twice")
    return parts


def check_named_once(name: str, parts: Sequence[str], option: str) -> None:
    """AxisError where a value has a name of its own (`left=1x28x28,left=1x9x9`): the name stands before all values, and
    another one's values in an option of their own."""
    named = [(each, match[1], match[2]) for each in parts if (match := _NAMED.fullmatch(each))]
    if not named:
        return
    text, other, _ = named[0]
    if other == name:
        plain = (match[2] if (match := _NAMED.fullmatch(each)) and match[1] == name else each for each in parts)
        raise AxisError(f"`{name}=` stands once, before all of its values", f"`{option} {name}={','.join(plain)}`")
    apart = f"`{option} {name}={','.join(parts[: parts.index(text)])} {option} {text}`"
    raise AxisError(f"`{text}` is no value of `{name}`", f"each name has an option of its own: {apart}")


def check_count(lengths: Sequence[tuple[str, int]], most: int, what: str) -> None:
    """AxisError where the product of all axes, given by name and length, is more than there may be; `what` they are
    (`runs`) is the name of the bound, too."""
    count = prod(length for _, length in lengths)
    if count > most:
        shown = " x ".join(f"{length:,} of `{name}`" for name, length in lengths)
        raise AxisError(f"{shown} are {count:,} {what}", f"`--limit {what}={count}`, if that is what you want")


def most_of(limits: Sequence[str], what: str, most: int) -> int:
    """How many there may be: what the last `runs=N` of `--limit` says, if one does. AxisError where that is none."""
    begin = f"{what}="
    text = next((each.removeprefix(begin) for each in reversed(limits) if each.startswith(begin)), None)
    if text is None:
        return most
    if not (text.isascii() and text.isdigit() and 0 < int(text[:10]) < 10**6):
        raise AxisError(f"the bound `{what}` is a whole number above 0, not `{text[:40]}`")
    return int(text)
