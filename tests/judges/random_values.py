"""What a field of a word may be given at a shape: values of every sort that its kind takes.

Some fields are known by name (`groups` divides the channels), so that most of what is drawn fits; of others every sort
of value is tried on their kind.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import gcd

from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.fields import Field
from cnnspec.contract.values import Dim, Shape, Value, Values, Word

Given = dict[str, tuple[Value, ...]]
"""Values by field; only a field that takes many has several."""

BINS = (1, 2, 3, 5, 7)


def values_of(field: Field, shape: Shape, given: Given, numbers: Sequence[int]) -> list[Value]:
    """What the field may be given here."""
    hint = HINTS.get(field.name)
    values: list[Value] = [*(hint or _anything)(shape, given)]
    if hint is _widths:
        values += [each for each in numbers if 0 < each <= 32]
    return [each for each in [*values, *map(Word, field.kind.words)] if takes(field, each)]


def takes(field: Field, value: Value) -> bool:
    try:
        field.kind.make(value)
    except ArgumentError:
        return False
    return True


def _anything(shape: Shape, given: Given) -> list[Value]:
    """One of each sort, for a field that nothing is known of."""
    channels, rank = shape[0], len(shape) - 1
    whole = [*BINS, 0, *(each for each in range(2, channels + 1) if channels % each == 0), channels + 1, 2 * channels]
    real = [Fraction(1, 2), Fraction(1, 10), Fraction(1, 1000), Fraction(3, 2)]
    texts = ["normal 0.1", "he_normal fan_out", "constant 0.5"]
    return [*whole, *real, *texts, *_sizes(shape, BINS), *_ends(rank, BINS), False, True]


def _sizes(shape: Shape, bins: Sequence[int]) -> list[Value]:
    """The bins for all axes and as sizes of unequal numbers."""
    rank, count = len(shape) - 1, len(bins)
    return [
        *bins,
        *(Dim(bins[(place + k * axis) % count] for axis in range(rank)) for k in (1, 2) for place in range(count)),
    ]


def _ends(rank: int, bins: Sequence[int]) -> list[Value]:
    """Begins and ends, each axis another."""
    return [
        Values(bins[(place + k * end) % len(bins)] for end in range(2 * rank)) for k in (1, 2) for place in (0, 1, 2)
    ]


def _kernels(shape: Shape, given: Given) -> list[Value]:
    bins = [each for each in BINS if each <= min(shape[1:], default=1) + 2]
    return _sizes(shape, bins)


def _strides(shape: Shape, given: Given) -> list[Value]:
    return _sizes(shape, (1, 2, 3) if min(shape[1:], default=1) > 2 else (1, 2))


def _pads(shape: Shape, given: Given) -> list[Value]:
    return [*_sizes(shape, (0, 1, 2)), *_ends(len(shape) - 1, (0, 1, 2))]


def _dilations(shape: Shape, given: Given) -> list[Value]:
    return _sizes(shape, (1, 2, 3))


def _widths(shape: Shape, given: Given) -> list[Value]:
    return [*BINS, 4, 6, 8, shape[0], 2 * shape[0], shape[0] + 1]


def _groups(shape: Shape, given: Given) -> list[Value]:
    """The common divisors of the channels before and behind."""
    (behind,) = given.get("channels", (0,))
    common = gcd(shape[0], behind) if isinstance(behind, int) else 1
    return [each for each in range(1, common + 1) if common % each == 0]


def _near_one(shape: Shape, given: Given) -> list[Value]:
    """Of a normalization: a large exponent takes values out of float32, and a large factor before a small addend leaves
    it no digits, as onnxruntime keeps a running sum over the channels."""
    return [Fraction(3, 4), Fraction(1, 2), 1]


HINTS: Mapping[str, Callable[[Shape, Given], list[Value]]] = {
    "kernel": _kernels,
    "stride": _strides,
    "pad": _pads,
    "dilation": _dilations,
    "channels": _widths,
    "features": _widths,
    "groups": _groups,
    "alpha": _near_one,
    "beta": _near_one,
    "k": _near_one,
}


def plain_values(field: Field) -> list[Value]:
    """What the field may be given by `set`: nothing that holds for one rank or one count of channels only."""
    values = [each for each in values_of(field, (1, 1), {}, ()) if not isinstance(each, (Dim, Values))]
    return list(dict.fromkeys(values))
