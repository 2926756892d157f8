"""The numbers of a network over every combination of some parameters and inputs: `cnnspec sweep`, nothing trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from cnnspec.api.parted import AxisError, check_count
from cnnspec.build.elaborate import OPTION_IDS
from cnnspec.build.options import Options
from cnnspec.contract.values import Shape, Value, dress
from cnnspec.files import Library
from cnnspec.passes.measures import Measures, measures
from cnnspec.pipeline import Compiled, compile_source
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source

COMBINATIONS = "combinations"
MOST = 1000
"""So many combinations there may be unless more are asked for."""
INPUT, BATCH, MODEL = "input", "batch", "model"
BUDGET = "require"
"""The finding of a condition that does not hold."""


REQUIRED = {"rf": "field"}
"""What `require` has other names for than a sweep."""


class Choice(NamedTuple):
    """One value of an axis: as it is written, and what it means."""

    text: str
    value: Any


class Axis(NamedTuple):
    """`kind` is what its values are of: a `parameter` called `name`, the `input` of that name (None: the only one; or
    several with commas, which are of one size), the `batch` or the `model`."""

    kind: str
    name: str | None
    choices: tuple[Choice, ...]

    @property
    def title(self) -> str:
        """Its name in a table: `width`, `input`, `input left`, `batch`."""
        return self.name or self.kind if self.kind != INPUT or self.name is None else f"{INPUT} {self.name}"


class Point(NamedTuple):
    """One combination: what is chosen, by the axis' title; the numbers, None where it is no network; and its errors.
    A network over its budget has both."""

    settings: Mapping[str, Choice]
    measures: Measures | None
    errors: tuple[Diagnostic, ...]


class Grid(NamedTuple):
    """All combinations, the last axis first; `name` is the model's, None where none was built. `first` is the first
    combination as it was compiled."""

    name: str | None
    file: str
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    first: Compiled

    @property
    def several(self) -> tuple[Axis, ...]:
        """The axes with more than one value."""
        return several_of(self.axes)


def several_of(axes: Sequence[Axis]) -> tuple[Axis, ...]:
    return tuple(each for each in axes if len(each.choices) > 1)


def parameter(name: str, values: Sequence[tuple[str, Value]]) -> Axis:
    return Axis("parameter", name, tuple(Choice(*each) for each in values))


def input_axis(name: str | None, shapes: Sequence[Shape]) -> Axis:
    return Axis(INPUT, name, tuple(Choice(dress(each), each) for each in shapes))


def batch_axis(sizes: Sequence[int]) -> Axis:
    return Axis(BATCH, None, tuple(Choice(str(each), each) for each in sizes))


def model_axis(names: Sequence[str]) -> Axis:
    return Axis(MODEL, None, tuple(Choice(each, each) for each in names))


def check_axes(axes: Sequence[Axis], most: int = MOST) -> None:
    """AxisError for an axis that is there twice, for a value that is, and for too many combinations."""
    titles = [each.title for each in axes]
    for each in axes:
        if titles.count(each.title) > 1:
            raise AxisError(f"`{each.title}` is swept twice", "one axis has all its values")
        values = [(type(choice.value), choice.value) for choice in each.choices]
        double = next((choice for i, choice in enumerate(each.choices) if values[i] in values[:i]), None)
        if double is not None:
            raise AxisError(f"`{each.title}`: {double.text} stands there twice")
    check_count([(each.title, len(each.choices)) for each in axes], most, COMBINATIONS)


def computed(source: Source, axes: Sequence[Axis], base: Options, library: Library | None = None) -> Grid:
    """Every combination compiled; one with errors is a point without numbers, and stops no other."""
    library = library or Library(source.name, base.limits)
    points, first, name = list[Point](), None, None
    for chosen in product(*(each.choices for each in axes)):
        options, batch = _options(base, axes, chosen)
        compiled = compile_source(source, options, library)
        first = first or compiled
        name = name or (compiled.built.graph.name if compiled.built else None)
        settings = {axis.title: choice for axis, choice in zip(axes, chosen, strict=True)}
        points.append(_point(settings, compiled, batch))
    assert first is not None
    return Grid(name, source.name, tuple(axes), tuple(points), first)


def _options(base: Options, axes: Sequence[Axis], chosen: Sequence[Choice]) -> tuple[Options, int]:
    parameters, inputs, batch, model = dict(base.parameters), dict(base.inputs), 1, base.model
    for axis, choice in zip(axes, chosen, strict=True):
        if axis.kind == BATCH:
            batch = choice.value
        elif axis.kind == INPUT:
            names = axis.name.split(",") if axis.name else [None]
            inputs = {**(inputs if axis.name else {}), **dict.fromkeys(names, choice.value)}
        elif axis.kind == MODEL:
            model = choice.value
        else:
            assert axis.name is not None
            parameters[axis.name] = choice.value
    return base._replace(parameters=parameters, inputs=inputs, model=model), batch


def _point(settings: Mapping[str, Choice], compiled: Compiled, batch: int) -> Point:
    errors = tuple(each for each in compiled.diagnostics if each.is_error)
    built = compiled.built
    refused = any(each.id != BUDGET for each in errors)  # then what was built may be another network
    if built is None or refused or not compiled.analysis.complete:
        return Point(settings, None, errors)
    return Point(settings, measures(built.graph, built.shapes, compiled.analysis, batch), errors)


def sorted_by(grid: Grid, measure: str) -> Grid:
    """The same, least first; what has no such number stays last."""

    def key(point: Point) -> tuple[bool, int]:
        number = getattr(point.measures, measure, None)
        return number is None, number or 0

    return grid._replace(points=tuple(sorted(grid.points, key=key)))


def check_pivot(axes: Sequence[Axis]) -> None:
    """AxisError unless exactly two axes have several values."""
    several = several_of(axes)
    if len(several) != 2:
        found = ", ".join(f"{len(each.choices)} of `{each.title}`" for each in several) or "none"
        joined = together(axes)
        both = f"; `--input {joined}` is one axis, of inputs that go together" if joined else ""
        raise AxisError("a pivot is of two axes with several values each", f"here are {found}{both}")


def together(axes: Sequence[Axis]) -> str | None:
    """`left,right=160,224`: how the inputs that are swept over the same sizes are one axis; None without such."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for axis in several_of(axes):
        if axis.kind == INPUT and axis.name is not None:
            alike.setdefault(tuple(_side(each.value) for each in axis.choices), []).extend(axis.name.split(","))
    sizes, names = max(alike.items(), key=lambda each: len(each[1]), default=((), []))
    return f"{','.join(names)}={','.join(sizes)}" if len(names) > 1 else None


def disjoined(grid: Grid) -> str | None:
    """The same, where all that fails are combinations of such inputs at different sizes."""
    joined = together(grid.axes)
    if joined is None:
        return None
    names = set(joined.partition("=")[0].split(","))
    titles = [axis.title for axis in grid.several if axis.kind == INPUT and names & set((axis.name or "").split(","))]
    wrong = [each for each in grid.points if each.measures is None]
    apart = all(len({_side(each.settings[title].value) for title in titles}) > 1 for each in wrong)
    return joined if wrong and len(titles) > 1 and apart else None


def _side(shape: Shape) -> str:
    """A square as a side alone, which is one for any number of channels; else the shape."""
    sides = set(shape[1:]) if len(shape) > 1 else set(shape)
    return str(sides.pop()) if len(sides) == 1 else dress(shape)


def no_network(grid: Grid) -> tuple[Diagnostic, ...]:
    """Why there is nothing to go through: the file has no model at all, or not one that is asked for, or not the
    parameter or input that all combinations ask for. Empty where there is; an input's shape that fits nothing, or a
    parameter that one of several models has, is a matter of the lines in question."""
    for each in grid.points:
        if any(error.id == "unknown-model" for error in each.errors):
            return each.errors
    if all(any(error.id in OPTION_IDS for error in each.errors) for each in grid.points):
        return grid.first.diagnostics
    nothing = all(each.measures is None and not each.errors for each in grid.points)
    return grid.first.diagnostics if nothing else ()
