"""What a layer says of all sizes, worked out at one: plain integers, for comparison with `infer` and the weights."""

from math import prod

from cnnspec.contract.errors import LayerError
from cnnspec.contract.layer import Layer
from cnnspec.contract.sizing import (
    AtLeast,
    Axis,
    Divides,
    Equal,
    Gates,
    Holds,
    Kept,
    Largest,
    MoreThan,
    Need,
    Of,
    Product,
    Sizing,
    Total,
    Within,
)
from cnnspec.contract.values import Shape, Shapes


def said(sizing: Sizing, written: Shapes, inputs: Shapes) -> Shape | None:
    """The result's shape; None where a need is not met."""
    if not all(is_met(each, written, inputs) for each in sizing.needs):
        return None
    return tuple(worked(each, inputs) for each in sizing.axes)


def done(layer: Layer, written: Shapes, inputs: Shapes) -> Shape | None:
    """What the layer itself makes of it; None where it refuses, or has other weights."""
    try:
        shape = layer.infer(inputs)
    except LayerError:
        return None
    return shape if layer.weights(inputs) == layer.weights(written) else None


def worked(axis: Axis, inputs: Shapes) -> int:
    match axis:
        case int():
            return axis
        case Of(place, operand, times, plus, over, then):
            return (inputs[operand][place] * times + plus) // over + then
        case Product(operand, over):
            return prod(inputs[operand]) // over
        case Total(place):
            return sum(each[place] for each in inputs)
        case Largest(place):
            return max(each[place] for each in inputs)


def is_met(need: Need, written: Shapes, inputs: Shapes) -> bool:
    match need:
        case Within(axis, operand, start, upto, period, residues, low):
            size = inputs[operand][axis]
            inside = size >= start and (upto is None or size <= upto) and size % period in residues
            return inside or size in low
        case Kept(axis, operand):
            return inputs[operand][axis] == written[operand][axis]
        case Equal(axis, operand, other):
            return inputs[operand][axis] == inputs[other][axis]
        case AtLeast(axis, operand, other):
            return inputs[operand][axis] >= inputs[other][axis]
        case Holds(count, operand):
            return prod(inputs[operand]) == count
        case Divides(count, operand):
            return prod(inputs[operand]) % count == 0
        case MoreThan(count, operand, first):
            return prod(inputs[operand][first:]) > count
        case Gates():
            return len({each[1:] for each in inputs if set(each[1:]) != {1}}) <= 1
