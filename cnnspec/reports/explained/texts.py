"""The texts of a language, from texts/: templates with named places, by section and key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from cnnspec.resources import folder

ENGLISH = "en"


class Texts:
    """`texts("field", "result", size="7x7", …)` is a sentence. KeyError if there is none of that key."""

    def __init__(self, language: str, table: Mapping[str, Any]) -> None:
        self.language = language
        self._table = table

    def __call__(self, section: str, key: str, **places: object) -> str:
        return str(self._table[section][key]).format(**places)

    def has(self, section: str, key: str) -> bool:
        """Whether the language says anything of it."""
        return key in self._table.get(section, {})


def languages() -> tuple[str, ...]:
    """Those that ship, English first."""
    found = sorted(each.removesuffix(".toml") for each in os.listdir(folder("texts")) if each.endswith(".toml"))
    return tuple(sorted(found, key=lambda each: each != ENGLISH))


@cache
def texts(language: str = ENGLISH) -> Texts:
    """The texts of one of languages()."""
    import tomllib

    with open(os.path.join(folder("texts"), f"{language}.toml"), "rb") as file:
        return Texts(language, tomllib.load(file))
