"""Which blocks keep most, and what is saved where one is worked out again in backward (gradient checkpointing).

A block that is checkpointed keeps what it reads, and nothing of what it makes; its steps run a second time.
Source: Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016; torch.utils.checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnnspec.contract.facts import Cost
from cnnspec.passes.memory.backward.saved import Forward
from cnnspec.passes.memory.backward.step import Line, line_of
from cnnspec.passes.memory.backward.values import Kind, Storage

MOST_LEVELS = 3


class Block(NamedTuple):
    """`kept` are the bytes that this block is the first to keep, `saved` those that a checkpoint of it saves, for
    `macs` multiply-adds of one sample that are done again."""

    path: str
    steps: int
    kept: Line
    saved: Line
    macs: int


def level_of(forward: Forward) -> int:
    """The first level of names at which no block keeps more than half of all."""
    for level in range(1, MOST_LEVELS):
        found = blocks(forward, {}, level)
        if 2 * max((each.kept.at(1) for each in found), default=0) <= sum(each.kept.at(1) for each in found):
            return level
    return MOST_LEVELS


def blocks(forward: Forward, costs: Mapping[str, Cost], levels: int) -> list[Block]:
    """By the first so many parts of the steps' names, in order."""
    steps: dict[str, list[str]] = {}
    reads: dict[str, dict[Storage, None]] = {}
    makers: dict[Storage, str] = {each.storage: "" for each in forward.inputs}
    keepers: dict[Storage, list[str]] = {}
    for step in forward.steps:
        path = _path(step.node.id, levels)
        steps.setdefault(path, []).append(step.node.id)
        outside = reads.setdefault(path, {})
        outside.update((each.storage, None) for each in step.inputs if makers[each.storage] != path)
        makers.setdefault(step.result.storage, path)
        for each in step.kept:
            if each.kind is not Kind.WEIGHT and path not in keepers.setdefault(each, []):
                keepers[each].append(path)
    kept: dict[str, list[Storage]] = {path: [] for path in steps}
    again: dict[str, list[Storage]] = {path: [] for path in steps}
    for storage, paths in keepers.items():
        kept[paths[0]].append(storage)
        if len(paths) == 1 and storage not in reads[paths[0]]:
            again[paths[0]].append(storage)
    return [
        Block(
            path,
            len(ids),
            line_of(kept[path]),
            line_of(again[path]) - line_of(each for each in reads[path] if each not in keepers),
            sum(costs[id].macs for id in ids if id in costs),
        )
        for path, ids in steps.items()
    ]


def _path(id: str, levels: int) -> str:
    return ".".join(id.split(".")[:levels])
