"""What is asked for in Python, as the compiler takes it."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from cnnspec.build.options import Options, bounded
from cnnspec.contract.values import Dim, Shape, Value, Values, Word

Size = str | tuple[int, ...]


def options(
    model: str | None,
    input: Size | Mapping[str, Size] | None,
    limits: Mapping[str, int] | None,
    parameters: Mapping[str, Any] | None,
    more: Mapping[str, Any],
) -> Options:
    given = {**(parameters or {}), **more}
    shapes = input if isinstance(input, Mapping) else {} if input is None else {None: input}
    return Options(
        model=model,
        parameters={name: as_value(each) for name, each in given.items()},
        inputs={name: as_shape(each) for name, each in shapes.items()},
        limits=bounded(limits or {}),
        python=True,
    )


def as_shape(size: Size) -> Shape:
    """`"3x320x320"` or `(3, 320, 320)`. ValueError for anything else."""
    if isinstance(size, str):
        if not all(each.isascii() and each.isdigit() for each in size.split("x")):
            raise ValueError(f"{size!r} is no shape; one is '3x320x320'")
        size = tuple(map(int, size.split("x")))
    if not size or any(isinstance(each, bool) or not isinstance(each, int) or each < 1 for each in size):
        raise ValueError(f"{size!r} is no shape; one is (3, 320, 320)")
    return tuple(size)


def as_value(given: Any) -> Value:
    """A Python value as the language has it: a tuple of whole numbers is a size, a list is a list, a string that could
    be a word is one, and decimals are exact as they are printed. TypeError for anything else."""
    if isinstance(given, (bool, int, Fraction)):
        return given
    if isinstance(given, float):
        return Fraction(repr(given))
    if isinstance(given, str):
        return Word(given) if given.isidentifier() else given
    if isinstance(given, tuple) and given and all(isinstance(each, int) for each in given):
        return Dim(given)
    if isinstance(given, list):
        return Values(as_value(each) for each in given)
    raise TypeError(f"a parameter is a number, a string, a bool, a tuple of whole numbers or a list, not {given!r}")
