"""The bytes that go between memory and a device, step by step; fusing.py says how much of it fusing saves.

All values are float32 here; `narrowed` says the same in another width. A tensor's own counter (`num_batches_tracked`)
is not read at inference, and not counted.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from math import prod
from typing import NamedTuple

from cnnspec.contract.facts import Reach
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import Kind, ShapeTable, kinds_of
from cnnspec.passes.parameters import elements

FLOAT32 = 4

VIEWS = frozenset({"nn.Flatten", "nn.Unflatten", "torch.narrow", "torch.permute", "torch.reshape"})
"""Steps of torch that look at the same memory in another way, and move nothing."""

JOINS = frozenset({"torch.cat"})
"""Steps that need not be done where what they join is written side by side."""

ELEMENTWISE = frozenset(
    {
        *("+", "-", "*", "/", "torch.abs", "torch.maximum", "nn.BatchNorm1d", "nn.BatchNorm2d", "nn.BatchNorm3d"),
        *("nn.ReLU", "nn.ReLU6", "nn.LeakyReLU", "nn.PReLU", "nn.ELU", "nn.SELU", "nn.GELU", "nn.SiLU", "nn.Mish"),
        *("nn.Softplus", "nn.Hardsigmoid", "nn.Hardswish", "nn.Sigmoid", "nn.Tanh"),
    }
)
"""Steps that need one value at a place for each result, and can be done while the value before is at hand: the
epilogues that compilers fuse (Chen et al., TVM, OSDI 2018, section 3: injective and elementwise operators)."""


class Manner(Enum):
    """What a step does to memory."""

    VIEW = "nothing: it is a view of its operand, or does nothing at inference"
    JOIN = "copies its operands side by side"
    ELEMENTWISE = "reads and writes value by value"
    OWN = "reads what it needs before it writes"


class Traffic(NamedTuple):
    """Bytes: `weights` read once for a batch, `operands` read and `result` written for each sample."""

    weights: int = 0
    operands: int = 0
    result: int = 0

    def bytes(self, batch: int = 1) -> int:
        return self.weights + batch * (self.operands + self.result)

    def narrowed(self, width: int) -> "Traffic":
        """The same where a number takes so many bytes."""
        return self if width == FLOAT32 else Traffic(*(each // FLOAT32 * width for each in self))


NONE = Traffic()


class Step(NamedTuple):
    """What one layer does with its operands; `reads` are the bytes of each operand, 0 where it only lends its shape,
    and `result` those of what it gives. `moved` is what goes to memory and back where its operands are several ones."""

    manner: Manner
    weights: int
    reads: tuple[int, ...]
    result: int
    moved: Traffic


def memory_steps(graph: Graph, shapes: ShapeTable) -> dict[str, Step]:
    """What each layer whose result is known does to memory, in order; for the two passes that are made of it."""
    return kinds_of(graph, shapes).table(memory_step)


def traffic(graph: Graph, shapes: ShapeTable, steps: Mapping[str, Step] | None = None) -> dict[str, Traffic]:
    """By node id, where each step reads its weights and operands from memory and writes its result there. An operand
    that is given twice is read once. `steps` are those above, if they are there already."""
    table: dict[str, Traffic] = {}
    for id, step in (memory_steps(graph, shapes) if steps is None else steps).items():
        table[id] = step.moved
        if len(step.reads) > 1 and step.moved is not NONE:
            read = read_by(graph.nodes[id].inputs, step.reads)
            if len(read) < len(step.reads):
                table[id] = Traffic(step.weights, sum(read.values()), step.result)
    return table


def read_by(inputs: Sequence[str], reads: Sequence[int]) -> dict[str, int]:
    """The operands whose values are read, each once, in bytes; one may lend its shape besides."""
    return {id: read for id, read in zip(inputs, reads, strict=True) if read}


def memory_step(kind: Kind) -> Step:
    """What a layer does to memory, from its steps in torch."""
    layer, operands, result = kind.layer, kind.operands, kind.result
    steps = () if layer.training_only else kind.torch
    targets = {each.target for each in steps} - VIEWS
    if not targets:
        manner = Manner.VIEW
    elif targets <= JOINS:
        manner = Manner.JOIN
    else:
        manner = Manner.ELEMENTWISE if targets <= ELEMENTWISE else Manner.OWN
    weights = FLOAT32 * sum(elements(each) for each in kind.weights if each.dtype == "float32")
    looks = [layer.window(operands, place) for place in range(len(operands))]
    reads = tuple(0 if look is Reach.NOTHING else size(each) for look, each in zip(looks, operands, strict=True))
    moved = NONE if manner is Manner.VIEW else Traffic(weights, sum(reads), size(result))
    return Step(manner, weights, reads, size(result), moved)


def size(shape: Shape | None) -> int:
    """The bytes of a value of one sample; 0 where its shape is unknown."""
    return FLOAT32 * prod(shape) if shape else 0
