"""Ties of sizes that tie nothing, as what each axis may be by itself sees to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import gcd, lcm, prod

from cnnspec.passes.sizes.conditions import Tie
from cnnspec.passes.sizes.form import Variable
from cnnspec.passes.sizes.sets import SizeSet

MOST_TRIED = 256
"""Sizes together that are tried: proofs that are cheap."""


def implied(tie: Tie, sets: Mapping[Variable, SizeSet]) -> bool:
    """Whether it is proved to hold at all sizes of these sets; False proves nothing."""
    if any(sets[name].is_empty for name in tie.variables):
        return False
    grows = tie.relation == ">=" and _grows(tie, sets)
    tried = [_enough(tie, name, sets[name], grows=grows) for name in tie.variables]
    if not 0 < prod(map(len, tried)) <= MOST_TRIED:
        return False
    return all(tie.holds(dict(zip(tie.variables, sizes, strict=True))) for sizes in product(*tried))


def _enough(tie: Tie, name: Variable, sizes: SizeSet, *, grows: bool) -> Sequence[int]:
    """Sizes of an axis that stand for all of the set: the least where the tie asks for more and its total grows, one of
    each rest where it asks for a multiple. None at all where that is not known."""
    if grows:
        return [sizes.least]
    if sizes.is_finite:
        return sizes.low
    if tie.relation != "%":
        return []
    by = tie.value * tie.total.over
    forms = [each for forms in tie.total.terms for each in forms if each.variable == name]
    period = lcm(sizes.period, *(each.period * (by // gcd(each.slope, by)) for each in forms))
    if period > MOST_TRIED:
        return []
    return [*sizes.low, *(each for each in range(sizes.start, sizes.start + period) if each in sizes)]


def _grows(tie: Tie, sets: Mapping[Variable, SizeSet]) -> bool:
    """Whether the total is no smaller at larger sizes: nothing is taken off, and no factor is below 0, which would turn
    another one round."""
    terms = tie.total.terms.items()
    factors = {form for forms, _ in terms for form in forms}
    return all(count > 0 for forms, count in terms if forms) and all(
        each.never_falls and each.at(sets[each.variable].least) >= 0 for each in factors
    )
