"""What makes a finding the same one after lines have moved: its rule, and the step that it is about."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source, Span

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph, Node
    from cnnspec.pipeline import Compiled

DIGITS = 32


def fingerprints(compiled: Compiled) -> tuple[str, ...]:
    """One for each of the diagnostics, in their order; 32 hexadecimal digits.

    Neither the place nor the message counts: both change when a line is inserted above, or a number is mended a little.
    What counts is the id and the step's name: its path, or the block and the path in it, so that one more use of a
    block changes nothing. What is about no step is known by the words of its line. Equal ones are told apart by order.
    """
    steps = _steps(compiled.built.graph) if compiled.built and compiled.diagnostics else {}
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for each in compiled.diagnostics:
        key = (each.id, _subject(each, steps))
        seen[key] += 1
        found.append(hashlib.sha256("\0".join((*key, str(seen[key]))).encode("utf-8", "backslashreplace")))
    return tuple(each.hexdigest()[:DIGITS] for each in found)


def subject(diagnostic: Diagnostic, compiled: Compiled) -> str | None:
    """The name of the step that a finding is about, if it is about one: `features.conv1`, in a block `Basic/conv1`."""
    steps = _steps(compiled.built.graph) if compiled.built else {}
    return _step_at(diagnostic.label.span, steps) if diagnostic.label else None


Steps = dict[Source, list[tuple[int, int, str]]]


def _steps(graph: Graph) -> Steps:
    """The steps of each text by their place, and their names. A block's are alike in every use: the first will do."""
    found: dict[Source, dict[tuple[int, int], str]] = {}
    for node in graph:
        if "?" not in node.id:  # a step that lost its name is counted, and counts move
            found.setdefault(node.span.source, {}).setdefault((node.span.start, node.span.end), _name(node, graph))
    return {source: [(*place, name) for place, name in places.items()] for source, places in found.items()}


def _name(node: Node, graph: Graph) -> str:
    scope = graph.scopes[node.scope]
    while scope.block is None and scope.parent is not None:
        scope = graph.scopes[scope.parent]
    if scope.block is None:
        return node.id
    return f"{scope.block}/{node.id.removeprefix(scope.path + '.')}"


def _subject(diagnostic: Diagnostic, steps: Steps) -> str:
    if diagnostic.label is None:
        return diagnostic.file or ""
    span = diagnostic.label.span
    return _step_at(span, steps) or " ".join(span.source.line(span.line).split())


def _step_at(span: Span, steps: Steps) -> str | None:
    """The smallest step around a place."""
    around = [each for each in steps.get(span.source, ()) if each[0] <= span.start and span.end <= each[1]]
    return min(around, key=lambda each: each[1] - each[0])[2] if around else None
