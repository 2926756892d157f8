"""Which module runs when: the network as rooms, each with what it is given, what it runs and what it hands on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cnnspec.contract.facts import Torch
from cnnspec.ir.graph import Graph, Input, Node, Scope
from cnnspec.passes.fold import ShapeTable, kinds_of, known


class Run(NamedTuple):
    """One layer at work; `module` is its path from the room that runs it. Values are called by their nodes."""

    module: str
    node: Node
    steps: tuple[Torch, ...]
    inputs: tuple[str, ...]

    @property
    def results(self) -> tuple[str, ...]:
        return (self.node.id,)


class Call(NamedTuple):
    """One room at work. `results` has a place for all that the room ever hands on; `scope` is the place in the text
    that this use of it is."""

    module: str
    room: Room
    inputs: tuple[str, ...]
    results: tuple[str, ...]
    scope: str


Item = Run | Call


class Room:
    """A place in the tree of modules that holds others.

    `scope` is None where the path is only part of a label (`blocks.0.conv: …`). A room runs its `items` on `inputs`
    and hands on `outputs`, unless it cannot be run at one go: then the rooms around it run what it holds.
    """

    def __init__(self, path: str, scope: Scope | None) -> None:
        self.path = path
        self.scope = scope
        self.parent: Room | None = None
        self.children: dict[str, Room | Node] = {}
        self.items: list[Item] = []
        self.inputs: tuple[str, ...] = ()
        self.outputs: tuple[str, ...] = ()
        self.runs = False

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    def rooms(self) -> Iterator[Room]:
        """The rooms inside and this one, the inner ones first."""
        for each in self.children.values():
            if isinstance(each, Room):
                yield from each.rooms()
        yield self


def plan(graph: Graph, shapes: ShapeTable) -> Room:
    """The model's own room, and all others in it. The network is complete."""
    return _Planner(graph, shapes).root()


def in_evaluation(graph: Graph, shapes: ShapeTable) -> list[Node]:
    """The layers that the source runs in evaluation, in order and as often as it does: all that a room runs for any of
    its uses. What only auxiliary heads need is left out where the model itself would run it."""
    if len(graph.running) == len(graph) and not graph.aux and not any(node.reuse_of for node in graph):
        kinds = kinds_of(graph, shapes)  # all runs, each room once: there is nothing to plan
        steps = [kind.torch for kind in kinds.kinds]
        return [graph.nodes[id] for id, kind in kinds.of.items() if steps[kind]]
    return planned(graph, shapes)


def planned(graph: Graph, shapes: ShapeTable) -> list[Node]:
    """The same, found in the rooms, whatever they are."""
    planner = _Planner(graph, shapes)
    planner.root()
    return list(planner.ran("", "", planner.outputs.values()))


def owner(path: str) -> str:
    """The module that a step or scope runs: `tower@2.conv1` runs `tower.conv1`."""
    return ".".join(part.partition("@")[0] for part in path.split("."))


class _Planner:
    def __init__(self, graph: Graph, shapes: ShapeTable) -> None:
        self.graph = graph
        self.steps = {node.id: node.layer.torch(operands) for node, operands in known(graph, shapes)}
        self.origin: dict[str, str] = {}
        for node in graph:
            passes = not isinstance(node.layer, Input) and not self.steps[node.id]
            self.origin[node.id] = self.origin[node.inputs[0]] if passes else node.id
        self.outputs = {name: self.origin[id] for name, id in graph.outputs.items()}
        self.aux = {name: self.origin[head.node] for name, head in graph.aux.items()}
        self.ends = {*self.outputs.values(), *self.aux.values()}
        self.wanted = self._wanted()
        self._sort()
        self.rooms = self._tree()

    def _wanted(self) -> set[str]:
        """What outputs and auxiliary heads need; a step that is reused is wanted wherever one of its copies is."""
        wanted, modules = set(self.ends), set[str]()
        nodes = [node for node in self.graph if self.origin[node.id] == node.id]
        before = -1
        while before != len(wanted):
            before = len(wanted)
            for node in reversed(nodes):
                if node.id in wanted or owner(node.id) in modules:
                    wanted.add(node.id)
                    modules.add(owner(node.id))
                    wanted.update(self.origin[each] for each in node.inputs)
        return wanted

    def _sort(self) -> None:
        """`inside`: the nodes below each scope; `contents`: the nodes and scopes that it runs itself, in order; and who
        reads each value."""
        self.inside: dict[str, list[str]] = defaultdict(list)
        self.contents: dict[str, dict[str, None]] = defaultdict(dict)
        self.readers: dict[str, list[str]] = defaultdict(list)
        copies = self.graph.copies
        for node in self.graph:
            if isinstance(node.layer, Input) or node.id not in self.wanted:
                continue
            for each in node.inputs:
                self.readers[self.origin[each]].append(node.id)
            inner, scope = node.id, copies.get(node.id, node.scope)
            while True:
                self.contents[scope][inner] = None
                self.inside[scope].append(node.id)
                parent = copies.get(scope, self.graph.scopes[scope].parent)
                if parent is None:
                    break
                inner, scope = scope, parent

    def _tree(self) -> dict[str, Room]:
        """Every room by its path, with its children in the order of the text."""
        scopes = self.graph.scopes
        rooms = {"": Room("", scopes[""])}
        for node in self.graph:
            if isinstance(node.layer, Input) or "@" in node.id or not self.steps[node.id]:
                continue
            *parts, name = node.id.split(".")
            room, path = rooms[""], ""
            for part in parts:
                path = f"{path}.{part}" if path else part
                if path not in rooms:
                    rooms[path] = Room(path, scopes.get(path))
                    rooms[path].parent = room
                    room.children[part] = rooms[path]
                room = rooms[path]
            room.children[name] = node
        return rooms

    def root(self) -> Room:
        uses: dict[str, list[str]] = defaultdict(list)
        for scope in self.graph.scopes:
            if scope and self.inside.get(scope):
                uses[owner(scope)].append(scope)
        inputs = {path: found for path, each in uses.items() if (found := self._inputs(path, each)) is not None}
        results = {path: self._results(uses[path]) for path in inputs}
        self.calls = {
            use: (self.rooms[path], inputs[path][place], results[path][place])
            for path in inputs
            for place, use in enumerate(uses[path])
        }
        for path in inputs:
            self._fill(self.rooms[path], path)
        root = self.rooms[""]
        root.inputs = tuple(self.graph.inputs)
        root.outputs = (*self.outputs.values(), *self.aux.values())
        self._fill(root, "")
        root.runs = True
        return root

    def _inputs(self, path: str, uses: list[str]) -> list[tuple[str, ...]] | None:
        """What each use of a room is given; None if the room cannot be run at one go."""
        modules = [[owner(id) for id in self.inside[use]] for use in uses]
        if path not in uses or any(each != modules[0] for each in modules):
            return None
        if not all(each.startswith(f"{path}.") for each in modules[0]):
            return None
        read = [list(self._read(use)) for use in uses]
        entry = self.graph.scopes[path].entry
        places = [place for place, each in enumerate(read[0]) if each is not None]
        if any([place for place, each in enumerate(other) if each is not None] != places for other in read):
            return None
        columns = dict.fromkeys(tuple(other[place] for other in read) for place in places)
        first = [each for each in columns if entry is not None and each[0] == self.origin[entry]]
        ordered = dict.fromkeys([*first, *columns])
        if len({each[0] for each in ordered}) < len(ordered):
            return None  # one value in the first use is several in another, and the room calls them by the first
        return [tuple(each[place] or "" for each in ordered) for place in range(len(uses))]

    def _read(self, use: str) -> Iterator[str | None]:
        """Every operand inside in order: the value if it comes from outside, else None."""
        inside = set(self.inside[use])
        for id in self.inside[use]:
            for each in self.graph.nodes[id].inputs:
                value = self.origin[each]
                yield None if value in inside else value

    def _results(self, uses: list[str]) -> list[tuple[str, ...]]:
        """What each use hands on: whatever any of them does."""
        given = [self._leaving(self.inside[use]) for use in uses]
        places = [place for place, each in enumerate(zip(*given, strict=True)) if any(each)]
        return [tuple(self.inside[use][place] for place in places) for use in uses]

    def _leaving(self, nodes: list[str]) -> list[bool]:
        """Of each node, whether something outside reads it."""
        inside = set(nodes)
        return [id in self.ends or any(each not in inside for each in self.readers[id]) for id in nodes]

    def _fill(self, room: Room, scope: str) -> None:
        if scope:
            _, room.inputs, room.outputs = self.calls[scope]
        room.items = _live(self._items(scope, room.path), room.outputs)
        room.runs = bool(room.items)

    def ran(self, scope: str, room: str, outputs: Iterable[str]) -> Iterator[Node]:
        """What one use of a room runs for these results, the rooms inside it included."""
        for each in _live(self._items(scope, room), outputs):
            if isinstance(each, Run):
                yield each.node
            else:
                yield from self.ran(each.scope, each.room.path, each.results)

    def _items(self, scope: str, room: str) -> Iterator[Item]:
        """What a scope runs, told from a room; a scope that cannot be run at one go is run piece by piece."""
        for inner in self.contents[scope]:
            module = owner(inner)[len(room) + 1 if room else 0 :]
            if inner in self.graph.nodes and inner not in self.graph.scopes:
                node = self.graph.nodes[inner]
                yield Run(module, node, self.steps[inner], tuple(self.origin[each] for each in node.inputs))
            elif inner in self.calls:
                called, inputs, results = self.calls[inner]
                yield Call(module, called, inputs, results, inner)
            else:
                yield from self._items(inner, room)


def _live(items: Iterable[Item], outputs: Iterable[str]) -> list[Item]:
    """The items that something reads: what is written for a reuse elsewhere need not run where it stands."""
    wanted, found = set(outputs), list[Item]()
    for item in reversed(list(items)):
        if not wanted.isdisjoint(item.results):
            wanted.update(item.inputs)
            found.append(item)
    return found[::-1]
