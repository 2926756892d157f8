"""What changed between two networks, a line each: scopes that came or went as one, and the same change told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnnspec.compare.difference import Difference
from cnnspec.compare.steps import Sort, Step
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Scope
from cnnspec.passes.analysis import Row
from cnnspec.reports.difference.words import block, block_change, change

SIGNS = {Sort.ADDED: "+", Sort.REMOVED: "-", Sort.CHANGED: "~", Sort.MOVED: "~", Sort.FOLLOWS: ".", Sort.SAME: "="}
FOLDED = 3
"""So many steps of a model's own body with one change are told as one."""


class Line(NamedTuple):
    """`sign` is `+`, `-`, `~`, or `.` for what only follows; `level` 0 or 1 (within the line above); `steps` how many.
    `old` and `new` are the shapes that leave it, None where there is none. `params` and `macs` are how many more."""

    sign: str
    level: int
    name: str
    what: str
    steps: int
    params: int = 0
    macs: int = 0
    old: Shape | None = None
    new: Shape | None = None


def lines(found: Difference, arrow: str, every: bool = False) -> list[Line]:
    """In the order of the second network. `every` step that differs on a line of its own; else what only follows is
    left to `followers`."""
    if every:
        return [_single(each, arrow) for each in found.steps if each.sort is not Sort.SAME]
    return list(_Folding(found, arrow).lines())


def followers(found: Difference) -> tuple[Step, ...]:
    """The steps of which only shapes, costs or receptive fields differ."""
    return found.of(Sort.FOLLOWS)


class _Folding:
    """What is told once: scopes, and changes that several steps have."""

    def __init__(self, found: Difference, arrow: str) -> None:
        self._arrow = arrow
        self._sides = found.sides
        self._steps = found.steps
        self._places = _places(found)
        self._gone = _whole(found.sides[0].graph, [each.a for each in found.steps if each.a and each.b is None])
        self._come = _whole(found.sides[1].graph, [each.b for each in found.steps if each.b and each.a is None])

    def lines(self) -> Iterator[Line]:
        """Scopes of the model's own body as groups, its own steps (under a name that no scope has) one by one."""
        groups: dict[str, list[Step]] = {}
        for each, place in zip(self._steps, self._places, strict=True):
            groups.setdefault(place or f"/{each.id}{SIGNS[each.sort]}", []).append(each)
        alike: dict[str, list[Step]] = {}
        for place, members in groups.items():
            if place.startswith("/") and members[0].sort is Sort.CHANGED:
                alike.setdefault(change(members[0], self._arrow), []).append(members[0])
        often = {each.id: what for what, found in alike.items() for each in found if len(found) >= FOLDED}
        for place, members in groups.items():
            first = members[0]
            if not place.startswith("/"):
                yield from self._group(place, members)
            elif first.sort is Sort.CHANGED and first.id in often:
                what = often[first.id]
                if alike[what][0] is first:
                    yield _several(alike[what], what)
            elif first.sort not in (Sort.SAME, Sort.FOLLOWS):
                yield _single(first, self._arrow)

    def _group(self, place: str, members: list[Step]) -> Iterator[Line]:
        """A scope of the model's own body: a line, and below it what changed in it."""
        sorts = {each.sort for each in members}
        if sorts <= {Sort.SAME, Sort.FOLLOWS}:
            return
        before, after = self._scopes(place, members)
        if sorts in ({Sort.ADDED}, {Sort.REMOVED}):
            (sort,) = sorts
            scope = after or before
            yield _summed(members, SIGNS[sort], 0, place, block(scope) if scope else "")
            return
        what = block_change(before, after, self._arrow)
        name = place if before is None or before.path == place else f"{before.path} {self._arrow} {place}"
        yield _summed(members, "~", 0, name, what)
        yield from self._inside(place, members)

    def _scopes(self, place: str, members: Sequence[Step]) -> tuple[Scope | None, Scope | None]:
        """The scope in the first network and in the second."""
        old, new = (side.graph.scopes for side in self._sides)
        mine = Counter(_top(self._sides[0].graph, each.a) for each in members if each.a)
        before = mine.most_common(1)[0][0] if mine else ""
        return old[before] if before else None, new.get(place) if any(each.b for each in members) else None

    def _inside(self, place: str, members: Sequence[Step]) -> Iterator[Line]:
        """Scopes within that came or went as a whole, then single steps; equal ones together."""
        folds: dict[tuple[str, str], list[Step]] = {}
        names: dict[tuple[str, str], dict[str, None]] = {}
        for each in members:
            if each.sort in (Sort.SAME, Sort.FOLLOWS):
                continue
            unit = self._unit(each)
            key = SIGNS[each.sort], block(unit) if unit else change(each, self._arrow, short=True)
            folds.setdefault(key, []).append(each)
            names.setdefault(key, {})[_below(unit.path if unit else each.id, place)] = None
        for (sign, what), alike in folds.items():
            yield _summed(alike, sign, 1, _first(list(names[sign, what])), what)

    def _unit(self, each: Step) -> Scope | None:
        """The largest scope that came, or went, with the step."""
        if each.a is None:
            return self._come.get(each.id)
        return self._gone.get(each.id) if each.b is None else None


def _places(found: Difference) -> list[str]:
    """By step, the scope of the model's own body that it is in, by the second network's names; empty for the body's
    own steps. What was removed belongs to where its scope went."""
    a, b = found.sides
    went: dict[str, Counter[str]] = {}
    for each in found.steps:
        if each.a and each.b:
            went.setdefault(_top(a.graph, each.a), Counter())[_top(b.graph, each.b)] += 1
    places = []
    for each in found.steps:
        if each.b:
            places.append(_top(b.graph, each.b))
        else:
            assert each.a is not None
            top = _top(a.graph, each.a)
            places.append(went[top].most_common(1)[0][0] if top and top in went else top)
    return places


def _top(graph: Graph, row: Row) -> str:
    path = row.node.scope
    while path and graph.scopes[path].parent:
        path = graph.scopes[path].parent or ""
    return path


def _whole(graph: Graph, rows: Sequence[Row]) -> dict[str, Scope]:
    """By node, the largest scope below the model's body all of whose steps are among these."""
    mine, all_in = Counter[str](), Counter[str]()
    for node in graph:
        all_in.update(_around(graph, node.scope))
    for row in rows:
        mine.update(_around(graph, row.node.scope))
    found = {}
    for row in rows:
        whole = [path for path in _around(graph, row.node.scope) if mine[path] == all_in[path]]
        if whole:
            found[row.node.id] = graph.scopes[whole[-1]]
    return found


def _around(graph: Graph, path: str) -> list[str]:
    """The scopes around a step, from the inside, without the model itself."""
    found = []
    while graph.scopes[path].parent is not None:
        found.append(path)
        path = graph.scopes[path].parent or ""
    return found


def _single(each: Step, arrow: str) -> Line:
    name = each.id
    if each.is_renamed and each.a:
        name = f"{each.a.node.id} {arrow} {each.id}"
    return Line(SIGNS[each.sort], 0, name, change(each, arrow), 1, each.params, each.macs, *_shapes(each))


def _several(alike: Sequence[Step], what: str) -> Line:
    return _summed(alike, SIGNS[alike[0].sort], 0, _first([each.id for each in alike]), what)


def _first(names: Sequence[str]) -> str:
    """`conv1 and 5 more`"""
    return f"{names[0]} and {len(names) - 1:,} more" if len(names) > 1 else names[0]


def _summed(members: Sequence[Step], sign: str, level: int, name: str, what: str) -> Line:
    params, macs = sum(each.params for each in members), sum(each.macs for each in members)
    old = next((each.a.shape for each in reversed(members) if each.a), None)
    new = next((each.b.shape for each in reversed(members) if each.b), None)
    shapes = (old, new) if level == 0 else (None, None)
    return Line(sign, level, name, what, len(members), params, macs, *shapes)


def _shapes(each: Step) -> tuple[Shape | None, Shape | None]:
    return each.a.shape if each.a else None, each.b.shape if each.b else None


def _below(path: str, place: str) -> str:
    return path.removeprefix(f"{place}.")
