"""An explanation before it is shown: titles, sentences, formulas and tables. One makes it, three show it."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.contract.facts import Formula


class Sentence(NamedTuple):
    """A paragraph; `dim` is a remark aside."""

    text: str
    dim: bool = False


class Worked(NamedTuple):
    """A formula worked out. `name` is the symbol for what comes out (`H'`), or none; `label` says in words what that
    is, `remark` what there is to add. The value is written as a number, or as a fraction in lowest terms."""

    formula: Formula
    name: str = ""
    label: str = ""
    remark: str = ""


class Legend(NamedTuple):
    """Symbols and what they are called; `primed` says what a prime means, if there is one; `comma` stands between."""

    symbols: tuple[tuple[str, str], ...]
    primed: str = ""
    comma: str = ", "


def together(legend: Legend) -> list[tuple[tuple[str, ...], str]]:
    """Its symbols, those that are called the same as one."""
    found: dict[str, list[str]] = {}
    for name, text in legend.symbols:
        found.setdefault(text, []).append(name)
    return [(tuple(names), text) for text, names in found.items()]


class Table(NamedTuple):
    """Rows of cells under titles; `right` tells which columns stand at the right."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]


Part = Sentence | Worked | Legend | Table


class Section(NamedTuple):
    title: str
    parts: tuple[Part, ...]


class Document(NamedTuple):
    """`name` is what is explained, `step` how it is written (none of a model), `summary` what it is, in a line."""

    name: str
    step: str
    summary: str
    sections: tuple[Section, ...]
