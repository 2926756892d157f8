"""One layer as a torch module, and what can be read off it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import add, attrgetter, mul, sub, truediv
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cnnspec.contract.facts import Extents, Torch
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shapes
from tests.judges.examples import Arrays, Case, doubled

OPERATORS = {"+": add, "-": sub, "*": mul, "/": truediv}


def run_layer(layer: Layer, shapes: Shapes, weights: Mapping[str, Tensor], operands: Sequence[Tensor]) -> Tensor:
    """One layer by its torch steps, in evaluation mode, with these weights by torch's suffixes."""
    known = {**weights, **{f"x{place}": each for place, each in enumerate(operands)}}
    last = list(operands)
    for step in layer.torch(shapes):
        arguments = {name: _now(each, known) for name, each in step.arguments.items()}
        result = run_step(step._replace(arguments=arguments), weights, [known[name] for name in step.inputs] or last)
        known[step.output] = result
        last = [result]
    return last[0]


def _now(argument: Any, known: Mapping[str, Tensor]) -> Any:
    return known[argument.value].shape[2:] if isinstance(argument, Extents) else argument


def run_step(step: Torch, weights: Mapping[str, Tensor], inputs: Sequence[Tensor]) -> Tensor:
    if step.target in OPERATORS:
        return reduce(OPERATORS[step.target], inputs)
    room, _, name = step.target.partition(".")
    if room == "nn":
        return module(step, weights)(*inputs)
    function = attrgetter(name)({"F": nn.functional, "torch": torch}[room])
    operands = [list(inputs)] if step.takes_list else inputs
    return function(*operands, *step.positional, **step.arguments)


def module(step: Torch, weights: Mapping[str, Tensor]) -> nn.Module:
    """The torch module of a step in evaluation mode; if it owns tensors it gets these weights, and no others."""
    made = getattr(nn, step.target.removeprefix("nn."))(*step.positional, **step.arguments)
    if made.state_dict():
        made.to(next(each.dtype for each in weights.values() if each.is_floating_point()))
        made.load_state_dict(dict(weights), strict=True)
    return made.eval()


def outputs(case: Case, arrays: Sequence[np.ndarray], values: Arrays) -> np.ndarray:
    """The layer by its torch steps, in double precision and evaluation mode."""
    weights = {name: torch.from_numpy(each) for name, each in doubled(values).items()}
    operands = [torch.from_numpy(each.astype(np.float64)) for each in arrays]
    with torch.no_grad(), one_thread():
        return run_layer(case.layer, case.inputs, weights, operands).numpy()


@contextmanager
def one_thread() -> Iterator[None]:
    """For maps so small that threads would spend their time waiting for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def fresh(case: Case) -> nn.Module:
    """The layer's module as torch makes and initialises it; one without weights where the layer is only calls. Where
    torch has no module for its weights, a room that holds them."""
    modules = [each for each in case.layer.torch(case.inputs) if each.target.startswith("nn.")]
    made = [getattr(nn, each.target.removeprefix("nn."))(*each.positional, **each.arguments) for each in modules]
    owning = [each for each in made if each.state_dict()]
    assert len(owning) <= 1, "at most one step of a layer owns weights"
    return owning[0] if owning else _holding(case)


def _holding(case: Case) -> nn.Module:
    """Parameters by the names that the steps read, as they begin."""
    room = nn.Module()
    read = {name for step in case.layer.torch(case.inputs) for name in step.inputs}
    for weight in case.layer.weights(case.inputs):
        if weight.name in read:
            begin = torch.full(weight.shape, weight.init.scale)
            room.register_parameter(weight.name, nn.Parameter(begin))
    return room


def state(module: nn.Module) -> list[tuple[str, tuple[int, ...], str, bool]]:
    """Name, shape, dtype and whether it is trained, of each tensor in state_dict's order."""
    trained = {name for name, _ in module.named_parameters()}
    return [(name, tuple(each.shape), _dtype(each), name in trained) for name, each in module.state_dict().items()]


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def flops(case: Case, arrays: Sequence[np.ndarray], values: Arrays) -> int:
    """What torch's own counter says of one evaluation."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        outputs(case, arrays, values)
    return counter.get_total_flops()
