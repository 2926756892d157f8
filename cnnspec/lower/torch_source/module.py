"""The whole file: header, classes, the model at last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple

from cnnspec.contract.values import dress
from cnnspec.ir.graph import Graph
from cnnspec.lower.torch_source.begin import beginning
from cnnspec.lower.torch_source.builder import Built, base_name
from cnnspec.lower.torch_source.classes import Class
from cnnspec.lower.torch_source.drafts import Draft, Step
from cnnspec.lower.torch_source.expressions import literal, names, tuple_items
from cnnspec.lower.torch_source.forward import Forward, identifier, is_attribute
from cnnspec.lower.torch_source.layout import INDENT, WIDTH, Bracket, Code, call, laid, listed, wrapped
from cnnspec.lower.torch_source.parts import (
    ClassPart,
    LayerPart,
    ListPart,
    Part,
    WeightPart,
    argument_of,
    default_of,
    in_order,
)
from cnnspec.lower.torch_source.settling import REQUIRED, Param
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.parameters import elements, full_weights


class Header(NamedTuple):
    """What the file says of itself: cnnspec's version, the network's texts by name, its parameters as they were set,
    and the file of weights beside it, if there is one."""

    version: str
    texts: Mapping[str, str]
    parameters: Mapping[str, str] = {}
    weights: str | None = None


def torch_source(graph: Graph, shapes: ShapeTable, header: Header, given: Mapping[str, Any] = {}) -> str:
    """A Python file with the network as modules of torch. The network is complete.

    The keys of the model's `state_dict` are the names of the weights (passes.parameters.full_weights). `given` are
    arguments that the model's class takes, with their defaults.
    """
    built = Built(graph, shapes, given)
    begun = beginning(graph, shapes)
    bodies = [_Writer(made, built, begun).lines() for made in built.classes]
    text = "\n\n\n".join("\n".join(each) for each in bodies)
    return "\n".join([*_header(graph, shapes, header), "", *_imports(text), "", "", text, ""])


def _header(graph: Graph, shapes: ShapeTable, header: Header) -> list[str]:
    inputs = ", ".join(dress(shapes[id]) for id in graph.inputs)
    outputs = ", ".join(dress(shapes[id]) for id in graph.outputs.values())
    weights = full_weights(graph, shapes).values()
    count = sum(elements(each) for each in weights if each.trainable)
    said = ", ".join(f"{name}={value}" for name, value in header.parameters.items())
    names = [base_name(each) for each in header.texts]
    made = f"Made by cnnspec {header.version} from {names[0]}{f' with {said}' if said else ''}. It needs torch alone."
    lines, load = _loading(header.weights)
    return [
        f'"""{graph.name}: {inputs} → {outputs}, {count:,} parameters.',
        "",
        *wrapped(made, indent=0),
        *(
            f"sha256 {sha256(text.encode()).hexdigest()}  {name}"
            for name, text in zip(names, header.texts.values(), strict=True)
        ),
        "",
        "The names of the text are the keys of `state_dict`; shapes at the ends of lines are",
        "without the batch.",
        "",
        *lines,
        f"    model = {graph.name}()",
        f"    model.load_state_dict({load})",
        '"""',
    ]


def _loading(file: str | None) -> tuple[list[str], str]:
    """How the weights are read: lines before, and the call."""
    if file is None:
        return [], 'torch.load("weights.pth", weights_only=True)'
    return ["    from safetensors.torch import load_file", ""], f'load_file("{file}")'


def _imports(text: str) -> list[str]:
    """Only what is used."""
    used = ["Tensor"] if "Tensor" in text else []
    lines = ["import torch"] if "torch." in text else []
    lines.append(f"from torch import {', '.join([*used, 'nn'])}")
    if "F." in text:
        lines.append("from torch.nn import functional as F")
    return lines


class _Writer:
    """One class as text."""

    def __init__(self, made: Class, built: Built, begun: Sequence[str]) -> None:
        self.made = made
        self.built = built
        self.draft: Draft = made.first
        self.is_root = not self.draft.path
        self.begun = begun if self.is_root else ()
        self.constants: dict[str, str] = {}

    def lines(self) -> list[str]:
        draft = self.draft
        head = [f"class {self.made.name}({draft.base}):", *self._docstring(), ""]
        forward = self._forward() if (draft.steps or self.is_root) and draft.base != "nn.Sequential" else []
        lines = [*head, *self._init()]
        return [*lines, *(["", *self.begun] if self.begun else []), *(["", *forward] if forward else [])]

    def _docstring(self) -> list[str]:
        first, *more = self._about()
        whole = f'{INDENT}"""{"; ".join([first, *more])}."""'
        if len(whole) <= WIDTH or not more:
            return [whole]
        return [f'{INDENT}"""{first}.', "", f"{INDENT}{more[0].capitalize()}.", f'{INDENT}"""']

    def _about(self) -> list[str]:
        """What it is, and whose shapes stand at the ends of the lines."""
        first, uses = self.draft, len(self.made.drafts)
        about = first.about.removesuffix(".")
        if uses == 1:
            return [about]
        shown = first.base != "nn.Sequential" and first.steps
        return [f"{about}, {uses} times", *([f"shapes as in {first.path}"] if shown else [])]

    # -- __init__ -------------------------------------------------------------------------------------------------

    def _init(self) -> list[str]:
        params = ["self", *(_declared(each) for each in self.made.params)]
        lines = laid("", Bracket("def __init__(", tuple(params)), " -> None:", indent=1)
        if self.draft.base in ("nn.Sequential", "nn.ModuleList"):
            return [*lines, *self._members_at_once(), *self._kept()]
        lines.append(f"{INDENT * 2}super().__init__()")
        for condition, group in groupby(self.draft.parts.items(), lambda each: self.made.conditions.get(each[0], "")):
            members = list(group)
            if condition:
                lines += [self._nothing(name) for name, _ in members]
                lines.append(f"{INDENT * 2}if {condition}:")
            for name, part in members:
                lines += self._member(name, part, 3 if condition else 2)
        return [*lines, *self._kept()]

    def _kept(self) -> list[str]:
        """What `forward` needs to know of the arguments."""
        kept = [
            each for name, text in self.constants.items() for each in laid(f"self.{name} = ", coded(text), indent=2)
        ]
        return [*kept, f"{INDENT * 2}self._init_weights()"] if self.begun else kept

    def _nothing(self, name: str) -> str:
        """What stands for a member in the uses that lack it."""
        if is_attribute(name):
            return f"{INDENT * 2}self.{name}: nn.Module = nn.Identity()"
        return f"{INDENT * 2}self.add_module({literal(name)}, nn.Identity())"

    def _members_at_once(self) -> list[str]:
        """The members of a list, given to the class of torch that it is made of."""
        parts = self.draft.parts
        if self.draft.base == "nn.Sequential":
            (whole,) = parts.values()
            assert isinstance(whole, ListPart)
            items, shapes = self._items("", whole)
            return listed("super().__init__(", items, shapes, ")", indent=2)
        items = [self._made(name, part) for name, part in parts.items()]
        code = call("super().__init__", [Bracket("[", tuple(items), "]")])
        return laid("", code, indent=2)

    def _member(self, name: str, part: Part, indent: int) -> list[str]:
        if isinstance(part, ListPart) and is_attribute(name):
            items, shapes = self._items(name, part)
            return listed(f"self.{name} = nn.Sequential(", items, shapes, ")", indent=indent)
        code = self._made(name, part)
        if is_attribute(name):
            return laid(f"self.{name} = ", code, indent=indent)
        return laid("", call("self.add_module", [literal(name), code]), indent=indent)

    def _items(self, at: str, whole: ListPart) -> tuple[list[Code], list[str]]:
        """The members of a list with their shapes; copies of one step as what they are."""
        items: list[Code] = []
        shapes: list[str] = []
        several = len(self.made.drafts) > 1
        for place, each in enumerate(whole.members):
            assert each is not None, "the first use of a class lacks nothing"
            code = self._made(f"{at}.{place}", each.part)
            count = self.made.exprs[f"{at}.{place}#"]
            shape = "" if several else dress(each.shape)
            if f"{at}.{place}" in self.made.joined:
                continue
            condition = self.made.conditions.get(f"{at}.{place}")
            if condition:
                one = (
                    Bracket("[", (code,), "]")
                    if count == "1"
                    else Bracket("[", (code, f"for _ in range({count})"), "]", " ")
                )
                items.append(Bracket("*(", (one, f"if {condition}", "else []"), sep=" "))
                shapes.append(shape)
            elif count in ("1", "2"):
                items += [code] * int(count)
                shapes += [shape] * int(count)
            else:
                items.append(Bracket("*(", (code, f"for _ in range({count})"), sep=" "))
                shapes.append(shape)
        return items, shapes

    def _made(self, at: str, part: Part) -> Code:
        """The call that makes a member."""
        expr = self.made.exprs
        match part:
            case LayerPart():
                said_of = [key.removeprefix(f"{at}.") for key in expr if key.rpartition(".")[0] == at]
                arguments = []
                for place, name in enumerate(in_order(dict.fromkeys([*part.slots, *said_of]), part.placed)):
                    said = expr[f"{at}.{name}"]
                    if place < part.placed:
                        arguments.append(coded(said))
                    elif said != literal(default_of(part.target, name)):
                        arguments.append(f"{name}={said}")
                return call(part.target, arguments)
            case ClassPart():
                return call(part.made_of.name, self._arguments(at, part.made_of.params))
            case WeightPart():
                sizes = ", ".join(expr[f"{at}.size{axis}"] for axis in range(len(part.shape)))
                fill = expr[f"{at}.fill"]
                begun = f"torch.ones({sizes})" if fill == "1.0" else f"torch.full(({sizes},), {fill})"
                return call("nn.Parameter", [begun])
            case ListPart():
                return call("nn.Sequential", self._items(at, part)[0])

    def _arguments(self, at: str, params: Sequence[Param]) -> list[Code]:
        arguments: list[Code] = []
        by_place = True
        for param in params:
            said = self.made.exprs[f"{at}.{param.name}"]
            by_place = by_place and param.default is REQUIRED and "_" not in param.name.replace("_channels", "")
            if param.default is not REQUIRED and said == literal(param.default):
                continue
            arguments.append(said if by_place else f"{param.name}={said}")
        return arguments

    # -- forward --------------------------------------------------------------------------------------------------

    def _forward(self) -> list[str]:
        draft = self.draft
        options = {key: self._constant(key) for key in self.made.exprs if key.startswith("@")}
        guards = self._guards()
        inputs = [identifier(each) for each in self.built.root.inputs] if self.is_root and draft.inputs > 1 else []
        passed = {place: choice for place, choice in draft.passed.items() if place in guards}
        forward = Forward(draft, options, guards, passed, inputs)
        result, end = self._result(forward)
        declared = [f"{each}: Tensor" for each in forward.inputs]
        lines = laid("", Bracket("def forward(", ("self", *declared)), f" -> {result}:", indent=1)
        before = ""
        for each in forward.statements:
            if each.guard and each.guard != before:
                lines.append(f"{INDENT * 2}if {each.guard}:")
            lines += each.lines
            before = each.guard
        return _annotated([*lines, *end], forward, result)

    def _constant(self, key: str) -> str:
        """A number of a function: written where it stands, or kept by `__init__` where an argument says it."""
        text = self.made.exprs[key]
        if not names(text):
            return text
        place, _, name = key.removeprefix("@").partition(".")
        step = self.draft.steps[int(place)]
        return self._keep(f"{_called(step)}_{argument_of(step.target, name)}", text)

    def _keep(self, name: str, text: str) -> str:
        """Has `__init__` keep a value under a free name."""
        while name in self.draft.parts or self.constants.get(name, text) != text:
            name += "_"
        self.constants[name] = text
        return f"self.{name}"

    def _guards(self) -> dict[int, str]:
        """The steps that only auxiliary heads need, and those that only some uses of the class have."""
        if not self.is_root:
            return self._flags()
        needed = set(self.draft.outputs[: len(self.built.graph.outputs)])
        guards = {}
        for place, step in reversed(list(enumerate(self.draft.steps))):
            if needed.intersection(step.outputs):
                needed.update((*step.inputs, *step.sizes))
            else:
                guards[place] = "self.training"
        return guards

    def _flags(self) -> dict[int, str]:
        """Functions that only some uses of the class have: `__init__` keeps whether this one does."""
        flags = {}
        for place, step in enumerate(self.draft.steps):
            condition = self.made.conditions.get(f"@{place}")
            if condition is None or step.member:
                continue
            flags[place] = self._keep("residual" if step.target == "+" else f"has_{_called(step)}", condition)
        return flags

    def _result(self, forward: Forward) -> tuple[str, list[str]]:
        """The annotation, and the lines that return."""
        names = [forward.name(each) for each in self.draft.outputs]
        margin = INDENT * 2
        if not self.is_root:
            if len(names) == 1:
                return "Tensor", [f"{margin}return {names[0]}"]
            kinds = ", ".join(["Tensor"] * len(names))
            return f"tuple[{kinds}]", [f"{margin}return {', '.join(names)}"]
        graph = self.built.graph
        outputs = dict(zip(graph.outputs, names, strict=False))
        heads = dict(zip(graph.aux, names[len(outputs) :], strict=True))
        lines = []
        if heads:
            lines.append(f"{margin}if self.training:")
            lines += laid("return ", _record({**outputs, **heads}), indent=3)
        if len(outputs) == 1:
            (name,) = outputs.values()
            return "Tensor | dict[str, Tensor]" if heads else "Tensor", [*lines, f"{margin}return {name}"]
        return "dict[str, Tensor]", [*lines, *laid("return ", _record(outputs), indent=2)]


def coded(text: str) -> Code:
    """An expression, its lines broken where it is a tuple."""
    items = tuple_items(text)
    return text if items is None else Bracket("(", tuple(items))


def _record(values: Mapping[str, str]) -> Bracket:
    return Bracket("{", tuple(f"{literal(name)}: {value}" for name, value in values.items()), "}")


def _called(step: Step) -> str:
    """A function's step as part of a name: `padc1`."""
    path = step.name.partition(":")[0].rpartition(".")[2]
    return identifier(path if not path[:1].isdecimal() else f"{step.target.rpartition('.')[2]}{path}")


def _declared(param: Param) -> str:
    default = "" if param.default is REQUIRED else f" = {literal(param.default)}"
    return f"{param.name}: {param.annotation}{default}"


def _annotated(lines: list[str], forward: Forward, result: str) -> list[str]:
    """What is returned alone is declared where it is first assigned: modules give values of any type."""
    returned = lines[-1].strip().removeprefix("return ")
    if "Tensor" not in result or not returned.isidentifier() or returned in forward.inputs:
        return lines
    for place, line in enumerate(lines):
        margin, assigned, rest = line.partition(f"{returned} = ")
        if assigned and not margin.strip():
            return [*lines[:place], f"{margin}{returned}: Tensor = {rest}", *lines[place + 1 :]]
    return lines
