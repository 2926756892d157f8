"""What the layers share whose results are weighted sums."""

from __future__ import annotations

from cnnspec.contract.facts import Weight
from cnnspec.contract.fields import flag, option
from cnnspec.contract.initial import begin, initialisation
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape


class Weighted(Layer):
    """A weight that is drawn when the network begins, and a bias unless `bias=no`."""

    bias: bool = option(flag("the bias"), True)
    init: str = initialisation()

    def drawn(self, shape: Shape, results: int) -> tuple[Weight, ...]:
        """The tensors: a weight of this shape, and a bias for so many results."""
        weight, bias = begin(self.init, shape)
        made = Weight("weight", shape, weight)
        return (made, Weight("bias", (results,), bias)) if self.bias else (made,)
