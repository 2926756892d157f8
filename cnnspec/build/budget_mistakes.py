"""What is likely meant by a condition that is written as elsewhere: `flops <= 10G`, `params <= 7,500,000`."""

import re
from collections.abc import Set
from fractions import Fraction

from cnnspec.build.budgets import QUANTITIES, Bound
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.source.nearest import nearest
from cnnspec.syntax import tree
from cnnspec.syntax.lexer import units
from cnnspec.syntax.mistakes.quantities import TOGETHER, apart

ELSEWHERE = {
    "params": ("param", "parameters", "nparams", "numparams", "numparameters", "totalparams"),
    "macs": ("mac", "madd", "madds", "multadds", "multiadds", "multiplyadds", "maccs"),
    "rf": ("receptivefield", "field"),
    "memory": ("mem", "ram", "vram", "bytes", "peakmemory"),
    "depth": ("layers", "numlayers", "nlayers"),
}
"""What others call them, without `_` and in lower case."""
FLOPS = re.compile(r"[kmgt]?flops?")
GROUP = re.compile(r"\d{3}(?:[kMGT]|[KMG]i?B)?")
FEW, MANY_TIMES = 1000, 100
MOST_GROUPS = 8
"""So many digits by threes are still meant as one number."""
MILLIONS = {"memory": ("bytes", "MB", "megabytes"), "params": ("parameters", "M", "millions")}
MILLIONS["macs"] = ("MACs", "M", "millions")
"""What is counted in millions: what of, and how that is written and said."""


def meant(name: tree.Name, known: Set[str]) -> tuple[str, str | None, Fix | None]:
    """Help for an unknown name in a condition, the name that is near, and a fix. `known` are the values that have
    names there."""
    plain = name.name.lower().replace("_", "")
    if FLOPS.fullmatch(plain):
        help = "`macs` counts multiply-adds, and one is two FLOPs: `2*macs`"
        fix = Fix(help, (Edit(name.span, "2*macs"),), safe=False)
        return help, None, fix if plain.startswith("flop") else None  # with a prefix the bound is in thousands
    own = next((right for right, others in ELSEWHERE.items() if plain in others), None)
    *others, last = (f"`{each}`" for each in ("params", "macs", "rf", "memory", "depth"))
    help = f"of the finished model `require` asks for {', '.join(others)} and {last}"
    return help, own or nearest(name.name, known | QUANTITIES), None


def grouped(tests: tuple[tree.Expr, ...]) -> tuple[list[tree.Expr], list[Diagnostic]]:
    """The conditions that are some, and what there is to say of those that are parts of a number with commas."""
    kept: list[tree.Expr] = []
    found: list[Diagnostic] = []
    at = 0
    while at < len(tests):
        end = at + 1
        while end < len(tests) and _goes_on(tests[end - 1], tests[end]):
            end += 1
        if 1 < end - at <= MOST_GROUPS and (head := re.search(r"(?<![\w.])\d{1,3}$", tests[at].span.text)):
            last = tests[end - 1].span
            span = last._replace(start=tests[at].span.start + head.start())
            right = span.text.replace(",", "")
            value = units(right)[0] if not right.isdigit() else Fraction(right)
            found.append(apart(TOGETHER, right, value, span, in_require=True))
        else:
            kept += tests[at:end]
        at = end
    return kept, found


def _goes_on(before: tree.Expr, test: tree.Expr) -> bool:
    if not isinstance(test, (tree.Number, tree.Quantity)) or not GROUP.fullmatch(test.span.text):
        return False
    return test.span.source.text[before.span.end : test.span.start] == ","


def in_bytes(bound: Bound, quantity: tree.Quantity) -> Diagnostic:
    """`params <= 5MB`: bytes of what is none."""
    asked, span = bound.quantity.name, quantity.span
    letter = quantity.unit[0].replace("K", "k")
    fix = Fix(
        f"write `{span.text[: -len(quantity.unit)]}{letter}`",
        (Edit(span, span.text[: -len(quantity.unit)] + letter),),
        safe=False,
    )
    message = f"`{span.text}` says bytes, in which only `memory` is counted, not `{asked}`"
    return error("misplaced-quantity", message, span, help=fix.title, fix=fix)


def too_few(bound: Bound, number: int) -> str | None:
    """Help for a bound without a unit which a network is far beyond: `memory <= 64`. Who writes 0 or 1 means it."""
    limit, counted = bound.limit, MILLIONS.get(bound.quantity.name)
    if (
        not counted
        or not isinstance(limit, tree.Number)
        or not 1 < limit.value < FEW
        or number < MANY_TIMES * limit.value
    ):
        return None
    what, unit, said = counted
    return f"`{limit.span.text}` is so many {what}; for {said} write `{limit.span.text}{unit}`"
