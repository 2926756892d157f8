"""Where names are looked up: values by the text's nesting (Env), steps by the network's (Room)."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from itertools import islice
from typing import NamedTuple

from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Value, Word
from cnnspec.source.diagnostic import Frame
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Span
from cnnspec.syntax import tree


class Named(NamedTuple):
    """A label as it holds here (`{i}` filled in), and where it is written."""

    name: str
    span: Span


class Setting(NamedTuple):
    """A default that a `set` line gives to one field of one word."""

    value: object
    span: Span


class Settings:
    """The defaults in force, by word and field. `made` are the layers of steps that were bound under them, by all that
    these steps say (build/making.py)."""

    def __init__(self, given: dict[str, dict[str, Setting]] | None = None) -> None:
        self.given = given or {}
        self.made: dict[Hashable, Layer] = {}

    def of(self, word: str) -> dict[str, Setting]:
        return self.given.get(word, {})

    def plus(self, word: str, field: str, setting: Setting) -> Settings:
        """These and one more."""
        return Settings({**self.given, word: {**self.of(word), field: setting}})


NOTHING: frozenset[str] = frozenset()
ANYTHING = "*"
"""Among lost names: there may have been any."""


def names_in(text: str) -> frozenset[str]:
    """The names that stand in a line that could not be read: those that it may have brought, and more."""
    return frozenset(re.findall(r"[A-Za-z_]\w*", text))


def header_names(owner: tree.Block | tree.Model) -> frozenset[str]:
    """The names in the header of a definition, and what they begin or end with: `block Basicc) {` has lost its
    parenthesis."""
    span = owner.span
    names = names_in(span.source.text[span.start : owner.body.span.start])
    parts = (part for each in names for at in range(1, len(each)) for part in (each[:at], each[at:]))
    return names.union(parts)


Moment = tuple[Settings, int]


class Env:
    """Values and settings in force at a place of the text: those of this body, then of what encloses it.

    `entry` is the node that enters the block (`in.c`); None inside a file but outside a block or model. A value of None
    is one that could not be worked out: whatever needs it stays silent. So does a name that a line may have brought
    which could not be read (`lost`).
    """

    def __init__(self, parent: Env | None = None) -> None:
        self.values: dict[str, Value | None] = {}
        self.settings: Settings = parent.settings if parent else Settings()
        self.parent = parent
        self.entry: str | None = parent.entry if parent else None
        self.lost: frozenset[str] = parent.lost if parent else NOTHING

    def find(self, name: str) -> tuple[bool, Value | None]:
        """Whether the name is known, and its value."""
        env: Env | None = self
        while env is not None:
            if name in env.values:
                return True, env.values[name]
            env = env.parent
        return False, None

    def names(self) -> set[str]:
        found = set(self.values)
        return found | self.parent.names() if self.parent else found

    def set(self, word: str, field: str, setting: Setting) -> None:
        """From here on, in this body; what encloses it keeps its own."""
        self.settings = self.settings.plus(word, field, setting)

    def frozen(self) -> Env:
        """This environment as it is now, for a block that is defined here and used later."""
        copy = Env(self.parent)
        copy.values, copy.settings = dict(self.values), self.settings
        copy.entry, copy.lost = self.entry, self.lost
        return copy

    def moment(self) -> Moment:
        """What has been said so far."""
        return self.settings, len(self.values)

    def back_at(self, moment: Moment) -> Env:
        """This environment as it was: what stands below a step does not hold for it when it is applied again."""
        copy = self.frozen()
        copy.settings, count = moment
        copy.values = dict(islice(copy.values.items(), count))
        return copy


class BlockWord(Word):
    """A block handed over as a value (`Stage Basic 64 3`): it remembers which block it was where it was named."""

    target: BlockDef


class BlockDef(NamedTuple):
    """A block with the environment of the place where it is defined, and the blocks that it may use."""

    tree: tree.Block
    env: Env
    module: Module


class Module:
    """One file: its blocks by name, those of files it uses under an alias by `alias.Name`. `lost` are names that lines
    may have brought which could not be read; `lost_files`: a file that it uses could not."""

    def __init__(self) -> None:
        self.blocks: dict[str, BlockDef] = {}
        self.models: list[tuple[tree.Model, Env]] = []
        self.sections: list[tree.Apply] = []
        self.lost: frozenset[str] = NOTHING
        self.lost_files = False

    def may_have(self, name: str) -> bool:
        """Whether a block of that name may have been lost."""
        return name in self.lost or (self.lost_files and (name[:1].isupper() or "." in name))


class Again(NamedTuple):
    """How a step is applied again (`reuse`): `expand` does it under another name than its own `name` in its room and
    `path`, and counts it as so deep in bodies and blocks. Its own nodes are among those from number `first` to before
    `end`, in the order in which they were made: those below its path that came later are copies."""

    name: str
    path: str
    first: int
    end: int
    expand: Callable[[Context, Named, str | None], str | None]
    ctx: Context
    then: Moment

    def once_more(self, label: Named, current: str | None, depth: int) -> str | None:
        """With what was in force where the step stands."""
        there = self.ctx._replace(env=self.ctx.env.back_at(self.then), depth=max(self.ctx.depth, depth))
        return self.expand(there, label, current)


class Entity(NamedTuple):
    """What a name in a room stands for: a value (a node's id), the room inside it, if it has one, and how it is applied
    again, if it can be."""

    value: str
    room: Room | None
    span: Span
    again: Again | None = None


class Room:
    """A scope of the network: hands out names and finds those that were given.

    `outer` is where a name is looked up next: None for a model and for a block's instance, whose caller it cannot see.
    `lost` are names that lines may have given which could not be read.
    """

    def __init__(self, path: str, outer: Room | None, listed: bool) -> None:
        self.path = path
        self.outer = outer
        self.listed = listed
        self.entities: dict[str, Entity] = {}
        self.lost: frozenset[str] = NOTHING
        self._counts: dict[str, int] = {}
        self._position = 0

    def join(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def next_name(self, word: str, placed: bool) -> str:
        """The name of an unlabelled step: its position in a `[]` scope if it counts there, else word and count."""
        if self.listed and placed:
            self._position += 1
            return str(self._position - 1)
        word = word.lower()
        self._counts[word] = self._counts.get(word, 0) + 1
        return f"{word}{self._counts[word]}"

    def find(self, path: tuple[str, ...]) -> Entity | None:
        """The first name in this room, then outward; from there inward. Labels may hold dots."""
        room: Room | None = self
        while room is not None:
            for length in range(len(path), 0, -1):
                entity = room.entities.get(".".join(path[:length]))
                if entity is not None:
                    return _within(entity, path[length:])
            room = room.outer
        return None

    def known(self) -> set[str]:
        """Every name that a reference in this room may begin with."""
        return set(self.entities) | (self.outer.known() if self.outer else set())

    def meant(self, path: tuple[str, ...]) -> str | None:
        """What may have been meant by a path that leads nowhere: the same name further in, or one that is near."""
        within = self.find(path[:1])
        if within is not None:
            near = nearest(path[1], within.room.entities) if within.room and len(path) == 2 else None
            return f"{path[0]}.{near}" if near else None
        room: Room | None = self
        while room is not None:
            inside = [key for key, each in room.entities.items() if each.room and path[0] in each.room.entities]
            if inside:
                return ".".join((inside[-1], *path))
            room = room.outer
        near = nearest(path[0], self.known())
        return ".".join((near, *path[1:])) if near else None

    def may_have(self, name: str) -> bool:
        """Whether a label may have been lost that is called so."""
        room: Room | None = self
        while room is not None:
            if name in room.lost or ANYTHING in room.lost:
                return True
            room = room.outer
        return False


def may_lead_to(room: Room, path: tuple[str, ...]) -> bool:
    """Whether a path may have led somewhere before a line was lost: the first of its names that is not found may have
    been among those that the line brought."""
    for length in range(len(path) - 1, 0, -1):
        entity = room.find(path[:length])
        if entity is not None:
            return entity.room is not None and entity.room.may_have(path[length])
    return room.may_have(path[0])


def _within(outer: Entity, rest: tuple[str, ...]) -> Entity | None:
    if not rest:
        return outer
    if outer.room is None:
        return None
    for length in range(len(rest), 0, -1):
        entity = outer.room.entities.get(".".join(rest[:length]))
        if entity is not None:
            return _within(entity, rest[length:])
    return None


class Context(NamedTuple):
    """Where the build stands: values, names, blocks in reach, the way here, and the blocks that are being expanded.

    `own` says that this is the model's own body, where outputs may stand; the bodies of its `for` and `if` are too.
    """

    env: Env
    room: Room
    module: Module
    trace: tuple[Frame, ...]
    active: tuple[str, ...]
    depth: int
    own: bool = False

    def inside(self, *, env: Env | None = None, room: Room | None = None, own: bool = False) -> Context:
        """One body further in."""
        env, room = env or Env(self.env), room or self.room
        return Context(env, room, self.module, self.trace, self.active, self.depth + 1, own)
