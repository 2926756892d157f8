"""Whether two layers come to the same."""

from fractions import Fraction

from cnnspec.compare.faces import plain
from cnnspec.contract.errors import LayerError
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shapes
from cnnspec.ir.graph import Input


def equal(one: Layer, other: Layer) -> bool:
    """By word and arguments, those of inputs too, which have no fields."""
    if isinstance(one, Input) or isinstance(other, Input):
        return type(one) is type(other) and one.arguments == other.arguments
    return one is other or one == other


def same_when_built(one: Layer, other: Layer, inputs: Shapes) -> bool:
    """Whether two layers of one word differ in nothing but how sizes are written (`3` for `3x3`, `pad=same` for the
    number that it is): shape, weights and ONNX are the same for these operands. Real numbers may matter in training
    alone, of which ONNX knows nothing."""
    if one.word != other.word or one.training_only or not inputs:
        return False
    mine, yours = plain(one), plain(other)
    changed = [(mine.get(name), value) for name, value in yours.items() if mine.get(name) != value]
    if any(isinstance(each, float | Fraction) for pair in changed for each in pair):
        return False
    try:
        return (one.infer(inputs), one.weights(inputs), one.onnx(inputs)) == (
            *(other.infer(inputs), other.weights(inputs), other.onnx(inputs)),
        )
    except LayerError:  # what the one takes, the other does not
        return False
