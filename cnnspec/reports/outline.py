"""A network as an outline: its steps under the scopes that hold them, and scopes below a level folded into sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Scope
from cnnspec.passes.analysis import Row
from cnnspec.passes.receptive_field import Fields
from cnnspec.reports.step import step


class Kind(Enum):
    STEP = "one step"
    HEADING = "a scope whose steps follow"
    FOLDED = "a scope, all that is in it summed up"


class Entry(NamedTuple):
    """One line of the outline. `level` counts from 0, `name` is the part of `path` below the scope that holds it.

    `what` is the step or block with all its arguments, `briefly` with the main ones. A heading carries no numbers.
    `macs` and `ops` of what does not run at inference (`runs` is False) belong to no total.
    """

    kind: Kind
    level: int
    path: str
    name: str
    what: str = ""
    briefly: str = ""
    output: Shape | None = None
    params: int = 0
    buffers: int = 0
    macs: int = 0
    ops: int = 0
    field: Fields | None = None
    runs: bool = True


class _Room:
    """A scope while the outline is put together: rows and rooms in the order of the text."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.content: list[Row | _Room] = []


def outline(graph: Graph, rows: Sequence[Row], levels: int | None = None) -> list[Entry]:
    """All lines in the order of the text; with `levels` at most so many levels, what lies deeper is summed up."""
    rooms: dict[str, _Room] = {}
    top: list[Row | _Room] = []

    def room(path: str) -> list[Row | _Room]:
        scope = graph.scopes[path]
        if scope.parent is None:
            return top
        if path not in rooms:
            rooms[path] = _Room(scope)
            room(scope.parent).append(rooms[path])
        return rooms[path].content

    for row in rows:
        room(row.node.scope).append(row)
    return list(_lines(top, "", 0, levels))


def _lines(content: Sequence[Row | _Room], path: str, level: int, levels: int | None) -> Iterator[Entry]:
    for each in content:
        if isinstance(each, Row):
            yield _step(each, path, level)
            continue
        scope = each.scope
        name, block = _below(scope.path, path), scope.block or ""
        if levels is not None and level + 1 >= levels:
            yield _sum(list(_rows(each)), Entry(Kind.FOLDED, level, scope.path, name, block, block))
        else:
            yield Entry(Kind.HEADING, level, scope.path, name, block, block)
            yield from _lines(each.content, scope.path, level + 1, levels)


def _below(path: str, scope: str) -> str:
    return path.removeprefix(f"{scope}.") if scope else path


def _rows(room: _Room) -> Iterator[Row]:
    for each in room.content:
        if isinstance(each, Row):
            yield each
        else:
            yield from _rows(each)


def _step(row: Row, path: str, level: int) -> Entry:
    layer = row.node.layer
    return Entry(
        Kind.STEP,
        level,
        row.node.id,
        _below(row.node.id, path),
        _with_reuse(row, step(layer, row.node.inputs)),
        _with_reuse(row, step(layer, row.node.inputs, options=False)),
        row.shape,
        row.params,
        row.buffers,
        row.cost.macs,
        row.cost.ops,
        row.field,
        row.runs,
    )


def _with_reuse(row: Row, text: str) -> str:
    return f"{text} (weights of {row.node.reuse_of})" if row.node.reuse_of else text


def _sum(rows: list[Row], entry: Entry) -> Entry:
    counted = [row for row in rows if row.runs] or rows
    return entry._replace(
        output=rows[-1].shape,
        params=sum(row.params for row in rows),
        buffers=sum(row.buffers for row in rows),
        macs=sum(row.cost.macs for row in counted),
        ops=sum(row.cost.ops for row in counted),
        field=rows[-1].field,
        runs=any(row.runs for row in rows),
    )
