"""The classes of a network, each before those that use it."""

from __future__ import annotations

import keyword
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cnnspec.contract.facts import Torch
from cnnspec.contract.values import Shape, Shapes
from cnnspec.ir.graph import Graph, Node, Scope
from cnnspec.lower.torch_source.classes import Class
from cnnspec.lower.torch_source.drafts import (
    Draft,
    Held,
    as_list,
    layer_draft,
    module_part,
    one_room_for,
    put_call,
    put_layer,
)
from cnnspec.lower.torch_source.parts import ClassPart, ListPart, Part
from cnnspec.lower.torch_source.rooms import Call, Room, Run, plan
from cnnspec.lower.torch_source.texts import texts_of
from cnnspec.lower.torch_source.variants import merged
from cnnspec.passes.fold import ShapeTable, known

TAKEN = frozenset({"Tensor", "F", "OrderedDict", "None", "True", "False"})


class Built:
    """`classes` end with the model's own; `root` is the plan that they follow."""

    def __init__(self, graph: Graph, shapes: ShapeTable, given: Mapping[str, Any]) -> None:
        self.graph = graph
        self.given = given
        self.shapes: dict[str, Shape] = {id: each for id, each in shapes.items() if each is not None}
        self.operands: dict[str, Shapes] = {node.id: operands for node, operands in known(graph, shapes)}
        self.classes: list[Class] = []
        self._names = {graph.name, *TAKEN}
        self._tests = _tests(graph)
        self._of_layer: dict[str, ClassPart] = {}
        self._parts: dict[str, ClassPart | ListPart] = {}
        self.root = plan(graph, shapes)
        self._layers()
        self._rooms()

    def steps(self, node: Node) -> tuple[Torch, ...]:
        return node.layer.torch(self.operands[node.id])

    # -- layers that need a class -----------------------------------------------------------------------------------

    def _layers(self) -> None:
        drafts = []
        for node in self.graph:
            if node.id in self.operands and "@" not in node.id:
                steps, operands = self.steps(node), self.operands[node.id]
                if one_room_for(steps, len(operands)):
                    drafts.append(layer_draft(node, steps, operands, self.shapes[node.id]))
        for made in self._grouped(drafts):
            for draft in made.drafts:
                node = self.graph.nodes[draft.path]
                self._of_layer[draft.path] = ClassPart(made, draft.path, texts_of(node))

    # -- rooms ----------------------------------------------------------------------------------------------------

    def _rooms(self) -> None:
        """By height, so that what a room holds has its class before it."""
        heights: dict[str, int] = {}
        levels: dict[int, list[Room]] = defaultdict(list)
        for room in self.root.rooms():
            inner = [heights[each.path] for each in room.children.values() if isinstance(each, Room)]
            heights[room.path] = max(inner, default=0) + (not self._is_written_out(room))
            levels[heights[room.path]].append(room)
        for _, rooms in sorted(levels.items()):
            own = [room for room in rooms if not self._is_written_out(room)]
            for made in self._grouped([self._draft(room) for room in own]):
                for draft in made.drafts:
                    self._parts[draft.path] = ClassPart(made, draft.path, _texts(draft.scope))
            for room in rooms:
                if self._is_written_out(room):
                    draft = self._draft(room)
                    assert isinstance(draft.parts[""], ListPart), f"{room.path} is no list"
                    self._parts[room.path] = draft.parts[""]

    def _is_written_out(self, room: Room) -> bool:
        """Whether it is an `nn.Sequential` where it stands, and no class."""
        if not room.path or len(room.inputs) != 1 or (room.scope is not None and room.scope.block is not None):
            return False
        value = room.inputs
        for place, item in enumerate(room.items):
            alone = isinstance(item, Call) or one_room_for(item.steps, len(item.inputs)) or _is_modules(item.steps)
            if item.module != str(place) or item.inputs != value or len(item.results) != 1 or not alone:
                return False
            value = item.results
        return len(value) == 1 and room.outputs == value and list(room.children) == [each.module for each in room.items]

    def _draft(self, room: Room) -> Draft:
        draft = Draft(room.path, room.scope, _block_around(room))
        draft.tests = tuple(self._tests.get(room.path, ()))
        steps_of: dict[str, object] = {}
        for name, child in room.children.items():
            part = self._part(child)
            if part is not None:
                draft.parts[name] = part
                span = child.span if isinstance(child, Node) else child.scope.span if child.scope else None
                steps_of[name] = (span.source.name, span.start) if span else name
        draft.about = self._about(room)
        if not room.runs:
            return draft
        values: dict[str, int] = {}
        for place, each in enumerate(room.inputs):
            values[each] = draft.hold(Held(self.shapes[each], _input_name(room, each, place)))
        draft.inputs = len(room.inputs)
        for item in room.items:
            operands = [values[each] for each in item.inputs]
            made = [self.shapes[each] for each in item.results]
            if isinstance(item, Run):
                weights = item.node.layer.weights(self.operands[item.node.id])
                heavy = any(len(each.shape) > 1 for each in weights)
                alone = one_room_for(item.steps, len(item.inputs))
                values[item.node.id] = put_layer(draft, item, operands, made[0], heavy, alone)
            else:
                values.update(zip(item.results, put_call(draft, item, operands, made), strict=True))
        draft.outputs = tuple(values[each] for each in room.outputs)
        if not room.path:
            draft.block = None
            return draft
        numbered = all(name == str(place) for place, name in enumerate(draft.parts))
        whole = as_list(draft, steps_of)
        if whole is not None:
            draft.base, draft.parts = "nn.Sequential", {"": whole}
            _as_one_step(draft)
        elif numbered and draft.parts:
            draft.base = "nn.ModuleList"
        return draft

    def _about(self, room: Room) -> str:
        if not room.path:
            return f"The model `{self.graph.name}`."
        if draft_block := room.scope and room.scope.block:
            inside = next((id for id in self.operands if id.startswith(f"{room.path}.")), None)
            source = self.graph.nodes[inside].span.source.name if inside else ""
            return f"The block `{draft_block}` of {base_name(source)}" if source else f"The block `{draft_block}`"
        return f"What the text calls `{room.path}`"

    def _part(self, child: Room | Node) -> Part | None:
        if isinstance(child, Room):
            return self._parts[child.path]
        if child.id in self._of_layer:
            return self._of_layer[child.id]
        return module_part(child, self.steps(child), self.operands[child.id][0], self.shapes[child.id])

    # -- classes --------------------------------------------------------------------------------------------------

    def _grouped(self, drafts: Iterable[Draft]) -> list[Class]:
        groups: dict[object, list[Draft]] = {}
        for draft in drafts:
            groups.setdefault(draft.signature, []).append(draft)
        made = []
        for group in merged(groups.values()):
            is_root = not group[0].path
            name = self.graph.name if is_root else self._name(group)
            is_scope = group[0].scope is not None and group[0].env is None
            made.append(Class(name, group, self.given if is_scope else {}))
        self.classes += made
        return made

    def _name(self, group: list[Draft]) -> str:
        name = group[0].block or _camel(group[0].path)
        if keyword.iskeyword(name):
            name += "_"
        number = 2
        unique = name
        while unique in self._names:
            unique, number = f"{name}{number}", number + 1
        self._names.add(unique)
        return unique


def base_name(source: str) -> str:
    """A text's name without the folders, as it may stand in Python's prose."""
    name = source.replace("\\", "/").rpartition("/")[2]
    return (
        "standard input"
        if name == "-"
        else "".join(each if each.isprintable() and each != '"' else "?" for each in name)
    )


def _as_one_step(draft: Draft) -> None:
    """The whole list as one call, from what comes in to what goes out."""
    first, (last,) = draft.steps[0], draft.outputs
    draft.values = [draft.values[0], draft.values[last]]
    draft.steps = [first._replace(name="", member="", outputs=(1,))]
    draft.outputs = (1,)


def _is_modules(steps: Sequence[Torch]) -> bool:
    return all(each.target.startswith("nn.") for each in steps)


def _camel(path: str) -> str:
    """`branch_pool` → BranchPool; a number takes the name of what it is in."""
    parts = path.split(".")
    while len(parts) > 1 and parts[-1].isdecimal():
        parts.pop()
    words = "".join(each if each.isalnum() and each.isascii() else " " for each in parts[-1]).split()
    name = "".join(word[0].upper() + word[1:] for word in words)
    return name if name[:1].isalpha() else f"Room{name}"


def _block_around(room: Room | None) -> Scope | None:
    while room is not None and room.path:
        if room.scope is not None and room.scope.block is not None:
            return room.scope
        room = room.parent
    return None


def _texts(scope: Scope | None) -> dict[str, str]:
    return {name: span.text for name, span in scope.places.items()} if scope else {}


def _input_name(room: Room, value: str, place: int) -> str:
    """What an input is called where the text has a name for it."""
    scope = room.scope
    if not room.path:
        return value if len(room.inputs) > 1 else ""
    for name, node in (scope.tensors if scope else {}).items():
        if node == value:
            return name
    last = value.rpartition(".")[2]
    return "" if place == 0 or last.isdecimal() else last


def _tests(graph: Graph) -> dict[str, list[str]]:
    """The conditions in the text of each scope, those of the scopes inside that are no blocks of their own too."""
    found: dict[str, list[str]] = defaultdict(list)
    for scope in graph.scopes.values():
        outer: Scope | None = scope
        while scope.tests and outer is not None:
            found[outer.path] += [each.text for each in scope.tests]
            outer = graph.scopes[outer.parent] if outer.block is None and outer.parent is not None else None
    return found
