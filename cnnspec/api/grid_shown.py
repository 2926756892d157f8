"""What `cnnspec.sweep` gives: the numbers of every combination, ready to be shown."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from cnnspec.api.grid import (
    BATCH,
    COMBINATIONS,
    INPUT,
    MOST,
    REQUIRED,
    Axis,
    Grid,
    batch_axis,
    check_axes,
    check_pivot,
    computed,
    input_axis,
    no_network,
    parameter,
)
from cnnspec.api.load import SpecError
from cnnspec.api.model import Path
from cnnspec.api.options import Size, as_shape, as_value, options
from cnnspec.build.options import Options
from cnnspec.contract.values import describe
from cnnspec.files import STDIN, Library, read_source
from cnnspec.passes.measures import NUMBERS
from cnnspec.reports.look import Look
from cnnspec.reports.sweep.plain import flat_record, sweep_csv, sweep_html, sweep_markdown, sweep_record
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source

Inputs = Size | list[Size] | Mapping[str, Size | list[Size]]


def sweep(
    path: Path,
    /,
    *,
    model: str | None = None,
    input: Inputs | None = None,
    batch: int | list[int] | None = None,
    limits: Mapping[str, int] | None = None,
    parameters: Mapping[str, Any] | None = None,
    **more: Any,
) -> Sweep:
    """The numbers of every combination: `sweep("zoo:mobilenet_v1", width=[0.5, 1], input=["3x128x128", "3x160x160"])`.

    As for `load`, but each may be a list of several; what is no list is the same for all. `limits` may raise
    `combinations`. A combination with errors is a row that says so. SpecError for a file that cannot be read or has no
    such model, parameter or input; ValueError for what is no axis. Nothing is trained.
    """
    bounds = dict(limits or {})
    most = bounds.pop(COMBINATIONS, MOST)
    base = options(model, None, bounds, None, {})
    name = os.fsdecode(path)
    if name == STDIN:
        raise ValueError("`-` is the command line's; read the text and give it to `loads`, whose model has `sweep`")
    source = read_source(name, base.limits)
    if isinstance(source, Diagnostic):
        raise SpecError([source])
    return swept(source, base, axes_from(input, batch, {**(parameters or {}), **more}), most)


def swept(source: Source, base: Options, axes: tuple[Axis, ...], most: int, library: Library | None = None) -> Sweep:
    """SpecError where what is asked for fits nothing in the file; ValueError."""
    check_axes(axes, most)
    grid = computed(source, axes, base, library)
    if why := no_network(grid):
        raise SpecError(why)
    return Sweep(grid)


class Sweep:
    """The numbers of every combination, ready to be shown; `rows` are plain records, as data frames take them."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid

    def __repr__(self) -> str:
        return f"<cnnspec.Sweep {self._grid.name}: {len(self)} combinations>"

    def __len__(self) -> int:
        return len(self._grid.points)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A record for each combination: its settings by name, the numbers (None where it is no network), and
        `error`, which says why, None where all is well."""
        return [flat_record(each) for each in self._grid.points]

    def to_dict(self) -> dict[str, Any]:
        """By the schema of docs/sweep.md."""
        return sweep_record(self._grid)

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def to_csv(self, pivot: str | None = None) -> str:
        return sweep_csv(self._grid, _pivot(self._grid, pivot))

    def to_markdown(self, pivot: str | None = None) -> str:
        return sweep_markdown(self._grid, _pivot(self._grid, pivot))

    def to_text(self, pivot: str | None = None, width: int = 120) -> str:
        """The table of `cnnspec sweep`, for so many columns; with `pivot` (`macs`, `params` …) as a paper has it: a
        line for each value of the one axis, a column for each of the other."""
        from cnnspec.reports.sweep.table import sweep_table

        return sweep_table(self._grid, Look(width=width), _pivot(self._grid, pivot))

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return sweep_html(self._grid)


def _pivot(grid: Grid, measure: str | None) -> str | None:
    """The measure to show, checked. ValueError."""
    if measure is not None:
        measure = REQUIRED.get(measure, measure)
        if measure not in NUMBERS:
            raise ValueError(f"{measure!r} is no number of a sweep; those are {', '.join(NUMBERS)}")
        check_pivot(grid.axes)
    return measure


def axes_from(
    input: Inputs | None,
    batch: int | list[int] | None,
    parameters: Mapping[str, Any],
) -> tuple[Axis, ...]:
    """The axes that are asked for in Python: a list is an axis, anything else one value. ValueError, TypeError."""
    found = []
    for name, each in parameters.items():
        values = [as_value(one) for one in _several(name, each)]
        found.append(parameter(name, [(describe(one), one) for one in values]))
    inputs: Mapping[Any, Any] = input if isinstance(input, Mapping) else {} if input is None else {None: input}
    for name, each in inputs.items():
        found.append(input_axis(name, [as_shape(one) for one in _several(INPUT, each)]))
    if batch is not None:
        sizes = _several(BATCH, batch)
        if not all(isinstance(each, int) and not isinstance(each, bool) and each > 0 for each in sizes):
            raise ValueError(f"batch is a whole number above 0, or a list of some, not {batch!r}")
        found.append(batch_axis(sizes))
    return tuple(found)


def _several(name: str, given: Any) -> list[Any]:
    values = given if isinstance(given, list) else [given]
    if not values:
        raise ValueError(f"{name}: a list without a value")
    return values
