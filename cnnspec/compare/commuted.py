"""Networks whose merges list their operands in one order, whatever the text has: so that two of them may be laid side
by side where a sum is written the other way round.

Operands are put in order by what they are, up to the inputs, then by what reads them, then by name. All of that is
numbered for both networks together, as it is first met in the first one, whose order is so kept where it can be.
"""

from collections.abc import Hashable, Iterator, Mapping

from cnnspec.ir.graph import Graph, Input, Node
from cnnspec.passes.fold import ShapeTable

Numbers = dict[Hashable, int]


def commuted(a: Graph, a_shapes: ShapeTable, b: Graph, b_shapes: ShapeTable) -> tuple[Graph, Graph] | None:
    """Both, with the operands in order of what does the same in any (`add`); None where all stand so already."""
    return _ordered((a, a_shapes), (b, b_shapes), every=False)


def sorted_merges(a: Graph, a_shapes: ShapeTable, b: Graph, b_shapes: ShapeTable) -> tuple[Graph, Graph] | None:
    """The same of every merge (`concat`, too): no longer the same networks, but rows that can be set side by side."""
    return _ordered((a, a_shapes), (b, b_shapes), every=True)


def _ordered(a: tuple[Graph, ShapeTable], b: tuple[Graph, ShapeTable], every: bool) -> tuple[Graph, Graph] | None:
    sides = a, b
    if not any(_is_free(node, every) for graph, _ in sides for node in graph):
        return None
    forms: Numbers = {}
    above = [_above(graph, shapes, every, forms) for graph, shapes in sides]
    readers: Numbers = {}
    below = [_below(graph, up, every, readers) for (graph, _), up in zip(sides, above, strict=True)]
    one, other = (_turned(graph, every, up, down) for (graph, _), up, down in zip(sides, above, below, strict=True))
    return None if one is a[0] and other is b[0] else (one, other)


def _is_free(node: Node, every: bool) -> bool:
    return len(node.inputs) > 1 and (node.layer.commutes or (every and node.layer.merges))


def _above(graph: Graph, shapes: ShapeTable, every: bool, forms: Numbers) -> dict[str, int]:
    """By step a number for what it is with all that it depends on: equal numbers are equal things."""
    found: dict[str, int] = {}
    for id, node in graph.nodes.items():
        operands = [found[each] for each in node.inputs]
        layer = ("input", *node.layer.arguments.items()) if isinstance(node.layer, Input) else node.layer
        read = tuple(sorted(operands)) if _is_free(node, every) else tuple(operands)
        form = layer, shapes.get(id), read, node.reuse_of is None
        found[id] = forms.setdefault(form, len(forms))
    return found


def _below(graph: Graph, above: Mapping[str, int], every: bool, forms: Numbers) -> dict[str, int]:
    """By step a number for what reads it, down to the ends."""
    readers: dict[str, list[tuple[int, int, int]]] = {id: [] for id in graph.nodes}
    found: dict[str, int] = {}
    for id in reversed(list(graph.nodes)):
        node = graph.nodes[id]
        form = tuple(sorted(readers[id]))
        found[id] = forms.setdefault(form, len(forms))
        free = _is_free(node, every)
        for place, each in enumerate(node.inputs):
            readers[each].append((0 if free else place, above[id], found[id]))
    return found


def _turned(graph: Graph, every: bool, above: Mapping[str, int], below: Mapping[str, int]) -> Graph:
    """The graph itself if nothing changes its place."""
    changed = dict(_changed(graph, every, above, below))
    if not changed:
        return graph
    nodes = {id: changed.get(id, node) for id, node in graph.nodes.items()}
    return Graph(graph.name, nodes, graph.scopes, graph.outputs, graph.aux, graph.copies)


def _changed(
    graph: Graph, every: bool, above: Mapping[str, int], below: Mapping[str, int]
) -> Iterator[tuple[str, Node]]:
    for id, node in graph.nodes.items():
        if _is_free(node, every):
            inputs = tuple(sorted(node.inputs, key=lambda each: (above[each], below[each], each)))
            if inputs != node.inputs:
                yield id, node._replace(inputs=inputs)
