"""The numbers of one step or of several, batch included, and the quantities that are made of them."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from cnnspec.reports.numbers import duration, memory, quotient, thousands

ZERO = Fraction(0)


class Figures(NamedTuple):
    """`params` and `buffers` are numbers, `weights` the bytes of both: what is stored, whatever the batch.

    The others are computed: `activation` bytes of the result, `moved` bytes read and written where nothing is fused,
    `seconds` on the device that was asked for, `computing` the part of them that arithmetic bounds.
    """

    params: int = 0
    buffers: int = 0
    weights: int = 0
    macs: int = 0
    ops: int = 0
    activation: int = 0
    moved: int = 0
    seconds: Fraction = ZERO
    computing: Fraction = ZERO

    @property
    def flops(self) -> int:
        """A multiply-add is two."""
        return 2 * self.macs + self.ops

    @property
    def memory(self) -> int:
        """Bytes that are there once it has run: its weights and its result."""
        return self.weights + self.activation

    @property
    def intensity(self) -> Fraction | None:
        """FLOPs a byte moved; None where nothing is."""
        return Fraction(self.flops, self.moved) if self.moved else None


NOTHING = Figures()


def summed(parts: Iterable[tuple[Figures, bool]]) -> Figures:
    """The sum of figures, each with whether it runs at inference: what is stored is of all, what is computed of those
    that run; of all where none does."""
    found = list(parts)
    if not found:
        return NOTHING
    running = [each for each, runs in found if runs] or [each for each, _ in found]
    return Figures(
        sum(each.params for each, _ in found),
        sum(each.buffers for each, _ in found),
        sum(each.weights for each, _ in found),
        sum(each.macs for each in running),
        sum(each.ops for each in running),
        sum(each.activation for each in running),
        sum(each.moved for each in running),
        sum((each.seconds for each in running), ZERO),
        sum((each.computing for each in running), ZERO),
    )


class Quantity(NamedTuple):
    """`told` is what the column is called, `said` what it says for those who read it first. `adds`: a share of a total
    means something. `stored`: the same for every batch, and counted for auxiliary heads too."""

    told: str
    of: Callable[[Figures], Any]
    shown: Callable[[Any], str] = thousands
    said: str = ""
    adds: bool = True
    stored: bool = False


QUANTITIES = {
    "params": Quantity("params", lambda each: each.params, stored=True),
    "macs": Quantity("MACs", lambda each: each.macs),
    "ops": Quantity("other ops", lambda each: each.ops),
    "flops": Quantity("FLOPs", lambda each: each.flops, said="2 for a MAC, 1 for another operation."),
    "activation": Quantity("activation", lambda each: each.activation, memory, "what the result takes, float32."),
    "weights": Quantity("weights", lambda each: each.weights, memory, "what parameters and buffers take.", stored=True),
    "memory": Quantity("memory", lambda each: each.memory, memory, "weights and activation."),
    "moved": Quantity(
        "moved", lambda each: each.moved, memory, "weights and operands read, the result written, nothing fused."
    ),
    "intensity": Quantity(
        "FLOP/byte", lambda each: each.intensity, quotient, "FLOPs for each byte that is moved.", adds=False
    ),
    "time": Quantity(
        "time", lambda each: each.seconds, duration, "FLOPs or bytes at the device's rate, whichever is longer."
    ),
    "buffers": Quantity("buffers", lambda each: each.buffers, stored=True),
}
"""By the names that `--sort` has for them."""

SORTS = tuple(QUANTITIES)
