"""What training makes small. The network's output is taken as it is: logits, no probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.fields import Kind, option
from cnnspec.contract.settings import Setting, by_word
from cnnspec.contract.training.kinds import above_zero, below_one, several
from cnnspec.contract.values import Value, Word, describe

BALANCED = "balanced"


def class_weights() -> Kind:
    """`balanced`, or one number for each class."""
    expects = "`balanced`, or one number for each class: `1,2,0.5`"
    numbers = several(above_zero("a class weight"), "the class weights")

    def make(value: Value) -> str | tuple[float, ...]:
        if value == BALANCED:
            return BALANCED
        if isinstance(value, (str, Word)):
            raise ArgumentError(f"the class weights must be {expects}, got {describe(value)}")
        made: tuple[float, ...] = numbers.make(value)
        return made

    return Kind(expects, make, (BALANCED,), what="the class weights")


class Loss(Setting):
    """The loss of one output; an auxiliary head has the same, times its `aux weight=`."""


class CrossEntropy(Loss):
    """`cross_entropy smoothing=0.1`: -log of the softmax at the right class, the mean over a batch.

    smoothing: with s and K classes the right class counts 1 - s + s / K and each other one s / K.
    weights: one number for each class, in the order of the outputs; the mean is a weighted one then. `balanced` is
        n / (K * n_k), with n samples in the training set, n_k of them of class k.
    Source: smoothing Szegedy et al., 2016; torch.nn.CrossEntropyLoss; `balanced` as in scikit-learn.
    """

    word = "cross_entropy"
    smoothing: float = option(below_one("the smoothing"), 0.0)
    weights: str | tuple[float, ...] | None = option(class_weights(), None)


class BinaryCrossEntropy(Loss):
    """`binary_cross_entropy`: -(t log p + (1 - t) log(1 - p)), where p is the sigmoid of an output and t is 0 or 1; the
    mean over outputs and batch.

    positive: a factor for the part with t = 1, one for all outputs or one each.
    Source: torch.nn.BCEWithLogitsLoss (`pos_weight`).
    """

    word = "binary_cross_entropy"
    positive: tuple[float, ...] = option(several(above_zero("the factor of positives"), "the factors"), (1.0,))


class MeanSquaredError(Loss):
    """`mse`: (output - target) ** 2, the mean over outputs and batch. Source: torch.nn.MSELoss."""

    word = "mse"


class LossLine(Setting):
    """`loss cross_entropy smoothing=0.1`: what training makes small."""

    word = "loss"
    usage = "loss cross_entropy"
    kinds = by_word(CrossEntropy, BinaryCrossEntropy, MeanSquaredError)
    also: ClassVar[Mapping[str, str]] = {
        "crossentropy": "cross_entropy",
        "categoricalcrossentropy": "cross_entropy",
        "sparsecategoricalcrossentropy": "cross_entropy",
        "ce": "cross_entropy",
        "nll": "cross_entropy",
        "binarycrossentropy": "binary_cross_entropy",
        "bce": "binary_cross_entropy",
        "meansquarederror": "mse",
        "l2": "mse",
    }
