"""What is the same of two texts: their trees, or the networks that they make."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.fold import ShapeTable
from cnnspec.pipeline import Compiled
from cnnspec.source.text import Source
from cnnspec.syntax import tree
from cnnspec.syntax.parse import parse


def file_of(text: str) -> tree.File:
    file, troubles = parse(Source("model.cnn", text))
    assert not troubles, troubles
    return file


def walk(node: Any) -> Iterator[Any]:
    """Every node of the tree, outermost first."""
    if isinstance(node, tuple):
        if hasattr(node, "_fields"):
            yield node
        for each in node:
            yield from walk(each)


def bare(node: Any) -> Any:
    """The tree without its places and comments."""
    if isinstance(node, tree.File):
        node = node._replace(comments=())
    if isinstance(node, tuple) and hasattr(node, "_fields"):
        fields = {name: getattr(node, name) for name in node._fields if name != "span"}
        if isinstance(node, tree.Body):
            fields["bars"] = len(node.bars)
        return type(node).__name__, *(bare(each) for each in fields.values())
    return tuple(map(bare, node)) if isinstance(node, tuple) else node


def same_network(
    one: Compiled, other: Compiled, renamed: Mapping[str, str] | None = None, but: tuple[str, ...] = ()
) -> None:
    """Nodes, layers, operands, shapes, owners, scopes and outputs are equal; `renamed` maps parts of names before,
    `but` are fields of layers that may differ."""
    assert one.built is not None
    assert other.built is not None, [each.message for each in other.diagnostics]
    assert other.ok, [each.message for each in other.diagnostics]
    before = _facts(one.built.graph, one.built.shapes, renamed or {}, but)
    after = _facts(other.built.graph, other.built.shapes, {}, but)
    for what in before:
        assert before[what] == after[what], what


def _facts(graph: Graph, shapes: ShapeTable, renamed: Mapping[str, str], but: tuple[str, ...]) -> dict[str, Any]:
    def new(name: str | None) -> str | None:
        for old, replacement in renamed.items():
            name = name and re.sub(whole(old), replacement, name)
        return name

    def layer(node: Node) -> tuple[str, dict[str, Any]]:
        return node.layer.word, {name: each for name, each in node.layer.arguments.items() if name not in but}

    nodes = [
        (new(node.id), layer(node), [new(each) for each in node.inputs], new(node.scope), new(node.reuse_of))
        for node in graph
    ]
    return {
        "the nodes": nodes,
        "the shapes": [shapes[id] for id in graph.nodes],
        "the scopes": [(new(path), each.listed) for path, each in graph.scopes.items()],
        "the outputs": {new(name): new(id) for name, id in graph.outputs.items()},
        "the auxiliary heads": {new(name): (new(each.node), each.weight) for name, each in graph.aux.items()},
    }


def whole(name: str) -> str:
    return rf"(?<![\w-]){re.escape(name)}(?!\w)"
