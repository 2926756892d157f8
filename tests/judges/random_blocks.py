"""Random blocks: parameters with and without defaults, strides, tensors, words and blocks as values; used again."""

import posixpath
import re
from math import prod
from typing import NamedTuple

from cnnspec.contract.values import Dim, Shape, Value, Word, describe, dress
from tests.judges.random_forms import Forms, indented
from tests.judges.random_spots import BlockName, File, Known, Spot, written
from tests.judges.random_steps import Made
from tests.judges.random_words import LARGEST_MAP, MOST_WEIGHTS
from tests.texts import compiled


class Param(NamedTuple):
    """A parameter; a tensor has a shape in place of a value. `kind` is plain, stride or tensor."""

    name: str
    kind: str
    value: Value | Shape
    default: Value | None = None

    def text(self, home: File) -> str:
        """As it stands in its block's header."""
        mark = {"plain": "", "stride": "/", "tensor": "@"}[self.kind]
        return f"{mark}{self.name}" + ("" if self.default is None else f"={_described(self.default, home) or ''}")


class Block(NamedTuple):
    """A block as it was written first: in this file, for these values, at this shape."""

    name: str
    home: File
    params: tuple[Param, ...]
    entry: Shape
    result: Shape
    inside: dict[str, Known]


class Blocks(Forms):
    blocks: tuple[Block, ...] = ()

    def block(self, spot: Spot, shape: Shape) -> Made | None:
        fits = [
            each for each in self.blocks if len(each.entry) == len(shape) and self._callings(spot, each.name, each.home)
        ]
        if fits and self.draw.chance(60):
            return self._used(spot, shape, self.draw.one(fits))
        return self._new(spot, shape)

    # -- a new one ----------------------------------------------------------------------------------------------------

    def _new(self, spot: Spot, shape: Shape) -> Made:
        """A block, written into a file's head, and its first use."""
        home = self.draw.one([spot.home, *spot.home.uses])
        inner = Spot(shape)
        inner.home = home
        inner.env, inner.settings = dict(home.spot.env), dict(home.spot.settings)
        inner.depth, inner.exact = spot.depth + 1, False
        params, tensors = self._params(spot, inner)
        lines, result = self.lines(inner, shape, 3)
        inside = {name: each for name, each in inner.labels.items() if name not in tensors}
        name = f"{self.name(self.draw.one(('Unit', 'Conv', 'Stage')))}B"  # a count may stand behind it
        block = Block(name, home, params, shape, result, inside)
        listed = "[]" if self.draw.chance(25) else ""
        header = f"block {block.name}({', '.join(each.text(home) for each in params)}){listed}"
        home.head.append(f"{header} {{\n  {indented(lines)}\n}}")
        self.blocks += (block,)
        text = self._call(spot, block, {each.name: each.value for each in params}, tensors)
        return Made(text, result, inside, again=True)

    def _params(self, spot: Spot, inner: Spot) -> tuple[tuple[Param, ...], dict[str, str]]:
        """Parameters, their names put into the block's own place, and the label that each tensor is given."""
        params: list[Param] = []
        tensors: dict[str, str] = {}
        for _ in self.draw.several(3, 60, least=0):
            kind = self.draw.one(("number", "number", "number", "stride", "word", "flag", "size", "tensor", "block"))
            reach = sorted(spot.reach())
            if kind == "tensor" and reach:
                label = self.draw.one(reach)
                known = spot.reach()[label]
                param = Param(self.name("t"), "tensor", known.shape)
                tensors[param.name], inner.labels[param.name] = label, Known(known.shape)
            elif kind == "stride" and not any(each.kind == "stride" for each in params):
                param = Param(self.name("s"), "stride", self.draw.one((1, 2)), self.draw.one((None, 1)))
            else:
                value = self._value(kind, spot if kind == "block" else inner)
                default = value if self.draw.chance(40) else self._value(kind, inner) if self.draw.chance(30) else None
                default = None if default is None or _described(default, inner.home) is None else default
                param = Param(self.name("p"), "plain", value, default)
            if param.kind != "tensor":
                inner.env[param.name] = param.value
            params.append(param)
        return tuple(params), tensors

    def _value(self, kind: str, spot: Spot) -> Value:
        if kind == "word":
            return Word(self.draw.one(("relu", "tanh", "sigmoid", "id")))
        if kind == "flag":
            return self.draw.chance(50)
        if kind == "size" and spot.entry is not None and len(spot.entry) > 2:
            return Dim(self.draw.one((3, 1)) for _ in spot.entry[1:])
        reach = [each for each in self.blocks if spot.home.called(each.name, each.home)]
        if kind == "block" and reach:
            chosen = self.draw.one(reach)
            return BlockName.of(chosen.name, chosen.home)
        return self.draw.one((1, 2, 3, 4, 6, 8))

    # -- its uses -----------------------------------------------------------------------------------------------------

    def _callings(self, spot: Spot, name: str, home: File) -> list[str]:
        """What a block is called here: the names that stand for it, and its own."""
        aliases = [alias for alias, each in spot.env.items() if type(each) is BlockName and each == name]
        own = spot.home.called(name, home)
        return aliases if own is None else [*aliases, own]

    def _call(self, spot: Spot, block: Block, values: dict[str, Value | Shape], tensors: dict[str, str]) -> str:
        """The block with these arguments: by place until one is left out, then by name."""
        parts = [self.draw.one(self._callings(spot, block.name, block.home))]
        in_place = True
        for param in block.params:
            value = values[param.name]
            if param.kind == "tensor":
                by_name = f"{param.name}=" if self.draw.chance(20) or not in_place else ""
                parts.append(f"{by_name}@{tensors[param.name]}")
                continue
            is_default = type(param.default) is type(value) and param.default == value
            if is_default and self.draw.chance(60):
                in_place = in_place and param.kind != "plain"
                continue
            text = written(self.draw, spot, value)
            if param.kind == "stride":
                parts.append(f"/{text}" if text.isalnum() else f"/({text})")
            elif in_place and self.draw.chance(80):
                parts.append(text)
            else:
                in_place = False
                parts.append(f"{param.name}={text}")
        return " ".join(parts)

    def _used(self, spot: Spot, shape: Shape, block: Block) -> Made | None:
        """A block once more, with the same arguments or others."""
        values, tensors, same = {}, {}, shape == block.entry
        for param in block.params:
            value = param.value
            if isinstance(value, BlockName) and not self._callings(spot, value, value.home):
                return None
            if param.kind == "tensor":
                peers = sorted(name for name, each in spot.reach().items() if len(each.shape) == len(value))
                alike = [name for name in peers if spot.reach()[name].shape == value]
                if not peers:
                    return None
                tensors[param.name] = self.draw.one(alike or peers)
                same = same and bool(alike)
            elif self.draw.chance(30):
                value = self._other(value)
                same = same and value == param.value
            values[param.name] = value
        text = self._call(spot, block, values, tensors)
        if same:
            return Made(text, block.result, block.inside, again=True)
        result = self.ask(spot, shape, text)
        return None if result is None else Made(text, result, again=True)

    def _other(self, value: Value) -> Value:
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return self.draw.one((1, 2, 3, 4, 6, 8))
        return Word(self.draw.one(("relu", "tanh", "id"))) if type(value) is Word else value

    # -- the compiler is asked ----------------------------------------------------------------------------------------

    def ask(self, spot: Spot, shape: Shape, text: str) -> Shape | None:
        """The shape that the compiler finds for a step here; None where it refuses, or the place cannot be shown it."""
        made = set(re.findall(r"([\w{}-]+)(?:\[\])?: ", text))
        refs = set(re.findall(r"@([\w.{}-]+)", text)) - made
        reach = spot.reach()
        if "reuse " in text or any(set(each) & set(".{") or each not in reach for each in refs):
            return None
        inputs = {"entry": spot.entry or shape, "now": shape, **{each: reach[each].shape for each in sorted(refs)}}
        values = {name: _described(each, spot.home) for name, each in spot.env.items() if _holds(text, name)}
        if None in values.values():
            return None
        names = [f"{name}={each}" for name, each in values.items()]
        params = ", ".join([*(f"@{each}" for each in inputs if each != "entry"), *names])
        given = " ".join(f"@{each}" for each in inputs if each != "entry")
        lines = [
            *self.head(spot.home),
            f"block Asked({params}) {{\n  {indented([*spot.sets, f'@now -> {text}'])}\n}}",
            "model Ask {",
            *(f"  input {name}: {dress(each)}" for name, each in inputs.items()),
            f"  @entry -> Asked {given}\n}}",
        ]
        result = compiled("\n".join(lines) + "\n", name=spot.home.name, files=self.files())
        if not result.ok or result.built is None:
            return None
        (last,) = result.built.graph.outputs.values()
        found = result.built.shapes[last]
        heavy = sum(sum(prod(each.shape) for each in row.weights) for row in result.analysis.rows)
        return found if found and prod(found) <= LARGEST_MAP and heavy <= MOST_WEIGHTS else None

    # -- files --------------------------------------------------------------------------------------------------------

    def head(self, file: File) -> list[str]:
        """The lines of a file above its model: what it uses, and what was written into it."""
        folder = posixpath.dirname(file.name)
        lines = ["cnn 1"] if file.dated else []
        for other, prefix in file.uses.items():
            if any(each.home is other for each in self.blocks):
                alias = f" as {prefix[:-1]}" if prefix else ""
                lines.append(f'use "{posixpath.relpath(other.name, folder or ".")}"{alias}')
        return [*lines, *file.head]

    def files(self) -> dict[str, str]:
        """The texts of the files that blocks come from."""
        homes = {each.home: None for each in self.blocks if each.home is not self.main}
        return {home.name: "\n".join(self.head(home)) + "\n" for home in homes}


def _described(value: Value, home: File) -> str | None:
    """A value as it is written in a file; None where a block is not in reach there."""
    return home.called(value, value.home) if isinstance(value, BlockName) else describe(value)


def _holds(text: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", text) is not None
