"""The receptive field: which input pixels one output unit can see.

For a window of F taps, D apart, stride S and padding P over a value whose field has size r, stride (jump) j and first
pixel a:  r' = r + (F - 1) D j,  j' = j S,  a' = a - P j  (Araujo et al., Computing Receptive Fields of Convolutional
Neural Networks, 2019). Branches give the union.
"""

from collections.abc import Callable
from typing import NamedTuple

from cnnspec.contract.facts import Reach, Window
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes
from cnnspec.ir.graph import Graph, Input, Unknown
from cnnspec.passes.fold import ShapeTable, once, operands

PIXEL = Window()

Looks = tuple[tuple[Window, ...] | Reach, ...]
"""How a layer looks at each of its operands."""

Look = Callable[[Layer, Shapes], Looks]


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
    windows = once(looks_of)
    for node in graph:
        shape = shapes.get(node.id)
        if shape is None or len(shape) == 1 or isinstance(node.layer, Unknown):
            table[node.id] = None
        elif isinstance(node.layer, Input):
            table[node.id] = Fields(node.id, (Field(1, 1, 0),) * (len(shape) - 1))
        else:
            looks = windows(node.layer, operands(node, shapes))
            table[node.id] = _of([table[each] for each in node.inputs], looks, shape)
    return table


def looks_of(layer: Layer, operands: Shapes) -> Looks:
    """How a layer looks at each of its operands; through windows of one pixel as if there were none."""
    looks = [layer.window(operands, place) for place in range(len(operands))]
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
    return seen[0] if len(seen) == 1 else union(seen, shape)


def behind(axes: tuple[Field, ...], windows: tuple[Window, ...]) -> tuple[Field, ...]:
    """The fields behind windows, axis by axis; most are square, and then one field stands for all axes."""
    first = _through(axes[0], windows[0])
    if axes.count(axes[0]) == len(axes) and windows.count(windows[0]) == len(windows):
        return (first,) * len(axes)
    return (first, *map(_through, axes[1:], windows[1:]))


def _through(field: Field, window: Window) -> Field:
    size, stride, start = field
    return Field(
        size=size + (window.kernel - 1) * window.dilation * stride,
        stride=stride * window.stride,
        start=start - window.pad * stride,
    )


def union(seen: list[Fields], shape: Shape) -> Fields | None:
    """What a node sees through several operands. Fields that step differently have no common spacing, unless there is
    but one position."""
    first = seen[0]
    if any(each.input != first.input or len(each.axes) != len(first.axes) for each in seen):
        return None
    axes = []
    for axis in range(len(first.axes)):
        fields = [each.axes[axis] for each in seen]
        if len({field.stride for field in fields}) > 1 and shape[1 + axis] != 1:
            return None
        start = min(field.start for field in fields)
        end = max(field.start + field.size for field in fields)
        axes.append(Field(end - start, max(field.stride for field in fields), start))
    return Fields(first.input, tuple(axes))
