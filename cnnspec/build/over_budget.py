"""A condition on the finished model that does not hold, in words: how much it is over or short, and who makes it so."""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from cnnspec.contract.values import dress
from cnnspec.ir.account import Account, Map, Part, Path, Peak, Sum
from cnnspec.source.amounts import percentage
from cnnspec.source.diagnostic import Label

UNITS = {"params": "parameters", "macs": "MACs", "rf": "pixels", "memory": "bytes", "depth": "multiplying layers"}
MANY_TIMES = 10


class Missed(NamedTuple):
    """A bound that a quantity misses. `op` is as if the quantity stood on the left: `params <= 12M`."""

    quantity: str
    op: str
    number: int
    bound: int | Fraction

    @property
    def is_over(self) -> bool:
        """Whether less of it would be right."""
        return self.op in ("<", "<=") or (self.op == "==" and self.number > self.bound)

    @property
    def distance(self) -> int | Fraction:
        return self.number - self.bound if self.number > self.bound else self.bound - self.number

    def told(self) -> str:
        """`12,345,678 of 12,000,000 parameters, 345,678 (2.9%) over`"""
        unit = UNITS[self.quantity]
        if self.op == "!=":
            return _counted(self.number, unit)
        if not self.distance:
            wanted = "below" if self.is_over else "above"
            return f"{_counted(self.number, unit)}, where {wanted} {_said(self.bound)} is asked for"
        return f"{self.number:,} of {_counted(self.bound, unit)}, {_said(self.distance)}{self._share()} {self.side}"

    @property
    def side(self) -> str:
        return "over" if self.is_over else "short"

    def label(self) -> str:
        return f"{_said(self.distance)}{self._share()} {self.side}" if self.distance and self.op != "!=" else ""

    def _share(self) -> str:
        if self.bound <= 0:
            return ""
        if self.distance >= MANY_TIMES * self.bound:
            return f" ({float(self.distance / self.bound):,.0f} times the bound)"
        return f" ({percentage(self.distance, self.bound)})"


def blamed(missed: Missed, account: Account) -> tuple[tuple[Label, ...], tuple[str, ...]]:
    """Labels at the steps to look at, and notes with numbers and places. Of a sum that is too small nobody is to
    blame."""
    match account:
        case Sum() if missed.is_over and missed.op != "!=":
            return _of_sum(missed, account)
        case Peak() if missed.is_over and missed.op != "!=":
            return _of_peak(account)
        case Path():
            return _of_path(missed, account)
        case Map():
            return _of_map(account)
    return (), ()


def _of_sum(missed: Missed, found: Sum) -> tuple[tuple[Label, ...], tuple[str, ...]]:
    """The labels say the numbers of the model's own steps; a note has their shares for who sees no labels."""
    unit, whole = UNITS[missed.quantity], missed.number

    def share(part: Part) -> str:
        return percentage(part.number * part.alike, whole)

    def shared(part: Part) -> str:
        together = f"each, {share(part)} together" if part.alike > 1 else f"({share(part)})"
        return f"{_counted(part.number, unit)} {together}"

    labels = tuple(Label(each.span, shared(each)) for each in found.steps)
    notes = _largest("largest layers", found.layers, shared)
    if {each.span for each in found.steps} <= {each.span for each in found.layers}:
        return labels, notes
    return labels, ("most is in " + ", ".join(f"`{each.path}` ({share(each)})" for each in found.steps), *notes)


def _of_peak(found: Peak) -> tuple[tuple[Label, ...], tuple[str, ...]]:
    weights = _counted(found.weights, "bytes")
    whole = f"{weights} of weights, and {found.activations:,} of values while {_named(found.at)} runs"
    values = _largest("largest values then", found.alive, lambda part: _counted(part.number, "bytes"))
    return (Label(found.at.step, "most values are held here"),), (whole, *values)


def _of_path(missed: Missed, found: Path) -> tuple[tuple[Label, ...], tuple[str, ...]]:
    first, last = found
    if first == last:
        return (Label(first.step, "the only one"),), (f"it is {_named(first)}",)
    labels = [Label(first.step, "the longest path begins here"), Label(last.step, "and ends here")]
    if first.step == last.step:
        labels = [Label(first.step, "the longest path lies here")]
    return tuple(labels), (f"the longest path has {missed.number:,}, from {_named(first)} to {_named(last)}",)


def _of_map(found: Map) -> tuple[tuple[Label, ...], tuple[str, ...]]:
    part = found.map
    pixels = _counted(part.number, UNITS["rf"])
    seen = f"{pixels} of the input, on the axis where that is least"
    whose = "the unit that sees furthest" if found.units_differ else "each of its units"
    note = f"the last map is that of {_named(part)}, {dress(found.shape)}\n{whose} sees {seen}"
    return (Label(part.step, f"the last map sees {pixels}"),), (note,)


def _largest(title: str, parts: tuple[Part, ...], shared: Callable[[Part], str]) -> tuple[str, ...]:
    lines = [f"{_named(each)}: {shared(each)}" for each in parts]
    return ("\n".join([title if len(lines) > 1 else title.removesuffix("s"), *lines]),) if lines else ()


def _named(part: Part) -> str:
    """`layer4.0.conv2` and 2 like it (resnet_blocks.cnn:28)"""
    alike = f" and {part.alike - 1:,} like it" if part.alike > 1 else ""
    return f"`{part.path}`{alike} ({part.span.source.name}:{part.span.line})"


def _counted(number: int | Fraction, unit: str) -> str:
    """`1 pixel`, `12,000,000 parameters`"""
    return f"{_said(number)} {unit.removesuffix('s') if number == 1 else unit}"


def _said(number: int | Fraction) -> str:
    return f"{int(number):,}" if number == int(number) else f"{float(number):,.2f}"
