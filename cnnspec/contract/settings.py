"""What a section is made of: words with typed arguments, as layers have them, that say no step of the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from cnnspec.contract.fields import Field, fields_of


class Setting:
    """A section or one line of its body, with its arguments bound: immutable, equal when word, arguments and body are.

    A word whose first argument chooses what it is (`optimizer sgd 0.1`) has `kinds`, and is bound as one of them. One
    that takes a body has `steps`, the words which that may hold; `body` are the lines, in order.
    """

    word: ClassVar[str] = ""
    fields: ClassVar[Mapping[str, Field]] = {}
    kinds: ClassVar[Mapping[str, type[Setting]]] = {}
    steps: ClassVar[Mapping[str, type[Setting]]] = {}
    ordered: ClassVar[bool] = True  # whether lines of the body may be repeated and their order counts
    repeated: ClassVar[frozenset[str]] = frozenset()  # lines of a body without order that may stand several times
    usage: ClassVar[str] = ""  # an example, for messages
    also: ClassVar[Mapping[str, str]] = {}  # what others call its kinds or steps, and what is written here

    body: tuple[Setting, ...] = ()

    def __init_subclass__(cls) -> None:
        cls.fields = fields_of(cls)

    def __init__(self, body: tuple[Setting, ...] = (), /, **values: Any) -> None:
        object.__setattr__(self, "body", body)
        for name, field in self.fields.items():
            object.__setattr__(self, name, values.pop(name, field.default))
        assert not values, f"{self.word} has no field {sorted(values)}"
        self.check()

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a setting is never changed: {name}")

    @property
    def arguments(self) -> dict[str, Any]:
        """The bound arguments in the fields' order."""
        return {name: getattr(self, name) for name in self.fields}

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Setting):
            return False
        return self.arguments == other.arguments and self.body == other.body

    def __hash__(self) -> int:
        return hash((self.word, tuple(self.arguments.values()), self.body))

    def __repr__(self) -> str:
        shown = [f"{name}={value!r}" for name, value in self.arguments.items()]
        return f"{type(self).__name__}({', '.join([*map(repr, self.body), *shown])})"

    def plain(self) -> dict[str, Any]:
        """Word and arguments as JSON has them."""
        return {"word": self.word, **self.arguments}

    def check(self) -> None:
        """LayerError, about a field, where arguments that are right alone do not go together."""


def by_word(*kinds: type[Setting]) -> Mapping[str, type[Setting]]:
    """The settings by the word that each is."""
    return {each.word: each for each in kinds}


def in_words(plain: Any) -> str:
    """What `plain` gave, as a line to read: `sgd lr=0.1 momentum=0.9 nesterov=no`, steps joined with `->`."""
    match plain:
        case {"word": word, **arguments}:
            said = (f"{name}={in_words(each)}" for name, each in arguments.items() if each is not None)
            return " ".join([word, *said])
        case bool():
            return "yes" if plain else "no"
        case float():
            return f"{plain:g}"
        case list() if plain and isinstance(plain[0], dict):
            return " -> ".join(map(in_words, plain))
        case list() | tuple():
            return ",".join(map(in_words, plain))
    return "not said" if plain is None else str(plain)
