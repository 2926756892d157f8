"""Layers from the steps that ask for them: what is written alike is made once, and asked for its shape once."""

from collections.abc import Hashable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from cnnspec.build.binding import Binding
from cnnspec.build.scope import Context
from cnnspec.build.troubles import Refused, Troubles
from cnnspec.contract.errors import LayerError
from cnnspec.contract.layer import Layer
from cnnspec.contract.repairs import Given
from cnnspec.contract.values import Shape, Shapes
from cnnspec.source.text import Span
from cnnspec.syntax import tree


class Made(NamedTuple):
    """A layer and the nodes of its tensor arguments. `guesses`: something of the step is wrong (`told`) or not known,
    and it may have meant this layer or these; else there are none."""

    layer: Layer
    operands: list[str]
    guesses: tuple[Layer, ...] = ()
    told: bool = False


class Making(Binding):
    def __init__(self, troubles: Troubles, words: Mapping[str, type[Layer]]) -> None:
        super().__init__(troubles, words)
        self._layers: dict[Layer, Layer] = {}
        self.infer = cache(_infer)

    def make_layer(self, cls: type[Layer], step: tree.Apply, ctx: Context) -> Made:
        """The layer that a step asks for, and the nodes that its tensor arguments name. Equal layers are one object."""
        written = _written(cls, step, ctx)
        layer = ctx.env.settings.made.get(written)
        if layer is not None:
            return Made(layer, [])
        before = self.troubles.count
        bound = self.bind(step.word, cls.fields, step.args, ctx, _usage(cls))
        told = self.troubles.count > before
        if told or bound.others:
            return Made(cls(**bound.values), bound.operands, (cls(**{**bound.values, **bound.others}),), told)
        layer = cls(**bound.values)
        layer = self._layers.setdefault(layer, layer)
        if written is not None and not self.troubles.is_muted:
            ctx.env.settings.made[written] = layer
        return Made(layer, bound.operands)

    def places_of(self, layer: Layer, step: tree.Apply, ctx: Context) -> dict[str, Span]:
        """Where each field of a step's layer was given; what is not among them is a default."""
        with self.troubles.muted():
            try:
                return self.bind(step.word, layer.fields, step.args, ctx, _usage(type(layer))).places
            except Refused:
                return {}

    def repaired(self, layer: Layer, error: LayerError, operands: Shapes) -> Shape | None:
        """The shape with the argument that the layer proposes instead; None where it proposes none, or the kernel is to
        blame, of which nobody knows what was meant."""
        for repair in error.repairs:
            if isinstance(repair, Given) and repair.field == error.about != "kernel" and repair.value.isdigit():
                values = {**layer.arguments, repair.field: int(repair.value)}
                return self.guessed((type(layer)(**values),), operands)[0]
        return None

    def guessed(self, layers: tuple[Layer, ...], operands: Shapes) -> tuple[Shape | None, LayerError | None]:
        """The shape that all of them give, or what all of them say against these operands."""
        shapes, errors = set[Shape](), dict[str, LayerError]()
        for layer in layers:
            try:
                shapes.add(layer.infer(operands))
            except LayerError as error:
                errors[error.message] = error
        if len(shapes) + len(errors) > 1:
            return None, None
        return (shapes.pop() if shapes else None), next(iter(errors.values()), None)


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
