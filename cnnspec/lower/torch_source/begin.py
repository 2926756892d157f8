"""What weights begin with, where that is not what torch's modules begin with by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnnspec.ir.graph import Graph, Node
from cnnspec.lower.torch_source.expressions import literal
from cnnspec.lower.torch_source.layout import INDENT, Bracket, Code, laid
from cnnspec.passes.fold import ShapeTable, known

SCHEMES = {
    "he_normal": 'kaiming_normal_({}, nonlinearity="relu")',
    "he_normal fan_out": 'kaiming_normal_({}, mode="fan_out", nonlinearity="relu")',
    "he_uniform": 'kaiming_uniform_({}, nonlinearity="relu")',
    "he_uniform fan_out": 'kaiming_uniform_({}, mode="fan_out", nonlinearity="relu")',
    "xavier_normal": "xavier_normal_({})",
    "xavier_uniform": "xavier_uniform_({})",
    "zeros": "zeros_({})",
}
"""torch.nn.init's functions for the language's names; they read the fans off the weight, as the language does."""

MEASURED = {
    "normal": "normal_({{}}, std={0})",
    "uniform": "uniform_({{}}, -{0}, {0})",
    "trunc_normal": "trunc_normal_({{}}, std={0})",
    "constant": "constant_({{}}, {0})",
}
ZEROS = SCHEMES["zeros"]


class Begun(NamedTuple):
    """A tensor that begins otherwise: its full name, torch's class of its module, its suffix, and the call. `drawn`:
    it is a weighted sum's, which every module of its class has."""

    name: str
    module: str
    suffix: str
    call: str
    drawn: bool


def beginning(graph: Graph, shapes: ShapeTable) -> list[str]:
    """The method `_init_weights` of the model; no line where torch's own beginnings are kept."""
    begun: list[Begun] = []
    everything: list[str] = []
    kinds: dict[str, list[str]] = defaultdict(list)
    for node, operands in known(graph, shapes):
        if node.reuse_of:
            continue
        module = next((each for each in node.layer.torch(operands) if each.target.startswith("nn.")), None)
        for weight in node.layer.weights(operands):
            if weight.trainable:
                everything.append(f"{node.id}.{weight.name}")
                kinds[module.target if module else ""].append(everything[-1])
                told = _call(node, weight.name) if module and "init" not in module.arguments else None
                if told:
                    drawn = isinstance(getattr(node.layer, "init", None), str)
                    begun.append(Begun(everything[-1], module.target if module else "", weight.name, told, drawn))
    if not begun:
        return []
    uniform = {
        kind for kind, names in kinds.items() if _is_uniform([each for each in begun if each.module == kind], names)
    }
    lines = [*_by_module(begun, uniform), *_by_name([each for each in begun if each.module not in uniform], everything)]
    about = '"""As the text says; what is not named here begins as torch has it."""'
    return [f"{INDENT}def _init_weights(self) -> None:", f"{INDENT * 2}{about}", *lines]


def _call(node: Node, suffix: str) -> str | None:
    """The function that makes a weight; None for what torch does by itself."""
    init = getattr(node.layer, "init", None)
    if isinstance(init, str) and init != "torch":
        return ZEROS if suffix == "bias" else _scheme(init)
    if isinstance(init, float) and init != 1.0 and suffix == "weight":
        return ZEROS if init == 0.0 else MEASURED["constant"].format(literal(init))
    return None


def _scheme(init: str) -> str:
    name, _, more = init.partition(" ")
    if name in MEASURED:
        return MEASURED[name].format(literal(float(more)))
    return SCHEMES[init]


def _is_uniform(begun: Sequence[Begun], names: Sequence[str]) -> bool:
    """Whether one call for each suffix does for all modules of a class."""
    calls = {(each.suffix, each.call) for each in begun}
    return (
        bool(begun)
        and all(each.drawn for each in begun)
        and len(begun) == len(names)
        and len(calls) == len({each.suffix for each in begun})
    )


def _by_module(begun: Sequence[Begun], uniform: set[str]) -> Iterator[str]:
    """One loop over the modules, for classes all of whose modules begin alike."""
    alike: dict[str, list[str]] = defaultdict(list)
    for kind in dict.fromkeys(each.module for each in begun if each.module in uniform):
        own = [each for each in begun if each.module == kind]
        alike[next(each.call for each in own if each.suffix == "weight")].append(kind)
    if not alike:
        return
    yield f"{INDENT * 2}for module in self.modules():"
    for call, kinds in alike.items():
        shown = kinds[0] if len(kinds) == 1 else f"({', '.join(kinds)})"
        yield f"{INDENT * 3}if isinstance(module, {shown}):"
        yield f"{INDENT * 4}nn.init.{call.format('module.weight')}"
        of_kinds = [each for each in begun if each.module in kinds]
        if any(each.suffix == "bias" for each in of_kinds):
            yield f"{INDENT * 4}if module.bias is not None:"
            yield f"{INDENT * 5}nn.init.{ZEROS.format('module.bias')}"


def _by_name(begun: Sequence[Begun], everything: Sequence[str]) -> Iterator[str]:
    """One loop over the parameters, for those that their names tell from others."""
    groups: dict[str, list[str]] = defaultdict(list)
    for each in begun:
        groups[each.call].append(each.name)
    if not groups:
        return
    yield f"{INDENT * 2}for name, weight in self.named_parameters():"
    for call, names in groups.items():
        ends = suffixes(names, everything)
        found = tuple(map(literal, ends or names))
        if ends is None:
            yield from laid("if name in ", Bracket("{", found, "}"), ":", indent=3)
        else:
            told: Code = found[0] if len(found) == 1 else Bracket("(", found)
            yield from laid("if ", Bracket("name.endswith(", (told,)), ":", indent=3)
        yield f"{INDENT * 4}nn.init.{call.format('weight')}"


def suffixes(names: Sequence[str], everything: Sequence[str]) -> list[str] | None:
    """The shortest ends of these names that no other name has; None if there are none."""
    chosen: dict[str, None] = {}
    wanted = set(names)
    for name in names:
        if any(name.endswith(each) for each in chosen):
            continue
        parts = name.split(".")
        ends = [".".join(parts[-length:]) for length in range(1, len(parts) + 1)]
        fits = [end for end in ends if all(each in wanted for each in everything if each.endswith(end))]
        if not fits:
            return None
        chosen[fits[0]] = None
    return list(chosen)
