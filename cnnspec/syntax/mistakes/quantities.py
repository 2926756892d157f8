"""Numbers as they are written elsewhere: `7_500_000`, and in `require` `7.5m`, `20 G`, `10GFLOPs`."""

import re
from fractions import Fraction

from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.source.text import Span
from cnnspec.syntax.lexer import SCALE
from cnnspec.syntax.limits import LARGEST_NUMBER, LONGEST_NUMBER
from cnnspec.syntax.trouble import Trouble

TOGETHER = "the digits of a number stand together"
WRITTEN = r"(?<![\w.@])(\d{1,18}(?:[_'’.]\d{1,18})*)([ \t]?)([A-Za-z]{1,16})?(?![\w.])"
"""A number with whatever stands between its digits, and a unit. It is compiled when there is a mistake, not before."""
SEPARATED = r"\d+([_'’]\d+)+|\d{1,3}(\.\d{3}){2,}"
UNITS = {each.lower(): each for each in SCALE} | {"b": "G"}
UNITS |= {"thousand": "k", "million": "M", "millions": "M", "billion": "G", "billions": "G", "trillion": "T"}
MEASURED = frozenset({"ms", "s", "us", "ns", "sec", "secs", "seconds", "min", "fps", "hz", "w", "j", "mj"})
"""Units of what is measured, and follows from no text."""
COUNTED = r"(?i:([kmgt]?)(flops?|macs?|madds?|params?|ops))"
"""A unit that says what is counted, too."""


def quantity(trouble: Trouble) -> Diagnostic | None:
    in_require = any(each.type == "REQUIRE" for each in trouble.tokens[trouble.first : trouble.at])
    if not in_require and trouble.token.type != "BAD_NUMBER":
        return None
    line = trouble.span(trouble.tokens[trouble.first], trouble.tokens[trouble.end - 1])
    for match in re.compile(WRITTEN).finditer(trouble.source.text, line.start, line.end):
        if match.start() <= trouble.token.start < match.end() or match.end() == trouble.token.start:
            digits, gap, unit = match.groups()
            behind = match.end() if unit else match.end(1)
            return _told(Span(trouble.source, match.start(), behind), digits, gap if unit else "", unit, in_require)
    return None


def _told(span: Span, digits: str, gap: str, unit: str | None, in_require: bool) -> Diagnostic | None:
    if in_require and unit and unit.lower() in MEASURED:
        help = (
            "a network has counts and bytes here, in k, M, G and T, in kB, MB and GB; how quick it is depends on more"
        )
        return error("malformed-number", f"there is no unit `{unit}`", span, help=help)
    plain = re.sub(r"[_'’.]", "", digits) if re.fullmatch(SEPARATED, digits) else digits
    counted = re.fullmatch(COUNTED, unit) if unit else None
    known = UNITS.get((counted[1] if counted else unit or "").lower(), "")
    if len(plain) > LONGEST_NUMBER or plain.count(".") > 1 or (unit and not (in_require and (known or counted))):
        return None
    right = plain + known
    value = Fraction(plain) * SCALE.get(known, 1)
    if (value.denominator != 1 if known else value > LARGEST_NUMBER) or right == span.text:
        return None
    if counted and counted[2].lower().startswith("flop"):
        half = short(value / 2) if value % 2 == 0 else None
        return error(
            "malformed-number",
            f"there is no unit `{unit}`",
            span,
            help=f"`macs` counts multiply-adds, and one is two FLOPs: write `{half or right}`",
        )
    if unit and unit not in SCALE:
        message = f"there is no unit `{unit}`"
    elif gap:
        message = "a unit stands directly behind its number"
    else:
        message = TOGETHER
    return apart(message, right, value, span, in_require)


def apart(message: str, right: str, value: Fraction, span: Span, in_require: bool) -> Diagnostic:
    """Of a number that is written otherwise: how it is written, and in short where that can be."""
    brief = short(value) if in_require and right.isdigit() else None
    fix = Fix(f"write `{right}`" + (f" or `{brief}`" if brief else ""), (Edit(span, right),), safe=True)
    return error("malformed-number", message, span, help=fix.title, fix=fix)


def short(value: Fraction) -> str | None:
    """`7.5M`; None where that is not short."""
    for unit in "TGMk":
        number = value / SCALE[unit]
        if number >= 1:
            text = f"{float(number):.3f}".rstrip("0").rstrip(".")
            return text + unit if Fraction(text) == number else None
    return None


RULES = (quantity,)
