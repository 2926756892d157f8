"""Templates of Python: a line that ends in `#? flag` stands there if the flag is up, in `#? !flag` if it is not; all of
several flags. `$NAME` is a value."""

from __future__ import annotations

from collections.abc import Collection
from string import Template
from textwrap import dedent, indent

MARK = "#?"


def filled(template: str, flags: Collection[str] = (), **values: object) -> str:
    """The lines that stand there, with the values in them. KeyError for a value that is not given."""
    lines = dedent(template).strip("\n").splitlines()
    kept = [line.partition(MARK)[0].rstrip() for line in lines if _stands(line.partition(MARK)[2].split(), flags)]
    return Template("\n".join(kept)).substitute({name: str(each) for name, each in values.items()})


def _stands(wanted: list[str], flags: Collection[str]) -> bool:
    return all((each.removeprefix("!") in flags) is not each.startswith("!") for each in wanted)


def up(**flags: object) -> frozenset[str]:
    """The names of those that are true."""
    return frozenset(name for name, each in flags.items() if each)


def indented(text: str, levels: int = 1) -> str:
    """Each line so many levels deeper."""
    return indent(text, "    " * levels)
