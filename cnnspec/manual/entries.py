"""The words of the language, each as a record: those of the register, and the few that are no layer."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from cnnspec.contract.facts import Chapter, Example
from cnnspec.contract.fields import Field
from cnnspec.contract.layer import Layer
from cnnspec.contract.register import elsewhere, plain, words
from cnnspec.manual.docstring import Explained, explained
from cnnspec.manual.forms import FORMS, Form
from cnnspec.source.nearest import nearest

NO_LAYER = "words that are no layer"


class Argument(NamedTuple):
    """A field of the word, and what it means."""

    field: Field
    text: str


class Entry(NamedTuple):
    """A word as a reference has it. `branches`: it takes a body of branches. `also` is what other tools call it."""

    word: str
    chapter: str
    explained: Explained
    arguments: tuple[Argument, ...]
    branches: bool
    also: tuple[str, ...]
    examples: tuple[Example, ...]


@cache
def entries() -> Mapping[str, Entry]:
    """All of them by word: a chapter after the other, each in alphabetical order; last what is no layer."""
    return MappingProxyType({each.word: each for each in _entries()})


def _entries() -> Iterator[Entry]:
    order = list(Chapter)
    for cls in sorted(words().values(), key=lambda each: (order.index(each.chapter), each.word)):
        yield _of_layer(cls)
    for form in FORMS:
        yield _of_form(form)


def meant(name: str) -> str | None:
    """The word that was likely meant by what is none: what other tools call so (`torch.nn.Conv2d`), or a slip."""
    last = name.rpartition(".")[2]
    forms = (form.word for form in FORMS if plain(last) in map(plain, form.also))
    return elsewhere(last, words()) or next(forms, None) or nearest(last, entries())


def _of_layer(cls: type[Layer]) -> Entry:
    said = explained(cls.__doc__ or "")
    return Entry(cls.word, cls.chapter.value, said, _arguments(cls.fields, said), cls.merges, cls.also, cls.examples)


def _of_form(form: Form) -> Entry:
    said = explained(form.text)
    return Entry(form.word, NO_LAYER, said, _arguments(form.fields, said), False, form.also, form.examples)


def _arguments(fields: Mapping[str, Field], said: Explained) -> tuple[Argument, ...]:
    assert set(said.arguments) == set(fields), f"{said.summary} explains {set(said.arguments)}, but has {set(fields)}"
    return tuple(Argument(field, said.arguments[name]) for name, field in fields.items())
