"""What a step looks like to whoever seeks its like in another network."""

import re
from collections.abc import Hashable
from typing import Any, NamedTuple

from cnnspec.contract.layer import Layer
from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.fold import ShapeTable

_NUMBERED = re.compile(r"\d+")


class Face(NamedTuple):
    """`kind` is the word with its arguments, `form` the shapes that come in and go out; equal numbers are equal things.
    `named` says that the text gives the step its name, and not the order of the steps (`conv3`, `layer1.0`)."""

    id: str
    kind: int
    form: int
    out: int
    last: str
    scope: str
    top: str
    block: str | None
    named: bool


class Mirror:
    """Makes faces of steps of two networks, so that they can be compared by number."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self._numbers: dict[Hashable, int] = {}

    def faces(self, graph: Graph, shapes: ShapeTable, order: list[str]) -> list[Face]:
        return [self._face(graph, graph.nodes[id], shapes) for id in order]

    def _face(self, graph: Graph, node: Node, shapes: ShapeTable) -> Face:
        out = shapes.get(node.id)
        form = (out, *[shapes.get(each) for each in node.inputs])
        parent, _, last = node.id.rpartition(".")
        return Face(
            node.id,
            self._kind(node.layer),
            self._number(form),
            self._number((out, "out")),
            last,
            parent,
            node.id.partition(".")[0] if parent else "",
            graph.scopes[node.scope].block,
            not is_numbered(last, node.layer.word),
        )

    def _kind(self, layer: Layer) -> int:
        """Inputs have no fields by which layers are told apart, but arguments."""
        key: Hashable = layer if layer.fields or layer.arity[0] else (layer.word, *layer.arguments.items())
        number = self._numbers.get(("kind", key))
        if number is None:
            number = self._numbers["kind", key] = len(self.layers)
            self.layers.append(layer)
        return number

    def _number(self, thing: Hashable) -> int:
        return self._numbers.setdefault(thing, len(self._numbers))


def is_numbered(name: str, word: str) -> bool:
    """`conv3` of a conv, and `0` in a list."""
    return bool(_NUMBERED.fullmatch(name.removeprefix(word)))


def plain(layer: Layer) -> dict[str, Any]:
    """The arguments by name, without those that stand for operands."""
    fields = layer.fields
    return {
        name: value for name, value in layer.arguments.items() if name not in fields or not fields[name].kind.tensor
    }
