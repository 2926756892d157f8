"""How sizes came about: the chain that leads to a value, and where the chains of two values part."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from cnnspec.contract.facts import Reach
from cnnspec.contract.symbols import PLACES
from cnnspec.contract.values import Shape, dress
from cnnspec.ir.graph import Input, Node

LONGEST_CHAIN = 6
Nodes = Mapping[str, Node]
Sizes = Mapping[str, Shape | None]


def way_to(id: str, nodes: Nodes) -> list[str]:
    """The nodes from an input to this one, along first operands."""
    way = [id]
    while inputs := nodes[way[-1]].inputs:
        way.append(inputs[0])
    return way[::-1]


def sizes_along(id: str, nodes: Nodes, shapes: Sizes) -> str:
    """How a value's shape came about, from the input on: `3x32x32 → conv1 8x30x30 → maxpool1 8x15x15`."""
    return _told(way_to(id, nodes), nodes, shapes)


def _told(way: list[str], nodes: Nodes, shapes: Sizes) -> str:
    """The shape of the first node, and every node that changes it."""
    told = [dress(shapes[way[0]])]
    told += [f"{id} {dress(shapes[id])}" for id in changing(way, shapes)]
    if len(told) > LONGEST_CHAIN:
        told[1 : len(told) - LONGEST_CHAIN + 2] = ["…"]
    return " → ".join(told)


def changing(way: list[str], shapes: Sizes) -> list[str]:
    """The nodes of a way whose shape is not that of the node before."""
    return [id for before, id in pairwise(way) if shapes[id] != shapes[before]]


class Fork(NamedTuple):
    """Two values that ought to agree: the node from which both come (None: from different inputs), the two ways from
    there on, it included, and the nodes at which their sizes begin to differ."""

    node: str | None
    ways: tuple[list[str], list[str]]
    parting: tuple[str, ...]


def fork_of(one: str, other: str, nodes: Nodes, shapes: Sizes) -> Fork:
    """Where two values come from, and where they part: in their extents if those differ, else in their channels."""
    left, right = way_to(one, nodes), way_to(other, nodes)
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    ways = (left[shared - 1 :], right[shared - 1 :]) if shared else (left, right)
    return Fork(left[shared - 1] if shared else None, ways, tuple(_parting(ways, shapes)))


def _parting(ways: tuple[list[str], list[str]], shapes: Sizes) -> Iterator[str]:
    ends = [shapes[way[-1]] or () for way in ways]
    first = 0 if ends[0][1:] == ends[1][1:] else 1  # axis from which on the shapes are compared
    last = None if first else 1
    seen = [[(id, (shapes[id] or ())[first:last]) for id in way] for way in ways]
    changes = [
        [now for before, now in pairwise(each) if now[1] != before[1]] for each in seen
    ]  # fmt: skip
    place = 0
    while place < min(map(len, changes)) and changes[0][place][1] == changes[1][place][1]:
        place += 1
    for each in changes:
        if place < len(each):
            yield each[place][0]


def fork_note(places: tuple[int, int], fork: Fork, nodes: Nodes, shapes: Sizes) -> str:
    """Whose chain is whose, from the fork on, and where they part. `places` count the merge's branches from 0."""
    if fork.node is None:
        head = "the branches come from different inputs"
    else:
        shape = dress(shapes[fork.node])
        head = f"both begin with {'the input' if isinstance(nodes[fork.node].layer, Input) else fork.node} {shape}"
        head += f", and part at {' and '.join(fork.parting)}" if fork.parting else ""
    chains = (f"branch {place + 1}: {_told(way, nodes, shapes)}" for place, way in zip(places, fork.ways, strict=True))
    return "\n".join((head, *chains))


def lost_rows(fork: Fork, nodes: Nodes, shapes: Sizes) -> str | None:
    """A window with a stride left out what did not fill another step, and making the map larger again cannot bring it
    back: the usual slip of encoders and decoders. Told of an axis on which the two do not agree."""
    for mine, other in ((0, 1), (1, 0)):
        have, want = (shapes[fork.ways[each][-1]] or () for each in (mine, other))
        for id in changing(fork.ways[mine], shapes):
            for axis, lost, stride, size in _left_out(nodes[id], shapes):
                if len(have) == len(want) > axis and 0 != want[axis] - have[axis] == lost * (want[axis] // size):
                    return _lost(size, stride, lost, PLACES[len(have) - 1][axis - 1], nodes[id])
    return None


def _left_out(node: Node, shapes: Sizes) -> Iterator[tuple[int, int, int, int]]:
    """Axis, pixels that the last step of the window did not reach, its stride, and the size of the map."""
    before, after = (shapes[node.inputs[0]] or ()), (shapes[node.id] or ())
    windows = node.layer.window((before,)) if len(node.inputs) == 1 else Reach.NOTHING
    if isinstance(windows, Reach):
        return
    for axis, window in enumerate(windows, 1):
        lost = before[axis] - after[axis] * window.stride
        if 0 < lost < window.stride:
            yield axis, lost, window.stride, before[axis]


def _lost(size: int, stride: int, lost: int, what: str, node: Node) -> str:
    why = f"{size} is odd" if stride == 2 else f"{size} is no multiple of {stride}"
    dropped = f"a {what}" if lost == 1 else f"{lost} {what}s"
    return f"{why}: `{node.span.text}` dropped {dropped} that nothing restores"
