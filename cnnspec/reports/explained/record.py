"""An explanation as data: every formula with its names, numbers and value."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from cnnspec.contract.facts import Equation, Formula
from cnnspec.contract.formula import in_ascii, names, value, whole
from cnnspec.ir.graph import Graph, Input, Scope
from cnnspec.passes.analysis import Analysis, Row
from cnnspec.passes.explained.derivation import Derivation, Look
from cnnspec.passes.fields.receptive_field import Fields
from cnnspec.reports.explained.place import summary
from cnnspec.reports.explained.scope import ends_of_scope
from cnnspec.reports.explained.texts import Texts
from cnnspec.reports.findings.json import Json, file_name
from cnnspec.reports.step import step

SCHEMA_VERSION = 1


def layer_record(derived: Derivation, texts: Texts) -> Json:
    """One layer by the fields that docs/explain.md lists. `summary` is in the language of the texts."""
    row, node = derived.row, derived.row.node
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "layer",
        "name": node.id,
        "word": node.layer.word,
        "step": None if isinstance(node.layer, Input) else step(node.layer, node.inputs),
        "summary": summary(node.layer, texts) if row.shape is not None else None,
        "file": file_name(node.span.source.name),
        "line": node.span.line,
        "within": [{"scope": each.path, "line": each.span.line} for each in node.trace],
        "runs": row.runs,
        "auxiliary": derived.is_aux,
        "training_only": node.layer.training_only,
        "reuse_of": node.reuse_of,
        "inputs": [{"name": id, "shape": _list(each)} for id, each in zip(node.inputs, derived.shapes, strict=True)],
        "output": _list(row.shape),
        "sizes": [_equation(each) for each in derived.sizes],
        "tensors": [
            {
                "name": each.weight.name,
                "shape": list(each.weight.shape),
                "trainable": each.weight.trainable,
                **formula_record(each.formula),
            }
            for each in derived.tensors
        ],
        "params": row.params,
        "buffers": row.buffers,
        "work": [{"kind": each.kind, **formula_record(each.formula)} for each in derived.work],
        "macs": row.cost.macs,
        "ops": row.cost.ops,
        "network": {"params": derived.network.params, "macs": derived.network.macs},
        "receptive_field": _field(derived),
        "instead": {key: formula_record(each) for key, each in derived.instead.items()},
        "row": derived.run
        and {
            "layers": list(derived.run.nodes),
            "kernels": [list(each) for each in derived.run.kernels],
            "kernel": list(derived.run.kernel),
            "weights": whole(derived.run.own),
            "own": formula_record(derived.run.own),
            "single": formula_record(derived.run.single),
        },
    }


def scope_record(graph: Graph, analysis: Analysis, scope: Scope, rows: list[Row]) -> Json:
    """One scope, or the model: its sums, and the names of what it holds."""
    entering, leaving = ends_of_scope(graph, rows)
    shapes = {row.node.id: row.shape for row in analysis.rows}
    running = [row for row in rows if row.runs]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "model" if scope.parent is None else "scope",
        "name": graph.name if scope.parent is None else scope.path,
        "block": scope.block,
        "complete": analysis.complete,
        "inputs": [{"name": each, "shape": _list(shapes[each])} for each in entering],
        "outputs": [{"name": each, "shape": _list(shapes[each])} for each in leaving],
        "params": sum(row.params for row in rows),
        "buffers": sum(row.buffers for row in rows),
        "macs": sum(row.cost.macs for row in running),
        "ops": sum(row.cost.ops for row in running),
        "network": {"params": analysis.totals.params, "macs": analysis.totals.macs},
        "layers": [row.node.id for row in rows],
    }


def formula_record(formula: Formula) -> Json:
    """`formula` with names, `values` of those that stand in it, `worked` with numbers; `value` is a number, or a
    fraction as text (`27/49`)."""
    found = value(formula)
    return {
        "formula": formula.text,
        "values": {name: formula.values[name] for name in names([formula])},
        "worked": in_ascii(formula),
        "value": str(found) if isinstance(found, Fraction) else found,
    }


def _equation(equation: Equation) -> Json:
    return {"name": equation.name, **formula_record(equation.formula), "note": equation.note or None}


def _field(derived: Derivation) -> Json:
    """`how` is one of begins, window, stays, union, or why there is none: vector, whole, irregular, lost, several."""
    return {
        "how": derived.sight.seen.value,
        "after": _axes(derived.row.field),
        "before": [{"name": name, "field": _axes(each)} for name, each in derived.sight.sources],
        "axes": [_look(each) for each in derived.sight.looks],
        "way": [
            {
                "layer": each.node,
                "kernel": [window.kernel for window in each.windows],
                "stride": [window.stride for window in each.windows],
                "dilation": [window.dilation for window in each.windows],
                "pad": [window.pad for window in each.windows],
                "field": _axes(each.field),
            }
            for each in derived.sight.grown
        ],
        "lost_at": derived.sight.lost_at if derived.row.field is None else None,
    }


def _look(look: Look) -> Json:
    return {"axis": look.axis, "equations": [_equation(each) for each in look.equations]}


def _axes(fields: Fields | None) -> Json | None:
    return fields and {
        "input": fields.input,
        "size": [each.size for each in fields.axes],
        "stride": [each.stride for each in fields.axes],
        "start": [each.start for each in fields.axes],
    }


def _list(shape: Iterable[int] | None) -> list[int] | None:
    return None if shape is None else list(shape)
