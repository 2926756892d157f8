"""The network at work in torch, made of what its layers say of themselves; no source is written nor run.

The keys of its `state_dict` are the names of the weights, as those of the source that `export --to torch` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add, attrgetter, mul, sub, truediv
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cnnspec.contract.facts import Extents, Torch
from cnnspec.ir.graph import Graph, Input, Node
from cnnspec.passes.fold import ShapeTable, known
from cnnspec.training.errors import TrainError

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {"+": add, "-": sub, "*": mul, "/": truediv}
ROOMS = {"F": nn.functional, "torch": torch}


class Work(NamedTuple):
    """One step of a layer: a function of torch, or a module that the network has at `module`."""

    step: Torch
    module: nn.Module | None


class Held(nn.Module):
    """A place in the tree of names: tensors and other places."""


class Network(nn.Module):
    """A graph as one module. In training it gives the outputs and auxiliary heads by name, else the outputs; an only
    output alone."""

    def __init__(self, graph: Graph, shapes: ShapeTable) -> None:
        super().__init__()
        self.graph = graph
        self._still: list[nn.Module] = []  # in training, too, as they are at inference
        loose = nn.ModuleList()  # without tensors; they have to know whether this is training
        self._modules[" "] = loose  # no label is a blank
        self._works: dict[str, tuple[Work, ...]] = {}
        self._held: dict[str, Held] = {}
        for node, operands in known(graph, shapes):
            if not isinstance(node.layer, Input):
                self._works[node.id] = self._made(node, operands)
        self._plans = {False: _plan(graph, graph.running), True: _plan(graph, None)}

    def _made(self, node: Node, operands: Sequence[tuple[int, ...]]) -> tuple[Work, ...]:
        steps = node.layer.torch(tuple(operands))
        if node.reuse_of is not None:
            return tuple(
                Work(step, before.module) for step, before in zip(steps, self._works[node.reuse_of], strict=True)
            )
        made = [Work(step, _module(step)) for step in steps]
        owner = next((each.module for each in made if each.module is not None and each.module.state_dict()), None)
        weights = node.layer.weights(tuple(operands))
        if owner is not None:
            self._hold(node.id, owner)
        elif weights:
            held = self._held[node.id] = Held()
            for each in weights:
                tensor = torch.zeros(each.shape, dtype=getattr(torch, each.dtype))
                if each.trainable:
                    held.register_parameter(each.name, nn.Parameter(tensor))
                else:
                    held.register_buffer(each.name, tensor)
            self._hold(node.id, held)
        self._modules[" "].extend(each.module for each in made if each.module not in (None, owner))
        return tuple(made)

    def _hold(self, path: str, module: nn.Module) -> None:
        """Past `add_module`, which refuses names that a module has itself: a step may be called `forward`."""
        *above, name = path.split(".")
        place: nn.Module = self
        for each in above:
            place = place._modules.setdefault(each, Held())
        place._modules[name] = module

    def freeze(self, steps: frozenset[str]) -> None:
        """From now on these steps, by name, get no gradients and work in training as at inference; all others are
        trained."""
        self._still = [work.module for step in steps for work in self._works.get(step, ()) if work.module is not None]
        for name, each in self.named_parameters():
            each.requires_grad_(step_of(name) not in steps)
        self.train(self.training)

    def train(self, mode: bool = True) -> Network:
        super().train(mode)
        for each in self._still:
            each.eval()
        return self

    def forward(self, *x: Tensor) -> Tensor | dict[str, Tensor]:
        values = dict(zip(self.graph.inputs, x, strict=True))
        for node, done in self._plans[self.training]:
            values[node.id] = self._value(node, values)
            for each in done:
                del values[each]
        made = {name: values[id] for name, id in self.graph.outputs.items()}
        if self.training:
            made |= {name: values[head.node] for name, head in self.graph.aux.items()}
        return next(iter(made.values())) if len(made) == 1 else made

    def walk(self, *x: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Every step's result with its name, in order."""
        values = dict(zip(self.graph.inputs, x, strict=True))
        for node, _ in self._plans[self.training]:
            values[node.id] = self._value(node, values)
            yield node.id, values[node.id]

    def _value(self, node: Node, values: Mapping[str, Tensor]) -> Tensor:
        last = [values[each] for each in node.inputs]
        found = {f"x{place}": each for place, each in enumerate(last)}
        held = self._held.get(node.reuse_of or node.id)
        if held is not None:
            found |= {**held._parameters, **held._buffers}
        for step, module in self._works[node.id]:
            inputs = [found[name] for name in step.inputs] or last
            found[step.output] = module(*inputs) if module is not None else _called(step, inputs, found)
            last = [found[step.output]]
        return last[0]


def _module(step: Torch) -> nn.Module | None:
    if not step.target.startswith("nn."):
        return None
    made = getattr(nn, step.target.removeprefix("nn."))(*step.positional, **step.arguments)
    assert isinstance(made, nn.Module)
    return made


def _called(step: Torch, inputs: Sequence[Tensor], found: Mapping[str, Tensor]) -> Tensor:
    if step.target in OPERATORS:
        made: Tensor = reduce(OPERATORS[step.target], inputs)
        return made
    room, _, name = step.target.partition(".")
    arguments = {
        key: found[each.value].shape[2:] if isinstance(each, Extents) else each for key, each in step.arguments.items()
    }
    operands = [list(inputs)] if step.takes_list else inputs
    called: Tensor = attrgetter(name)(ROOMS[room])(*operands, *step.positional, **arguments)
    return called


def _plan(graph: Graph, running: frozenset[str] | set[str] | None) -> list[tuple[Node, tuple[str, ...]]]:
    """The steps in order, each with the values that nobody reads after it."""
    nodes = [node for node in graph if not isinstance(node.layer, Input) and (running is None or node.id in running)]
    ends = {*graph.outputs.values(), *(head.node for head in graph.aux.values())}
    last: dict[str, str] = {}
    for node in nodes:
        last.setdefault(node.id, node.id)
        last.update(dict.fromkeys(node.inputs, node.id))
    done: dict[str, list[str]] = {}
    for value, reader in last.items():
        if value not in ends:
            done.setdefault(reader, []).append(value)
    return [(node, tuple(done.get(node.id, ()))) for node in nodes]


def step_of(tensor: str) -> str:
    """The step that owns a tensor of the `state_dict`."""
    return tensor.rpartition(".")[0]


def load(network: nn.Module, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Puts every tensor in its place. TrainError where a name is missing or strange."""
    state = {name: torch.from_numpy(np.array(each)) for name, each in arrays.items()}
    found = network.load_state_dict(state, strict=False)
    if found.missing_keys or found.unexpected_keys:
        raise TrainError(f"weights and network differ at `{[*found.missing_keys, *found.unexpected_keys][0]}`")


def arrays_of(state: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Copies, by name."""
    return {name: each.detach().cpu().numpy().copy() for name, each in state.items()}
