"""Every number that a report shows of a network, worked out once for all formats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.ir.graph import Graph, Input, Unknown
from cnnspec.passes.analysis import Row
from cnnspec.passes.memory.peak import BYTES
from cnnspec.passes.parameters import elements
from cnnspec.passes.roofline.estimate import Estimate, estimate
from cnnspec.passes.roofline.fusing import Fused, fused
from cnnspec.passes.roofline.traffic import FLOAT32, Traffic, memory_steps, size, traffic
from cnnspec.reports.network.asked import ALL, Asked
from cnnspec.reports.network.figures import NOTHING, ZERO, Figures, summed

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled


class Times(NamedTuple):
    """What a device that was asked for needs."""

    fusing: Fused
    estimate: Estimate


class Measured(NamedTuple):
    """`figures` are by node, for the batch that was asked for; `totals` of what runs, as a report's totals are,
    lower bounds where not all is `complete`."""

    graph: Graph
    rows: tuple[Row, ...]
    complete: bool
    asked: Asked
    figures: Mapping[str, Figures]
    totals: Figures
    times: Times | None

    @property
    def layers(self) -> list[Row]:
        """The rows of steps: without inputs, and without what was refused."""
        return [row for row in self.rows if not isinstance(row.node.layer, (Input, Unknown))]


def measure(compiled: Compiled, asked: Asked = ALL) -> Measured:
    """`compiled` holds a model."""
    built, analysis = compiled.built, compiled.analysis
    assert built is not None
    graph, shapes = built.graph, built.shapes
    steps = memory_steps(graph, shapes)
    width, times = asked.precision.bytes, None
    moved = {id: each.narrowed(width) for id, each in traffic(graph, shapes, steps).items()}
    if asked.device is not None:
        fusing = fused(graph, shapes, steps).narrowed(width)
        times = Times(fusing, estimate(analysis, moved, fusing, asked.device, asked.times))
    figures = {row.node.id: _figures(row, moved.get(row.node.id), asked, times) for row in analysis.rows}
    totals = summed((figures[row.node.id], row.runs) for row in analysis.rows)
    return Measured(graph, analysis.rows, analysis.complete, asked, figures, totals, times)


def _figures(row: Row, moved: Traffic | None, asked: Asked, times: Times | None) -> Figures:
    if moved is None:
        return NOTHING
    batch, cost, width = asked.times, row.cost, asked.precision.bytes
    seconds = computing = ZERO
    if times is not None and asked.device is not None:
        seconds = times.estimate.steps[row.node.id] * times.estimate.tick
        flops, bytes = batch * (2 * cost.macs + cost.ops), moved.bytes(batch)
        computing = seconds if flops >= bytes * asked.device.ridge else ZERO
    return Figures(
        row.params,
        row.buffers,
        sum((width if each.dtype == "float32" else BYTES[each.dtype]) * elements(each) for each in row.weights),
        batch * cost.macs,
        batch * cost.ops,
        batch * size(row.shape) // FLOAT32 * width,
        moved.bytes(batch),
        seconds,
        computing,
    )
