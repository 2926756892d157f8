"""`cnnspec field` about one layer or one unit, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

from cnnspec.passes.fields.by_input import Branch, Lost, lending
from cnnspec.passes.fields.receptive_field import Field
from cnnspec.passes.fields.table import View, centre, outside
from cnnspec.passes.fields.unit import Patch, ReachedPart, SeenPart, Unit
from cnnspec.reports.fields.words import (
    APPROXIMATE,
    RECURRENCE,
    SIDES,
    area,
    number,
    numbers,
    reason,
    runs,
    spot,
    wrapped,
)
from cnnspec.reports.look import Look, visible
from cnnspec.reports.numbers import bar, counted, share, size, thousands

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

BAR = 20
INDENT = "  "


def layer_text(compiled: Compiled, id: str, views: tuple[View, ...], look: Look) -> str:
    """All that the table says of one layer, and its branches; `views` are those of fields_in_full."""
    assert compiled.built is not None
    graph, shapes = compiled.built.graph, compiled.built.shapes
    node = graph.nodes[id]
    lines = [f"{look.paint('bold', visible(id, look.encoding))}  {size(shapes[id])}  the theoretical receptive field"]
    lines += [look.paint("dim", RECURRENCE), ""]
    for view in views:
        lines += _view(compiled, view, look, len(graph.inputs) > 1)
    for source in lending(graph, shapes, node):
        lines.append(f"`{source}` lends its size only: no value of it is seen through it.")
    if not views:
        lines.append("Nothing is known of it, as a step that leads to it has an error.")
    return _told(lines, look)


def _view(compiled: Compiled, view: View, look: Look, several: bool) -> Iterator[str]:
    assert compiled.built is not None
    if several:
        yield look.paint("bold", f"of {visible(view.input, look.encoding)}")
    if isinstance(view.field, Lost):
        yield f"no one size: {reason(view.field, compiled.built.graph)}."
        if view.furthest and view.field.why in APPROXIMATE:
            yield f"The unit that sees furthest sees {numbers(view.furthest)}, from the first to the last."
    else:
        for side, field in _by_side(view.field):
            yield f"{side}{counted(field.size, 'pixel')}, {field.stride} from one unit to the next; " + _first(field)
    yield from _middle(view, look)
    if not isinstance(view.narrowest, Lost) and view.narrowest != view.field:
        yield f"The narrowest way through the graph sees {numbers([each.size for each in view.narrowest])}."
    if view.branches:
        yield from ("", "Its branches:", *_branches(view.branches))
    yield ""


def _by_side(axes: tuple[Field, ...]) -> list[tuple[str, Field]]:
    if len(set(axes)) == 1:
        return [("", axes[0])]
    return [(f"{name}: ", each) for name, each in zip(SIDES[len(axes)], axes, strict=True)]


def _first(field: Field) -> str:
    return f"unit 0 sees {field.start} to {field.start + field.size - 1}, its centre is {number(centre(field))}"


def _middle(view: View, look: Look) -> Iterator[str]:
    middle = view.central
    who = f"The unit in the middle ({spot(middle.position)})" if middle.position else "It"
    if middle.seen is None:
        yield f"{who} sees nothing of it."
        return
    part = share(middle.pixels, middle.of)
    drawn = look.paint("share", bar(middle.pixels, middle.of, BAR, look.unicode))
    yield f"{who} sees {area(middle.seen)}" if middle.seen else f"{who} sees it"
    yield f"{INDENT}{counted(middle.pixels, 'pixel')} of {thousands(middle.of)}, {part}  {drawn}"
    around = prod(each.size for each in middle.seen)
    if middle.pixels != around:
        yield f"{INDENT}{_holes(middle.pixels, around)}"
    if middle.windows is not None and middle.outside:
        part = share(middle.outside.numerator, middle.outside.denominator)
        yield f"{INDENT}its windows span {area(middle.windows)}; {part} of that lies in padding"


def _holes(positions: int, around: int) -> str:
    return f"{thousands(positions)} of the {thousands(around)} in that rectangle, which has holes"


def _branches(branches: tuple[Branch, ...]) -> Iterator[str]:
    wide = max(len(each.source) for each in branches)
    known = [each.field for each in branches if not isinstance(each.field, Lost)]
    for each in branches:
        yield f"{INDENT}through {each.source:<{wide}}  {_summed(each)}"
    if len(known) == len(branches):
        axes = list(zip(*known, strict=True))
        least = [min(each.size for each in axis) for axis in axes]
        most = [max(each.size for each in axis) for axis in axes]
        first = [min(each.start for each in axis) for axis in axes]
        last = [max(each.start + each.size for each in axis) for axis in axes]
        whole = numbers([end - start for start, end in zip(first, last, strict=True)])
        yield f"{INDENT}smallest {numbers(least)}, largest {numbers(most)}, together {whole}"
        if any(len({centre(each) for each in axis}) > 1 for axis in axes):
            yield f"{INDENT}their centres lie apart: the branches do not look at the same place"


def _summed(branch: Branch) -> str:
    if isinstance(branch.field, Lost):
        return f"no one size ({branch.field.why.value})"
    told = ("size", "stride", "start")
    return ", ".join(f"{name} {numbers([getattr(each, name) for each in branch.field])}" for name in told)


def seen_text(part: SeenPart, look: Look) -> str:
    """`cnnspec field FILE --at LAYER Y X`"""
    lines = [f"{_unit(part.unit, part.shape, look)} sees"]
    for patch in part.patches:
        lines += _patch(patch, look, "pixel")
    for each in part.unclear:
        lines.append(f"At least: `{each}` has an error, and through it more may be seen.")
    return _told(lines, look)


def reached_text(part: ReachedPart, look: Look) -> str:
    """`cnnspec field FILE --from LAYER Y X`"""
    lines = [f"{_unit(part.unit, part.shape, look)} reaches"]
    for patch in part.patches:
        lines += _patch(patch, look, "position")
        if patch.node in part.unclear:
            lines.append(f"{INDENT * 2}at least: a step on the way has an error")
    return _told(lines, look)


def _unit(unit: Unit, shape: tuple[int, ...], look: Look) -> str:
    name = look.paint("bold", visible(unit.node, look.encoding))
    if len(shape) == 1:
        return f"{name}, unit {unit.channel}," if unit.channel is not None else f"{name}, all of its units together,"
    where = spot(unit.position) if unit.position is not None else "all of it"
    return f"{name} {size(shape)}, {where}{'' if unit.channel is None else f', channel {unit.channel}'},"


def _patch(patch: Patch, look: Look, what: str) -> Iterator[str]:
    name = look.paint("bold", visible(patch.node, look.encoding))
    if not patch.values:
        yield f"{INDENT}nothing of {name}"
        return
    if len(patch.shape) == 1:
        units = f"{thousands(patch.values)} of {counted(patch.shape[0], 'unit')}"
        yield f"{INDENT}of {name}: {units}{'' if patch.values == patch.shape[0] else f': {runs(patch.channels)}'}"
        return
    assert patch.rectangle is not None
    drawn = look.paint("share", bar(patch.positions, patch.of, BAR, look.unicode))
    yield f"{INDENT}of {name} {size(patch.shape)}: {area(patch.rectangle)}"
    of_all = f"of {thousands(patch.of)}, {share(patch.positions, patch.of)}"
    yield f"{INDENT * 2}{counted(patch.positions, what)} {of_all}  {drawn}"
    if patch.positions != patch.around:
        yield f"{INDENT * 2}{_holes(patch.positions, patch.around)}"
    if len(patch.channels) != patch.shape[0]:
        yield f"{INDENT * 2}in channels {runs(patch.channels)} of {patch.shape[0]}"
    if patch.values != patch.positions * len(patch.channels):
        yield f"{INDENT * 2}{counted(patch.values, 'value')}, as not every channel is seen everywhere"
    if patch.windows is not None and patch.windows != patch.rectangle:
        part = outside(patch.windows, patch.shape[1:])
        padding = f"; {share(part.numerator, part.denominator)} of that lies in padding" if part else ""
        yield f"{INDENT * 2}its windows span {area(patch.windows)}{padding}"


def _told(lines: list[str], look: Look) -> str:
    made: list[str] = []
    for line in lines:
        if "\x1b" in line or len(line) <= look.width:
            made.append(line)
        else:
            indent = " " * (len(line) - len(line.lstrip()))
            made += wrapped(line, look.width, indent + INDENT)
    return "\n".join(made).rstrip("\n") + "\n"
