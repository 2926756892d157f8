"""Layers that are told the size to make: `to=28x28`, or `like=@skip`."""

from __future__ import annotations

from cnnspec.contract.errors import LayerError
from cnnspec.contract.geometry import per_axis
from cnnspec.contract.layer import Layer, check_rank, spatial
from cnnspec.contract.values import Shape, Shapes, Sizes, dress


def one_of(layer: Layer, *names: str) -> None:
    """LayerError unless exactly one of these fields is given."""
    given = [name for name in names if getattr(layer, name) is not None]
    if len(given) == 1:
        return
    others = f"{', '.join(f'`{each}`' for each in names[:-1])} or `{names[-1]}`"
    if given:
        message = f"`{layer.word}` takes one of {others}, not {' and '.join(f'`{each}`' for each in given)}"
        raise LayerError(message, id="bad-argument", about=given[1])
    message = f"`{layer.word}` needs one of {others}"
    raise LayerError(message, id="missing-argument", hint=f"for example `{layer.examples[0].text}`")


def check_target(layer: Layer, inputs: Shapes, like: int | None) -> None:
    """LayerError if an operand's rank is not the layer's, or `like` is of another rank."""
    check_rank(layer, inputs[0])
    if like is not None and len(inputs[like]) != len(inputs[0]):
        message = f"{dress(inputs[0])} cannot become as large as {dress(inputs[like])}: the axes are not the same"
        raise LayerError(message, about="like")


def extents_of(inputs: Shapes, to: Sizes | None, like: int | None) -> Shape:
    """The extents that are asked for."""
    if like is not None:
        return spatial(inputs[like])
    assert to is not None
    return per_axis(to, len(spatial(inputs[0])), "to")
