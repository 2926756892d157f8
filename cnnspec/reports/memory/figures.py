"""The memory of one network as it is shown: what was asked, and the numbers of inference and training."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnnspec.contract.training.optimizers import Optimizer
from cnnspec.passes.cost import costs
from cnnspec.passes.memory.backward.blocks import Block, blocks, level_of
from cnnspec.passes.memory.backward.step import Moment
from cnnspec.passes.memory.backward.training import Training, batch_of, setup_of
from cnnspec.passes.memory.inference import Inference, inference_memory
from cnnspec.passes.memory.precision import FP32, Precision, narrowed

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled


class MemoryAsked(NamedTuple):
    """`batch` None: one sample at inference, in training what the train section says. `optimizer` None: its. `memory`
    are the bytes that a batch is to fit into, `levels` the parts of names by which blocks are told; None: as many as it
    takes until no block keeps more than half."""

    batch: int | None = None
    optimizer: Optimizer | None = None
    precision: Precision = FP32
    memory: int | None = None
    levels: int | None = None


class MemoryFigures:
    """All that is told, for one network without errors."""

    def __init__(self, compiled: Compiled, asked: MemoryAsked) -> None:
        assert compiled.built is not None
        self.compiled = compiled
        self.asked = asked
        self.built = compiled.built
        graph, shapes, recipe = self.built.graph, self.built.shapes, self.built.recipe
        self.inference: Inference = narrowed(inference_memory(graph, shapes), asked.precision, graph, shapes)
        setup = setup_of(recipe, graph, asked.optimizer, asked.precision.mixed)
        self.batch = asked.batch or 1
        self.train_batch = asked.batch or batch_of(recipe)
        self.training = Training(graph, shapes, setup, single=self.train_batch == 1)
        self.said = {
            "batch": asked.batch is None and recipe is not None and recipe.batch is not None,
            "optimizer": asked.optimizer is None and recipe is not None and recipe.optimizer is not None,
        }
        self.levels = asked.levels or level_of(self.training.forward)
        self.blocks: list[Block] = blocks(self.training.forward, costs(graph, shapes), self.levels)

    @property
    def moment(self) -> Moment:
        """The peak of training."""
        return self.training.peak(self.train_batch)

    @property
    def inference_peak(self) -> int:
        """Of the batch, without weights."""
        return self.batch * (self.inference.peak.total if self.inference.peak else 0)

    def fitting(self, memory: int) -> tuple[int | None, int | None]:
        """The largest batch at inference and in training; 0 if none fits, None if every one does."""
        left, peak = memory - self.inference.weights.bytes, self.inference.peak
        if left < 0:
            return 0, 0
        return left // peak.total if peak and peak.total else None, self.training.largest_batch(memory)
