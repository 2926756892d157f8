"""What became of each step: the alignment, with what differs in each pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from cnnspec.compare.align import Alignment, align, by_names
from cnnspec.compare.alike import same_when_built
from cnnspec.compare.faces import plain
from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.analysis import Analysis, Row
from cnnspec.passes.fold import ShapeTable, operands

MOST_SOURCES = 64


class Side(NamedTuple):
    """One of the two networks."""

    graph: Graph
    shapes: ShapeTable
    analysis: Analysis


class Sort(Enum):
    SAME = "same"
    FOLLOWS = "follows"
    CHANGED = "changed"
    MOVED = "moved"
    ADDED = "added"
    REMOVED = "removed"


class Argument(NamedTuple):
    """An argument that has another value."""

    name: str
    old: Any
    new: Any


class Step(NamedTuple):
    """A step of the first network (`a`), of the second (`b`), or a pair.

    A pair has CHANGED if its word, its `arguments`, what it reads (`rewired`) or whose weights it uses (`reuses`) have;
    it FOLLOWS if that is all the same, and only shapes, costs or the receptive field differ. A name alone is no change,
    nor is the order of what a sum adds up. `reordered`: it reads the same steps, but in another order that matters.
    """

    sort: Sort
    a: Row | None = None
    b: Row | None = None
    arguments: tuple[Argument, ...] = ()
    rewired: bool = False
    reuses: bool = False
    reordered: bool = False

    @property
    def row(self) -> Row:
        """The second network's if it has the step."""
        found = self.b or self.a
        assert found is not None
        return found

    @property
    def id(self) -> str:
        return self.row.node.id

    @property
    def is_renamed(self) -> bool:
        return self.a is not None and self.b is not None and self.a.node.id != self.b.node.id

    @property
    def params(self) -> int:
        """How many there are more."""
        return (self.b.params if self.b else 0) - (self.a.params if self.a else 0)

    @property
    def macs(self) -> int:
        """How many more inference takes."""
        return _macs(self.b) - _macs(self.a)

    @property
    def ops(self) -> int:
        return _ops(self.b) - _ops(self.a)


def _macs(row: Row | None) -> int:
    return row.cost.macs if row and row.runs else 0


def _ops(row: Row | None) -> int:
    return row.cost.ops if row and row.runs else 0


def steps(a: Side, b: Side) -> tuple[Step, ...]:
    """All steps of both, in the order of the second network's text; what was removed behind what stood before it. Where
    both have the same names, and these tell of fewer changes than the rows do, the names are right."""
    found = _paired(a, b, align(a.graph, a.shapes, b.graph, b.shapes))
    named = by_names(a.graph, b.graph)
    if named is None or not any(each.is_renamed for each in found):
        return found
    other = _paired(a, b, named)
    return other if _differing(other) < _differing(found) else found


def _differing(found: Sequence[Step]) -> int:
    return sum(each.sort is not Sort.SAME for each in found)


def _paired(a: Side, b: Side, found: Alignment) -> tuple[Step, ...]:
    pairs = _Pairs(a, b, found)
    before = {row.node.id: row for row in a.analysis.rows}
    old = {other: before[one] for one, other in found.pairs.items()}
    after = {row.node.id: place for place, row in enumerate(b.analysis.rows)}
    placed: list[tuple[tuple[int, int], Step]] = []
    for place, row in enumerate(b.analysis.rows):
        one = old.get(row.node.id)
        step = Step(Sort.ADDED, b=row) if one is None else pairs.step(one, row)
        placed.append(((place, -1), step))
    last = -1
    for place, row in enumerate(a.analysis.rows):
        if row.node.id in found.pairs:
            last = after[found.pairs[row.node.id]]
        else:
            placed.append(((last, place), Step(Sort.REMOVED, a=row)))
    return tuple(step for _, step in sorted(placed, key=lambda each: each[0]))


class _Pairs:
    """What differs in pairs. What a pair reads is the same if, past what was added, removed or moved, the nearest steps
    are the same."""

    def __init__(self, a: Side, b: Side, found: Alignment) -> None:
        self._found, self._sides = found, (a, b)
        kept = {one: other for one, other in found.pairs.items() if one not in found.moved}
        self._before = _Sources(a.graph, kept)
        self._after = _Sources(b.graph, {other: other for other in kept.values()})

    def step(self, a: Row, b: Row) -> Step:
        one, other = a.node, b.node
        arguments = _arguments(one, other)
        if arguments and self._come_to_the_same(a, b):
            arguments = ()
        moved = one.id in self._found.moved
        rewired = not moved and self._rewired(one, other)
        reuses = (one.reuse_of and self._found.pairs.get(one.reuse_of, "")) != other.reuse_of
        if one.layer.word != other.layer.word or arguments or rewired or reuses:
            sort = Sort.CHANGED
        elif moved:
            sort = Sort.MOVED
        else:
            sort = Sort.SAME if _numbers(a) == _numbers(b) else Sort.FOLLOWS
        return Step(sort, a, b, arguments, rewired, reuses, rewired and self._reordered(one, other))

    def _come_to_the_same(self, a: Row, b: Row) -> bool:
        """Whether sizes are only written otherwise, for what comes in on either side."""
        one, other = a.node.layer, b.node.layer
        if not (a.shape and b.shape) or len(a.node.inputs) != len(b.node.inputs):
            return False  # `upsample to=3` is not asked of the operands of `like=@x`
        sides = {operands(row.node, side.shapes) for row, side in zip((a, b), self._sides, strict=True)}
        return all(same_when_built(one, other, inputs) for inputs in sides)

    def _rewired(self, one: Node, other: Node) -> bool:
        if len(one.inputs) != len(other.inputs):
            return True
        if all(map(self._meets, one.inputs, other.inputs)):
            return False
        return not (one.layer.commutes and other.layer.commutes and _matched(one.inputs, other.inputs, self._meets))

    def _reordered(self, one: Node, other: Node) -> bool:
        return len(one.inputs) == len(other.inputs) and _matched(one.inputs, other.inputs, self._is)

    def _meets(self, mine: str, yours: str) -> bool:
        if self._found.pairs.get(mine) == yours:
            return True
        before, after = self._before.of(mine), self._after.of(yours)
        return before is None or after is None or bool(before & after)

    def _is(self, mine: str, yours: str) -> bool:
        """More than `_meets`: it comes of the same steps and no others."""
        if self._found.pairs.get(mine) == yours:
            return True
        before = self._before.of(mine)
        return before is not None and before == self._after.of(yours)


def _matched(mine: Sequence[str], yours: Sequence[str], fits: Callable[[str, str], bool]) -> bool:
    """Whether each of the one can have one of the others for itself (augmenting paths; Kuhn, 1955)."""
    taken: dict[int, int] = {}

    def place(one: int, tried: set[int]) -> bool:
        for other, its in enumerate(yours):
            if other not in tried and fits(mine[one], its):
                tried.add(other)
                if other not in taken or place(taken[other], tried):
                    taken[other] = one
                    return True
        return False

    return all(place(one, set()) for one in range(len(mine)))


class _Sources:
    """The nearest steps that are in both networks, by the names that the second one has for them; None for too many."""

    def __init__(self, graph: Graph, names: Mapping[str, str]) -> None:
        self._found: dict[str, frozenset[str] | None] = {}
        for id, node in graph.nodes.items():
            if id in names:
                self._found[id] = frozenset((names[id],))
            else:
                self._found[id] = self._union(node.inputs)

    def of(self, id: str) -> frozenset[str] | None:
        return self._found[id]

    def _union(self, inputs: Sequence[str]) -> frozenset[str] | None:
        sets = [self._found[each] for each in inputs]
        together = frozenset[str]().union(*(each for each in sets if each is not None))
        return None if None in sets or len(together) > MOST_SOURCES else together


def _arguments(one: Node, other: Node) -> tuple[Argument, ...]:
    """Those that both words have, and that differ; of another word none."""
    if one.layer is other.layer or one.layer.word != other.layer.word:
        return ()
    mine, yours = plain(one.layer), plain(other.layer)
    return tuple(Argument(name, mine[name], value) for name, value in yours.items() if mine[name] != value)


def _numbers(row: Row) -> tuple[Any, ...]:
    fields = row.field.axes if row.field else None
    return row.shape, row.weights, row.cost, fields, row.runs
