"""Layers from the steps that ask for them: what is written alike is made once, and asked for its shape once."""

from collections.abc import Hashable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from cnnspec.build.binding import Binding
from cnnspec.build.scope import Context
from cnnspec.build.troubles import Troubles
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes
from cnnspec.source.text import Span
from cnnspec.syntax import tree


class Making(Binding):
    def __init__(self, troubles: Troubles, words: Mapping[str, type[Layer]]) -> None:
        super().__init__(troubles, words)
        self._layers: dict[Layer, Layer] = {}
        self.infer = cache(_infer)

    def make_layer(self, cls: type[Layer], step: tree.Apply, ctx: Context) -> tuple[Layer, list[str]]:
        """The layer that a step asks for, and the nodes that its tensor arguments name. Equal layers are one object."""
        written = _written(cls, step, ctx)
        layer = ctx.env.settings.made.get(written)
        if layer is not None:
            return layer, []
        bound = self.bind(step.word, cls.fields, step.args, ctx, _usage(cls))
        layer = cls(**bound.values)
        layer = self._layers.setdefault(layer, layer)
        if written is not None:
            ctx.env.settings.made[written] = layer
        return layer, bound.operands

    def places_of(self, layer: Layer, step: tree.Apply, ctx: Context) -> dict[str, Span]:
        """Where each field of a step's layer was given; what is not among them is a default."""
        return self.bind(step.word, layer.fields, step.args, ctx, _usage(type(layer))).places


def _infer(layer: Layer, operands: Shapes) -> Shape:
    return layer.infer(operands)


def _written(cls: type[Layer], step: tree.Apply, ctx: Context) -> Hashable:
    """All that a layer follows from, besides the settings in force, where a step's arguments are literals and names;
    None where something is to be worked out or told first."""
    if step.args and step.args[0].span.start == step.word.span.end:
        return None
    written: list[Any] = [cls]
    for name, expr, slash, _ in step.args:
        written += (name and name.name, slash)
        if isinstance(expr, tree.Name):
            known, value = ctx.env.find(expr.name)
            written += (expr.name, known, type(value), value)
        elif isinstance(expr, (tree.Number, tree.Size, tree.Flag)) and not _is_ratio(expr):
            written += (type(expr.value), expr.value)
        else:
            return None
    return tuple(written)


def _is_ratio(expr: tree.Number | tree.Size | tree.Flag) -> bool:
    """`1/2` is the number 0.5, but not where a stride may have been meant."""
    return type(expr.value) is Fraction and "/" in expr.span.text


def _usage(cls: type[Layer]) -> str:
    return cls.examples[0].text if cls.examples else ""
