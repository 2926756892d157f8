"""`cnnspec report --json`: every number of a network by the schema of docs/report-schema.md."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from cnnspec.contract.values import Shape
from cnnspec.passes.analysis import Row, Totals
from cnnspec.passes.memory.precision import FP32
from cnnspec.passes.padding import padding_macs, running_padding_macs
from cnnspec.reports.findings.json import Json, diagnostic_records, file_name
from cnnspec.reports.network.arranged import NO_BLOCK, by_size, flat, grouped
from cnnspec.reports.network.asked import ALL, Asked
from cnnspec.reports.network.figures import QUANTITIES, Figures
from cnnspec.reports.network.measured import Measured, Times, measure
from cnnspec.reports.network.outline import Entry

if TYPE_CHECKING:
    from cnnspec.build.elaborate import Built
    from cnnspec.pipeline import Compiled

SCHEMA_VERSION = 1


def report_record(compiled: Compiled, asked: Asked = ALL) -> Json:
    """Per sample; with a batch sizes have it as their first axis, and what is computed is for the whole batch. All
    steps are listed in the order of the text, whatever is folded or cut elsewhere. Where the text holds no model that
    could be built, `model` and `totals` are null and the lists empty."""
    built, batch = compiled.built, asked.batch
    measured = measure(compiled, asked) if built else None
    record: Json = {
        "schema_version": SCHEMA_VERSION,
        "model": built.graph.name if built else None,
        "inputs": _inputs(built, batch) if built else [],
        "outputs": _outputs(built, batch) if built else [],
        "complete": compiled.analysis.complete if built else False,
        "diagnostics": diagnostic_records(compiled),
        "totals": _totals(compiled.analysis.totals, measured, asked.times) if measured else None,
        "layers": _layers(measured) if measured else [],
        "recipe": built.recipe.plain() if built and built.recipe else None,
    }
    if measured and asked.by is not None:
        record["groups"] = _groups(measured, asked.by)
    elif measured and asked.sort is not None:
        record["sorted"] = _sorted(measured)
    if measured and measured.times is not None:
        record["roofline"] = _roofline(measured, measured.times)
    if asked.precision != FP32:
        record["precision"] = asked.precision.told
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


def _totals(totals: Totals, measured: Measured, times: int) -> Json:
    return {
        "params": totals.params,
        "params_trainable": totals.params_trainable,
        "buffers": {"tensors": totals.buffer_tensors, "elements": totals.buffer_elements},
        "macs": totals.macs * times,
        "padding_macs": running_padding_macs(measured.rows) * times,
        "ops": totals.ops * times,
        "depth": totals.depth,
        "aux": {"params": totals.aux_params, "macs": totals.aux_macs * times},
        **_efficiency(measured.totals),
    }


def _efficiency(figures: Figures) -> Json:
    return {
        "flops": figures.flops,
        "weight_bytes": figures.weights,
        "activation_bytes": figures.activation,
        "moved_bytes": figures.moved,
        "intensity": _number(figures.intensity),
    }


def _number(value: Fraction | int | None) -> float | int | None:
    """A fraction as the nearest number that JSON's readers have."""
    return float(value) if isinstance(value, Fraction) else value


def _layers(measured: Measured) -> list[Json]:
    inputs, zeros = measured.graph.inputs, padding_macs(measured.rows)
    return [_layer(row, measured, zeros.get(row.node.id, 0)) for row in measured.rows if row.node.id not in inputs]


def _layer(row: Row, measured: Measured, zeros: int) -> Json:
    """`zeros` are the multiply-adds of one sample with zeros of padding."""
    node, figures = row.node, measured.figures[row.node.id]
    axes = row.field.axes if row.field else None
    record: Json = {
        "name": node.id,
        "word": node.layer.word,
        "file": file_name(node.span.source.name),
        "line": node.span.line,
        "scope": node.scope,
        "inputs": list(node.inputs),
        "output": _size(row.shape, measured.asked.batch),
        "runs": row.runs,
        "params": row.params,
        "buffers": row.buffers,
        "macs": figures.macs,
        "padding_macs": zeros * measured.asked.times,
        "ops": figures.ops,
        **_efficiency(figures),
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
    return record if measured.times is None else {**record, "roofline": _time(row, figures, measured.times)}


def _time(row: Row, figures: Figures, times: Times) -> Json:
    """The time of a group of fused steps stands at the one that leads it."""
    id, found = row.node.id, times.estimate
    leader = times.fusing.into.get(id)
    bound = None if not figures.seconds else "compute" if figures.computing else "memory"
    return {
        "slowest": float(figures.seconds),
        "fastest": float(found.groups.get(id, 0) * found.tick) if row.runs else None,
        "bound": bound,
        "fused_into": None if leader == id else leader,
    }


def _roofline(measured: Measured, times: Times) -> Json:
    found, device, batch = times.estimate, measured.asked.device, measured.asked.times
    assert device is not None
    together = times.fusing.groups.values()
    return {
        "device": {"flops": float(device.flops), "bytes": float(device.bytes)},
        "fastest": float(found.fastest * found.tick),
        "slowest": float(found.slowest * found.tick),
        "on_chip": float(found.on_chip * found.tick),
        "compute_bound": float(Fraction(found.computing, found.slowest)) if found.slowest else None,
        "moved_bytes": {
            "fastest": sum(each.bytes(batch) for each in together),
            "slowest": measured.totals.moved,
            "on_chip": times.fusing.least.bytes(batch),
        },
    }


def _groups(measured: Measured, by: str) -> Json:
    asked = measured.asked
    found = by_size(grouped(measured, by, asked.levels), asked.key)
    return {"by": by, "sort": asked.key, "list": [_group(each, measured) for each in found]}


def _group(entry: Entry, measured: Measured) -> Json:
    figures = entry.figures
    record: Json = {
        "name": None if entry.name == NO_BLOCK else entry.name,
        "count": entry.instances,
        "steps": entry.steps,
        "runs": entry.runs,
        "params": figures.params,
        "buffers": figures.buffers,
        "macs": figures.macs,
        "ops": figures.ops,
        **_efficiency(figures),
        "share": _share(entry, measured),
    }
    return record if measured.times is None else {**record, "seconds": float(figures.seconds)}


def _sorted(measured: Measured) -> Json:
    key = measured.asked.key
    found = [
        {"name": each.path, "value": _number(QUANTITIES[key].of(each.figures)), "share": _share(each, measured)}
        for each in by_size(flat(measured), key)
    ]
    return {"by": key, "list": found}


def _share(entry: Entry, measured: Measured) -> float | None:
    """None where there is nothing to have a share of."""
    quantity = QUANTITIES[measured.asked.key]
    whole = quantity.of(measured.totals)
    if not quantity.adds or not whole or not (entry.runs or quantity.stored):
        return None
    return float(quantity.of(entry.figures) / whole)
