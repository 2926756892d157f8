"""What a layer costs, asked with polynomials for sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from cnnspec.contract.errors import LayerError
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shapes
from cnnspec.passes.fold import Kind
from cnnspec.passes.formulas.polynomial import Polynomial, Undecided, Whole, linear, put

Given = tuple[tuple[Whole, ...], ...]
"""The operands' sizes."""


class LeastApart(Undecided):
    """All but the least sizes of these unknowns follow one formula."""

    def __init__(self, unknowns: Iterable[str]) -> None:
        super().__init__("the least size costs otherwise")
        self.unknowns = frozenset(unknowns)


def cost(kind: Kind, given: Given) -> tuple[Whole | None, Whole | None, frozenset[str]]:
    """Multiply-adds and other operations; then the unknowns whose least sizes keep the two from following a formula.
    Only layers with weights multiply and add (docs/counting.md)."""
    unknowns = sorted(
        {name for each in given for size in each if isinstance(size, Polynomial) for name in size.unknowns}
    )
    try:
        return *_asked(kind.layer, given, unknowns), frozenset()
    except (Undecided, LayerError) as error:
        apart = error.unknowns if isinstance(error, LeastApart) else frozenset()
        return None if kind.weights else 0, None, apart


def _asked(layer: Layer, given: Given, unknowns: Sequence[str]) -> tuple[Whole, Whole]:
    """The two for all values. Where the least sizes are a case of their own (a map of one position, which could be a
    gate), they are asked about apart: one formula holds for all if they follow that of the others."""
    try:
        found = layer.cost(cast(Shapes, given))
        return cast("tuple[Whole, Whole]", (found.macs, found.ops))
    except Undecided:
        if not unknowns:
            raise
    first, *others = unknowns
    above = _asked(layer, _with(given, first, linear(first, 1, 1)), others)
    try:
        least = _asked(layer, _with(given, first, 0), others)
    except Undecided as error:
        raise LeastApart((first, *(error.unknowns if isinstance(error, LeastApart) else ()))) from None
    macs, ops = (put(each, first, linear(first, 1, -1)) for each in above)
    if any(_key(put(all, first, 0)) != _key(one) for all, one in zip((macs, ops), least, strict=True)):
        raise LeastApart((first,))
    return macs, ops


def _key(size: Whole) -> object:
    return size.key if isinstance(size, Polynomial) else size


def _with(given: Given, unknown: str, by: Whole) -> Given:
    return tuple([tuple([put(size, unknown, by) for size in each]) for each in given])
