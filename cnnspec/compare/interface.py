"""What whoever calls a network has to know of it: inputs and outputs by name and in order, and which step is which."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable


class Ends(Enum):
    INPUTS = "inputs"
    OUTPUTS = "outputs"
    AUX = "aux"


class What(Enum):
    """What became of an end. STEP: its name has stayed, but belongs to another step (of inputs: it feeds what another
    one fed). ORDER is of all ends that both networks have."""

    ADDED = "added"
    REMOVED = "removed"
    NAME = "name"
    STEP = "step"
    ORDER = "order"
    SHAPE = "shape"
    WEIGHT = "weight"


class Change(NamedTuple):
    """`name` is what the second network calls the end (the first one, of what was removed; empty for an order).

    `old` and `new` are by kind: names (NAME), the names in order under which the second network knows them (ORDER),
    shapes (SHAPE), weights of the loss (WEIGHT), and of STEP the step each network has there. Of STEP, `was` is the
    name that the new step had as an end of the first network, if it was one.
    """

    ends: Ends
    what: What
    name: str
    old: object = None
    new: object = None
    was: str | None = None


def interface(a: Graph, a_shapes: ShapeTable, b: Graph, b_shapes: ShapeTable, pairs: Mapping[str, str]) -> list[Change]:
    """What differs in the interfaces of two networks, of whose steps `pairs` says which is which."""
    sides = (
        (Ends.INPUTS, {id: id for id in a.inputs}, {id: id for id in b.inputs}),
        (Ends.OUTPUTS, a.outputs, b.outputs),
        (
            Ends.AUX,
            {name: each.node for name, each in a.aux.items()},
            {name: each.node for name, each in b.aux.items()},
        ),
    )
    found = list[Change]()
    for ends, old, new in sides:
        names = _names(old, new, pairs)
        found += _steps(ends, old, new, names, pairs)
        found += _shapes(ends, names, {name: a_shapes.get(id) for name, id in old.items()}, new, b_shapes)
    found += [
        Change(Ends.AUX, What.WEIGHT, name, head.weight, b.aux[name].weight)
        for name, head in a.aux.items()
        if name in b.aux and b.aux[name].weight != head.weight
    ]
    return found


def _names(old: Mapping[str, str], new: Mapping[str, str], pairs: Mapping[str, str]) -> dict[str, str]:
    """The first network's names that are still there, and what they are now: the same if the second network has it,
    else the new name of the same step."""
    fresh: dict[str, list[str]] = {}
    for name, id in new.items():
        if name not in old:
            fresh.setdefault(id, []).append(name)
    found = {}
    for name, id in old.items():
        if name in new:
            found[name] = name
        elif others := fresh.get(pairs.get(id, "")):
            found[name] = others.pop(0)
    return found


def _steps(
    ends: Ends, old: Mapping[str, str], new: Mapping[str, str], names: Mapping[str, str], pairs: Mapping[str, str]
) -> Iterator[Change]:
    before = {other: one for one, other in pairs.items()}
    was = {old[name]: name for name in reversed(list(old))}
    yield from (Change(ends, What.REMOVED, name) for name in old if name not in names)
    yield from (Change(ends, What.ADDED, name) for name in new if name not in names.values())
    yield from (Change(ends, What.NAME, now, name, now) for name, now in names.items() if name != now)
    for name, now in names.items():
        if pairs.get(old[name]) != new[now]:
            yield Change(ends, What.STEP, now, old[name], new[now], was.get(before.get(new[now], "")))
    there, here = list(names.values()), [name for name in new if name in names.values()]
    if there != here:
        yield Change(ends, What.ORDER, "", there, here)


def _shapes(
    ends: Ends,
    names: Mapping[str, str],
    old: Mapping[str, Shape | None],
    new: Mapping[str, str],
    shapes: ShapeTable,
) -> Iterator[Change]:
    for name, now in names.items():
        if old[name] != shapes.get(new[now]):
            yield Change(ends, What.SHAPE, now, old[name], shapes.get(new[now]))


def told(changes: Sequence[Change]) -> list[Change]:
    """All but shapes, which are told with the totals."""
    return [each for each in changes if each.what is not What.SHAPE]
