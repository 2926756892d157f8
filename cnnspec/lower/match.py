"""The network's tensors and a file's, matched by name: what fits, and a readable account of what does not."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnspec.contract.facts import Weight
from cnnspec.contract.values import Shape, dress
from cnnspec.lower.errors import WeightsError, shown
from cnnspec.source.nearest import nearest

SHOWN = 5
COUNTER = "num_batches_tracked"
"""torch's count of batches in a batch norm: unused at inference, absent from files older than torch 0.4.1."""


class Missing(NamedTuple):
    """A tensor of the network that the file lacks; `near` is a spare name of the file that looks like it."""

    name: str
    shape: Shape
    near: str | None = None


class Unexpected(NamedTuple):
    """A tensor of the file that the network lacks; `near` is a name the network misses that looks like it."""

    name: str
    shape: Shape
    near: str | None = None


R = TypeVar("R", Missing, Unexpected)


class Misfit(NamedTuple):
    """A tensor under the right name with another shape, or with numbers of another kind (integers for reals)."""

    name: str
    expected: str
    found: str


class Converted(NamedTuple):
    """Numbers that were brought to the network's type: float64 to float32 is a rounding, it is told."""

    name: str
    found: str
    expected: str


class NotFinite(NamedTuple):
    """A warning: NaN or infinity among the numbers."""

    name: str
    nans: int
    infinities: int


class Match(NamedTuple):
    """`arrays` are the tensors that fit, in the network's order and types. The names that are near are sought for the
    first five of a kind. `prefix` is what every missing name has before it in the file, if that is all there is to it.
    """

    arrays: dict[str, NDArray[Any]]
    missing: tuple[Missing, ...] = ()
    unexpected: tuple[Unexpected, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    converted: tuple[Converted, ...] = ()
    not_finite: tuple[NotFinite, ...] = ()
    prefix: str = ""
    allow_missing: bool = False
    counters: int = 0  # so many of `arrays` are a batch norm's counters that the file lacks

    @property
    def fits(self) -> bool:
        """Whether the network can run with `arrays`: nothing misfits or is spare, and nothing is missing unless
        that was allowed."""
        return not (self.misfits or self.unexpected or (self.missing and not self.allow_missing))

    def __str__(self) -> str:
        """The first five of each kind, in plain text."""
        lines = [f"{len(self.arrays) - self.counters:,} tensors match"]
        missing = [f"{each.name}  {dress(each.shape) or 'a number'}{_near(each.near)}" for each in self.missing[:SHOWN]]
        spare = [
            f"{shown(each.name)}  {dress(each.shape) or 'a number'}{_near(each.near)}"
            for each in self.unexpected[:SHOWN]
        ]
        misfits = [f"{each.name}  is {each.expected}, the file has {each.found}" for each in self.misfits[:SHOWN]]
        numbers = [f"{each.name}  {each.nans:,} NaN, {each.infinities:,} infinite" for each in self.not_finite[:SHOWN]]
        lines += _kind("missing from the file", missing, len(self.missing))
        lines += _kind("only in the file", spare, len(self.unexpected))
        lines += _kind("of another shape or type", misfits, len(self.misfits))
        lines += _kind("with numbers that are not finite", numbers, len(self.not_finite))
        if self.prefix:
            lines.append(f"the file has every missing name behind `{shown(self.prefix)}`")
        return "\n".join(lines)


def _kind(title: str, lines: Sequence[str], count: int) -> list[str]:
    if not count:
        return []
    rest = [f"  … and {count - len(lines):,} more"] if count > len(lines) else []
    return [f"{count:,} {title}:", *(f"  {line}" for line in lines), *rest]


def _near(name: str | None) -> str:
    return f"  (near `{shown(name)}`)" if name else ""


def match(expected: Mapping[str, Weight], found: Mapping[str, NDArray[Any]], *, allow_missing: bool = False) -> Match:
    """The tensors of `found` under the names of `expected`; only shapes and types of `expected` are read.

    The counter of a batch norm may be missing: it is zero then. With `allow_missing` other tensors may be, too.
    """
    arrays: dict[str, NDArray[Any]] = {}
    missing, misfits, converted, not_finite = [], [], [], []
    counters = 0
    for name, weight in expected.items():
        array = found.get(name)
        if array is None and name.endswith(f".{COUNTER}"):
            arrays[name] = np.zeros(weight.shape, weight.dtype)
            counters += 1
        elif array is None:
            missing.append(Missing(name, weight.shape))
        elif array.shape != weight.shape or not _kind_fits(array.dtype, np.dtype(weight.dtype)):
            misfits.append(
                Misfit(name, _described(weight.shape, weight.dtype), _described(array.shape, array.dtype.name))
            )
        else:
            arrays[name] = _cast(array, np.dtype(weight.dtype))
            if array.dtype.name != weight.dtype:
                converted.append(Converted(name, array.dtype.name, weight.dtype))
            not_finite += _not_finite(name, arrays[name])
    spare = [Unexpected(name, array.shape) for name, array in found.items() if name not in expected]
    return Match(
        arrays,
        _with_near(missing, spare),
        _with_near(spare, missing),
        tuple(misfits),
        tuple(converted),
        tuple(not_finite),
        _common_prefix([each.name for each in missing], [each.name for each in spare]),
        allow_missing,
        counters,
    )


def checked(match: Match, path: str) -> dict[str, NDArray[Any]]:
    """The arrays of a match that fits, else a WeightsError with the account of what does not."""
    if match.fits:
        return match.arrays
    hint = (
        f"rename the network's scopes, or the file's tensors (without `{shown(match.prefix)}`)"
        if match.prefix
        else None
    )
    raise WeightsError(f"the weights of `{path}` are not those of this network\n{match}", hint)


def _kind_fits(found: np.dtype[Any], expected: np.dtype[Any]) -> bool:
    """Reals for reals, integers for integers: integers in the place of reals are quantized and need their scale."""
    kinds = {"f": "f", "i": "iu", "u": "iu", "b": "b"}
    return found.kind in kinds.get(expected.kind, "")


def _cast(array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    with np.errstate(over="ignore"):  # what overflows is told as not finite
        return array.astype(dtype, order="C", copy=False)


def _described(shape: Shape, dtype: str) -> str:
    return f"{dress(shape)} {dtype}" if shape else f"one {dtype}"


def _not_finite(name: str, array: NDArray[Any]) -> list[NotFinite]:
    if array.dtype.kind != "f" or bool(np.isfinite(array).all()):
        return []
    return [NotFinite(name, int(np.isnan(array).sum()), int(np.isinf(array).sum()))]


def _with_near(records: Sequence[R], others: Sequence[Missing | Unexpected]) -> tuple[R, ...]:
    """The first few with the nearest name among those of the same shape on the other side."""
    told = list(records)
    for place, each in enumerate(records[:SHOWN]):
        alike = (other.name for other in others if other.shape == each.shape)
        told[place] = each._replace(near=nearest(each.name, alike))
    return tuple(told)


def _common_prefix(missing: Sequence[str], spare: Iterable[str]) -> str:
    names = set(spare)
    if not missing:
        return ""
    prefixes = [name.removesuffix(missing[0]) for name in names if name.endswith(f".{missing[0]}")]
    return next((each for each in sorted(prefixes) if all(each + name in names for name in missing)), "")
