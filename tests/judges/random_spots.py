"""Where a random text is being written: the names, settings and labels in force there, and how values are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from cnnspec.build.expressions import AXES
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Dim, Shape, Value, Values, Word, describe
from tests.judges.random_draw import Draw
from tests.judges.random_values import Given

Settings = dict[str, dict[str, Any]]


class File:
    """One file of a network: the lines that are written, and the place behind them. `uses` are the files whose blocks
    it brings, with what stands before their names; `dated` that it begins with `cnn 1`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.head: list[str] = []
        self.dated = False
        self.uses: dict[File, str] = {}
        self.spot = Spot()
        self.spot.home = self

    def called(self, name: str, home: File) -> str | None:
        """What a block of `home` is called here; None where it is not in reach."""
        return name if home is self else self.uses[home] + name if home in self.uses else None


class BlockName(Word):
    """A block as a value, and the file that it is in."""

    home: File

    @classmethod
    def of(cls, name: str, home: File) -> BlockName:
        made = cls(name)
        made.home = home
        return made


class Known(NamedTuple):
    """A label in reach: its value's shape, the labels inside of it, and the shape that came in if it is a step that
    can be applied again."""

    shape: Shape
    inside: Mapping[str, Known] = {}
    entered: Shape | None = None


class Spot:
    """A place in the text.

    `home` is its file. `entry` is the shape behind `in.c`. `sets` are the lines that gave `settings` behind the last
    block. `loops` are the values that a label must hold, since the place is written once and stands for several; None
    where not even that makes a label right. `exact`: shapes are the same whenever the compiler comes here.
    """

    home: File

    def __init__(self, entry: Shape | None = None) -> None:
        self.entry = entry
        self.outer: Spot | None = None
        self.env: dict[str, Value] = {}
        self.settings: Settings = {}
        self.sets: list[str] = []
        self.labels: dict[str, Known] = {}
        self.loops: tuple[str, ...] | None = ()
        self.exact = True
        self.depth = 0

    def body(self) -> Spot:
        """One body further in, whose labels are this room's."""
        inner = Spot(self.entry)
        inner.home = self.home
        inner.outer, inner.labels, inner.loops, inner.exact = self.outer, self.labels, self.loops, self.exact
        inner.env, inner.settings, inner.sets = dict(self.env), dict(self.settings), list(self.sets)
        inner.depth = self.depth + 1
        return inner

    def room(self) -> Spot:
        """One body further in, with labels of its own."""
        inner = self.body()
        inner.outer, inner.labels, inner.loops = self, {}, ()
        return inner

    def aside(self) -> Spot:
        """What is written there leaves no label: a branch that is not taken."""
        inner = self.body()
        inner.labels = dict(self.labels)
        return inner

    def copied(self) -> Spot:
        """What is written there stands for several steps, at perhaps several shapes."""
        inner = self.aside()
        inner.loops, inner.exact = None, False
        return inner

    def turning(self, name: str, value: int) -> Spot:
        """The body of a loop, in its first turn."""
        inner = self.aside()
        inner.loops = None if self.loops is None else (*self.loops, name)
        inner.exact, inner.env[name] = False, value
        return inner

    def numbers(self) -> dict[str, int]:
        """Every name of a whole number, and the axes of what came in or a label names."""
        named = {name: each for name, each in self.env.items() if isinstance(each, int) and not isinstance(each, bool)}
        shapes = {"in": self.entry} if self.entry is not None else {}
        shapes |= {f"in(@{name})": known.shape for name, known in self.labels.items() if "." not in name}
        for name, shape in shapes.items():
            named |= {f"{name}.{axis}": shape[place] for axis, place in AXES[len(shape) - 1].items()}
        return named

    def reach(self) -> dict[str, Known]:
        """Every label that a reference here finds, by what is written behind the `@`."""
        found: dict[str, Known] = {}
        spot: Spot | None = self
        while spot is not None:
            for path, known in _paths(spot.labels):
                found.setdefault(path, known)
            spot = spot.outer
        return found

    def apply_set(self, word: str, field: str, value: Any) -> None:
        self.settings[word] = {**self.settings.get(word, {}), field: value}


def _paths(labels: Mapping[str, Known], before: str = "") -> Iterator[tuple[str, Known]]:
    for name, known in labels.items():
        yield before + name, known
        yield from _paths(known.inside, f"{before}{name}.")


# -- how values are written -------------------------------------------------------------------------------------------


def number(draw: Draw, spot: Spot, value: int) -> str:
    """A whole number, mostly as it is, else as an expression of the names in reach."""
    if value < 0 or not draw.chance(30):
        return str(value)
    ways = [str(value), f"({value + 1}-1)", f"max({value}, 1)" if value else "min(0, 3)", f"floor({value}.5)"]
    ways += [f"min({value + 1}, {value})", f"ceil({value - 1}.5)" if value else "ceil(0)"]
    ways += [f"pow({value}, 1)", f"round({value}.4)", f"{value * 3}//3", f"{value}%{value + 1}"]
    for name, known in spot.numbers().items():
        if known == value:
            ways += [name] * 4
        elif known > 0 and value and value % known == 0:
            ways.append(f"{value // known}*{name}")
        elif known > value:
            ways.append(f"{name}-{known - value}")
        else:
            ways.append(f"{name}+{value - known}")
        if value == max(8, (known + 4) // 8 * 8) and 10 * value >= 9 * known:
            ways.append(f"divisible({name}, 8)")
    return draw.one(ways)


def written(draw: Draw, spot: Spot, value: Value) -> str:
    """A value as an argument."""
    same = [name for name, each in spot.env.items() if type(each) is type(value) and each == value]
    own = spot.home.called(value, value.home) if isinstance(value, BlockName) else None
    if same and (draw.chance(50) or (isinstance(value, BlockName) and own is None)):
        return draw.one(same)
    if own is not None:
        return own
    if isinstance(value, int) and not isinstance(value, bool):
        return number(draw, spot, value)
    if isinstance(value, Dim):
        if len(value) < 4 and draw.chance(15):
            return f"dims({', '.join(number(draw, spot, each) for each in value)})"
        return describe(value)
    if isinstance(value, Fraction) and value.denominator != 1 and draw.chance(20):
        return f"div({value.numerator}, {value.denominator})"
    return describe(value)


def step_text(draw: Draw, spot: Spot, cls: type[Layer], given: Given, tensor: str = "") -> str:
    """A word and its arguments: by place as far as nothing was left out, `/n`, the rest by name."""
    parts, in_place = [cls.word], True
    for name, field in cls.fields.items():
        values = given.get(name, ())
        if field.kind.tensor and tensor:
            parts.append(f"{name}=@{tensor}")
        elif not values:
            in_place = in_place and not field.positional
        for value in values:
            text = written(draw, spot, value)
            if field.slash and not isinstance(value, Values):
                parts.append(f"/{text}" if text.isalnum() else f"/({text})")
            elif field.positional and in_place:
                parts.append(text)
            else:
                parts.append(f"{name}={text}")
    return " ".join(parts)
