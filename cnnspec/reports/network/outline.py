"""A network as an outline: its steps under the scopes that hold them, and scopes below a level folded into sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from cnnspec.contract.facts import Weight
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Node, Scope
from cnnspec.passes.analysis import Row
from cnnspec.passes.fields.receptive_field import Fields
from cnnspec.reports.network.figures import NOTHING, Figures, summed
from cnnspec.reports.network.measured import Measured
from cnnspec.reports.step import kernel, step


class Kind(Enum):
    STEP = "one step"
    HEADING = "a scope whose steps follow"
    FOLDED = "several steps summed up"
    REST = "all that is not listed"


class Entry(NamedTuple):
    """One line of a report. `level` counts from 0, `name` is the part of `path` below the scope that holds it.

    `what` is the step or block with all its arguments, `briefly` with the main ones; of them `kernel` has sizes and
    stride alone. A heading carries no numbers. What is computed by what does not run at inference (`runs` is False)
    belongs to no total. `steps` are summed up, in so many `instances`; `node` is the step itself, `weights` are the
    tensors that it owns.
    """

    kind: Kind
    level: int
    path: str
    name: str
    what: str = ""
    briefly: str = ""
    output: Shape | None = None
    figures: Figures = NOTHING
    field: Fields | None = None
    runs: bool = True
    instances: int = 1
    steps: int = 1
    node: Node | None = None
    weights: tuple[Weight, ...] = ()
    kernel: str = ""

    @property
    def tersely(self) -> str:
        """The word with the kernel, or the block: the result tells the channels."""
        return f"{self.node.layer.word} {self.kernel}".rstrip() if self.node else self.briefly


class _Room:
    """A scope while the outline is put together: rows and rooms in the order of the text."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.content: list[Row | _Room] = []


def outline(measured: Measured, levels: int | None = None) -> list[Entry]:
    """All lines in the order of the text; with `levels` at most so many levels, what lies deeper is summed up."""
    graph = measured.graph
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

    for row in measured.rows:
        room(row.node.scope).append(row)
    return list(_lines(measured, top, "", 0, levels))


def _lines(
    measured: Measured, content: Sequence[Row | _Room], path: str, level: int, levels: int | None
) -> Iterator[Entry]:
    for each in content:
        if isinstance(each, Row):
            yield entry_of(each, measured, path, level)
            continue
        scope = each.scope
        name, block = _below(scope.path, path), scope.block or ""
        if levels is not None and level + 1 >= levels:
            yield folded(list(_rows(each)), measured, Entry(Kind.FOLDED, level, scope.path, name, block, block))
        else:
            yield Entry(Kind.HEADING, level, scope.path, name, block, block)
            yield from _lines(measured, each.content, scope.path, level + 1, levels)


def _below(path: str, scope: str) -> str:
    return path.removeprefix(f"{scope}.") if scope else path


def _rows(room: _Room) -> Iterator[Row]:
    for each in room.content:
        if isinstance(each, Row):
            yield each
        else:
            yield from _rows(each)


def entry_of(row: Row, measured: Measured, path: str = "", level: int = 0) -> Entry:
    """The line of one step, in the scope of that path."""
    node = row.node
    return Entry(
        Kind.STEP,
        level,
        node.id,
        _below(node.id, path),
        _with_reuse(row, step(node.layer, node.inputs)),
        _with_reuse(row, step(node.layer, node.inputs, options=False)),
        row.shape,
        measured.figures[node.id],
        row.field,
        row.runs,
        node=node,
        weights=row.weights,
        kernel=kernel(node.layer),
    )


def _with_reuse(row: Row, text: str) -> str:
    return f"{text} (weights of {row.node.reuse_of})" if row.node.reuse_of else text


def folded(rows: Sequence[Row], measured: Measured, entry: Entry) -> Entry:
    """The entry with the sums of rows, and with what the last of them gives."""
    return entry._replace(
        output=rows[-1].shape,
        figures=summed((measured.figures[row.node.id], row.runs) for row in rows),
        field=rows[-1].field,
        runs=any(row.runs for row in rows),
        steps=len(rows),
    )
