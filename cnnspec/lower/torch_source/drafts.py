"""One room as a class would have it: its members, and the steps of its `forward`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cnnspec.contract.facts import Extents, Torch
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Node, Scope
from cnnspec.lower.torch_source.parts import ListPart, Part, Times, WeightPart, layer_part
from cnnspec.lower.torch_source.rooms import Call, Room, Run
from cnnspec.lower.torch_source.texts import texts_of
from cnnspec.source.text import Span


class Held(NamedTuple):
    """One value of a `forward`. `label` is what the text calls it, if it does; `attribute` the class's own tensor that
    it is; `operand` the merge's operand that it becomes, if that is all it is for."""

    shape: Shape
    label: str = ""
    attribute: str = ""


class SizeOf(NamedTuple):
    """An argument: the spatial extents of a value (its number among the draft's)."""

    value: int


class Step(NamedTuple):
    """One call. A `member` is called, or else the function or operator `target`. `inputs` and `outputs` are numbers of
    the draft's values; `span` is where the text has it, `texts` what it says there of numbers, and `name` tells the
    step from the others of its draft."""

    name: str
    member: str
    target: str
    positional: tuple[Any, ...]
    arguments: Mapping[str, Any]
    takes_list: bool
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    span: Span | None
    heavy: bool
    texts: tuple[str, ...] = ()

    @property
    def signature(self) -> tuple[Any, ...]:
        return (*self.kind, self.inputs, self.outputs, *self.sizes)

    @property
    def kind(self) -> tuple[Any, ...]:
        """What is called, whatever it is called on."""
        return (
            self.name,
            self.member,
            self.target,
            self.takes_list,
            len(self.outputs),
            *(name for name, _ in self.options),
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """The values whose extents it reads."""
        return tuple(each.value for _, each in self.options if isinstance(each, SizeOf))

    @property
    def options(self) -> Iterator[tuple[str, Any]]:
        """Every argument besides the operands, those by place under their number."""
        yield from ((str(place), each) for place, each in enumerate(self.positional))
        yield from self.arguments.items()

    @property
    def slots(self) -> dict[str, Any]:
        return {name: each for name, each in self.options if not isinstance(each, SizeOf)}


class Draft:
    """A room with its numbers; `values` are numbered from the inputs on.

    `base` is the class of torch that this one is made of, `env` the block's instance that the text stands in, `about`
    says what it is, and `tests` are the conditions of its text. Beside drafts that hold more, `absent` has the keys of
    what this one lacks: names of parts, `@` and a step's number, `conv.0` for a member of a list; `passed` says of a
    step that others lack which operand takes its place.
    """

    def __init__(self, path: str, scope: Scope | None, env: Scope | None = None) -> None:
        self.path = path
        self.scope = scope
        self.env = env
        self.base = "nn.Module"
        self.about = ""
        self.block: str | None = scope.block if scope else None
        self.parts: dict[str, Part] = {}
        self.values: list[Held] = []
        self.steps: list[Step] = []
        self.absent: set[str] = set()
        self.passed: dict[int, int] = {}
        self.tests: tuple[str, ...] = ()
        self.inputs = 0
        self.outputs: tuple[int, ...] = ()

    @property
    def signature(self) -> tuple[Any, ...]:
        parts = tuple((name, each.signature) for name, each in self.parts.items())
        steps = tuple(each.signature for each in self.steps)
        return (self.block, self.base, self.inputs, self.outputs, parts, steps)

    def part(self, at: str) -> Part | None:
        """What a key leads to: a part, or a member of a list (`conv.0`)."""
        if at in self.parts:
            return self.parts[at]
        outer, dot, place = at.rpartition(".")
        whole = self.part(outer) if dot else None
        member = whole.members[int(place)] if isinstance(whole, ListPart) else None
        return member and member.part

    def hold(self, value: Held) -> int:
        self.values.append(value)
        return len(self.values) - 1


def one_room_for(steps: Sequence[Torch], operands: int) -> bool:
    """Whether a layer needs a class of its own: it owns a tensor that no module of torch owns, reads a value twice, or
    is several modules and something between them."""
    modules = sum(each.target.startswith("nn.") for each in steps)
    if len(steps) == 1 or modules == len(steps):
        return any(each.inputs and not _is_operands(each.inputs) for each in steps)
    read: list[str] = []
    last = [f"x{place}" for place in range(operands)]
    for place, step in enumerate(steps):
        read += step.inputs or last
        last = [step.output or f"t{place}"]
    known = {
        *(f"x{place}" for place in range(operands)),
        *(each.output or f"t{place}" for place, each in enumerate(steps)),
    }
    return modules > 1 or not set(read) <= known or len(set(read)) < len(read)


def _is_operands(names: Sequence[str]) -> bool:
    return all(each[0] == "x" and each[1:].isdecimal() for each in names)


def module_part(node: Node, steps: Sequence[Torch], read: Shape, made: Shape) -> Part | None:
    """What a room holds for a layer, if it is no class of ours; None if the layer is only calls."""
    modules = [each for each in steps if each.target.startswith("nn.")]
    if len(modules) > 1:
        whole = [layer_part(each, node, (), ()) for each in modules]
        return ListPart(tuple(Times(each, 1, made, place) for place, each in enumerate(whole)))
    return layer_part(modules[0], node, read, made) if modules else None


def put_layer(draft: Draft, run: Run, operands: Sequence[int], shape: Shape, heavy: bool, alone: bool) -> int:
    """Puts a layer's steps into a forward; gives its result. `alone`: it is one call of a member."""
    label = _label(run.module, run.node)
    modules = sum(each.target.startswith("nn.") for each in run.steps)
    span = run.node.span
    if alone or modules == len(run.steps):
        result = draft.hold(Held(shape, label))
        draft.steps.append(Step(run.module, run.module, "", (), {}, False, tuple(operands), (result,), span, heavy))
        return result
    texts = tuple(texts_of(run.node).values())
    return _put_steps(draft, run.steps, operands, Held(shape, label), {}, span, run.module, heavy, texts)


def _put_steps(
    draft: Draft,
    steps: Sequence[Torch],
    operands: Sequence[int],
    result: Held,
    known: Mapping[str, int],
    span: Span | None,
    module: str,
    heavy: bool = False,
    texts: tuple[str, ...] = (),
) -> int:
    found = {**known, **{f"x{place}": each for place, each in enumerate(operands)}}
    last = tuple(operands)
    for place, step in enumerate(steps):
        value = draft.hold(result if place == len(steps) - 1 else Held((), step.output))
        inputs = tuple(found[name] for name in step.inputs) or last
        member = module if step.target.startswith("nn.") else ""
        sized = {
            name: SizeOf(found[each.value]) if isinstance(each, Extents) else each
            for name, each in step.arguments.items()
        }
        if member:
            draft.steps.append(Step(member, member, "", (), {}, False, inputs, (value,), span, heavy))
        else:
            draft.steps.append(
                Step(
                    *(f"{module}:{place}", "", step.target, step.positional, sized, step.takes_list),
                    *(inputs, (value,), span, False, texts),
                )
            )
        found[step.output] = value
        last = (value,)
    return last[0]


def _label(module: str, node: Node) -> str:
    """What the text calls a step, if it does: not its word and a number."""
    name = module.rpartition(".")[2]
    return "" if name.isdecimal() or name.rstrip("0123456789") == node.layer.word else name


def layer_draft(node: Node, steps: Sequence[Torch], operands: Sequence[Shape], made: Shape) -> Draft:
    """A class for one layer."""
    draft = Draft(node.id, None)
    draft.block = type(node.layer).__name__
    draft.about = (node.layer.__doc__ or "").partition("\n")[0].strip()
    inputs = [draft.hold(Held(shape)) for shape in operands]
    draft.inputs = len(inputs)
    known = {}
    read = {name for step in steps for name in step.inputs}
    for weight in node.layer.weights(tuple(operands)):
        if weight.name in read:
            draft.parts[weight.name] = WeightPart(weight.shape, weight.init)
            known[weight.name] = draft.hold(Held(weight.shape, attribute=weight.name))
    module = next((each for each in steps if each.target.startswith("nn.")), None)
    name = module.target.removeprefix("nn.").lower() if module else ""
    if module:
        draft.parts[name] = layer_part(module, node, (), ())
    draft.outputs = (_put_steps(draft, steps, inputs, Held(made), known, None, name),)
    return draft


def put_call(draft: Draft, call: Call, operands: Sequence[int], shapes: Sequence[Shape]) -> tuple[int, ...]:
    """Puts a call of a room into a forward."""
    room, scope = call.room, call.room.scope
    name = call.module.rpartition(".")[2]
    auto = scope is not None and scope.block is not None and _is_auto(name, scope.block)
    label = "" if auto or name.isdecimal() else name
    inner = [_inside(room, each) for each in room.outputs] if len(shapes) > 1 else [""]
    results = tuple(draft.hold(Held(shape, name or label)) for shape, name in zip(shapes, inner, strict=True))
    span = scope.span if scope else None
    draft.steps.append(Step(f"{call.module}()", call.module, "", (), {}, False, tuple(operands), results, span, True))
    return results


def _inside(room: Room, value: str) -> str:
    """What the text calls a value, told from the room that makes it: the label of its step, or of what holds it."""
    part = value.removeprefix(f"{room.path}.").partition(".")[0]
    child = room.children.get(part)
    if isinstance(child, Node):
        return _label(part, child)
    return (
        ""
        if part.isdecimal() or (child and child.scope and child.scope.block and _is_auto(part, child.scope.block))
        else part
    )


def _is_auto(name: str, block: str) -> bool:
    return name.rstrip("0123456789") == block.lower()


def as_list(draft: Draft, steps_of: Mapping[str, object]) -> ListPart | None:
    """The room as an `nn.Sequential`, if it is no more than that."""
    names = list(draft.parts)
    if not names or draft.inputs != 1 or names != [str(place) for place in range(len(names))]:
        return None
    value = 0
    for name, step in zip(names, draft.steps, strict=False):
        if step.member != name or step.inputs != (value,) or len(step.outputs) != 1:
            return None
        (value,) = step.outputs
    if len(draft.steps) != len(names) or draft.outputs != (value,):
        return None
    members: list[Times] = []
    for (name, part), step in zip(draft.parts.items(), draft.steps, strict=True):
        assert not isinstance(part, WeightPart), "a room of the text owns no tensors itself"
        one = Times(part, 1, draft.values[step.outputs[0]].shape, steps_of[name])
        before = members[-1] if members else None
        if before and len(members) > 1 and members[-2].step == before.step and _alike(before, one):
            members[-1] = before._replace(copies=before.copies + 1)
        else:
            members.append(one)
    return ListPart(tuple(members))


def _alike(one: Times, other: Times) -> bool:
    """Copies of one step, made with the same numbers."""
    return one.step == other.step and one.part.signature == other.part.signature and one.part.slots == other.part.slots
