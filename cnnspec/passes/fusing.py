"""What of the traffic is left where steps are fused: elementwise steps done with a step before them, joins not at all.

Chen et al., TVM: An Automated End-to-End Optimizing Compiler for Deep Learning, OSDI 2018, section 3, has the rules: an
elementwise step can be the epilogue of a convolution, a pool or a dense layer; two of those are not fused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cnnspec.ir.graph import Graph, Input, Node, Unknown
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.traffic import Manner, Step, Traffic, memory_steps, size


class Fused(NamedTuple):
    """`into` has the step that each running step is done with (itself, if it leads), but for views and joins, which
    cost nothing; `groups` the traffic of all that is done together, by the leading step. `least` is what remains if
    everything between the inputs and the outputs stays on the device."""

    into: Mapping[str, str]
    groups: Mapping[str, Traffic]
    least: Traffic


def fused(graph: Graph, shapes: ShapeTable, steps: Mapping[str, Step] | None = None) -> Fused:
    """An elementwise step goes with that one of its operands whose group begins last, so that what it reads besides is
    there; behind a join it leads a group of its own. A value is written if another group or the outside reads it, and
    each group that does reads it once. `steps` are those of passes/traffic.py, if they are there already."""
    running = graph.running
    made = _Fusing(graph, shapes)
    for id, step in (memory_steps(graph, shapes) if steps is None else steps).items():
        if id in running:
            made.add(graph.nodes[id], step)
    return made.result()


class _Fusing:
    """The groups while they are put together.

    `held` says in which value a result stands, and how many bytes of it are read: an input's and a step's in itself, a
    view's in what it looks at; a join's in itself, though it is `joined` of values that are written in their places.
    `begins` is when the last group begins that a value needs.
    """

    def __init__(self, graph: Graph, shapes: ShapeTable) -> None:
        self.graph = graph
        self.sizes = {id: size(shapes.get(id)) for id in graph.running}
        self.place = {id: place for place, id in enumerate(graph.nodes)}
        given = [node.id for node in graph if isinstance(node.layer, (Input, Unknown)) and node.id in self.sizes]
        self.held: dict[str, tuple[str, int]] = {id: (id, self.sizes[id]) for id in given}
        self.begins: dict[str, int] = dict.fromkeys(given, -1)
        self.joined: dict[str, tuple[str, ...]] = {}
        self.into: dict[str, str] = {}
        self.reads: dict[str, dict[str, int]] = {}
        self.weights: dict[str, int] = {}
        self.owned: dict[str, int] = {}
        self.written: set[str] = set()

    def add(self, node: Node, step: Step) -> None:
        needed = [self.held[id] for id, read in zip(node.inputs, step.reads, strict=True) if read]
        if step.manner is Manner.VIEW:
            (value, bytes), *_ = needed
            self.held[node.id] = (value, min(bytes, self.sizes[node.id]))
            return
        self.held[node.id] = (node.id, self.sizes[node.id])
        if step.manner is Manner.JOIN:
            self.joined[node.id] = tuple(value for value, _ in needed)
            self.begins[node.id] = max(self.begins[value] for value, _ in needed)
        else:
            self._join_group(node, step, dict(needed) if len(needed) < 2 else self._once(node, step))

    def _once(self, node: Node, step: Step) -> dict[str, int]:
        """The values behind several operands; one that is given twice, or seen in two parts, is read once."""
        needed: dict[str, int] = {}
        for id, read in dict(zip(node.inputs, step.reads, strict=True)).items():
            if read:
                value, bytes = self.held[id]
                needed[value] = min(needed.get(value, 0) + bytes, self.sizes[value])
        return needed

    def _join_group(self, node: Node, step: Step, needed: Mapping[str, int]) -> None:
        leader = node.id
        if step.manner is Manner.ELEMENTWISE and needed:
            last = max(needed, key=self.begins.__getitem__)
            leader = self.into.get(last, node.id)
        self.into[node.id] = leader
        self.begins[node.id] = self.place[leader]
        self.weights[leader] = self.weights.get(leader, 0) + step.weights
        self.owned[node.reuse_of or node.id] = step.weights
        reads = self.reads.setdefault(leader, {})
        for value, bytes in needed.items():
            if self.into.get(value) != leader:
                reads[value] = min(reads.get(value, 0) + bytes, self.sizes[value])
                self.written.add(value)

    def result(self) -> Fused:
        ends = self._values(self.held[id][0] for id in self.graph.outputs.values() if id in self.held)
        results = dict.fromkeys(self.reads, 0)
        for value in self._values(self.written) | ends:
            results[self.into[value]] += self.sizes[value]
        groups = {id: Traffic(self.weights[id], sum(self.reads[id].values()), results[id]) for id in self.reads}
        taken = dict.fromkeys(self.graph.inputs, 0)
        for reads in self.reads.values():
            for id in reads.keys() & taken.keys():
                taken[id] = max(taken[id], reads[id])
        given = sum(map(self.sizes.__getitem__, ends))
        return Fused(self.into, groups, Traffic(sum(self.owned.values()), sum(taken.values()), given))

    def _values(self, names: Iterable[str]) -> set[str]:
        """The computed values among them and behind joins."""
        found, waiting = set[str](), list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.joined.get(name, ())
        return found & self.into.keys()
