"""What becomes of an old checkpoint: which tensor goes where."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cnnspec.compare.steps import Step
from cnnspec.contract.facts import Weight
from cnnspec.contract.values import Shape
from cnnspec.passes.analysis import Row


class Reshaped(NamedTuple):
    """A tensor of a pair that has another shape, or is of another type; or the count of batches that goes with such."""

    name: str
    old: Shape
    new: Shape


class Tensors(NamedTuple):
    """By full names (`layer1.0.conv1.weight`), buffers too.

    `kept` fit under their names. `renamed` fit under another name; `reshaped` are the same layer's, but fit no more;
    `left` has no place in the second network, and `fresh` none in the first. `mistaken` are names that both networks
    have with one shape, but for different steps: whoever loads by name alone puts these in the wrong place.
    """

    kept: tuple[str, ...]
    renamed: Mapping[str, str]
    reshaped: Mapping[str, Reshaped]
    left: tuple[str, ...]
    fresh: tuple[str, ...]
    mistaken: tuple[str, ...]


def tensors(steps: Sequence[Step]) -> Tensors:
    """Of pairs of one word: what a batch norm has learnt is nothing that a group norm could go on with."""
    old = _owned(each.a for each in steps)
    new = _owned(each.b for each in steps)
    kept, renamed, reshaped = list[str](), dict[str, str](), dict[str, Reshaped]()
    taken = set[str]()
    for each in steps:
        if each.a is None or each.b is None or each.a.node.layer.word != each.b.node.layer.word:
            continue
        mine = {weight.name: weight for weight in each.a.weights}
        both = [(mine[weight.name], weight) for weight in each.b.weights if weight.name in mine]
        fits = all(_kind(before) == _kind(weight) for before, weight in both)
        for before, weight in both:
            name, now = f"{each.a.node.id}.{weight.name}", f"{each.b.node.id}.{weight.name}"
            taken.add(now)
            if _kind(before) != _kind(weight) or not (fits or weight.shape):
                reshaped[name] = Reshaped(now, before.shape, weight.shape)
            elif name == now:
                kept.append(name)
            else:
                renamed[name] = now
    placed = {*kept, *renamed, *reshaped}
    left = tuple(name for name in old if name not in placed)
    fresh = tuple(name for name in new if name not in taken)
    mistaken = tuple(
        name
        for name, weight in old.items()
        if name in new and _kind(new[name]) == _kind(weight) and (name in renamed or name in left)
    )
    return Tensors(tuple(kept), renamed, reshaped, left, fresh, mistaken)


def _owned(rows: Iterable[Row | None]) -> dict[str, Weight]:
    return {f"{row.node.id}.{weight.name}": weight for row in rows if row for weight in row.weights}


def _kind(weight: Weight) -> tuple[Shape, str]:
    return weight.shape, weight.dtype
