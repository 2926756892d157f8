"""What `cnnspec explain` shows, from Python."""

from __future__ import annotations

import json
from typing import Any

from cnnspec.ir.graph import Graph, Node, Scope, Unknown
from cnnspec.passes.explained.derivation import derive
from cnnspec.passes.named import UnknownName, named, within
from cnnspec.pipeline import Compiled
from cnnspec.reports.explained.document import Document
from cnnspec.reports.explained.layer import layer_document
from cnnspec.reports.explained.record import layer_record, scope_record
from cnnspec.reports.explained.scope import scope_document
from cnnspec.reports.explained.texts import ENGLISH, languages, texts
from cnnspec.reports.explained.unknown import unknown_document, unknown_record
from cnnspec.reports.look import Look

__all__ = ["Explanation", "UnknownName", "explain"]


class Explanation:
    """One layer, scope or model explained, ready to be shown. `known` is False where the step has an error, or what
    comes into it has."""

    def __init__(self, document: Document, record: dict[str, Any], known: bool) -> None:
        self._document = document
        self._record = record
        self.known = known

    def __repr__(self) -> str:
        return f"<cnnspec.Explanation of {self._document.name}: {self._document.step or self._document.summary}>"

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self, width: int = 100) -> str:
        """As in a terminal of so many columns, without colour."""
        return self.shown(Look(width=width))

    def shown(self, look: Look) -> str:
        """As in a terminal that looks so."""
        from cnnspec.reports.explained.terminal import explained_text

        return explained_text(self._document, look)

    def to_markdown(self) -> str:
        """With formulas in LaTeX."""
        from cnnspec.reports.explained.markdown import explained_markdown

        return explained_markdown(self._document)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def to_dict(self) -> dict[str, Any]:
        """The fields of docs/explain.md."""
        return self._record

    def to_json(self) -> str:
        return json.dumps(self._record, indent=2, ensure_ascii=False) + "\n"


def explain(compiled: Compiled, layer: str | None = None, language: str = ENGLISH) -> Explanation:
    """A step or a scope by its name, or the model without one or by its own; `compiled` holds a model. UnknownName
    if nothing is called so, ValueError for a language that does not ship."""
    if language not in languages():
        raise ValueError(f"there are no texts in {language!r}; the languages are {', '.join(languages())}")
    built, source = compiled.built, compiled.source
    assert built is not None
    assert source is not None
    found = _asked(built.graph, layer)
    if isinstance(found, Scope):
        return _of_scope(compiled, built.graph, found, source.name, language)
    return _of_layer(compiled, found, source.name, language)


def _asked(graph: Graph, layer: str | None) -> Node | Scope:
    if layer is None:
        return _model(graph)
    try:
        return named(graph, layer)
    except UnknownName:
        if layer != graph.name:
            raise
        return _model(graph)


def _model(graph: Graph) -> Scope:
    return next(scope for scope in graph.scopes.values() if scope.parent is None)


def _of_scope(compiled: Compiled, graph: Graph, scope: Scope, file: str, language: str) -> Explanation:
    analysis = compiled.analysis
    inside = {node.id for node in within(graph, scope)}
    rows = [row for row in analysis.rows if row.node.id in inside]
    document = scope_document(graph, analysis, scope, file, texts(language))
    return Explanation(document, scope_record(graph, analysis, scope, rows), analysis.complete)


def _of_layer(compiled: Compiled, node: Node, file: str, language: str) -> Explanation:
    built = compiled.built
    assert built is not None
    graph, shapes, said = built.graph, built.shapes, texts(language)
    derived = derive(graph, shapes, compiled.analysis, node.id)
    if derived.row.shape is None or isinstance(node.layer, Unknown):
        document = unknown_document(derived, compiled.diagnostics, said)
        return Explanation(document, unknown_record(derived, compiled.diagnostics), False)
    others = tuple(each.id for each in graph if each.reuse_of == node.id)
    return Explanation(layer_document(derived, file, said, others), layer_record(derived, said), True)
