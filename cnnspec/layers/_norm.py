"""What the normalizations share whose mean and variance are the sample's own, while training and at inference."""

from __future__ import annotations

from math import prod

from cnnspec.contract.facts import ONES, ZEROS, Cost, Weight
from cnnspec.contract.layer import Layer, check_rank
from cnnspec.contract.values import Shape, Shapes


class SampleNorm(Layer):
    """y = (x - mean) / sqrt(var + eps) * weight + bias, with mean and variance over parts of one sample."""

    eps: float
    affine: bool

    def parts(self, inputs: Shapes) -> int:
        """Into how many parts a sample falls, each with a mean of its own."""
        raise NotImplementedError

    def learned(self, inputs: Shapes) -> Shape:
        """The shape of weight and bias."""
        return (inputs[0][0],)

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        return inputs[0]

    def weights(self, inputs: Shapes) -> tuple[Weight, ...]:
        if not self.affine:
            return ()
        shape = self.learned(inputs)
        return Weight("weight", shape, ONES), Weight("bias", shape, ZEROS)

    def cost(self, inputs: Shapes) -> Cost:
        """A part of n values takes n - 1 additions and a division for the mean, n subtractions, n squares, as much for
        their mean, + eps, a root and n divisions; weight and bias a multiplication and an addition a value."""
        return Cost(ops=(5 + 2 * self.affine) * prod(inputs[0]) + 2 * self.parts(inputs))
