"""One step with the arithmetic behind its numbers: what `cnnspec explain` shows.

Layers state the formulas; here they are put beside what comes in, what the whole network holds, and how the receptive
field goes through: r' = r + (F - 1) d j,  j' = j S,  a' = a - P j  (Araujo et al., Computing Receptive Fields of
Convolutional Neural Networks, 2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from cnnspec.contract.facts import Equation, Formula, Reach, Share, Weight, Window
from cnnspec.contract.symbols import letters
from cnnspec.contract.values import Shape, Shapes
from cnnspec.ir.graph import Graph, Input, Node
from cnnspec.passes.analysis import Analysis, Row
from cnnspec.passes.explained.growth import Grown, growth, origin
from cnnspec.passes.explained.runs import Run, run_to
from cnnspec.passes.fields.receptive_field import Field, Fields
from cnnspec.passes.fold import ShapeTable, operands
from cnnspec.passes.parameters import owned_by


class Seen(Enum):
    """How the receptive field comes about, or why there is none; the values are keys in texts/."""

    BEGINS = "begins"  # a pixel of the input sees itself
    WINDOW = "window"
    STAYS = "stays"
    UNION = "union"
    VECTOR = "vector"
    WHOLE = "whole"
    IRREGULAR = "irregular"
    LOST = "lost"  # what comes in has none
    SEVERAL = "several"  # several inputs, or steps that differ
    UNKNOWN = "unknown"  # the step was refused


class Look(NamedTuple):
    """One axis going through a window; `axis` is its letter."""

    axis: str
    before: Field
    window: Window
    after: Field
    equations: tuple[Equation, ...]


class Tensor(NamedTuple):
    """A tensor of the layer, and how many numbers it holds."""

    weight: Weight
    formula: Formula


class Sight(NamedTuple):
    """What a unit sees. `looks` are the axes where one window says it, `sources` the operands with their fields;
    `grown` are the steps whose windows made the field, from the input on, `lost_at` the first without a single one."""

    seen: Seen
    looks: tuple[Look, ...]
    sources: tuple[tuple[str, Fields | None], ...]
    grown: tuple[Grown, ...]
    lost_at: str


class Whole(NamedTuple):
    """The network around it: its totals, lower bounds if it is not `complete`; `is_open` if it is bound to no size."""

    params: int
    macs: int
    complete: bool
    is_open: bool


class Derivation(NamedTuple):
    """`shapes` are those of the operands, None where one is not known; what layers say is empty if the node's own shape
    is not. `tensors` are the layer's own or those of the node it reuses; `is_aux` of what an auxiliary head depends on
    and no output."""

    row: Row
    shapes: tuple[Shape | None, ...]
    sizes: tuple[Equation, ...]
    tensors: tuple[Tensor, ...]
    work: tuple[Share, ...]
    instead: Mapping[str, Formula]
    sight: Sight
    run: Run | None
    network: Whole
    is_aux: bool


def derive(graph: Graph, shapes: ShapeTable, analysis: Analysis, id: str) -> Derivation:
    """All of one node."""
    rows = {row.node.id: row for row in analysis.rows}
    node, layer = rows[id].node, rows[id].node.layer
    known = rows[id].shape is not None and not isinstance(layer, Input)
    entering = operands(node, shapes) if known else ()
    return Derivation(
        row=rows[id],
        shapes=tuple(shapes.get(each) for each in node.inputs),
        sizes=layer.equations(entering) if known else (),
        tensors=_tensors(graph, shapes, node, entering) if known else (),
        work=layer.work(entering) if known else (),
        instead=layer.instead(entering) if known else {},
        sight=_sight(graph, shapes, rows, id, entering),
        run=run_to(graph, shapes, node) if known else None,
        network=_whole(graph, analysis),
        is_aux=id in _heads(graph),
    )


def _whole(graph: Graph, analysis: Analysis) -> Whole:
    inputs = (each.layer for each in graph.inputs.values())
    is_open = any(isinstance(each, Input) and each.any_size for each in inputs)
    return Whole(analysis.totals.params, analysis.totals.macs, analysis.complete, is_open)


def _sight(graph: Graph, shapes: ShapeTable, rows: Mapping[str, Row], id: str, entering: Shapes) -> Sight:
    row = rows[id]
    fields = {each: rows[each].field for each in row.node.inputs}
    seen, looks = _field(row, fields, entering)
    grown = growth(graph, shapes, rows, id) if row.shape is not None else ()
    return Sight(seen, looks, tuple(fields.items()), grown, origin(graph, rows, id))


def _heads(graph: Graph) -> set[str]:
    """What auxiliary heads depend on, and inference does not."""
    waiting = [each.node for each in graph.aux.values()]
    found: set[str] = set()
    while waiting:
        id = waiting.pop()
        if id not in found and id not in graph.running:
            found.add(id)
            waiting += graph.nodes[id].inputs
    return found


def _tensors(graph: Graph, shapes: ShapeTable, node: Node, entering: Shapes) -> tuple[Tensor, ...]:
    owned = owned_by(graph, shapes).get(node.reuse_of or node.id)
    counts = node.layer.counts(entering)
    return tuple(Tensor(each, counts[each.name]) for each in owned.weights) if owned else ()


def _field(row: Row, fields: Mapping[str, Fields | None], entering: Shapes) -> tuple[Seen, tuple[Look, ...]]:
    """How the step's field comes about; the axes where one window says it."""
    layer, shape = row.node.layer, row.shape
    if shape is None:
        return Seen.UNKNOWN, ()
    if isinstance(layer, Input):
        return (Seen.BEGINS if len(shape) > 1 else Seen.VECTOR), ()
    looks = [layer.window(entering, place) for place in range(len(entering))]
    watched = [(each, look) for each, look in zip(row.node.inputs, looks, strict=True) if look is not Reach.NOTHING]
    if row.field is None:
        return _why_none(len(shape) == 1, [fields[each] for each, _ in watched], [look for _, look in watched]), ()
    if len(watched) > 1:
        return Seen.UNION, ()
    source, look = watched[0]
    before = fields[source]
    if isinstance(look, Reach) or before is None:
        return Seen.STAYS, ()
    uneven = {each.name for each in layer.equations(entering) if "P_b" in each.formula.values}
    axes = zip(letters(entering[0])[1:], before.axes, look, row.field.axes, strict=True)
    return Seen.WINDOW, tuple(Look(*each, _recurrence(*each[1:3], f"{each[0]}'" in uneven)) for each in axes)


def _why_none(is_vector: bool, fields: list[Fields | None], looks: list[tuple[Window, ...] | Reach]) -> Seen:
    if is_vector:
        return Seen.VECTOR
    if None in fields:
        return Seen.LOST
    if Reach.WHOLE in looks:
        return Seen.WHOLE
    return Seen.IRREGULAR if Reach.IRREGULAR in looks else Seen.SEVERAL


def _recurrence(before: Field, window: Window, uneven: bool) -> tuple[Equation, ...]:
    """`uneven`: what is padded before and behind differs, so that the former must be named."""
    dilated = "(F - 1)*d*j" if window.dilation != 1 else "(F - 1)*j"
    values = {
        "r": before.size,
        "F": window.kernel,
        "d": window.dilation,
        "j": before.stride,
        "S": window.stride,
        "a": before.start,
        (pad := "P_b" if uneven else "P"): window.pad,
    }
    texts = {"r'": f"r + {dilated}", "j'": "j*S", "a'": f"a - {pad}*j"}
    return tuple(Equation(name, Formula(text, values)) for name, text in texts.items())
