"""Shares as people read them."""

from cnnspec.reports.numbers import percent


def share_of(part: int, whole: int) -> str:
    """`7.4%`; what is there and rounds to nothing is `<0.1%`."""
    told = percent(part, whole)
    return "<0.1%" if part and told == "0.0%" else told
