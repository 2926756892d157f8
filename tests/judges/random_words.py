"""One word with arguments that it takes, drawn from the register: field by field, or an example of it made to fit.

A word joins by being registered; nothing here names one.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from cnnspec.contract.errors import LayerError
from cnnspec.contract.fields import Field
from cnnspec.contract.layer import Layer
from cnnspec.contract.register import words
from cnnspec.contract.values import Dim, Shape, Shapes, Value
from tests.judges.examples import read
from tests.judges.random_draw import Draw
from tests.judges.random_values import Given, values_of

LARGEST_MAP = 4096
MOST_WEIGHTS = 40_000
TRIES = 4


class Fitted(NamedTuple):
    """A word whose arguments fit: what is written, in the fields' order, and what comes of it. `tensor` is the label
    that a tensor field names."""

    given: Given
    shape: Shape
    tensor: str = ""


def words_for(rank: int, *, merges: bool = False) -> list[type[Layer]]:
    """The words that take a value of so many spatial axes."""
    return [cls for cls in words().values() if cls.merges is merges and rank in cls.ranks]


def drawn(
    draw: Draw,
    cls: type[Layer],
    shape: Shape,
    settings: Mapping[str, Any],
    tensors: Mapping[str, Shape],
    numbers: Sequence[int] = (),
    *,
    careless: bool = False,
) -> Fitted | None:
    """The word with arguments that it takes at this shape, or None where none were found.

    `settings` are the defaults that `set` lines gave, `tensors` the labels in reach, `numbers` those that names stand
    for. `careless` does not look whether the layer takes the shape.
    """
    tensor_fields = [field for field in cls.fields.values() if field.kind.tensor]
    peers = [name for name, each in tensors.items() if len(each) == len(shape)] if tensor_fields else []
    for _ in range(TRIES):
        given = _arguments(draw, cls, shape, settings, numbers)
        tensor = draw.one(peers) if peers and (tensor_fields[0].required or draw.chance(40)) else ""
        operands = (shape, tensors[tensor]) if tensor else (shape,)
        made = fitted(cls, given, operands, settings, tensor)
        if made is not None:
            return made
        if careless:
            return Fitted(given, shape, tensor)
    return None


def fitted(
    cls: type[Layer], given: Given, operands: Shapes, settings: Mapping[str, Any], tensor: str = ""
) -> Fitted | None:
    """The layer with these arguments, if it is one and not too large."""
    try:
        made = _fields(cls, given, settings)
        made |= {name: 1 for name, field in cls.fields.items() if field.kind.tensor and tensor}
        if any(field.required and name not in made for name, field in cls.fields.items()):
            return None
        layer = cls(**made)
        shape = layer.infer(operands)
    except LayerError:
        return None
    heavy = sum(prod(each.shape) for each in layer.weights(operands))
    return Fitted(given, shape, tensor) if prod(shape) <= LARGEST_MAP and heavy <= MOST_WEIGHTS else None


def _fields(cls: type[Layer], given: Given, settings: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(settings)
    for name, values in given.items():
        kind = cls.fields[name].kind
        made[name] = tuple(map(kind.make, values)) if kind.many else kind.make(values[0])
    return made


# -- arguments --------------------------------------------------------------------------------------------------------


def _arguments(
    draw: Draw, cls: type[Layer], shape: Shape, settings: Mapping[str, Any], numbers: Sequence[int]
) -> Given:
    """An example's arguments made to fit, or each field by itself; then some of the options anew."""
    given: Given = {}
    fields = [each for each in cls.fields.values() if not each.kind.tensor]
    scaled = _alike(draw, cls, shape) if draw.chance(30) or any(each.kind.many for each in fields) else {}
    for field in fields:
        if field.name in scaled and (field.required or field.kind.many or draw.chance(60)):
            given[field.name] = scaled[field.name]
        elif field.kind.many:
            continue
        elif (field.required and field.name not in settings) or draw.chance(60 if field.positional else 25):
            values = values_of(field, shape, given, numbers)
            if values:
                given[field.name] = (draw.one(values),)
    return given


# -- examples ---------------------------------------------------------------------------------------------------------


def _alike(draw: Draw, cls: type[Layer], shape: Shape) -> Given:
    """The arguments of one of the word's examples, their numbers brought from its shape to this one."""
    alike = [each for each in cls.examples if len(each.inputs[0]) == len(shape)]
    if not alike:
        return {}
    example = draw.one(alike)
    return {
        name: tuple(_brought(draw, each, example.inputs[0], shape) for each in values)
        for name, values in parsed(cls, example.text).items()
    }


def parsed(cls: type[Layer], text: str) -> Given:
    """The arguments of a step as they are written; a merge's body and references are left out."""
    _, *arguments = text.partition("{")[0].split()
    places = iter([field for field in cls.fields.values() if field.positional])
    place: Field | None = None
    given: Given = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if argument.startswith("@") or value.startswith("@"):
            continue
        if equals:
            field = cls.fields[name]
        elif argument.startswith("/"):
            field, value = next(each for each in cls.fields.values() if each.slash), argument[1:]
        else:
            place = place if place is not None and place.kind.many else next(places)
            field, value = place, argument
        given[field.name] = (*given.get(field.name, ()), read(value))
    return given


def _brought(draw: Draw, value: Value, old: Shape, new: Shape) -> Value:
    if isinstance(value, Dim) and len(value) in (len(old) - 1, len(old)):
        axes = range(len(old) - len(value), len(old))
        return Dim(_scaled(draw, each, (old[axis],), (new[axis],)) for each, axis in zip(value, axes, strict=True))
    if isinstance(value, int) and not isinstance(value, bool):
        return _scaled(draw, value, old, new)
    return value


def _scaled(draw: Draw, number: int, old: Shape, new: Shape) -> int:
    """The number itself, or what takes its place where another extent does."""
    ways = [number]
    for before, after in zip(old, new, strict=True):
        if number > 1:
            ways += [after] if number == before else []
            ways += [number * after // before] if number * after % before == 0 else []
            ways += [number + after - before]
    return draw.one([each for each in ways if each >= 0 or each == number])
