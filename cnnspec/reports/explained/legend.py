"""What the symbols of formulas are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnnspec.contract.facts import Formula
from cnnspec.contract.formula import names
from cnnspec.reports.explained.document import Legend, Section
from cnnspec.reports.explained.texts import Texts


def legend(formulas: Iterable[Formula], texts: Texts) -> Iterator[Legend]:
    """In the order in which they come up; one line for `C_1 C_2 …`, and one for all that are of the result."""
    told: dict[str, str] = {}
    primed = False
    for name in names(formulas):
        primed |= name.endswith("'")
        base = name.removesuffix("'")
        key = base if texts.has("symbol", base) else base.partition("_")[0]
        shown = key if key == base or base[len(key) + 1 :].isdecimal() else base
        told.setdefault(shown, texts("symbol", key))
    if told:
        yield Legend(tuple(told.items()), texts("symbol", "prime") if primed else "", texts("symbol", "comma"))


def once(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The same with each symbol named where it first comes up, and nowhere else."""
    told: set[str] = set()
    made: list[Section] = []
    for section in sections:
        parts = []
        for part in section.parts:
            if isinstance(part, Legend):
                new = tuple(each for each in part.symbols if each[0] not in told)
                primed = "" if part.primed in told else part.primed
                told |= {part.primed, *(name for name, _ in new)}
                if not new and not primed:
                    continue
                part = Legend(new, primed, part.comma)
            parts.append(part)
        made.append(section._replace(parts=tuple(parts)))
    return tuple(made)
