"""What `require` may ask of a finished model: `params macs rf memory depth`."""

from cnnspec.ir.graph import Graph
from cnnspec.passes.analysis import Analysis, Row
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.memory import peak_bytes, weight_bytes


def quantities(graph: Graph, shapes: ShapeTable, analysis: Analysis) -> dict[str, int]:
    """By the names that the language has for them.

    `params` and `macs` as the report's totals (auxiliary heads are in `params` only), `depth` as there; `memory` the
    bytes of the weights and of the activations that are alive at once, for one float32 sample; `rf` the pixels that a
    unit of the last map sees, on the axis where that is least (a map of one position is no map any more).
    """
    last = last_map(analysis)
    return {
        "params": analysis.totals.params,
        "macs": analysis.totals.macs,
        "depth": analysis.totals.depth,
        "memory": weight_bytes(graph, shapes) + peak_bytes(graph, shapes),
        "rf": min((axis.size for axis in last.field.axes), default=1) if last and last.field else 1,
    }


def last_map(analysis: Analysis) -> Row | None:
    """The last step that runs and gives a map of more than one position with a receptive field."""
    for row in reversed(analysis.rows):
        if row.runs and row.field and row.shape and max(row.shape[1:], default=1) > 1:
            return row
    return None
