"""The lines of a report as they were asked for: an outline, a list by size, or sums of what is alike."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.ir.graph import Graph, Input
from cnnspec.passes.analysis import Row
from cnnspec.reports.network.figures import QUANTITIES, summed
from cnnspec.reports.network.measured import Measured
from cnnspec.reports.network.outline import Entry, Kind, folded, outline
from cnnspec.reports.numbers import counted

NO_BLOCK = "(in no block)"


def arranged(measured: Measured) -> list[Entry]:
    """All lines; their sums are the network's, however they are arranged."""
    asked = measured.asked
    if not asked.is_flat:
        return outline(measured, asked.levels)
    if asked.by is not None:
        return cut(by_size(grouped(measured, asked.by, asked.levels), asked.key), asked.top, f"other {asked.by}")
    return cut(by_size(flat(measured, asked.levels), asked.key), asked.top, "more step")


def flat(measured: Measured, levels: int | None = None) -> list[Entry]:
    """Steps, and sums of what lies deeper than `levels`, without headings and inputs; under their full names."""
    return [
        each._replace(level=0, name=each.path)
        for each in outline(measured, levels)
        if each.kind is not Kind.HEADING and not (each.node and isinstance(each.node.layer, Input))
    ]


def by_size(entries: Sequence[Entry], key: str) -> list[Entry]:
    """The largest first, what is as large in the order of the text; auxiliary heads, which belong to no total, and what
    has no such number behind all others."""
    quantity = QUANTITIES[key]

    def place(entry: Entry) -> tuple[bool, bool, object]:
        value = quantity.of(entry.figures)
        return not (entry.runs or quantity.stored), value is None, -value if value is not None else 0

    return sorted(entries, key=place)


def cut(entries: Sequence[Entry], top: int | None, what: str) -> list[Entry]:
    """The first ones, and all others as one line."""
    if top is None or len(entries) <= top:
        return list(entries)
    rest = entries[top:]
    name = f"({counted(len(rest), what)})"
    more = Entry(
        Kind.REST,
        0,
        name,
        name,
        figures=summed((each.figures, each.runs) for each in rest),
        runs=any(each.runs for each in rest),
        instances=sum(each.instances for each in rest),
        steps=sum(each.steps for each in rest),
    )
    return [*entries[:top], more]


def grouped(measured: Measured, by: str, levels: int | None = None) -> list[Entry]:
    """A line for each word, or for each block, in the order in which they come first. A step belongs to the innermost
    block around it, of those in the first `levels` levels. `instances` says how many steps or blocks it is about."""
    groups: dict[str, list[Row]] = {}
    instances: dict[str, set[str]] = {}
    for row in measured.layers:
        name, instance = (
            (row.node.layer.word, row.node.id) if by == "word" else _block(measured.graph, row.node.scope, levels)
        )
        groups.setdefault(name, []).append(row)
        instances.setdefault(name, set()).add(instance)
    return [
        folded(rows, measured, Entry(Kind.FOLDED, 0, name, name))._replace(
            output=None, field=None, instances=len(instances[name])
        )
        for name, rows in groups.items()
    ]


def _block(graph: Graph, path: str, levels: int | None) -> tuple[str, str]:
    """The name and path of the innermost block around a scope."""
    around = []
    scope = graph.scopes[path]
    while scope.parent is not None:
        around.append(scope)
        scope = graph.scopes[scope.parent]
    around.reverse()
    for each in reversed(around[:levels]):
        if each.block is not None:
            return each.block, each.path
    return NO_BLOCK, ""
