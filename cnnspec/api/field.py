"""Receptive and projective fields from Python, and what the command `field` asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnnspec.contract.values import Shape
from cnnspec.pipeline import Compiled
from cnnspec.reports.look import Look

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph
    from cnnspec.passes.fold import ShapeTable


class Unclear(ValueError):
    """The layer is there, but a step that leads to it has an error, or an axis is too long to be looked at."""


class FieldReport:
    """One answer, ready to be shown."""

    def __init__(self, text: Callable[[Look], str], record: Callable[[], Mapping[str, Any]]) -> None:
        self._text, self._record = text, record

    def to_dict(self) -> dict[str, Any]:
        """By the fields of docs/field.md."""
        return dict(self._record())

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def to_text(self, width: int = 120) -> str:
        """What `cnnspec field` prints, for so many columns."""
        return self.render(Look(width=width))

    def render(self, look: Look) -> str:
        return self._text(look)

    def __repr__(self) -> str:
        first, *_ = self.to_text().splitlines()
        return f"<cnnspec.FieldReport: {first}>"

    def __str__(self) -> str:
        return self.to_text()


def all_fields(compiled: Compiled, levels: int | None = None, branches: bool = False) -> FieldReport:
    """Every layer's field; `compiled` holds a model."""
    from cnnspec.passes.fields.table import fields_in_full
    from cnnspec.reports.fields.json import table_record
    from cnnspec.reports.fields.table import field_table

    graph, shapes = _walkable(compiled)
    views = fields_in_full(graph, shapes)
    return FieldReport(
        lambda look: field_table(compiled, views, look, levels, branches), lambda: table_record(compiled, views)
    )


def field_of(compiled: Compiled, layer: str) -> FieldReport:
    """One layer's field in sentences; ValueError if there is no such layer."""
    from cnnspec.passes.fields.table import fields_in_full
    from cnnspec.reports.fields.json import table_record
    from cnnspec.reports.fields.unit import layer_text

    graph, shapes = _walkable(compiled)
    id = node_of(compiled, layer)
    views = fields_in_full(graph, shapes, only=id)
    return FieldReport(
        lambda look: layer_text(compiled, id, views.get(id, ()), look), lambda: table_record(compiled, views)
    )


def seen_at(compiled: Compiled, layer: str, at: Sequence[int] | None, channel: int | None = None) -> FieldReport:
    """What one unit sees; without `at` all of them together. ValueError if there is no such unit."""
    from cnnspec.passes.fields.unit import Unit, seen_part
    from cnnspec.reports.fields.json import seen_record
    from cnnspec.reports.fields.unit import seen_text

    graph, shapes = _walkable(compiled)
    unit = Unit(node_of(compiled, layer), *_place(compiled, layer, at, channel))
    part = seen_part(graph, shapes, unit)
    return FieldReport(lambda look: seen_text(part, look), lambda: seen_record(compiled, part))


def reached_by(
    compiled: Compiled, layer: str, at: Sequence[int] | None, channel: int | None = None, to: Iterable[str] = ()
) -> FieldReport:
    """What one unit reaches, in the layers `to` or else in the outputs. ValueError if there is no such unit or
    layer."""
    from cnnspec.passes.fields.unit import Unit, reached_part
    from cnnspec.reports.fields.json import reached_record
    from cnnspec.reports.fields.unit import reached_text

    graph, shapes = _walkable(compiled)
    unit = Unit(node_of(compiled, layer), *_place(compiled, layer, at, channel))
    targets = [node_of(compiled, each) for each in to] or list(graph.outputs.values())
    if all(shapes.get(each) is None for each in targets):
        raise Unclear(
            "nothing is known of the outputs, as a step that leads to them has an error; `--to` names a layer"
        )
    part = reached_part(graph, shapes, unit, targets)
    return FieldReport(lambda look: reached_text(part, look), lambda: reached_record(compiled, part))


def _walkable(compiled: Compiled) -> tuple[Graph, ShapeTable]:
    """The network; Unclear if it cannot be looked at place by place."""
    from cnnspec.passes.fields.at import LONGEST, too_long

    assert compiled.built is not None
    graph, shapes = compiled.built.graph, compiled.built.shapes
    if long := too_long(shapes):
        extent = max(shapes[long] or ())
        raise Unclear(f"`{long}` has {extent:,} places on an axis; fields are looked at along {LONGEST:,} at most")
    return graph, shapes


def node_of(compiled: Compiled, name: str) -> str:
    """The node of this name: a layer, an input, an output, a head, or what leaves a scope. ValueError if there is none,
    or if its shape is not known."""
    from cnnspec.ir.graph import Scope
    from cnnspec.passes.fields.table import leaving
    from cnnspec.passes.named import named

    assert compiled.built is not None
    graph = compiled.built.graph
    found = named(graph, name)
    id = leaving(graph)[found.path] if isinstance(found, Scope) else found.id
    if compiled.built.shapes.get(id) is None:
        raise Unclear(f"nothing is known of `{name}`, as a step that leads to it has an error")
    return id


def only_input(compiled: Compiled) -> str:
    """The network's input; ValueError if it has several."""
    assert compiled.built is not None
    inputs = list(compiled.built.graph.inputs)
    if len(inputs) != 1:
        raise ValueError(f"there are {len(inputs)} inputs: say of which one, such as `--from {inputs[0]} 3 4`")
    return inputs[0]


def _place(
    compiled: Compiled, layer: str, at: Sequence[int] | None, channel: int | None
) -> tuple[tuple[int, ...] | None, int | None]:
    """The position, and the channel; a unit of a vector is a channel without a position."""
    assert compiled.built is not None
    shape = compiled.built.shapes[node_of(compiled, layer)]
    assert shape is not None
    if len(shape) == 1:
        return _unit_of_vector(layer, shape, at, channel)
    if channel is not None and not 0 <= channel < shape[0]:
        raise ValueError(f"`{layer}` has channels 0 to {shape[0] - 1}, and no channel {channel}")
    if not at:
        return None, channel
    extents = "x".join(map(str, shape[1:]))
    if len(at) != len(shape) - 1:
        what = {1: "one number", 2: "a row and a column", 3: "a plane, a row and a column"}[len(shape) - 1]
        raise ValueError(f"`{layer}` has {extents} positions: give {what}")
    if not all(0 <= each < extent for each, extent in zip(at, shape[1:], strict=True)):
        last = " ".join(str(each - 1) for each in shape[1:])
        raise ValueError(f"`{layer}` has no position {' '.join(map(str, at))}: {extents} positions end at {last}")
    return tuple(at), channel


def _unit_of_vector(
    layer: str, shape: Shape, at: Sequence[int] | None, channel: int | None
) -> tuple[tuple[int, ...], int | None]:
    given = [*(at or ()), *(() if channel is None else (channel,))]
    if len(given) > 1:
        raise ValueError(f"`{layer}` is a vector: give the number of one unit")
    if given and not 0 <= given[0] < shape[0]:
        raise ValueError(f"`{layer}` has units 0 to {shape[0] - 1}, and no unit {given[0]}")
    return (), given[0] if given else None
