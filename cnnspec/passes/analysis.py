"""All tables of one network side by side: what the reports are made from."""

from typing import NamedTuple

from cnnspec.contract.facts import Cost, Weight
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Node, Unknown
from cnnspec.passes.cost import NONE, costs, depth
from cnnspec.passes.fields.receptive_field import Fields, receptive_fields
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.parameters import NOTHING, owned_by


class Row(NamedTuple):
    """One node, all numbers integers. `params` and `buffers` are elements; `shape` is None where it is unknown;
    `runs` is False for what inference leaves out."""

    node: Node
    shape: Shape | None
    weights: tuple[Weight, ...]
    params: int
    buffers: int
    cost: Cost
    field: Fields | None
    runs: bool


class Totals(NamedTuple):
    """`params` counts auxiliary heads; `macs` and `ops` are what runs at inference for one sample."""

    params: int
    params_trainable: int
    buffer_tensors: int
    buffer_elements: int
    macs: int
    ops: int
    depth: int
    aux_params: int
    aux_macs: int


class Analysis(NamedTuple):
    """Rows in the order of the text. Not `complete`: a step was refused, and every total is a lower bound."""

    rows: tuple[Row, ...]
    totals: Totals
    complete: bool


def analyse(graph: Graph, shapes: ShapeTable) -> Analysis:
    """Every fact of every node, and their sums."""
    running, fields = graph.running, receptive_fields(graph, shapes)
    owned, table = owned_by(graph, shapes), costs(graph, shapes)
    rows = [
        Row(node, shapes.get(id), *owned.get(id, NOTHING), table.get(id, NONE), fields[id], id in running)
        for id, node in graph.nodes.items()
    ]
    complete = graph.complete and all(shapes.get(id) is not None for id in graph.nodes)
    return Analysis(tuple(rows), _totals(graph, rows, table), complete)


def _totals(graph: Graph, rows: list[Row], table: dict[str, Cost]) -> Totals:
    heads = [row for row in rows if not row.runs and not isinstance(row.node.layer, Unknown)]
    costs = [row.cost for row in rows if row.runs]
    params = sum([row.params for row in rows])
    return Totals(
        params=params,
        params_trainable=params,
        buffer_tensors=[each.trainable for row in rows for each in row.weights].count(False),
        buffer_elements=sum([row.buffers for row in rows]),
        macs=sum([each.macs for each in costs]),
        ops=sum([each.ops for each in costs]),
        depth=depth(graph, table),
        aux_params=sum(row.params for row in heads),
        aux_macs=sum(row.cost.macs for row in heads),
    )
