"""Two networks that are the same, under other names perhaps: which step is which, and exactly.

From an output back, operands have an order, so that what is behind outputs and auxiliary heads can be mapped in one
way only: by walking both networks side by side. Steps that nobody reads are mapped by what they read and what reads
them.
"""

from collections.abc import Hashable, Sequence

from cnnspec.compare.alike import equal, same_when_built
from cnnspec.compare.order import behind
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable, operands


def isomorphism(a: Graph, a_shapes: ShapeTable, b: Graph, b_shapes: ShapeTable) -> dict[str, str] | None:
    """By the first network's steps the second one's; None if no outputs and heads in the same order, or under the same
    names, have it."""
    if (len(a), len(a.outputs), len(a.aux)) != (len(b), len(b.outputs), len(b.aux)):
        return None
    for ends in both_ends(a, b):
        found = _Walk(a, a_shapes, b, b_shapes).along(*ends)
        if found is not None:
            return found
    return None


def both_ends(a: Graph, b: Graph) -> list[tuple[list[str], list[str]]]:
    """Outputs and auxiliary heads, as they stand; and, where both have the same names in another order, by these."""
    ends = [*a.outputs.values(), *(each.node for each in a.aux.values())]
    ways = [(ends, [*b.outputs.values(), *(each.node for each in b.aux.values())])]
    if set(a.outputs) == set(b.outputs) and set(a.aux) == set(b.aux):
        named = [*(b.outputs[name] for name in a.outputs), *(b.aux[name].node for name in a.aux)]
        if named != ways[0][1]:
            ways.append((ends, named))
    return ways


class _Walk:
    def __init__(self, a: Graph, a_shapes: ShapeTable, b: Graph, b_shapes: ShapeTable) -> None:
        self._a, self._b, self._shapes = a, b, (a_shapes, b_shapes)
        self._pairs: dict[str, str] = {}

    def along(self, ends: Sequence[str], others: Sequence[str]) -> dict[str, str] | None:
        pairs = self._pairs
        rows = list(behind(self._a, ends)), list(behind(self._b, others))
        if len(rows[0]) != len(rows[1]):
            return None
        for one, other in zip(*rows, strict=True):
            if not self._fits(one, other):
                return None
            pairs[one] = other
        if [pairs[each] for each in ends] != list(others):
            return None
        if len(pairs) < len(self._a) and not self._unread():
            return None
        owners = ((self._a.nodes[one].reuse_of, self._b.nodes[other].reuse_of) for one, other in pairs.items())
        return pairs if all((one and pairs[one]) == other for one, other in owners) else None

    def _fits(self, one: str, other: str) -> bool:
        mine, yours = self._a.nodes[one], self._b.nodes[other]
        if [self._pairs.get(each) for each in mine.inputs] != list(yours.inputs):
            return False
        if self._shapes[0].get(one) != self._shapes[1].get(other):
            return False
        return equal(mine.layer, yours.layer) or same_when_built(
            mine.layer, yours.layer, operands(mine, self._shapes[0]) or ()
        )

    def _unread(self) -> bool:
        """Maps what no output needs; of equal ones those that bear one name."""
        taken, forms = set(self._pairs.values()), dict[Hashable, int]()
        left = self._below(self._a, self._shapes[0], forms), self._below(self._b, self._shapes[1], forms)
        waiting: dict[tuple[str, ...], list[str]] = {}
        for id, node in self._b.nodes.items():
            if id not in taken:
                waiting.setdefault(node.inputs, []).append(id)
        for id, node in self._a.nodes.items():
            if id in self._pairs:
                continue
            alike = [
                other
                for other in waiting.get(tuple(self._pairs[each] for each in node.inputs), ())
                if left[0][id] == left[1][other] and self._fits(id, other)
            ]
            if not alike:
                return False
            best = min(alike, key=lambda other: (other != id, other in self._a.nodes))
            self._pairs[id] = best
            waiting[self._b.nodes[best].inputs].remove(best)
        return True

    def _below(self, graph: Graph, shapes: ShapeTable, forms: dict[Hashable, int]) -> dict[str, int]:
        """Of each step a number for what reads it, down to the ends: equal numbers are equal things."""
        readers: dict[str, list[Hashable]] = {id: [] for id in graph.nodes}
        found = {}
        for id in reversed(list(graph.nodes)):
            node = graph.nodes[id]
            form = tuple(sorted(map(repr, readers[id])))
            found[id] = forms.setdefault(form, len(forms))
            for place, each in enumerate(node.inputs):
                readers[each].append((place, node.layer.word, shapes.get(id), found[id]))
        return found
