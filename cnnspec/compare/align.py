"""Which step of one network is which of another.

Both are laid out in the order of their graphs, and the two rows are aligned as texts are (Needleman and Wunsch, A
general method applicable to the search for similarities in the amino acid sequence of two proteins, 1970): pairs keep
their order, and what they are worth together is the most that can be had. A pair is worth most where word, arguments
and shapes agree, less where arguments or the word have changed; names are weighed, and decide between equals.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnnspec.compare.alike import equal
from cnnspec.compare.commuted import commuted, sorted_merges
from cnnspec.compare.faces import Face, Mirror, plain
from cnnspec.compare.isomorphism import both_ends, isomorphism
from cnnspec.compare.order import order
from cnnspec.contract.layer import Layer
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable

SAME_LAYER, SAME_SHAPES = 40, 6
SAME_WORD, SAME_ARGUMENTS, SAME_OUTPUT = 20, 8, 3
SAME_CHAPTER = 8
"""`relu` for `gelu`, `bn` for `groupnorm`: what a textbook has in one chapter may stand for one another."""
NAMED_ALIKE, NUMBERED_ALIKE, ELSEWHERE_ALIKE = 14, 4, 1

CELLS = 1_500_000
"""So many pairs are weighed at most; in larger networks those that lie near the diagonal."""
NEVER = -1_000_000_000
SKIP_A, SKIP_B, PAIR = 0, 1, 2


class Alignment(NamedTuple):
    """`pairs` are steps of the first network and what they are in the second, `moved` those among them that have
    changed places with others."""

    pairs: dict[str, str]
    moved: frozenset[str]


def align(a: Graph, a_shapes: ShapeTable, b: Graph, b_shapes: ShapeTable) -> Alignment:
    """Takes time in proportion to the product of both sizes, up to CELLS; beyond, to their sum. The other way round it
    gives the same pairs. Of two networks that are the same, all steps are paired."""
    if _key(a) > _key(b):  # of pairs that are worth the same, the same are taken both ways
        turned = align(b, b_shapes, a, a_shapes)
        return Alignment(
            {one: other for other, one in turned.pairs.items()}, frozenset(turned.pairs[each] for each in turned.moved)
        )
    same = _same(a, a_shapes, b, b_shapes)
    if same is not None:
        return Alignment(same, frozenset())
    mirror = Mirror()
    ways = [
        _laid(mirror, mirror.faces(a, a_shapes, mine), mirror.faces(b, b_shapes, yours))
        for mine, yours in _rows(a, a_shapes, b, b_shapes)
    ]
    return max(ways, key=lambda each: _alike_in(a, b, each))  # of equals the first


def by_names(a: Graph, b: Graph) -> Alignment | None:
    """Each step with the one of its name, where both have the same names for the same words."""
    words = [{id: node.layer.word for id, node in each.nodes.items()} for each in (a, b)]
    return Alignment({id: id for id in a.nodes}, frozenset()) if words[0] == words[1] else None


def _same(a: Graph, a_shapes: ShapeTable, b: Graph, b_shapes: ShapeTable) -> dict[str, str] | None:
    """The pairs of two networks that are the same, sums in whatever order; of two ways that in which fewer steps bear
    another name."""
    found = isomorphism(a, a_shapes, b, b_shapes)
    if found is not None and all(one == other for one, other in found.items()):
        return found
    views = commuted(a, a_shapes, b, b_shapes)
    other = isomorphism(views[0], a_shapes, views[1], b_shapes) if views else None
    known = [each for each in (found, other) if each is not None]
    return min(known, key=_renamed, default=None)


def _renamed(pairs: dict[str, str]) -> int:
    return sum(one != other for one, other in pairs.items())


def _rows(a: Graph, a_shapes: ShapeTable, b: Graph, b_shapes: ShapeTable) -> Iterator[tuple[list[str], list[str]]]:
    """The rows to set side by side: as merges have their operands and, if those are others, as these are sorted."""
    views = sorted_merges(a, a_shapes, b, b_shapes)
    for mine, yours in both_ends(a, b):
        yield (rows := (order(a, mine), order(b, yours)))
        if views and (turned := (order(views[0], mine), order(views[1], yours))) != rows:
            yield turned


def _laid(mirror: Mirror, left: list[Face], right: list[Face]) -> Alignment:
    """Two rows beside one another."""
    first = _alike(left, right)
    last = _alike(left[first:][::-1], right[first:][::-1])
    pairs = {one.id: other.id for one, other in zip(left[:first], right[:first], strict=True)}
    ends = len(left) - last, len(right) - last
    middle = left[first : ends[0]], right[first : ends[1]]
    pairs |= {middle[0][i].id: middle[1][j].id for i, j in _best(*middle, _Worth(mirror.layers))}
    pairs |= {one.id: other.id for one, other in zip(left[ends[0] :], right[ends[1] :], strict=True)}
    moved = _moved(left, right, pairs, mirror.layers)
    return Alignment(pairs | moved, frozenset(moved))


def _alike_in(a: Graph, b: Graph, found: Alignment) -> int:
    """How many steps stayed where they were, with equal layers."""
    kept = ((a.nodes[one], b.nodes[other]) for one, other in found.pairs.items() if one not in found.moved)
    return sum(equal(one.layer, other.layer) for one, other in kept)


def _key(graph: Graph) -> tuple[object, ...]:
    """Something by which two networks have an order, if they are not the same."""
    ids = order(graph, [*graph.outputs.values(), *(each.node for each in graph.aux.values())])
    nodes = [graph.nodes[each] for each in ids]
    names = list(graph.outputs), list(graph.aux)
    return len(ids), ids, [repr(each.layer) for each in nodes], [each.inputs for each in nodes], names


def _alike(left: Sequence[Face], right: Sequence[Face]) -> int:
    """How many steps from the beginning are the same in every respect."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


class _Worth:
    """What a pair is worth by its layers, worked out once for two kinds; 0 for what is no pair."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._known: dict[tuple[int, int], int] = {}

    def row(self, kind: int, others: Sequence[int]) -> list[int]:
        """Of one kind with many."""
        known = self._known
        for other in set(others):
            if (kind, other) not in known:
                known[kind, other] = _worth(self._layers[kind], self._layers[other], kind == other)
        return [known[kind, other] for other in others]


def _worth(one: Layer, other: Layer, equal: bool) -> int:
    if equal:
        return SAME_LAYER
    if one.word == other.word:
        mine, yours = plain(one), plain(other)
        same = sum(1 for name, value in yours.items() if mine.get(name) == value)
        return SAME_WORD + SAME_ARGUMENTS * same // max(len(yours), 1)
    chapters = getattr(one, "chapter", None), getattr(other, "chapter", None)
    return SAME_CHAPTER if chapters[0] is not None and chapters[0] is chapters[1] else 0


def _named(one: Face, other: Face) -> int:
    """What names add to a pair."""
    if one.id == other.id:
        return NAMED_ALIKE if one.named else NUMBERED_ALIKE
    return (
        ELSEWHERE_ALIKE
        * ((one.last == other.last) + (one.scope == other.scope) + (one.top == other.top) + (one.block == other.block))
        // 2
    )


def _best(left: Sequence[Face], right: Sequence[Face], worth: _Worth) -> list[tuple[int, int]]:
    """The pairs that are worth most together, from the back; among equals those that come early."""
    n, m = len(left), len(right)
    if not n or not m:
        return []
    half = max(CELLS // (2 * (n + 1)), m // n + 2)
    kinds = [each.kind for each in right]
    ways: list[tuple[int, bytearray]] = []
    below, low_below = [0] * (m + 1), 0  # behind the last step of the left there is nothing more to win
    for i in range(n - 1, -1, -1):
        low, high = max(0, i * m // n - half), min(m, i * m // n + half)
        row, way = _row(left[i], right, worth.row(left[i].kind, kinds[low:high]), low, high, below, low_below)
        ways.append((low, way))
        below, low_below = row, low
    return _walked(ways[::-1], n, m)


def _row(
    one: Face, right: Sequence[Face], worths: list[int], low: int, high: int, below: list[int], low_below: int
) -> tuple[list[int], bytearray]:
    """The most that can be won from each place of a row on, and the way that leads there."""
    end = low_below + len(below)
    row, way = [NEVER] * (high - low + 1), bytearray(high - low + 1)

    def under(j: int) -> int:
        return below[j - low_below] if low_below <= j < end else NEVER

    best = row[high - low] = under(high)
    for j in range(high - 1, low - 1, -1):
        skip = under(j)
        step = SKIP_A
        if best > skip:
            skip, step = best, SKIP_B
        if worths[j - low]:
            other = right[j]
            pair = under(j + 1) + worths[j - low] + _named(one, other)
            if one.form == other.form:
                pair += SAME_SHAPES
            elif one.out == other.out:
                pair += SAME_OUTPUT
            if pair >= skip:
                skip, step = pair, PAIR
        best = row[j - low] = skip
        way[j - low] = step
    return row, way


def _walked(ways: Sequence[tuple[int, bytearray]], n: int, m: int) -> list[tuple[int, int]]:
    pairs, i, j = [], 0, 0
    while i < n and j < m:
        low, way = ways[i]
        step = way[j - low]
        if step == PAIR:
            pairs.append((i, j))
        i += step != SKIP_B
        j += step != SKIP_A
    return pairs


def _moved(
    left: Sequence[Face], right: Sequence[Face], pairs: dict[str, str], layers: Sequence[Layer]
) -> dict[str, str]:
    """What is left of both under one name: a step at another place, if the text names it or all of it agrees."""
    taken = set(pairs.values())
    waiting = {each.id: each for each in right if each.id not in taken}
    found = {}
    for one in left:
        other = waiting.get(one.id)
        if one.id in pairs or other is None:
            continue
        named = one.named and layers[one.kind].word == layers[other.kind].word
        if named or (one.kind == other.kind and one.out == other.out):
            found[one.id] = one.id
    return found
