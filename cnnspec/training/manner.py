"""How the same recipe is worked off: with which numbers, laid out how, compiled or not, by how many threads."""

from __future__ import annotations

from typing import Any, NamedTuple

FP32, BF16, FP16 = PRECISIONS = ("fp32", "bf16", "fp16")
FREE = ("workers", "processes")
"""What may change when a run goes on: no result depends on it, but for the order of sums over processes."""


class Manner(NamedTuple):
    """`precision` is of the convolutions and products in training; weights, updates and whatever is judged are fp32
    always. `processes` is not asked for: it is how many there are. `said` names what a command says."""

    precision: str = FP32
    channels_last: bool = False
    compile: bool = False
    sync_bn: bool = False
    workers: int = 0
    processes: int = 1
    said: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON has it: value and origin of each."""
        origins = {name: f"--{name.replace('_', '-')}" for name in self.said}
        if self.processes > 1:
            origins["processes"] = "torchrun"
        names = (each for each in self._fields if each != "said")
        return {name: {"value": getattr(self, name), "from": origins.get(name, "default")} for name in names}


AS_EVER = Manner()
"""What nobody says."""
