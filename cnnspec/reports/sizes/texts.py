"""Sets of sizes as people write them: `H ≥ 32 and H ≡ 0 (mod 32)`."""

from __future__ import annotations

from cnnspec.contract.symbols import AXES
from cnnspec.passes.sizes.form import Variable
from cnnspec.passes.sizes.joint import Product
from cnnspec.passes.sizes.runs import Run, runs
from cnnspec.passes.sizes.sets import EVERY, SizeSet
from cnnspec.reports.look import Look
from cnnspec.reports.numbers import thousands

LISTED = 6
"""So many rests are named one by one."""

MOST_RUNS = 12
"""So many runs of one set are shown."""


def axis_name(name: Variable, rank: int) -> str:
    """`h`"""
    return AXES[rank][name.axis - 1].lower()


def said(name: str, sizes: SizeSet, look: Look) -> str:
    """What there is to say of one axis, `name` being H or W or D."""
    if sizes == EVERY:
        return f"any {name}"
    if sizes.is_empty:
        return f"no {name}"
    told = [_run(name, each, look) for each in runs(sizes)]
    shown = told[:MOST_RUNS] + ([f"{look.ellipsis} ({len(told) - MOST_RUNS} more)"] if len(told) > MOST_RUNS else [])
    return " or ".join(shown)


def _run(name: str, run: Run, look: Look) -> str:
    least, most, period, rests = run
    if least == most:
        return f"{name} = {thousands(least)}"
    parts = []
    if most == least + 1:
        return f"{name} = {thousands(least)} or {thousands(most)}"
    if most is not None:
        parts.append(f"{name} in {thousands(least)}{look.ellipsis}{thousands(most)}")
    elif least != _first(period, rests):
        parts.append(f"{name} {'≥' if look.unicode else '>='} {thousands(least)}")
    if period > 1:
        parts.append(_rests(name, period, rests, look))
    return " and ".join(parts) or f"any {name}"


def _first(period: int, rests: tuple[int, ...]) -> int:
    """The least size from 1 on with one of the rests."""
    return min(rest or period for rest in rests)


def _rests(name: str, period: int, rests: tuple[int, ...], look: Look) -> str:
    others = [rest for rest in range(period) if rest not in rests]
    same, differs = ("≡", "≢") if look.unicode else ("=", "!=")
    if len(rests) <= LISTED and len(rests) <= len(others):
        return f"{name} {same} {_listed(_spans(rests, look))} (mod {thousands(period)})"
    if len(others) <= LISTED:
        return " and ".join(f"{name} {differs} {thousands(each)} (mod {thousands(period)})" for each in others)
    spans = _spans(rests, look)
    shown = _listed(spans) if len(spans) <= MOST_RUNS else ", ".join([*spans[:MOST_RUNS], look.ellipsis])
    return f"{name} {same} {shown} (mod {thousands(period)})"


def _listed(texts: list[str]) -> str:
    *first, last = texts
    return f"{', '.join(first)} or {last}" if first else last


def _spans(numbers: tuple[int, ...], look: Look) -> list[str]:
    """`0…15`, `20`; two in a row are named one by one."""
    found: list[list[int]] = []
    for each in numbers:
        if found and each == found[-1][-1] + 1:
            found[-1].append(each)
        else:
            found.append([each])
    return [text for span in found for text in _span(span, look)]


def _span(span: list[int], look: Look) -> list[str]:
    if len(span) <= 2:
        return [*map(thousands, span)]
    return [f"{thousands(span[0])}{look.ellipsis}{thousands(span[-1])}"]


def product_said(product: Product, rank: int, look: Look) -> str:
    """All axes of an input: `H ≥ 32 and H ≡ 0 (mod 32), W likewise`; `any H, any W`."""
    names = [axis_name(each, rank).upper() for each in product]
    sets = list(product.values())
    if len(set(sets)) == 1 and len(sets) > 1:
        *_, last = names
        if sets[0] == EVERY:
            return f"any {', '.join(names[:-1])} and {last}"
        others = names[1:]
        listed = f"{', '.join(others[:-1])} and {others[-1]}" if len(others) > 1 else others[0]
        return f"{said(names[0], sets[0], look)}; {listed} likewise"
    return "; ".join(said(name, each, look) for name, each in zip(names, sets, strict=True))
