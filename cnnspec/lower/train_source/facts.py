"""What is known of a network and of how it is trained, before a line of the script is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnnspec.contract.facts import Torch
from cnnspec.contract.preprocess import Preprocess
from cnnspec.contract.sections import CHANNELS
from cnnspec.contract.training.augment import Mixup
from cnnspec.contract.training.losses import BALANCED, BinaryCrossEntropy, CrossEntropy, MeanSquaredError
from cnnspec.contract.training.recipe import Recipe
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable, known


class Facts(NamedTuple):
    """`recipe` has a loss, an optimizer, a schedule, a batch and a length. `shape` is the only input's, C x H x W or
    one number; `outputs` how many numbers the only output is. `image` is None where the text has no such section."""

    graph: Graph
    shapes: ShapeTable
    recipe: Recipe
    shape: Shape
    outputs: int
    image: Preprocess | None = None
    labels: tuple[str, ...] | None = None

    @property
    def is_vector(self) -> bool:
        """Whether the input is a picture's pixels in a row."""
        return len(self.shape) == 1

    @property
    def channels(self) -> int | None:
        """Of the pictures; None where the data say it."""
        if self.image is not None and self.image.channels is not None:
            return CHANNELS[self.image.channels]
        return None if self.is_vector else self.shape[0]

    @property
    def aux(self) -> Mapping[str, float]:
        """The auxiliary heads and what their loss counts."""
        return {name: head.weight for name, head in self.graph.aux.items()}

    @property
    def has_buffers(self) -> bool:
        """Whether there is what training changes and no gradient does: batch normalization's means."""
        return any(
            not weight.trainable
            for node, operands in known(self.graph, self.shapes)
            for weight in node.layer.weights(operands)
        )

    @property
    def has_chance(self) -> bool:
        """Whether anything in the network is drawn while it is trained."""
        return any("drop" in step.target.lower() or "rrelu" in step.target.lower() for step in self._steps())

    def _steps(self) -> list[Torch]:
        return [step for node, operands in known(self.graph, self.shapes) for step in node.layer.torch(operands)]

    @property
    def threshold(self) -> float | None:
        """Above it a single output says yes; None where the largest of several does."""
        if self.outputs > 1:
            return None
        return 0.5 if isinstance(self.recipe.loss, MeanSquaredError) else 0.0

    @property
    def balanced(self) -> bool:
        """Whether class weights come from the data."""
        loss = self.recipe.loss
        return isinstance(loss, CrossEntropy) and loss.weights == BALANCED

    @property
    def weighted(self) -> bool:
        """Whether some classes count more than others."""
        return isinstance(self.recipe.loss, CrossEntropy) and self.recipe.loss.weights is not None

    @property
    def measured(self) -> bool:
        """Whether mean and deviation come from the data."""
        return self.image is None

    @property
    def classes(self) -> int:
        """How many there are: a single output tells two apart."""
        return max(self.outputs, 2)

    @property
    def positive(self) -> tuple[float, ...] | None:
        """Factors of what is there, where they are other than 1."""
        loss = self.recipe.loss
        return loss.positive if isinstance(loss, BinaryCrossEntropy) and set(loss.positive) != {1.0} else None

    @property
    def mixup(self) -> bool:
        """Whether pictures are mixed with one another."""
        return any(isinstance(each, Mixup) for each in self.recipe.augment or ())

    @property
    def norm(self) -> tuple[str, ...]:
        """What scaling takes besides pictures."""
        return ("norm",) if self.measured else ()

    @property
    def beside(self) -> tuple[str, ...]:
        """What judging takes besides network and samples."""
        return (*self.norm, *(["weights"] if self.weighted else []))

    @property
    def plain_loss(self) -> bool:
        """Whether it is torch's own, with nothing to be said of it."""
        loss = self.recipe.loss
        return isinstance(loss, CrossEntropy) and not loss.smoothing and loss.weights is None
