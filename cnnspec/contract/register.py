"""The register of words. A layer enters by its decorator; the folder `layers/` is the list."""

import importlib
import os
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from cnnspec.contract.fields import fields_of
from cnnspec.contract.layer import Layer

L = TypeVar("L", bound=type[Layer])
_words: dict[str, type[Layer]] = {}


def layer(word: str) -> Callable[[L], L]:
    """Registers a layer class under its word; the class's fields, own before inherited, become its arguments."""

    def enter(cls: L) -> L:
        assert word not in _words, f"two layers are called {word}"
        cls.word = word
        cls.fields = fields_of(cls)
        _words[word] = cls
        return cls

    return enter


@cache
def words() -> Mapping[str, type[Layer]]:
    """Every word of the language that is a layer, by name."""
    package = importlib.import_module("cnnspec.layers")
    files = [name for folder in package.__path__ for name in os.listdir(folder)]  # pkgutil would load all of inspect
    for name in sorted(each.removesuffix(".py") for each in files if each.endswith(".py") and each[0] != "_"):
        importlib.import_module(f"cnnspec.layers.{name}")
    return MappingProxyType(dict(sorted(_words.items())))


def elsewhere(name: str, known: Mapping[str, type[Layer]]) -> str | None:
    """The word for what other tools call so: `Conv2d`, `Dense`, `global_average_pool`."""
    wanted = plain(name)
    return next((word for word, cls in known.items() if wanted in map(plain, (word, *cls.also))), None)


def plain(name: str) -> str:
    """A name as it is compared between tools, which differ in case, in `_`, and in whether they write the number of
    axes: `MaxPool2D`, `max_pool3d` and `maxpool` are one."""
    name = name.lower().replace("_", "")
    return name[:-2] if name.endswith(("1d", "2d", "3d")) else name
