"""How long a network takes on a device that is known by two numbers alone.

Williams, Waterman and Patterson, Roofline: an insightful visual performance model for multicore architectures, CACM 52
(4), 2009: a step takes as long as its arithmetic at full rate, or as the movement of its bytes at full rate, whichever
is longer. Here steps run one after another, and what is moved depends on what is fused; so the answer is a range.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from cnnspec.contract.facts import Cost
from cnnspec.passes.analysis import Analysis
from cnnspec.passes.roofline.fusing import Fused
from cnnspec.passes.roofline.traffic import Traffic


class Device(NamedTuple):
    """What a device computes in a second, in FLOPs, and moves between memory and itself, in bytes; both above 0."""

    flops: Fraction
    bytes: Fraction

    @property
    def ridge(self) -> Fraction:
        """The FLOPs a byte from which on arithmetic takes longer than memory."""
        return self.flops / self.bytes

    @property
    def tick(self) -> Fraction:
        """A part of a second of which every time below is a whole number."""
        return Fraction(1, self.flops.numerator * self.bytes.numerator)

    @property
    def rates(self) -> tuple[int, int]:
        """How many ticks a FLOP takes, and how many the movement of a byte."""
        computing = self.flops.denominator * self.bytes.numerator
        return computing, self.bytes.denominator * self.flops.numerator


class Estimate(NamedTuple):
    """Times for a batch, in ticks of the device.

    `steps` has what each step takes where nothing is fused, `groups` what each group of fused steps takes; `slowest`
    and `fastest` are the sums over the steps that run. `on_chip` is for all FLOPs with nothing moved but weights,
    inputs and outputs; `computing` is the part of `slowest` in steps that arithmetic bounds.
    """

    tick: Fraction
    steps: Mapping[str, int]
    groups: Mapping[str, int]
    slowest: int
    fastest: int
    on_chip: int
    computing: int


def flops(cost: Cost) -> int:
    """A multiply-add is two."""
    return 2 * cost.macs + cost.ops


def estimate(
    analysis: Analysis, moved: Mapping[str, Traffic], fusing: Fused, device: Device, batch: int = 1
) -> Estimate:
    """The range for one batch; `moved` is of passes/roofline/traffic.py."""
    steps: dict[str, int] = {}
    together = dict.fromkeys(fusing.groups, 0)
    work = slowest = bound = 0
    per_flop, per_byte = device.rates
    for row in analysis.rows:
        id = row.node.id
        moves = moved.get(id)
        if moves is None:
            continue
        own = batch * flops(row.cost)
        computing, moving = own * per_flop, moves.bytes(batch) * per_byte
        steps[id] = took = max(computing, moving)
        if row.runs:
            work += own
            slowest += took
            bound += computing if computing >= moving else 0
            if id in fusing.into:
                together[fusing.into[id]] += own
    groups = {id: max(own * per_flop, fusing.groups[id].bytes(batch) * per_byte) for id, own in together.items()}
    on_chip = max(work * per_flop, fusing.least.bytes(batch) * per_byte)
    return Estimate(device.tick, steps, groups, slowest, sum(groups.values()), on_chip, bound)
