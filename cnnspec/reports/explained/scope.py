"""The explanation of a block, of steps under one name, or of a whole model: what it is, holds, and comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input, Scope
from cnnspec.passes.analysis import Analysis, Row
from cnnspec.passes.named import within
from cnnspec.reports.explained.document import Document, Part, Section, Sentence, Table
from cnnspec.reports.explained.place import made_by
from cnnspec.reports.explained.texts import Texts
from cnnspec.reports.numbers import LISTED, percent, size, thousands
from cnnspec.reports.step import briefly, said


def scope_document(graph: Graph, analysis: Analysis, scope: Scope, file: str, texts: Texts) -> Document:
    """All of one scope, the model's own among them."""
    inside = {node.id for node in within(graph, scope)}
    rows = [row for row in analysis.rows if row.node.id in inside]
    lines = _content(graph, rows, scope)
    parts: tuple[tuple[str, list[Part]], ...] = (
        ("place", [*_place(graph, scope, texts)]),
        ("totals", list(_totals(graph, analysis, rows, texts))),
        ("content", [_table(lines, analysis, texts), *_ask(lines, file, texts)]),
    )
    sections = tuple(Section(texts("title", key), tuple(found)) for key, found in parts if found)
    is_model = scope.parent is None
    kind = "model" if is_model else "block" if scope.block else "group"
    written = "" if is_model else scope.block or ""
    summary = texts("scope", kind, block=scope.block)
    return Document(graph.name if is_model else scope.path, written, summary, sections)


def _place(graph: Graph, scope: Scope, texts: Texts) -> Iterator[Sentence]:
    if scope.parent is not None:
        yield Sentence(texts("place", "line", line=scope.span.line, file=scope.span.source.name))
        above = graph.scopes[scope.parent]
        while above.parent is not None:
            if above.span != scope.span:
                yield made_by(above.path, above.span, scope.span.source, texts)
            above = graph.scopes[above.parent]
    if scope.arguments:
        told = texts("symbol", "comma").join(f"`{name}={said(each)}`" for name, each in scope.arguments.items())
        yield Sentence(texts("scope", "arguments", arguments=told))


def ends_of_scope(graph: Graph, rows: Sequence[Row]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The nodes that a scope reads from outside, or its inputs, and those that are read outside, or are outputs."""
    inside = {row.node.id for row in rows}
    outputs = {*graph.outputs.values(), *(each.node for each in graph.aux.values())}
    read = {each for node in graph if node.id not in inside for each in node.inputs}
    entering = [each for row in rows for each in row.node.inputs if each not in inside]
    inputs = [row.node.id for row in rows if not row.node.inputs]
    leaving = [row.node.id for row in rows if row.node.id in outputs or row.node.id in read]
    return tuple(dict.fromkeys([*inputs, *entering])), tuple(leaving)


def _listed(shapes: Sequence[Shape | None], comma: str) -> str:
    """The first of many."""
    return comma.join([*map(size, shapes[:LISTED]), *(["…"] if len(shapes) > LISTED else [])])


def _totals(graph: Graph, analysis: Analysis, rows: Sequence[Row], texts: Texts) -> Iterator[Part]:
    shapes = {row.node.id: row.shape for row in analysis.rows}
    entering, leaving = ends_of_scope(graph, rows)
    comma = texts("symbol", "comma")
    operands, results = (_listed([shapes[each] for each in ends], comma) for ends in (entering, leaving))
    yield Sentence(texts("scope", "from-to", operands=operands or "?", results=results or "?"))
    totals, running = analysis.totals, [row for row in rows if row.runs]
    numbers = (
        ("steps", len(rows), 0),
        ("parameters", sum(row.params for row in rows), totals.params),
        ("buffers", sum(row.buffers for row in rows), 0),
        ("macs", sum(row.cost.macs for row in running), totals.macs),
        ("ops", sum(row.cost.ops for row in running), totals.ops),
    )
    is_part = len(rows) < len(analysis.rows)
    for key, found, whole in numbers:
        if key == "steps":
            yield Sentence(texts("scope", "steps", n=found))
        elif found:
            template = "number-of" if is_part and whole else "number"
            told = {"what": texts("scope", key), "n": thousands(found), "share": percent(found, whole)}
            yield Sentence(texts("scope", template, **told))
    if any(isinstance(each.layer, Input) and each.layer.any_size for each in graph.inputs.values()):
        yield Sentence(texts("place", "open"))
    if any(row.shape is None for row in rows):
        yield Sentence(texts("scope", "complete"))


class Line(NamedTuple):
    """What stands right below a scope: a step, or a scope with its steps summed up."""

    path: str
    written: str
    rows: tuple[Row, ...]

    @property
    def params(self) -> int:
        return sum(row.params for row in self.rows)

    @property
    def runs(self) -> bool:
        return any(row.runs for row in self.rows)

    @property
    def macs(self) -> int:
        """Of what runs; where nothing does, of all."""
        return sum(row.cost.macs for row in self.rows if row.runs or not self.runs)


def _content(graph: Graph, rows: Sequence[Row], scope: Scope) -> list[Line]:
    """The steps and scopes right below, in the order of the text."""
    below: dict[str, list[Row]] = {}
    for row in rows:
        name, above = row.node.id, graph.scopes[row.node.scope]
        while above.path != scope.path and above.parent is not None:
            name, above = above.path, graph.scopes[above.parent]
        below.setdefault(name, []).append(row)
    return [Line(name, _written(graph, name), tuple(found)) for name, found in below.items()]


def _written(graph: Graph, name: str) -> str:
    if name in graph.nodes:
        node = graph.nodes[name]
        return briefly(node.layer, node.inputs)
    return graph.scopes[name].block or ""


def _table(lines: Sequence[Line], analysis: Analysis, texts: Texts) -> Table:
    titles = (
        texts("scope", "name"),
        texts("scope", "step"),
        texts("scope", "output"),
        texts("scope", "parameters"),
        texts("scope", "macs"),
        texts("scope", "share"),
    )
    macs = analysis.totals.macs
    rows = tuple(
        (
            each.path,
            each.written,
            size(each.rows[-1].shape),
            thousands(each.params) if each.params else "",
            (thousands(each.macs) if each.runs else f"({thousands(each.macs)})") if each.macs else "",
            percent(each.macs, macs) if each.macs and each.runs else "",
        )
        for each in lines
    )
    return Table(titles, rows, (False, False, True, True, True, True))


def _ask(lines: Sequence[Line], file: str, texts: Texts) -> Iterator[Sentence]:
    """How one of them is asked about, the costliest as example."""
    if lines:
        most = max(lines, key=lambda each: each.macs)
        yield Sentence(texts("scope", "ask", file=file, name=most.path), dim=True)
