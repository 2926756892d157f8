"""What of the traffic is left where steps are fused: elementwise steps done with a step before them, joins not at all.

Chen et al., TVM: An Automated End-to-End Optimizing Compiler for Deep Learning, OSDI 2018, section 3, has the rules: an
elementwise step can be the epilogue of a convolution, a pool or a dense layer; two of those are not fused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnnspec.contract.values import Shapes
from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.fold import ShapeTable, known, once
from cnnspec.passes.traffic import Manner, Step, Traffic, memory_step, size


class Fused(NamedTuple):
    """`into` has the step that each running step is done with (itself, if it leads), but for views and joins, which
    cost nothing; `groups` the traffic of all that is done together, by the leading step. `least` is what remains if
    everything between the inputs and the outputs stays on the device."""

    into: Mapping[str, str]
    groups: Mapping[str, Traffic]
    least: Traffic


def fused(graph: Graph, shapes: ShapeTable) -> Fused:
    """An elementwise step goes with that one of its operands whose group begins last, so that what it reads besides is
    there. A value is written if another group or the outside reads it, and each group that does reads it once."""
    made = _Fusing(graph, shapes)
    ask = once(memory_step)
    for node, operands in known(graph, shapes):
        if node.id in graph.running:
            made.add(node, ask(node.layer, operands), operands)
    return made.result()


class _Fusing:
    """The groups while they are put together.

    `parts` are the values that stand behind a name, each with the bytes that are read of it: a join stands for what it
    joins, a view for what it looks at, and every other step for its own result.
    """

    def __init__(self, graph: Graph, shapes: ShapeTable) -> None:
        self.graph = graph
        self.sizes = {id: size(shapes.get(id)) for id in graph.running}
        self.begun = {id: place for place, id in enumerate(graph.nodes)}
        self.parts: dict[str, dict[str, int]] = {id: {id: self.sizes[id]} for id in graph.inputs}
        self.into: dict[str, str] = {}
        self.reads: dict[str, dict[str, int]] = {}
        self.weights: dict[str, int] = {}
        self.owned: dict[str, int] = {}
        self.written: set[str] = set()

    def add(self, node: Node, step: Step, operands: Shapes) -> None:
        needed: dict[str, int] = {}
        for id, read in dict(zip(node.inputs, step.reads, strict=True)).items():
            for value, bytes in self.parts[id].items() if read else ():
                needed[value] = min(needed.get(value, 0) + bytes, self.sizes[value])
        if step.manner is Manner.VIEW:
            self.parts[node.id] = {value: min(bytes, self.sizes[node.id]) for value, bytes in needed.items()}
        elif step.manner is Manner.JOIN:
            self.parts[node.id] = needed
        else:
            self.parts[node.id] = {node.id: self.sizes[node.id]}
            self._join_group(node, step, needed)

    def _join_group(self, node: Node, step: Step, needed: dict[str, int]) -> None:
        before = [self.into[value] for value in needed if value in self.into]
        can_follow = step.manner is Manner.ELEMENTWISE and before
        leader = max(before, key=self.begun.__getitem__) if can_follow else node.id
        self.into[node.id] = leader
        self.weights[leader] = self.weights.get(leader, 0) + step.weights
        self.owned[node.reuse_of or node.id] = step.weights
        reads = self.reads.setdefault(leader, {})
        for value, bytes in needed.items():
            if self.into.get(value) != leader:
                reads[value] = min(reads.get(value, 0) + bytes, self.sizes[value])
                self.written.add(value)

    def result(self) -> Fused:
        ends = {value for id in self.graph.outputs.values() for value in self.parts.get(id, ())}
        results = dict.fromkeys(self.reads, 0)
        for value in (self.written | ends) & self.into.keys():
            results[self.into[value]] += self.sizes[value]
        groups = {id: Traffic(self.weights[id], sum(self.reads[id].values()), results[id]) for id in self.reads}
        taken = [max((reads.get(id, 0) for reads in self.reads.values()), default=0) for id in self.graph.inputs]
        given = sum(self.sizes[value] for value in ends & self.into.keys())
        return Fused(self.into, groups, Traffic(sum(self.owned.values()), sum(taken), given))
