"""What one line says of a whole network: the numbers by which networks, and sizes of one, are compared."""

from math import prod
from typing import NamedTuple

from cnnspec.ir.graph import Graph
from cnnspec.passes.analysis import Analysis
from cnnspec.passes.fold import ShapeTable, known
from cnnspec.passes.memory.peak import peak_bytes, weight_bytes
from cnnspec.passes.quantities import last_map


class Measures(NamedTuple):
    """For `batch` samples: `macs` and `ops`, and `activations`, the numbers in the results of all steps that run
    (inputs are none); `memory` in bytes, the weights and what is alive at once in float32. `params`, `depth` and
    `field` do not depend on the batch; `field` is that of the last map on the axis where it is least (where units
    differ, of the one that sees furthest, and `field_differs`), None without a map."""

    params: int
    macs: int
    ops: int
    activations: int
    memory: int
    depth: int
    field: int | None
    field_differs: bool | None


NUMBERS = Measures._fields[:-1]
"""What is a number among them."""


def measures(graph: Graph, shapes: ShapeTable, analysis: Analysis, batch: int = 1) -> Measures:
    """Of a network whose every step is known."""
    totals, last = analysis.totals, last_map(graph, shapes, analysis)
    return Measures(
        params=totals.params,
        macs=totals.macs * batch,
        ops=totals.ops * batch,
        activations=activations(graph, shapes) * batch,
        memory=weight_bytes(graph, shapes) + peak_bytes(graph, shapes) * batch,
        depth=totals.depth,
        field=last.sees if last else None,
        field_differs=last.units_differ if last else None,
    )


def activations(graph: Graph, shapes: ShapeTable) -> int:
    """The numbers in the results of all steps that run, for one sample. A step that does nothing at inference, or
    rearranges what it reads, counts as well: as in the report, each has a result of its own."""
    return sum(prod(shapes[node.id] or ()) for node, _ in known(graph, shapes) if node.id in graph.running)
