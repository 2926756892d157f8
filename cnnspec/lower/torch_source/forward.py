"""What `forward` does, line by line, as the text has it: chains stay chains, and each line ends in its shape."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cnnspec.contract.values import dress
from cnnspec.lower.torch_source.drafts import Draft, SizeOf, Step
from cnnspec.lower.torch_source.layout import INDENT, WIDTH, Bracket, Code, call, flat, laid, wrapped

DEEPEST = 3
"""Calls inside of each other."""

GENERIC = ("x", "y", "z", "u", "v", "w", "p", "q", "r", "s", "t")
OPERATORS = frozenset("+-*/")
BEFORE = -2
"""A place before all steps, where every argument is still to be read, also one (-1) that nothing reads."""


class Pending(NamedTuple):
    """An expression that is not in a variable yet."""

    value: int
    code: Code
    depth: int
    heavy: bool
    step: int
    infix: bool


class Statement(NamedTuple):
    """Lines that stand under `if guard:`, if there is a guard."""

    lines: tuple[str, ...]
    guard: str


class Forward:
    """The statements of one class, for its first use. `options` has the expressions for the numbers of functions,
    `guards` the conditions that steps stand under; a step of `passed` then takes the variable of that operand."""

    def __init__(
        self,
        draft: Draft,
        options: Mapping[str, str],
        guards: Mapping[int, str],
        passed: Mapping[int, int],
        inputs: Sequence[str],
    ) -> None:
        self.draft = draft
        self.options = options
        self.guards = guards
        self.passed = passed
        self.uses: Counter[int] = Counter()
        self.last: dict[int, int] = {}
        self.operand: dict[int, int] = {}
        self._count()
        self.names: dict[int, str] = {}
        self.live: dict[str, int] = {}
        self.pending: Pending | None = None
        self.statements: list[Statement] = []
        for place, name in enumerate(inputs):
            self._take(place, self._free(name, BEFORE))
        self.inputs = [self.names[place] for place in range(draft.inputs)] if inputs else self._name_inputs()
        for value, each in enumerate(draft.values):
            if each.attribute:
                self.names[value] = f"self.{each.attribute}"
        for place in range(len(draft.steps)):
            self._step(place)
        self._flush()

    def name(self, value: int) -> str:
        return self.names[value]

    # -- what is read when --------------------------------------------------------------------------------------------

    def _count(self) -> None:
        steps = self.draft.steps
        for place, step in enumerate(steps):
            sized = [each.value for _, each in step.options if isinstance(each, SizeOf)]
            for each in (*step.inputs, *sized):
                self.uses[each] += 1
                self.last[each] = place
            if len(step.inputs) > 2:
                self.operand.update({each: number for number, each in enumerate(step.inputs, 1)})
        for each in self.draft.outputs:
            self.uses[each] += 1
            self.last[each] = len(steps)

    def _name_inputs(self) -> list[str]:
        """A class's arguments: by the labels of the use that is shown, each once."""
        for place in range(self.draft.inputs):
            label = self.draft.values[place].label
            self._take(place, self._free(identifier(label), BEFORE) if label else self._generic(BEFORE))
        return [self.names[place] for place in range(self.draft.inputs)]

    # -- names ----------------------------------------------------------------------------------------------------

    def _take(self, value: int, name: str) -> str:
        self.names[value] = name
        self.live[name] = value
        return name

    def _is_live(self, name: str, place: int) -> bool:
        return name in self.live and self.last.get(self.live[name], -1) > place

    def _generic(self, place: int) -> str:
        number = 0
        while True:
            for each in GENERIC:
                name = f"{each}{number}" if number else each
                if not self._is_live(name, place):
                    return name
            number += 1

    def _choose(self, value: int, place: int) -> str:
        """The text's own name for what is read later on; else the first of x, y, z … that is free."""
        held = self.draft.values[value]
        wanted = ""
        if held.label and (value in self.operand or self._waits(value, place)):
            wanted = identifier(held.label)
        elif value in self.operand:
            wanted = f"branch{self.operand[value]}"
        if not wanted:
            return self._take(value, self._generic(place))
        return self._take(value, self._free(wanted, place, *GENERIC))

    def _free(self, wanted: str, place: int, *taken: str) -> str:
        """The name, with a number behind it where another value has it."""
        name, number = wanted, 2
        while self._is_live(name, place) or name in taken:
            name, number = f"{wanted}{number}", number + 1
        return name

    def _waits(self, value: int, place: int) -> bool:
        """Whether other steps run before the last one that reads the value."""
        between = range(place + 1, self.last.get(value, place))
        return any(self.guards.get(each) != "self.training" for each in between)

    # -- statements ---------------------------------------------------------------------------------------------------

    def _step(self, place: int) -> None:
        step = self.draft.steps[place]
        if self.pending is not None and not self._goes_on(self.pending, step, place):
            self._flush()
        code, pending = self._code(step, place), self.pending
        if pending is not None and self._too_long(code, step):
            self._flush()
            code, pending = self._code(step, place), None
        depth = (pending.depth if pending else 0) + 1
        heavy = step.heavy or (pending is not None and pending.heavy)
        self.pending = Pending(step.outputs[0], code, depth, heavy, place, step.target in OPERATORS)
        if len(step.outputs) > 1 or self.uses[step.outputs[0]] != 1:
            self._flush()

    def _goes_on(self, pending: Pending, step: Step, place: int) -> bool:
        """Whether the step's call goes around the one before."""
        before = self.draft.steps[pending.step]
        if step.inputs.count(pending.value) != 1 or self.uses[pending.value] != 1:
            return False
        if self.guards.get(pending.step) != self.guards.get(place) or place in self.passed:
            return False
        if before.span is not None and before.span == step.span:
            return not (pending.infix and step.target in OPERATORS)
        if pending.infix and not step.heavy and len(step.inputs) == 1:
            return True
        if len(step.inputs) > 1 or pending.depth >= DEEPEST or (pending.heavy and step.heavy):
            return False
        return _line(before) == _line(step)

    def _too_long(self, code: Code, step: Step) -> bool:
        shape = dress(self.draft.values[step.outputs[0]].shape)
        return len(flat(code)) + len(f"{INDENT}{INDENT}x =   # {shape}") > WIDTH

    def _flush(self) -> None:
        pending, self.pending = self.pending, None
        if pending is None:
            return
        step = self.draft.steps[pending.step]
        guard = self.guards.get(pending.step, "")
        if pending.step in self.passed:
            names = [self._take(step.outputs[0], self.names[step.inputs[self.passed[pending.step]]])]
        else:
            names = [self._choose(each, pending.step) for each in step.outputs]
        shapes = [self.draft.values[each].shape for each in step.outputs]
        comment = f"  # {', '.join(map(dress, shapes))}" if all(shapes) else ""
        indent = 3 if guard else 2
        lines = laid(f"{', '.join(names)} = ", pending.code, comment, indent=indent)
        if len(lines) > 1 and len(shapes) > 1:  # too long for the end of the line
            above = wrapped(", ".join(map(dress, shapes)), indent=indent, mark="# ")
            lines = [*above, *laid(f"{', '.join(names)} = ", pending.code, indent=indent)]
        self.statements.append(Statement(tuple(lines), guard))

    def _code(self, step: Step, place: int) -> Code:
        read = [self._read(each) for each in step.inputs]
        if step.member or not step.target:
            return call(access(step.member, self.draft.base), read)
        if step.target in OPERATORS:
            return f" {step.target} ".join(map(flat, read))
        operands: list[Code] = [Bracket("[", tuple(read), "]")] if step.takes_list else read
        return call(step.target, [*operands, *self._arguments(step, place)])

    def _arguments(self, step: Step, place: int) -> list[Code]:
        found: list[Code] = []
        for name, value in step.options:
            said = self._said(value, f"@{place}.{name}")
            found.append(said if name.isdecimal() else f"{name}={said}")
        return found

    def _said(self, value: Any, key: str) -> str:
        return f"{self.names[value.value]}.shape[2:]" if isinstance(value, SizeOf) else self.options[key]

    def _read(self, value: int) -> Code:
        if self.pending is not None and value == self.pending.value:
            return self.pending.code
        return self.names[value]


def _line(step: Step) -> tuple[str, int] | None:
    return (step.span.source.name, step.span.line) if step.span else None


def identifier(label: str) -> str:
    """A label as a variable."""
    name = "".join(each if each.isalnum() and each.isascii() else "_" for each in label)
    name = f"_{name}" if name[:1].isdecimal() else name
    return f"{name}_" if keyword.iskeyword(name) or name in ("self", "torch", "nn", "F", "Tensor") else name


def is_attribute(name: str) -> bool:
    """Whether `self.name` reaches a child of this name."""
    return name.isidentifier() and name.isascii() and not name.startswith("__") and not keyword.iskeyword(name)


def access(path: str, base: str) -> str:
    """How a module below a class is reached."""
    if base == "nn.ModuleList" and path.isdecimal():
        return f"self[{path}]"
    if all(map(is_attribute, path.split("."))):
        return f"self.{path}"
    return f'self.get_submodule("{path}")'
