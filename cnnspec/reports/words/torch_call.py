"""What a layer says of itself in torch, as Python: the module alone where it is one, else a line a step."""

from collections.abc import Sequence
from math import isinf
from typing import Any

from cnnspec.contract.facts import Extents, Torch


def torch_lines(steps: Sequence[Torch], operands: int) -> list[str]:
    """`nn.Conv2d(3, 8, kernel_size=3)`; or lines that make `y` of the operands, which are called `x0 x1 …`."""
    if len(steps) == 1 and steps[0].target.startswith("nn.") and not steps[0].inputs:
        return [_call(steps[0].target, _arguments(steps[0]))]
    lines = []
    value = [f"x{place}" for place in range(operands)]
    for place, step in enumerate(steps, 1):
        result = "y" if place == len(steps) else step.output or "t"
        lines.append(f"{result} = {_applied(step, step.inputs or value)}")
        value = [result]
    return lines


def _applied(step: Torch, inputs: Sequence[str]) -> str:
    room, dot, _ = step.target.partition(".")
    if not dot:
        return f" {step.target} ".join(inputs)
    if room == "nn":
        return _call(_call(step.target, _arguments(step)), inputs)
    operands = [f"[{', '.join(inputs)}]"] if step.takes_list else inputs
    return _call(step.target, [*operands, *_arguments(step)])


def _call(target: str, arguments: Sequence[str]) -> str:
    return f"{target}({', '.join(arguments)})"


def _arguments(step: Torch) -> list[str]:
    return [*map(_python, step.positional), *(f"{name}={_python(each)}" for name, each in step.arguments.items())]


def _python(value: Any) -> str:
    if isinstance(value, Extents):
        return f"{value.value}.shape[2:]"
    return f'float("{value}")' if isinstance(value, float) and isinf(value) else repr(value)
