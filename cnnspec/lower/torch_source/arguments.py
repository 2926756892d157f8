"""Which of a model's parameters its class can take: those that change nothing but what the class says of them.

`classes` of a last layer is one. A width is none: what follows from it is worked out by the compiler, and a class that
took another one would fit together no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cnnspec.contract.values import Value
from cnnspec.ir.graph import Graph, Node, Scope
from cnnspec.lower.torch_source.expressions import is_whole, names, plain, translated
from cnnspec.lower.torch_source.texts import texts_of
from cnnspec.passes.fold import ShapeTable, known


def free_arguments(graph: Graph, shapes: ShapeTable, parameters: Mapping[str, Value]) -> dict[str, int]:
    """The parameters that the model's class can take, with the values that they have."""
    found = {}
    for name, value in parameters.items():
        number = plain(value)
        if is_whole(number) and _is_free(graph, shapes, name):
            found[name] = number
    return found


def _is_free(graph: Graph, shapes: ShapeTable, name: str) -> bool:
    """Whether all places that read it are seen, and nothing behind them depends on how many channels there are."""
    users = _Users(graph)
    users.follow("", name)
    if users.lost or not users.nodes:
        return False
    behind: set[str] = set()
    for node, operands in known(graph, shapes):
        if behind.intersection(node.inputs) and (node.id in users.nodes or not _takes_any(node, operands)):
            return False
        if node.id in users.nodes or behind.intersection(node.inputs):
            behind.add(node.id)
    return not any(node.reuse_of for node in graph if node.id in users.nodes)


def _takes_any(node: Node, operands: Any) -> bool:
    """Whether a layer is written alike whatever comes in: no weights, and no number but the axis."""
    steps = node.layer.torch(operands)
    given = [each for step in steps for name, each in step.arguments.items() if name != "dim"]
    given += [each for step in steps for each in step.positional]
    return not node.layer.weights(operands) and not any(not isinstance(each, float) for each in given)


class _Users:
    """The layers whose own words read a parameter, through the blocks that hand it on. `lost`: it is read where that
    cannot be followed."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: set[str] = set()
        self.lost = False
        self._inside: dict[str, list[Node]] = {}
        self._called: dict[str, list[Scope]] = {}
        for node in graph:
            self._inside.setdefault(self._body(node.scope), []).append(node)
        for scope in graph.scopes.values():
            if scope.block is not None and scope.parent is not None:
                self._called.setdefault(self._body(scope.parent), []).append(scope)

    def _body(self, path: str) -> str:
        """The block's or model's scope whose text this one is part of."""
        scope = self.graph.scopes[path]
        while scope.block is None and scope.parent is not None:
            scope = self.graph.scopes[scope.parent]
        return scope.path

    def follow(self, body: str, name: str) -> None:
        seen: dict[tuple[str, int], int] = {}
        for node in self._inside.get(body, ()):
            read = sum(_reads(text, name) for text in texts_of(node).values())
            if read:
                self.nodes.add(node.id)
                seen[node.span.source.name, node.span.start] = read
        for scope in self._called.get(body, ()):
            given = {param: span for param, span in scope.places.items() if _reads(span.text, name)}
            for param, span in given.items():
                seen[span.source.name, span.start] = _reads(span.text, name)
                self.follow(scope.path, param)
        text = self._text(body)
        self.lost |= text is None or sum(seen.values()) != len(re.findall(rf"\b{name}\b", text))

    def _text(self, body: str) -> str | None:
        """The text of a block or model behind its head, without comments and sections."""
        scope = self.graph.scopes[body]
        nodes = self._inside.get(body, ())
        if not nodes:
            return None
        whole = nodes[0].span.source.text
        head = re.search(rf"\b(?:block|model)\s+{re.escape(scope.block or '')}\b[^{{]*{{", whole)
        if head is None:
            return None
        return re.sub(r"#[^\n]*", "", "".join(_body_of(whole, head.end())))


def _body_of(text: str, start: int) -> Iterator[str]:
    """Up to the brace that closes."""
    depth = 1
    for letter in re.sub(r"#[^\n]*", lambda found: " " * len(found[0]), text)[start:]:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if not depth:
            return
        yield letter


def _reads(text: str, name: str) -> int:
    """How often an expression reads a name; 0 where it cannot be said in Python."""
    told = translated(text)
    return len(re.findall(rf"\b{name}\b", text)) if told is not None and name in names(told) else 0
