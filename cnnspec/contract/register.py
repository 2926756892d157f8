"""The register of words. A layer enters by its decorator; the folder `layers/` is the list."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from cnnspec.contract.fields import Field
from cnnspec.contract.layer import Layer

L = TypeVar("L", bound=type[Layer])
_words: dict[str, type[Layer]] = {}


def layer(word: str) -> Callable[[L], L]:
    """Registers a layer class under its word; the class's fields, inherited ones first, become its arguments."""

    def enter(cls: L) -> L:
        assert word not in _words, f"two layers are called {word}"
        fields: dict[str, Field] = {}
        for base in reversed(cls.__mro__):
            for name, field in vars(base).items():
                if isinstance(field, Field):
                    fields[name] = field._replace(name=name)
        cls.word = word
        cls.fields = fields
        _words[word] = cls
        return cls

    return enter


@cache
def words() -> Mapping[str, type[Layer]]:
    """Every word of the language that is a layer, by name."""
    package = importlib.import_module("cnnspec.layers")
    for module in sorted(each.name for each in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"cnnspec.layers.{module}")
    return MappingProxyType(dict(sorted(_words.items())))
