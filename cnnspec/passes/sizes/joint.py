"""Height and width where one depends on the other: unions of products of sets.

`flatten -> linear` needs a vector of one length, so of C * h * w values h is a divisor, and which heights of the input
lead to each divisor is known exactly. Each axis falls into kinds of sizes that no tie tells apart, each kind an exact
set; then one size of each kind answers for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import isqrt, prod

from cnnspec.passes.sizes.conditions import Tie
from cnnspec.passes.sizes.form import Form, Variable
from cnnspec.passes.sizes.sets import SizeSet, at_least, equal_to, with_rests

MOST_KINDS = 256
"""Kinds of sizes of one axis that are told apart."""

MOST_PRODUCTS = 1 << 14
"""Combinations of kinds that are tried."""

Product = Mapping[Variable, SizeSet]
"""For each variable a set, whatever the others are."""

Kinds = list[SizeSet]


def solved(sets: Product, ties: Sequence[Tie]) -> tuple[list[Product], list[Tie]]:
    """The sizes that meet the ties, and the ties that are no unions of products, or of too many: those remain."""
    met, left = list[Tie](), list[Tie]()
    kinds = {variable: [each] for variable, each in sets.items()}
    for tie in ties:
        refined = _refined(kinds, tie) if set(tie.variables) <= set(sets) else None
        if refined is None or prod(map(len, refined.values())) > MOST_PRODUCTS:
            left.append(tie)
        else:
            kinds = refined
            met.append(tie)
    if not met:
        return ([sets] if not any(each.is_empty for each in sets.values()) else []), left
    variables = list(sets)
    found = []
    for combination in product(*kinds.values()):
        sizes = {variable: each.least for variable, each in zip(variables, combination, strict=True)}
        if all(tie.holds(sizes) for tie in met):
            found.append(dict(zip(variables, combination, strict=True)))
    return merged(found), left


def merged(products: Sequence[Product]) -> list[Product]:
    """The same union with fewer products: those that differ on one axis only are one."""
    found = [dict(each) for each in products]
    for variable in list(found[0]) if found else ():
        by_others: dict[tuple[tuple[Variable, SizeSet], ...], dict[Variable, SizeSet]] = {}
        for each in found:
            others = tuple((name, sizes) for name, sizes in each.items() if name != variable)
            if others in by_others:
                by_others[others][variable] = by_others[others][variable].either(each[variable])
            else:
                by_others[others] = dict(each)
        found = list(by_others.values())
    return list(found)


def _refined(kinds: Mapping[Variable, Kinds], tie: Tie) -> dict[Variable, Kinds] | None:
    """The kinds, told apart by what the tie asks of each axis; sizes that it never takes fall away."""
    refined = dict(kinds)
    for forms in tie.total.terms:
        for form in forms:
            told = _told_apart(form, tie)
            if told is None or len(told) * len(refined[form.variable]) > MOST_KINDS:
                return None
            both = (kind.both(each) for kind in refined[form.variable] for each in told)
            refined[form.variable] = [each for each in both if not each.is_empty]
    return refined


def _told_apart(form: Form, tie: Tie) -> Kinds | None:
    """The sizes of a form's variable by what it is worth to a tie; None where that is no small number of kinds."""
    terms, value = dict(tie.total.terms), tie.value * tie.total.over
    rest = terms.pop((), 0)
    if not terms or min(terms.values()) < 0 or rest < 0:
        return None
    if tie.relation == "%":
        if value > MOST_KINDS:
            return None
        repeats = form.modulo(value)
        told = {each: [rest for rest, other in enumerate(repeats.offsets) if other == each] for each in repeats.offsets}
        return [with_rests(repeats.period, rests) for rests in told.values()]
    if tie.relation == ">=":
        most = -(-value // min(terms.values()))
        if most > MOST_KINDS:
            return None
        return [*(equal_to(form, each) for each in range(1, most)), at_least(form, most)]
    if len(terms) > 1:
        most = (value - rest) // min(terms.values())
        return [equal_to(form, each) for each in range(1, most + 1)] if most <= MOST_KINDS else None
    ((_, count),) = terms.items()
    whole, left = divmod(value - rest, count)
    return [] if left or whole < 1 else [equal_to(form, each) for each in _divisors(whole)]


def _divisors(number: int) -> Iterator[int]:
    small = [each for each in range(1, isqrt(number) + 1) if number % each == 0]
    yield from dict.fromkeys([*small, *(number // each for each in reversed(small))])
