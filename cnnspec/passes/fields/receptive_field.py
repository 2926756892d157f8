"""The receptive field: which input pixels one output unit can see.

For a window of F taps, D apart, stride S and padding P over a value whose field has size r, stride (jump) j and first
pixel a:  r' = r + (F - 1) D j,  j' = j S,  a' = a - P j  (Araujo et al., Computing Receptive Fields of Convolutional
Neural Networks, 2019). Branches give the union.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cnnspec.contract.facts import Reach, Window
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Input, Unknown
from cnnspec.passes.fold import Kind, ShapeTable, kinds_of

PIXEL = Window()

Looks = tuple[tuple[Window, ...] | Reach, ...]
"""How a layer looks at each of its operands."""

SAME: Looks = (Reach.POINTWISE,)
"""At one operand, position by position."""


class Field(NamedTuple):
    """One axis, in pixels of the input: `size` of the field, `stride` from one output unit to the next, `start` the
    first pixel that unit 0 sees (negative: in the padding)."""

    size: int
    stride: int
    start: int


class Fields(NamedTuple):
    """The field on every spatial axis of one input."""

    input: str
    axes: tuple[Field, ...]


def receptive_fields(graph: Graph, shapes: ShapeTable) -> dict[str, Fields | None]:
    """By node id. None where no single size and spacing says it: for vectors, where a value depends on several
    inputs, behind windows that differ in size, and where a map is scaled by one value that sees everything."""
    table: dict[str, Fields | None] = {}
    looks = kinds_of(graph, shapes).table(looks_of)
    for id, node in graph.nodes.items():
        shape = shapes.get(id)
        if shape is None or len(shape) == 1 or isinstance(node.layer, Unknown):
            table[id] = None
        elif isinstance(node.layer, Input):
            table[id] = Fields(id, (Field(1, 1, 0),) * (len(shape) - 1))
        elif looks[id] == SAME:
            table[id] = table[node.inputs[0]]
        else:
            table[id] = _of([table[each] for each in node.inputs], looks[id], shape)
    return table


def looks_of(kind: Kind) -> Looks:
    """How a layer looks at each of its operands; through windows of one pixel as if there were none."""
    looks = [kind.layer.window(kind.operands, place) for place in range(len(kind.operands))]
    return tuple(Reach.POINTWISE if isinstance(each, tuple) and set(each) == {PIXEL} else each for each in looks)


def _of(sources: list[Fields | None], windows: Looks, shape: Shape) -> Fields | None:
    seen = []
    for fields, window in zip(sources, windows, strict=True):
        if window is Reach.NOTHING:
            continue
        if fields is None or window is Reach.WHOLE or window is Reach.IRREGULAR:
            return None
        if not isinstance(window, Reach):
            fields = Fields(fields.input, behind(fields.axes, window))
        seen.append(fields)
    first, *others = seen
    if not others:
        return first
    axes = union([each.axes for each in seen], shape) if all(each.input == first.input for each in others) else None
    return Fields(first.input, axes) if axes else None


def behind(axes: tuple[Field, ...], windows: tuple[Window, ...]) -> tuple[Field, ...]:
    """The fields behind windows, axis by axis; most are square, and then one field stands for all axes."""
    first = _through(axes[0], windows[0])
    if axes.count(axes[0]) == len(axes) and windows.count(windows[0]) == len(windows):
        return (first,) * len(axes)
    return (first, *map(_through, axes[1:], windows[1:]))


def _through(field: Field, window: Window) -> Field:
    size, stride, start = field
    kernel, step, pad, dilation = window
    return Field(size + (kernel - 1) * dilation * stride, stride * step, start - pad * stride)


def union(seen: Sequence[tuple[Field, ...]], shape: Shape) -> tuple[Field, ...] | None:
    """What a node sees through several operands. Fields that step differently have no common spacing, unless there is
    but one position."""
    if any(len(each) != len(seen[0]) for each in seen):
        return None
    axes: list[Field] = []
    for extent, *fields in zip(shape[1:], *seen, strict=True):
        together = _together(fields, extent)
        if together is None:
            return None
        axes.append(together)
    return tuple(axes)


def _together(fields: list[Field], extent: int) -> Field | None:
    """The union on one axis."""
    size, widest, start = fields[0]
    end = start + size
    for size, stride, begin in fields[1:]:
        if stride != widest and extent != 1:
            return None
        widest, start, end = max(widest, stride), min(start, begin), max(end, begin + size)
    return Field(end - start, widest, start)
