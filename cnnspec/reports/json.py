"""`cnnspec report --json`: every number of a network by the schema of docs/report-schema.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.contract.values import Shape
from cnnspec.passes.analysis import Row, Totals
from cnnspec.reports.asked import ALL, Asked
from cnnspec.reports.diagnostic_json import Json, diagnostic_records, file_name

if TYPE_CHECKING:
    from cnnspec.build.elaborate import Built
    from cnnspec.pipeline import Compiled

SCHEMA_VERSION = 1


def report_record(compiled: Compiled, asked: Asked = ALL) -> Json:
    """Per sample; with a batch sizes have it as their first axis, and `macs` and `ops` are for the whole batch. All
    steps are listed, whatever else is asked. Where the text holds no model that could be built, `model` and `totals`
    are null and the lists empty."""
    built, batch = compiled.built, asked.batch
    record: Json = {
        "schema_version": SCHEMA_VERSION,
        "model": built.graph.name if built else None,
        "inputs": _inputs(built, batch) if built else [],
        "outputs": _outputs(built, batch) if built else [],
        "complete": compiled.analysis.complete if built else False,
        "diagnostics": diagnostic_records(compiled),
        "totals": _totals(compiled.analysis.totals, asked.times) if built else None,
        "layers": _layers(compiled, batch) if built else [],
        "recipe": built.recipe.plain() if built and built.recipe else None,
    }
    return record if batch is None else {**record, "batch": batch}


def _inputs(built: Built, batch: int | None) -> list[Json]:
    return [{"name": id, "shape": _size(built.shapes.get(id), batch)} for id in built.graph.inputs]


def _outputs(built: Built, batch: int | None) -> list[Json]:
    outputs = built.graph.outputs.items()
    return [{"name": name, "layer": id, "shape": _size(built.shapes.get(id), batch)} for name, id in outputs]


def _size(shape: Shape | None, batch: int | None) -> list[int] | None:
    if shape is None:
        return None
    return list(shape) if batch is None else [batch, *shape]


def _totals(totals: Totals, times: int) -> Json:
    return {
        "params": totals.params,
        "params_trainable": totals.params_trainable,
        "buffers": {"tensors": totals.buffer_tensors, "elements": totals.buffer_elements},
        "macs": totals.macs * times,
        "ops": totals.ops * times,
        "depth": totals.depth,
        "aux": {"params": totals.aux_params, "macs": totals.aux_macs * times},
    }


def _layers(compiled: Compiled, batch: int | None) -> list[Json]:
    assert compiled.built is not None
    inputs = compiled.built.graph.inputs
    return [_layer(row, batch) for row in compiled.analysis.rows if row.node.id not in inputs]


def _layer(row: Row, batch: int | None) -> Json:
    node, times = row.node, batch or 1
    axes = row.field.axes if row.field else None
    return {
        "name": node.id,
        "word": node.layer.word,
        "file": file_name(node.span.source.name),
        "line": node.span.line,
        "scope": node.scope,
        "inputs": list(node.inputs),
        "output": _size(row.shape, batch),
        "params": row.params,
        "buffers": row.buffers,
        "macs": row.cost.macs * times,
        "ops": row.cost.ops * times,
        "weights": [
            {
                "name": f"{node.id}.{each.name}",
                "shape": list(each.shape),
                "dtype": each.dtype,
                "trainable": each.trainable,
            }
            for each in row.weights
        ],
        "receptive_field": axes
        and {
            "size": [each.size for each in axes],
            "stride": [each.stride for each in axes],
            "start": [each.start for each in axes],
        },
        "reuse_of": node.reuse_of,
    }
