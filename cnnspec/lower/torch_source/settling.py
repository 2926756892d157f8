"""An argument of a class, and how a number is said: by the text, by what is known, or by one more argument."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.lower.torch_source.expressions import guesses, holds, literal, names, same, translated
from cnnspec.lower.torch_source.parts import argument_of

if TYPE_CHECKING:
    from cnnspec.lower.torch_source.classes import Class

REQUIRED = object()
"""The default of an argument that has none."""


class Param(NamedTuple):
    """An argument of a class. `channels_of` is the input whose channels it counts, if it is for that."""

    name: str
    values: tuple[Any, ...]
    channels_of: int | None = None
    default: Any = REQUIRED

    @property
    def annotation(self) -> str:
        kinds = dict.fromkeys(_kind(each) for each in self.values if each is not None)
        return " | ".join(kinds)


def _kind(value: Any) -> str:
    if isinstance(value, tuple) and len(value) > 3:
        return "tuple[int, ...]"
    if isinstance(value, tuple):
        return f"tuple[{', '.join(_kind(each) for each in value)}]"
    return type(value).__name__


class Settling:
    """Keeps the arguments that a class has so far, and finds an expression over them for each number."""

    def __init__(self, made: Class, given: Mapping[str, Any]) -> None:
        self.made = made
        self.drafts = made.drafts
        self.is_block = made.first.block is not None
        self.envs: list[dict[str, Any]] = [{} for _ in self.drafts]
        self.params: dict[str, Param] = {}
        self.used: set[str] = set()
        self.channels: list[str | None] = [None] * len(made.first.values)
        default = made.first.path == ""
        for name, value in given.items():
            self._offer(Param(name, tuple(value for _ in self.drafts), default=value if default else REQUIRED))

    def _offer(self, param: Param) -> str:
        self.params[param.name] = param
        for env, value in zip(self.envs, param.values, strict=True):
            env[param.name] = value
        return param.name

    def _free(self, name: str) -> str:
        name = re.sub(r"\W", "_", name)
        name = f"_{name}" if name[0].isdecimal() else name
        if keyword.iskeyword(name) or name in ("self", "nn", "torch", "F", "range"):
            name += "_"
        while name in self.params:
            name += "_"
        return name

    def _item(self, key: str) -> str:
        name = self.made.first.steps[int(key[1:])].name if key.startswith("@") else key
        return name.partition(":")[0].partition("(")[0]

    def _settle(
        self,
        key: str,
        values: Sequence[Any],
        texts: Sequence[str] = (),
        near: Sequence[str | None] = (),
        *,
        entering: bool = False,
    ) -> None:
        """The text's own expression, if it names an argument; what is known of the channels; the number; a small
        expression that is right everywhere; at last an argument of its own."""
        chosen = self._said(values, texts, near, entering) or self._found(key, values, near)
        self.used |= names(chosen) & set(self.params)
        self.made.exprs[key] = chosen

    def _said(
        self, values: Sequence[Any], texts: Sequence[str], near: Sequence[str | None], entering: bool
    ) -> str | None:
        told = [each for text in texts if (each := translated(text)) is not None]
        named = [each for each in told if names(each) and names(each) <= set(self.params)]
        known = [each for each in near if each is not None]
        for each in [*known, *named] if entering else [*named, *known]:
            if (entering or names(each)) and holds(each, values, self.envs):
                return each
        return None

    def _found(self, key: str, values: Sequence[Any], near: Sequence[str | None]) -> str:
        given = [each for each in values if each is not None]
        found = self._guessed(values)
        if found is None and all(isinstance(each, tuple) and len(each) == len(given[0]) for each in given):
            columns = [[each and each[axis] for each in values] for axis in range(len(given[0]))]
            inner = [self._said(each, (), near, False) or self._guessed(each) for each in columns]
            whole = [each for each in inner if each is not None]
            found = f"({', '.join(whole)}{',' if len(whole) == 1 else ''})" if len(whole) == len(inner) else None
        if found is not None:
            return found
        everywhere = tuple(given[0] if each is None else each for each in values)  # where it is absent, any would do
        return self._offer(Param(self._named(key), everywhere))

    def _guessed(self, values: Sequence[Any]) -> str | None:
        """The number, where it is the same in every use; else a small expression that is right everywhere."""
        given = [each for each in values if each is not None]
        if all(same(each, given[0]) for each in given):
            return literal(given[0])
        return next((each for each in guesses(list(self.params), values) if holds(each, values, self.envs)), None)

    def _named(self, key: str) -> str:
        """`kernel_size` for the first, `conv2_kernel_size` for others; `depth` for a list's length."""
        member, _, slot = key.rpartition(".")
        if key.startswith("@"):
            member, slot = self._item(member), argument_of(self.made.first.steps[int(member[1:])].target, slot)
        slot = "depth" if slot.endswith("#") else slot
        plain_name = self._free(slot)
        return plain_name if plain_name == slot else self._free(f"{member}_{slot}")
