"""One size that was tried: whether it works, what is in the way, and the nearest that work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cnnspec.contract.values import Shape, dress
from cnnspec.passes.sizes.answer import Answer
from cnnspec.passes.sizes.form import Variable
from cnnspec.passes.sizes.nearest import Nearest
from cnnspec.reports.look import Look, cells, visible
from cnnspec.reports.numbers import ends, thousands
from cnnspec.reports.sizes.texts import axis_name
from cnnspec.reports.sizes.tied import names_of
from cnnspec.source.diagnostic import Diagnostic


class Tried(NamedTuple):
    """`inputs` are all inputs; `outputs` what comes out where they work, else `because` says what is in the way. Then
    for each input that does not fit by itself: `nearest` are the sizes of each axis that do, `square` of all its axes
    alike, `beside` the nearest shape."""

    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]
    because: tuple[Diagnostic, ...]
    nearest: Mapping[Variable, Nearest]
    square: Mapping[str, Nearest]
    beside: Mapping[str, Shape]


def trial_text(tried: Tried, answer: Answer | None, look: Look, more: str = "") -> str:
    """The last lines of `cnnspec sizes --try`; what is in the way is told before. `answer` is None where nothing works;
    `more` is said of the size."""
    asked = visible(asked_said(tried.inputs), look.encoding) + more
    if not tried.because:
        return f"{asked}: {look.paint('ok', 'works')}, {look.arrow} {ends(list(tried.outputs.values()), 'outputs')}\n"
    lines = [f"{asked}: {look.paint('error', 'does not work')}"]
    told = [*_nearest(tried, answer)] if answer else []
    if answer and told:
        lines.append("the nearest that work" + ("" if answer.proved else ", of those that were tried"))
        width = max(cells(name) for name, _ in told)
        lines += [f"  {visible(name, look.encoding)}{' ' * (width - cells(name))}  {each}" for name, each in told]
    return "\n".join(lines) + "\n"


def asked_said(inputs: Mapping[str, Shape]) -> str:
    """`3x64x64`, or `left=3x64x64, right=3x32x32`"""
    if len(inputs) == 1:
        return dress(next(iter(inputs.values())))
    return ", ".join(f"{name}={dress(shape)}" for name, shape in inputs.items())


def _nearest(tried: Tried, answer: Answer) -> Iterator[tuple[str, str]]:
    name = names_of(answer)
    of_several = len({each.input for each in answer.written}) > 1
    for input, shape in tried.beside.items():
        yield f"{input} shape" if of_several else "shape", dress(shape)
    for variable, each in tried.nearest.items():
        if each != NOTHING:
            yield name(variable), _said(each)
    for input, each in tried.square.items():
        if each != NOTHING:
            what = "square" if len(tried.inputs[input]) == 3 else "cube"
            yield f"{input} {what}" if of_several else what, _said(each)


NOTHING = Nearest(None, None)


def _said(nearest: Nearest) -> str:
    return " or ".join(thousands(size) for size in nearest if size is not None)


def trial_record(tried: Tried, because: list[dict[str, Any]]) -> dict[str, Any]:
    """By docs/sizes.md; `because` are the findings as data."""
    return {
        "inputs": {name: list(shape) for name, shape in tried.inputs.items()},
        "works": not tried.because,
        "outputs": {name: list(shape) for name, shape in tried.outputs.items()},
        "because": because,
        **nearest_record(tried),
    }


def nearest_record(tried: Tried) -> dict[str, Any]:
    """What works beside it, as data."""
    axes = {name: axis_name(name, len(tried.inputs[name.input]) - 1) for name in tried.nearest}
    return {
        "nearest": [
            {"input": name.input, "axis": axes[name], **each._asdict()} for name, each in tried.nearest.items()
        ],
        "square": [{"input": input, **each._asdict()} for input, each in tried.square.items()],
        "shapes": {name: list(shape) for name, shape in tried.beside.items()},
    }
