"""`cnnspec diff --json`; docs/diff.md says what each field is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnnspec.compare.difference import Difference
from cnnspec.compare.growth import Growth
from cnnspec.compare.steps import Sort, Step
from cnnspec.contract.values import Shape, describe
from cnnspec.passes.analysis import Row
from cnnspec.reports.difference.interface import interface_record
from cnnspec.reports.findings.json import Json, file_name
from cnnspec.reports.step import said

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

SCHEMA_VERSION = 1


def difference_record(found: Difference, growth: Sequence[Growth] = ()) -> Json:
    """Everything, each step that differs by itself; steps that are the same and bear the same name are left out."""
    a, b = found.numbers
    return {
        "schema_version": SCHEMA_VERSION,
        "a": _network(found.a),
        "b": _network(found.b),
        "same": found.is_same,
        "identical": found.is_identical,
        "interface": [interface_record(each) for each in found.interface],
        "besides": list(found.besides),
        "parameters": {name: {"a": describe(old), "b": describe(new)} for name, (old, new) in found.parameters.items()},
        "over_budget": [each.message for each in found.over_budget],
        "common": {"alike": found.common.alike, "of": found.common.of, "hardly_any": found.common.hardly_any},
        "totals": {
            name: {"a": old, "b": new, "difference": None if old is None or new is None else new - old}
            for name, old, new in zip(a._fields, a, b, strict=True)
            if name != "units_differ"
        },
        "inputs": {"a": _ends(found.ends[0].inputs), "b": _ends(found.ends[1].inputs)},
        "outputs": {"a": _ends(found.ends[0].outputs), "b": _ends(found.ends[1].outputs)},
        "counts": {sort.value: len(found.of(sort)) for sort in Sort},
        "steps": [_step(each) for each in found.steps if each.sort is not Sort.SAME or each.is_renamed],
        "tensors": {
            "kept": len(found.tensors.kept),
            "renamed": dict(found.tensors.renamed),
            "reshaped": {
                old: {"name": new.name, "a": list(new.old), "b": list(new.new)}
                for old, new in found.tensors.reshaped.items()
            },
            "left": list(found.tensors.left),
            "fresh": list(found.tensors.fresh),
            "mistaken": list(found.tensors.mistaken),
            "unsettled": [
                {"step": step, "join": join, "meets": "channels" if channels else "values"}
                for step, join, channels in found.unsettled
            ],
        },
        "growth": [_growth(each) for each in growth],
    }


def _network(compiled: Compiled) -> Json:
    assert compiled.built is not None
    return {"model": compiled.built.graph.name, "file": file_name(compiled.source.name if compiled.source else None)}


def _ends(shapes: dict[str, Shape | None]) -> Json:
    return {name: shape and list(shape) for name, shape in shapes.items()}


def _step(each: Step) -> Json:
    return {
        "change": each.sort.value,
        "a": _row(each.a),
        "b": _row(each.b),
        "renamed": each.is_renamed,
        "arguments": {name: {"a": _said(old), "b": _said(new)} for name, old, new in each.arguments},
        "rewired": each.rewired,
        "reordered": each.reordered,
        "difference": {"params": each.params, "macs": each.macs, "ops": each.ops},
    }


def _said(value: Any) -> str | None:
    return None if value is None else said(value)


def _row(row: Row | None) -> Json | None:
    if row is None:
        return None
    node = row.node
    return {
        "name": node.id,
        "word": node.layer.word,
        "file": file_name(node.span.source.name),
        "line": node.span.line,
        "inputs": list(node.inputs),
        "output": row.shape and list(row.shape),
        "params": row.params,
        "macs": row.cost.macs,
        "ops": row.cost.ops,
        "runs": row.runs,
        "receptive_field": [axis.size for axis in row.field.axes] if row.field else None,
        "reuse_of": node.reuse_of,
    }


def _growth(each: Growth) -> Json:
    return {
        "quantity": each.bound.quantity,
        "bound": each.bound.text,
        "a": each.old,
        "b": each.new,
        "exceeded": each.is_over,
    }
