"""What of the traffic is left where steps are fused: elementwise steps done with a step before them, joins not at all.

Chen et al., TVM: An Automated End-to-End Optimizing Compiler for Deep Learning, OSDI 2018, section 3, has the rules: an
elementwise step can be the epilogue of a convolution, a pool or a dense layer; two of those are not fused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.fold import ENDS, ShapeTable
from cnnspec.passes.roofline.traffic import Manner, Step, Traffic, memory_steps, read_by, size


class Fused(NamedTuple):
    """`into` has the step that each running step is done with (itself, if it leads), but for views and joins, which
    cost nothing; `groups` the traffic of all that is done together, by the leading step. `least` is what remains if
    everything between the inputs and the outputs stays on the device."""

    into: Mapping[str, str]
    groups: Mapping[str, Traffic]
    least: Traffic

    def narrowed(self, width: int) -> Fused:
        """The same where a number takes so many bytes."""
        groups = {id: each.narrowed(width) for id, each in self.groups.items()}
        return self._replace(groups=groups, least=self.least.narrowed(width))


def fused(graph: Graph, shapes: ShapeTable, steps: Mapping[str, Step] | None = None) -> Fused:
    """An elementwise step goes with that one of its operands whose group begins last, so that what it reads besides is
    there; behind a join it leads a group of its own. A value is written if another group or the outside reads it, and
    each group that does reads it once. `steps` are those of passes/roofline/traffic.py, if they are there already."""
    made, running = _Fusing(graph, shapes), graph.running
    for id, step in (memory_steps(graph, shapes) if steps is None else steps).items():
        if id in running:
            made.add(graph.nodes[id], step)
    return made.result()


class _Group:
    """Steps that are done together: the number of the group, the bytes of weights, and of each value that is read."""

    __slots__ = ("leader", "number", "reads", "weights")

    def __init__(self, leader: str, number: int) -> None:
        self.leader = leader
        self.number = number
        self.weights = 0
        self.reads: dict[str, int] = {}


class _Fusing:
    """The groups while they are put together.

    `held` says in which value a result stands, and how many bytes of it are read: an input's and a step's in itself, a
    view's in what it looks at; a join's in itself, though it is `joined` of values that are written in their places.
    `begins` is the number of the last group that a value needs.
    """

    def __init__(self, graph: Graph, shapes: ShapeTable) -> None:
        self.graph = graph
        given = [node.id for node in graph if isinstance(node.layer, ENDS) and node.id in graph.running]
        self.sizes = {id: size(shapes.get(id)) for id in given}
        self.held: dict[str, tuple[str, int]] = {id: (id, self.sizes[id]) for id in given}
        self.begins: dict[str, int] = dict.fromkeys(given, -1)
        self.joined: dict[str, tuple[str, ...]] = {}
        self.groups: list[_Group] = []
        self.into: dict[str, _Group] = {}
        self.owned: dict[str, int] = {}
        self.written: set[str] = set()

    def add(self, node: Node, step: Step) -> None:
        id, result = node.id, step.result
        self.sizes[id] = result
        needed = self._needed(node.inputs, step.reads)
        if step.manner is Manner.VIEW:
            value, bytes = next(iter(needed.items()))
            self.held[id] = (value, min(bytes, result))
            return
        self.held[id] = (id, result)
        if step.manner is Manner.JOIN:
            self.joined[id] = tuple(needed)
            self.begins[id] = max(map(self.begins.__getitem__, needed))
        else:
            self._join_group(node, step, needed)

    def _needed(self, inputs: Sequence[str], reads: Sequence[int]) -> dict[str, int]:
        """The values behind the operands; one that is given twice, or seen in two parts, is read once."""
        if len(inputs) == 1:
            value, bytes = self.held[inputs[0]]
            return {value: bytes}
        needed: dict[str, int] = {}
        for id in read_by(inputs, reads):
            value, bytes = self.held[id]
            needed[value] = min(needed.get(value, 0) + bytes, self.sizes[value])
        return needed

    def _join_group(self, node: Node, step: Step, needed: Mapping[str, int]) -> None:
        id, into, group = node.id, self.into, None
        if step.manner is Manner.ELEMENTWISE and needed:
            last = max(needed, key=self.begins.__getitem__) if len(needed) > 1 else next(iter(needed))
            group = into.get(last)
        if group is None:
            group = _Group(id, len(self.groups))
            self.groups.append(group)
        into[id] = group
        self.begins[id] = group.number
        if step.weights:
            group.weights += step.weights
            self.owned[node.reuse_of or id] = step.weights
        for value, bytes in needed.items():
            if into.get(value) is not group:
                group.reads[value] = min(group.reads.get(value, 0) + bytes, self.sizes[value])
                self.written.add(value)

    def result(self) -> Fused:
        ends = self._values(self.held[id][0] for id in self.graph.outputs.values() if id in self.held)
        results = [0] * len(self.groups)
        for value in self._values(self.written) | ends:
            results[self.into[value].number] += self.sizes[value]
        taken = dict.fromkeys(self.graph.inputs, 0)
        groups: dict[str, Traffic] = {}
        for group in self.groups:
            groups[group.leader] = Traffic(group.weights, sum(group.reads.values()), results[group.number])
            for id, bytes in group.reads.items():
                if id in taken:
                    taken[id] = max(taken[id], bytes)
        into = {id: group.leader for id, group in self.into.items()}
        given = sum(map(self.sizes.__getitem__, ends))
        return Fused(into, groups, Traffic(sum(self.owned.values()), sum(taken.values()), given))

    def _values(self, names: Iterable[str]) -> set[str]:
        """The computed values among them and behind joins."""
        found, waiting = set[str](), list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.joined.get(name, ())
        return found & self.into.keys()
