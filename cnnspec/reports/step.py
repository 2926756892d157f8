"""A layer as the language writes it, with the values that its arguments came to."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from cnnspec.contract.fields import Field
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Ends, Values, Word


def step(layer: Layer, inputs: tuple[str, ...] = (), *, options: bool = True) -> str:
    """`conv 3x3 64 /2 pad=1 bias=no`; without `options` only what stands by its place and the stride. `inputs` are the
    ids of the operands, which tensor arguments name."""
    return _written(layer, inputs, lambda field: options)


def briefly(layer: Layer, inputs: tuple[str, ...] = ()) -> str:
    """`conv 3x3 64 /2 pad=1`: without the options that the shape of the result does not depend on."""
    return _written(layer, inputs, lambda field: field.shapes)


def _written(layer: Layer, inputs: tuple[str, ...], told: Callable[[Field], bool]) -> str:
    placed: list[str] = []
    slashed: list[str] = []
    named: list[str] = []
    for name, field in layer.fields.items():
        value = getattr(layer, name)
        if field.positional:
            placed += _placed(value, field)
        elif not field.required and value == field.default:
            continue
        elif field.slash:
            slashed.append(f"/{said(value)}")
        elif not told(field):
            continue
        elif field.kind.tensor:
            named.append(f"{name}=@{inputs[value]}" if value < len(inputs) else f"{name}=@…")
        else:
            named.append(f"{name}={said(value)}")
    return " ".join([layer.word, *placed, *slashed, *named])


def kernel(layer: Layer) -> str:
    """`3x3 /2`: the sizes that stand by their place, and the stride; channels are not among them."""
    told = []
    for name, field in layer.fields.items():
        value = getattr(layer, name)
        if field.positional and field.kind.sizes:
            told += _placed(value, field)
        elif field.slash and value != field.default:
            told.append(f"/{said(value)}")
    return " ".join(told)


def _placed(value: Any, field: Field) -> list[str]:
    if value is None or (not field.required and value == field.default):
        return []
    return [said(each) for each in value] if field.kind.many else [said(value)]


def said(value: Any) -> str:
    """A bound value as the language writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (Ends, Values)):
        return ",".join(map(said, value))
    if isinstance(value, tuple):
        return "x".join(map(said, value))
    if isinstance(value, str):
        return str(value) if isinstance(value, Word) or value.isidentifier() else f'"{value}"'
    if isinstance(value, float | Fraction):
        return f"{float(value):.10g}".replace("e-0", "e-").replace("e+0", "e+")
    return str(value)
