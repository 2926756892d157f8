"""`cnnspec field --json`; the fields are told in docs/field.md."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from cnnspec.passes.fields.by_input import Axes, Lost, lending
from cnnspec.passes.fields.regions import Rectangle
from cnnspec.passes.fields.table import View, centre
from cnnspec.passes.fields.unit import Patch, ReachedPart, SeenPart, Unit
from cnnspec.reports.fields.words import BRIEF, reason
from cnnspec.reports.findings.json import Json, diagnostic_records

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph
    from cnnspec.pipeline import Compiled

SCHEMA_VERSION = 1


def table_record(compiled: Compiled, views: Mapping[str, tuple[View, ...]]) -> Json:
    """Of the layers in `views`; without a model, null and empty lists."""
    built = compiled.built
    layers: list[Json] = []
    if built is not None:
        for id, of_inputs in views.items():
            node, shape = built.graph.nodes[id], built.shapes.get(id)
            layers.append(
                {
                    "name": id,
                    "word": node.layer.word,
                    "output": None if shape is None else list(shape),
                    "fields": [_view(each, built.graph) for each in of_inputs],
                    "size_only": list(lending(built.graph, built.shapes, node)),
                }
            )
    return {
        "schema_version": SCHEMA_VERSION,
        "model": built.graph.name if built else None,
        "inputs": [{"name": id, "shape": _shape(built.shapes.get(id))} for id in built.graph.inputs] if built else [],
        "complete": compiled.analysis.complete if built else False,
        "diagnostics": diagnostic_records(compiled),
        "layers": layers,
    }


def _shape(shape: tuple[int, ...] | None) -> list[int] | None:
    return None if shape is None else list(shape)


def _view(view: View, graph: Graph) -> Json:
    middle = view.central
    return {
        "input": view.input,
        **_field(view.field, graph),
        "central": {
            "unit": list(middle.position),
            "seen": _rectangle(middle.seen),
            "pixels": middle.pixels,
            "of": middle.of,
            "share": middle.pixels / middle.of,
            "windows": _rectangle(middle.windows),
            "outside": None if middle.outside is None else float(middle.outside),
        },
        "furthest": _shape(view.furthest),
        "narrowest": None if isinstance(view.narrowest, Lost) else _field(view.narrowest, graph)["size"],
        "branches": [{"through": each.source, **_field(each.field, graph)} for each in view.branches],
    }


def _field(field: Axes | Lost, graph: Graph) -> Json:
    if isinstance(field, Lost):
        none = dict.fromkeys(("size", "stride", "start", "centre"))
        return {**none, "why": {"kind": BRIEF[field.why], "layer": field.cause, "text": reason(field, graph)}}
    return {
        "size": [each.size for each in field],
        "stride": [each.stride for each in field],
        "start": [each.start for each in field],
        "centre": [_plain(centre(each)) for each in field],
        "why": None,
    }


def _plain(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def _rectangle(rectangle: Rectangle | None) -> Json | None:
    if rectangle is None:
        return None
    return {"first": [each.first for each in rectangle], "last": [each.last for each in rectangle]}


def seen_record(compiled: Compiled, part: SeenPart) -> Json:
    patches = [_patch(each, "input") | {"windows": _rectangle(each.windows)} for each in part.patches]
    return {**_asked(compiled, part.unit), "sees": patches, "unclear": list(part.unclear)}


def reached_record(compiled: Compiled, part: ReachedPart) -> Json:
    patches = [_patch(each, "layer") for each in part.patches]
    return {**_asked(compiled, part.unit), "reaches": patches, "unclear": list(part.unclear)}


def _asked(compiled: Compiled, unit: Unit) -> Json:
    assert compiled.built is not None
    return {
        "schema_version": SCHEMA_VERSION,
        "model": compiled.built.graph.name,
        "layer": unit.node,
        "unit": None if unit.position is None else list(unit.position),
        "channel": unit.channel,
    }


def _patch(patch: Patch, what: str) -> Json:
    return {
        what: patch.node,
        "shape": list(patch.shape),
        "rectangle": _rectangle(patch.rectangle),
        "positions": patch.positions,
        "rectangle_positions": patch.around,
        "of": patch.of,
        "channels": len(patch.channels),
        "values": patch.values,
    }
