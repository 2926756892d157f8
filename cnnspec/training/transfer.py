"""Which steps are frozen at which update, and whose learning rate is another: a function of the update's number, so
that nothing of it stands in a checkpoint."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnnspec.contract.training.kinds import EPOCH
from cnnspec.contract.training.recipe import Recipe
from cnnspec.contract.training.transfer import named
from cnnspec.training.network import Network, step_of


class Frozen(NamedTuple):
    """A line `freeze`: the steps that it names, and the number of the first update that trains them; None: none."""

    patterns: tuple[str, ...]
    steps: frozenset[str]
    until: int | None
    said: str  # how long, in words


class Slower(NamedTuple):
    """A line `rate`, and the steps that it names."""

    patterns: tuple[str, ...]
    steps: frozenset[str]
    factor: float


class Transfer:
    """What a recipe's `freeze` and `rate` come to in a network. A step that works with another's tensors is frozen with
    that other, and not by its own name."""

    def __init__(self, network: Network, recipe: Recipe, per_epoch: int) -> None:
        own = [node.id for node in network.graph if node.reuse_of is None and node.inputs]
        self.network = network
        self.parts = tuple(
            Frozen(
                line.patterns,
                frozenset(named(line.patterns, own)),
                line.until and line.until * (per_epoch if line.unit == EPOCH else 1),
                f"for {line.until:,} {line.unit}{'s' * (line.until != 1)}" if line.until else "",
            )
            for line in recipe.freeze or ()
        )
        self.rates = tuple(
            Slower(line.patterns, frozenset(named(line.patterns, own)), line.factor) for line in recipe.rate or ()
        )
        self.frozen: frozenset[str] = frozenset()
        self.counts: dict[str, int] = {}
        for name, each in network.named_parameters():
            self.counts[step_of(name)] = self.counts.get(step_of(name), 0) + each.numel()

    def at(self, update: int) -> None:
        """The network as this update, from 0, has it: what is frozen then, and nothing else."""
        parts = [part.steps for part in self.parts if part.until is None or update < part.until]
        frozen = frozenset[str]().union(*parts)
        if frozen != self.frozen:
            self.frozen = frozen
            self.network.freeze(frozen)

    def moves(self, tensor: str) -> bool:
        """Whether the last update may have changed this tensor of the `state_dict`."""
        return step_of(tensor) not in self.frozen

    @property
    def factors(self) -> dict[str, float]:
        """Of the learning rate, by the name of each parameter that has one of its own."""
        by_step = {step: each.factor for each in self.rates for step in each.steps}
        names = (name for name, _ in self.network.named_parameters())
        return {name: by_step[step_of(name)] for name in names if step_of(name) in by_step}

    # -- as it is told ---------------------------------------------------------------------------------------------

    def notes(self) -> tuple[str, ...]:
        """How much is trained, and what is not, or at another rate."""
        found = []
        if self.parts:
            frozen = frozenset[str]().union(*(part.steps for part in self.parts))
            whole, still = sum(self.counts.values()), self._count(frozen)
            parts = "; ".join(
                f"{_quoted(part.patterns)} ({self._count(part.steps):,}{', ' * bool(part.said)}{part.said})"
                for part in self.parts
            )
            first = " at first" if any(part.until for part in self.parts) else ""
            found.append(f"trains {whole - still:,} of {whole:,} parameters{first}; frozen: {parts}")
        for each in self.rates:
            of = "" if each.steps - self._for_good() else ", which are frozen"
            found.append(
                f"rate times {each.factor:g}: {_quoted(each.patterns)} ({self._count(each.steps):,} parameters{of})"
            )
        return tuple(found)

    def plain(self) -> dict[str, Any]:
        """The same as JSON has it, with the steps one by one."""
        whole = sum(self.counts.values())
        frozen = frozenset[str]().union(*(part.steps for part in self.parts))
        return {
            "parameters": whole,
            "trained_at_first": whole - self._count(frozen),
            "freeze": [
                {"patterns": part.patterns, "until_step": part.until, **self._plain(part.steps)} for part in self.parts
            ],
            "rate": [
                {"patterns": each.patterns, "factor": each.factor, **self._plain(each.steps)} for each in self.rates
            ],
        }

    def _plain(self, steps: frozenset[str]) -> dict[str, Any]:
        return {"parameters": self._count(steps), "steps": [each for each in self.network.graph.nodes if each in steps]}

    def _count(self, steps: frozenset[str]) -> int:
        return sum(self.counts.get(each, 0) for each in steps)

    def _for_good(self) -> frozenset[str]:
        return frozenset[str]().union(*(part.steps for part in self.parts if part.until is None))


def _quoted(patterns: tuple[str, ...]) -> str:
    return ", ".join(f'"{each}"' for each in patterns)
