"""Another tool's total, ready to be shown."""

from __future__ import annotations

import json
from typing import Any

from cnnspec.api.counting import counted
from cnnspec.passes.conventions.cross_walk import CrossWalk, Difference, Silence
from cnnspec.passes.conventions.rules import Tool
from cnnspec.pipeline import Compiled
from cnnspec.reports.conventions import cross_walk as shown
from cnnspec.reports.look import Look


class Counted:
    """What a tool prints for a network, and where it parts from ours; as a string it is the text of `report --why`."""

    def __init__(self, compiled: Compiled, name: str, batch: int = 1) -> None:
        self._compiled = compiled
        self._walk: CrossWalk = counted(compiled, name, batch)

    def __repr__(self) -> str:
        walk, built = self._walk, self._compiled.built
        assert built is not None
        number = shown.UNDEFINED if walk.value is None else f"{walk.value:,} {walk.tool.unit}"
        bound = "" if walk.complete or walk.value is None else ", a lower bound"
        return f"<cnnspec.Counted {built.graph.name} as {walk.tool.name}: {number}{bound}>"

    def __str__(self) -> str:
        return self.to_text()

    def __int__(self) -> int:
        """ValueError where there is no number."""
        if self._walk.value is None:
            raise ValueError(f"{self._walk.tool.name} has no number for this network: {shown.reason(self._walk)}")
        return self._walk.value

    @property
    def tool(self) -> Tool:
        """Its `package`, `version`, what a user writes (`call`), and what it calls its number (`unit`)."""
        return self._walk.tool

    @property
    def batch(self) -> int:
        """For how many samples; ptflops is always asked for one."""
        return self._walk.batch

    @property
    def value(self) -> int | None:
        """What the tool prints; None where that is not defined, and `undefined` says why."""
        return self._walk.value

    @property
    def ours(self) -> int:
        """The network's MACs for so many samples; with the numbers of all `differences` they make `value`."""
        return self._walk.ours

    @property
    def complete(self) -> bool:
        """The tool has a rule for all that computes something, and none that counts less than it means to; else its
        number is a lower bound in its own sense."""
        return self._walk.complete

    @property
    def differences(self) -> tuple[Difference, ...]:
        return self._walk.differences

    @property
    def unseen(self) -> tuple[Silence, ...]:
        """Steps that compute something, and that the tool has no rule for."""
        return self._walk.unseen

    @property
    def short(self) -> tuple[Silence, ...]:
        """Steps of which the tool's rule counts less than it means to."""
        return self._walk.short

    @property
    def undefined(self) -> tuple[Silence, ...]:
        return self._walk.undefined

    def to_dict(self) -> dict[str, Any]:
        """`totals.convention` of docs/report-schema.md."""
        return shown.convention_record(self._walk.tool, self._walk)

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def to_csv(self) -> str:
        return shown.cross_walk_csv(self._walk)

    def to_markdown(self) -> str:
        return shown.cross_walk_markdown(self._compiled, self._walk.tool, self._walk)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def to_text(self, width: int = 120) -> str:
        """What `cnnspec report --why` prints, for so many columns."""
        return shown.cross_walk_text(self._compiled, self._walk.tool, self._walk, Look(width=width))
