"""What must hold of an input's sizes: for each axis by itself a set, and what ties axes together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import NamedTuple

from cnnspec.contract.sizing import AtLeast, Divides, Equal, Gates, Holds, Kept, MoreThan, Within
from cnnspec.contract.values import Shapes
from cnnspec.ir.decisions import Decision
from cnnspec.passes.sizes.form import Extent, Extents, Form, Sum, Variable, is_gate
from cnnspec.passes.sizes.forms import Demand, product_of
from cnnspec.passes.sizes.sets import SizeSet, at_least, equal_to, from_on, only, size_set, where

Cause = Demand | Decision
Values = Mapping[Variable, int]


class Bound(NamedTuple):
    """One variable must be in the set."""

    variable: Variable
    sizes: SizeSet
    cause: Cause


class Tie(NamedTuple):
    """Several variables together: what relation their sizes must meet. `total` is a sum of products of forms, or the
    difference of two sizes; `relation` is `==`, `>=` or `%` (a multiple of) and `value` a number."""

    variables: tuple[Variable, ...]
    total: Sum
    relation: str
    value: int
    cause: Cause

    def holds(self, sizes: Values) -> bool:
        found = sum(
            count * prod(each.at(sizes[each.variable]) for each in forms) for forms, count in self.total.terms.items()
        )
        value = self.value * self.total.over
        if self.relation == "==":
            return found == value
        return found >= value if self.relation == ">=" else found % value == 0


class Never(NamedTuple):
    """No size at all: what cannot hold."""

    cause: Cause


class Chance(NamedTuple):
    """An operand that is of 1 on every axis at single sizes only, and then is a gate: those have to be tried."""

    sizes: Mapping[Variable, SizeSet]
    cause: Cause


Condition = Bound | Tie | Never | Chance


def of_demand(demand: Demand, written: Shapes) -> Iterator[Condition]:
    """What a node needs, given the shapes of its operands as they are written."""
    need, given = demand.need, demand.operands
    match need:
        case Within(axis, operand):
            yield from _within(given[operand][axis], need, demand)
        case Kept(axis, operand):
            yield from _relation(given[operand][axis], "==", written[operand][axis], demand)
        case Equal(axis, operand, other):
            yield from related(given[operand][axis], "==", given[other][axis], demand)
        case AtLeast(axis, operand, other):
            yield from related(given[operand][axis], ">=", given[other][axis], demand)
        case Holds(values, operand):
            yield from _relation(product_of(given[operand]), "==", values, demand)
        case Divides(values, operand):
            yield from _relation(product_of(given[operand]), "%", values, demand)
        case MoreThan(values, operand, first):
            yield from _relation(product_of(given[operand][first:]), ">=", values + 1, demand)
        case Gates():
            yield from _gates(given, demand)


def _within(extent: Extent, need: Within, cause: Cause) -> Iterator[Condition]:
    plain = need.period == 1 and need.upto is None and not need.low
    if isinstance(extent, Sum):
        if not plain:
            raise Untold("a product of sizes must be one of several")
        yield from _relation(extent, ">=", need.start, cause)
        return
    if plain:
        yield from _relation(extent, ">=", need.start, cause)
        return
    wanted = size_set((), need.start, need.period, need.residues)
    if need.upto is not None:
        wanted = wanted.both(from_on(1, need.upto))
    wanted = wanted.either(only(*need.low))
    if isinstance(extent, int):
        if extent not in wanted:
            yield Never(cause)
    else:
        yield Bound(extent.variable, where(extent, wanted), cause)


class Untold(Exception):
    """What must hold is none of the conditions that are solved here."""


def _relation(extent: Extent | str, relation: str, value: int, cause: Cause) -> Iterator[Condition]:
    """A size compared with a number."""
    if isinstance(extent, str):
        raise Untold(extent)
    if isinstance(extent, int):
        met = extent == value if relation == "==" else extent >= value if relation == ">=" else extent % value == 0
        if not met:
            yield Never(cause)
    elif isinstance(extent, Form):
        if relation == "==":
            sizes = equal_to(extent, value)
        elif relation == ">=":
            sizes = at_least(extent, value)
        else:
            sizes = equal_to(extent.modulo(value), 0)
        yield Bound(extent.variable, sizes, cause)
    else:
        variables = {each.variable for forms in extent.terms for each in forms}
        if relation == "%" and extent.over == 1 and all(count % value == 0 for count in extent.terms.values()):
            return
        if relation == ">=" and min(extent.terms.values()) > 0 and sum(extent.terms.values()) >= value * extent.over:
            return  # each size is 1 or more
        yield Tie(tuple(sorted(variables)), extent, relation, value, cause)


def related(one: Extent, relation: str, other: Extent, cause: Cause) -> Iterator[Condition]:
    """Two sizes compared: `==` or `>=`."""
    if isinstance(other, int):
        yield from _relation(one, relation, other, cause)
    elif isinstance(one, Form) and isinstance(other, Form):
        if one.variable != other.variable:
            if relation == "==" and other.variable < one.variable:
                one, other = other, one
            total = Sum({(one,): 1, (other,): -1})
            yield Tie(tuple(sorted((one.variable, other.variable))), total, relation, 0, cause)
        elif not one.same(other):
            yield from _relation(one.less(other), relation, 0, cause)
    elif isinstance(one, Sum) and isinstance(other, Sum) and one.same(other):
        return
    elif isinstance(one, int) and relation == "==":
        yield from _relation(other, relation, one, cause)
    else:
        terms: dict[tuple[Form, ...], int] = {}
        for sign, each in ((1, one), (-1, other)):
            if isinstance(each, Sum) and each.over != 1:
                raise Untold("quotients of products of sizes must be equal")
            added = each.terms if isinstance(each, Sum) else {(each,): 1} if isinstance(each, Form) else {(): each}
            for forms, count in added.items():
                terms[forms] = terms.get(forms, 0) + sign * count
        terms = {forms: count for forms, count in terms.items() if count}
        if terms:
            variables = {each.variable for forms in terms for each in forms}
            yield Tie(tuple(sorted(variables)), Sum(terms), relation, 0, cause)


def _gates(given: tuple[Extents, ...], cause: Cause) -> Iterator[Condition]:
    """All maps of one size. Where they need not be, one of them may still be a gate at single sizes."""
    maps = [each for each in given if not is_gate(each)]
    found: list[Condition] = []
    for each in maps[1:]:
        for one, other in zip(maps[0][1:], each[1:], strict=True):
            found += related(one, "==", other, cause)
    yield from found
    if not found:
        return
    for each in maps:
        sizes: dict[Variable, SizeSet] = {}
        for extent in each[1:]:
            if isinstance(extent, Sum):
                raise Untold("a product of sizes may make a gate")
            if isinstance(extent, Form):
                ones = equal_to(extent, 1)
                sizes[extent.variable] = sizes[extent.variable].both(ones) if extent.variable in sizes else ones
            elif extent != 1:
                break
        else:
            yield Chance(sizes, cause)
