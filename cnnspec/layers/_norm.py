"""What the normalizations share, and those whose mean and variance are the sample's own at inference too."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import ZEROS, Chapter, Cost, Formula, Init, Share, Weight
from cnnspec.contract.initial import factor
from cnnspec.contract.layer import Layer, check_rank
from cnnspec.contract.symbols import extents, letters, values_of
from cnnspec.contract.values import Shape, Shapes

if TYPE_CHECKING:
    from cnnspec.contract.sizing import Sizing


class Norm(Layer):
    """y = (x - mean) / sqrt(var + eps) * weight + bias. The weights begin with `init`, the bias with 0."""

    eps: float
    affine: bool
    init: float = factor()

    chapter = Chapter.NORMS

    def infer(self, inputs: Shapes) -> Shape:
        check_rank(self, inputs[0])
        if not self.affine and self.init != 1.0:
            raise LayerError(
                f"`{self.word}` has no factors that could begin with a number: affine=no",
                id="bad-argument",
                about="init",
                hint=f"`{self.word} affine=yes` learns them",
            )
        return inputs[0]

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Kept, unchanged

        return unchanged(inputs, Kept(0))

    def learned_pair(self, shape: Shape) -> tuple[Weight, ...]:
        """Factor and bias of this shape, if they are learned."""
        if not self.affine:
            return ()
        return Weight("weight", shape, Init("constant", self.init)), Weight("bias", shape, ZEROS)

    def counts(self, inputs: Shapes) -> Mapping[str, Formula]:
        each = Formula(letters(inputs[0])[0], extents(inputs[0]))
        return {"weight": each, "bias": each}


class SampleNorm(Norm):
    """With mean and variance over parts of one sample."""

    def parts(self, inputs: Shapes) -> int:
        """Into how many parts a sample falls, each with a mean of its own."""
        raise NotImplementedError

    def learned(self, inputs: Shapes) -> Shape:
        """The shape of weight and bias."""
        return (inputs[0][0],)

    def weights(self, inputs: Shapes) -> tuple[Weight, ...]:
        return self.learned_pair(self.learned(inputs))

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Kept, unchanged

        return unchanged(inputs, Kept(0)) if self.affine else unchanged(inputs)

    def cost(self, inputs: Shapes) -> Cost:
        """A part of n values takes n - 1 additions and a division for the mean, n subtractions, n squares, as much for
        their mean, + eps, a root and n divisions; weight and bias a multiplication and an addition a value."""
        return Cost(ops=(5 + 2 * self.affine) * prod(inputs[0]) + 2 * self.parts(inputs))

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        values, parts = {**values_of(inputs[0]), "p": self.parts(inputs)}, {"p": self.parts(inputs)}
        learned = int(self.affine)
        return (
            Share("addition", Formula("2*(E - p) + p" + " + E" * learned, values)),
            Share("division", Formula("2*p + E", values)),
            Share("subtraction", Formula("E", values_of(inputs[0]))),
            Share("square", Formula("E", values_of(inputs[0]))),
            Share("root", Formula("p", parts)),
            *(Share("multiplication", Formula("E", values_of(inputs[0]))),) * learned,
        )
