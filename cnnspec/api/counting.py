"""What other tools count of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.lower.torch_source.rooms import in_evaluation
from cnnspec.passes.conventions.cross_walk import CrossWalk, cross_walk
from cnnspec.passes.conventions.tools import NAMES, tool

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled


def counted(compiled: Compiled, name: str, batch: int = 1) -> CrossWalk:
    """The total that a tool prints for the torch source of a network without errors, and where it parts from ours.
    ValueError if nobody is called so, or for no sample."""
    if name not in NAMES:
        raise ValueError(f"{name!r} is no convention; those are {', '.join(map(repr, NAMES))}")
    if batch < 1:
        raise ValueError(f"batch is a whole number above 0, not {batch}")
    assert compiled.whole, "a network with errors has no source"
    assert compiled.built is not None
    graph, shapes = compiled.built.graph, compiled.built.shapes
    return cross_walk(tool(name), graph, shapes, in_evaluation(graph, shapes), batch)
