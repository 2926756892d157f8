"""The words of the language by what they are, from the registers that the compiler reads."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from cnnspec.build.structural import STRUCTURAL
from cnnspec.contract.fields import Field
from cnnspec.contract.register import words
from cnnspec.contract.sections import SECTIONS, section_kind
from cnnspec.contract.settings import Setting


class Vocabulary(NamedTuple):
    """`words` are what a step or a line of a section may begin with; `values` what some argument lists (`same`)."""

    words: frozenset[str]
    values: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """All of it; the layers are imported when it is first asked for."""
    layers = words()
    settings = list(_settings(map(section_kind, SECTIONS)))
    listed = {*_listed(each.fields for each in layers.values()), *_listed(each.fields for each in settings)}
    return Vocabulary(
        frozenset({*layers, *STRUCTURAL, *(each.word for each in settings)}),
        frozenset({*listed, *(name for each in settings for name in each.kinds)}),
    )


def _settings(kinds: Iterable[type[Setting]]) -> Iterator[type[Setting]]:
    """Sections, what their bodies may hold, and what those choose among, to the end."""
    for kind in kinds:
        yield kind
        yield from _settings((*kind.steps.values(), *kind.kinds.values()))


def _listed(fields: Iterable[Mapping[str, Field]]) -> Iterator[str]:
    return (word for each in fields for field in each.values() for word in field.kind.words)
