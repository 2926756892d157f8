"""Who makes a quantity of `passes/quantities.py` what it is. Asked for only where a budget does not hold."""

from collections.abc import Iterable
from operator import attrgetter

from cnnspec.ir.account import Account, Map, Part, Path, Peak, Sum
from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.analysis import Analysis
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.memory.peak import at_peak, weight_bytes
from cnnspec.passes.quantities import last_map
from cnnspec.source.text import Span

TOLD = 3
"""So many are named."""


def account(quantity: str, graph: Graph, shapes: ShapeTable, analysis: Analysis) -> Account:
    """Parameters count auxiliary heads, MACs do not, as the totals have it."""
    match quantity:
        case "params":
            return _sum((row.node, row.params) for row in analysis.rows)
        case "macs":
            return _sum((row.node, row.cost.macs) for row in analysis.rows if row.runs)
        case "memory":
            return _peak(graph, shapes)
        case "depth":
            return _path(graph, analysis)
        case "rf":
            last = last_map(graph, shapes, analysis)
            return Map(_part(last.row.node, last.sees), last.shape, last.units_differ) if last else None
    return None


def _part(node: Node, number: int) -> Part:
    return Part(node.id, number, node.span, _own(node)[1])


def _own(node: Node) -> tuple[str, Span]:
    """The step of the model's own body that a node comes from."""
    return (node.trace[0].path, node.trace[0].span) if node.trace else (node.id, node.span)


def _sum(rows: Iterable[tuple[Node, int]]) -> Sum | None:
    layers, steps = dict[tuple[Span, int], Part](), dict[Span, Part]()
    for node, number in rows:
        if not number:
            continue
        alike = layers.get((node.span, number), _part(node, number)._replace(alike=0))
        layers[node.span, number] = alike._replace(alike=alike.alike + 1)
        path, span = _own(node)
        before = steps.get(span, Part(path, 0, span, span))
        steps[span] = before._replace(number=before.number + number)
    return Sum(_largest(layers.values()), _largest(steps.values())) if layers else None


def _largest(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The first of equal ones first."""
    return tuple(sorted(parts, key=attrgetter("number"), reverse=True)[:TOLD])


def _peak(graph: Graph, shapes: ShapeTable) -> Peak | None:
    peak = at_peak(graph, shapes)
    if peak is None:
        return None
    held = [_part(graph.nodes[id], size) for id, size in peak.alive.items()]
    return Peak(weight_bytes(graph, shapes), peak.total, _part(graph.nodes[peak.step], 0), _largest(held))


def _path(graph: Graph, analysis: Analysis) -> Path | None:
    """The ends of one longest path, walked back from its last layer that multiplies."""
    weighs = {row.node.id: 1 if row.cost.macs else 0 for row in analysis.rows}
    longest: dict[str, int] = {}
    for id, node in graph.nodes.items():
        longest[id] = weighs[id] + max((longest[each] for each in node.inputs), default=0)
    at = max(graph.outputs.values(), key=longest.__getitem__, default=None)
    on_path = []
    while at is not None:
        node = graph.nodes[at]
        on_path += [node] if weighs[at] else []
        at = max(node.inputs, key=longest.__getitem__, default=None)
    return Path(_part(on_path[-1], 0), _part(on_path[0], 0)) if on_path else None
