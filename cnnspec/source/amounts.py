"""Amounts in messages."""

from fractions import Fraction


def percentage(part: int | Fraction, whole: int | Fraction) -> str:
    """`7.4%`; what is there and rounds to nothing is `<0.1%`, and what rounds to all and is less `>99.9%`."""
    told = f"{float(100 * part / whole):.1f}%"
    if part and told == "0.0%":
        return "<0.1%"
    return ">99.9%" if part < whole and told == "100.0%" else told
