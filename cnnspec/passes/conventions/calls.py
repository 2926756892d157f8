"""A layer's torch steps at work: what each one reads and gives, without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, NamedTuple

from cnnspec.contract.facts import Torch, Weight
from cnnspec.contract.values import Shape, Shapes
from cnnspec.passes.fold import Kind


class Call(NamedTuple):
    """One step as it runs. Shapes are without the batch; `weights` are the tensors that it owns or reads, all of the
    same layer."""

    step: Torch
    inputs: Shapes
    output: Shape
    weights: tuple[Weight, ...]
    batch: int

    @property
    def target(self) -> str:
        return self.step.target

    @property
    def read(self) -> int:
        """The values of the first operand."""
        return self.batch * prod(self.inputs[0])

    @property
    def made(self) -> int:
        """The values of the result."""
        return self.batch * prod(self.output)

    @property
    def biased(self) -> bool:
        return any(each.name == "bias" for each in self.weights)

    @property
    def affine(self) -> bool:
        """Whether a norm has learned factors."""
        return any(each.name == "weight" for each in self.weights)

    def argument(self, name: str, default: Any = None) -> Any:
        return self.step.arguments.get(name, default)


def calls(kind: Kind, batch: int) -> tuple[Call, ...]:
    """A layer's steps in order. A step that is a module owns the layer's weights, unless another step reads them by
    their names."""
    operands, steps = kind.operands, kind.torch
    weights = {each.name: each for each in kind.weights}
    named = {name: weights[name].shape for step in steps for name in step.inputs if name in weights}
    known: dict[str, Shape] = {**named, **{f"x{place}": shape for place, shape in enumerate(operands)}}
    last, found = operands, list[Call]()
    for place, step in enumerate(steps):
        inputs = tuple(known[name] for name in step.inputs) or last
        output = kind.result if place == len(steps) - 1 else _RESULTS[step.target](step, inputs)
        if named:
            own = tuple(weights[name] for name in step.inputs if name in named)
        else:
            own = tuple(weights.values()) if step.target.startswith("nn.") else ()
        found.append(Call(step, inputs, output, own, batch))
        known[step.output] = output
        last = (output,)
    return tuple(found)


def per_axis(value: int | Shape, axes: int) -> Shape:
    """A module's argument for each axis; one number stands for all."""
    return (value,) * axes if isinstance(value, int) else value


# -- what a step gives that another one of its layer reads ------------------------------------------------------------


def _same(step: Torch, inputs: Shapes) -> Shape:
    return inputs[0]


def _padded(step: Torch, inputs: Shapes) -> Shape:
    """F.pad has the last axis first; what is cut off is below zero."""
    (ends,) = step.positional
    shape = list(inputs[0])
    for place in range(0, len(ends), 2):
        shape[-1 - place // 2] += ends[place] + ends[place + 1]
    return tuple(shape)


def _pooled(step: Torch, inputs: Shapes) -> Shape:
    extents = inputs[0][1:]
    kernels, strides = (per_axis(step.arguments[name], len(extents)) for name in ("kernel_size", "stride"))
    sliding = zip(extents, kernels, strides, strict=True)
    return (inputs[0][0], *((extent - kernel) // stride + 1 for extent, kernel, stride in sliding))


def _spread(step: Torch, inputs: Shapes) -> Shape:
    """torch.nn.ConvTranspose2d: (W - 1) S - 2P + D (F - 1) + output padding + 1."""
    extents, given = inputs[0][1:], step.arguments
    defaults = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}
    numbers = (per_axis(given.get(name, default), len(extents)) for name, default in defaults.items())
    axes = zip(extents, *numbers, strict=True)
    return (step.positional[1], *((w - 1) * s - 2 * p + d * (f - 1) + more + 1 for w, f, s, p, d, more in axes))


def _permuted(step: Torch, inputs: Shapes) -> Shape:
    """The batch stays in front."""
    (order,) = step.positional
    return tuple(inputs[0][axis - 1] for axis in order[1:])


def _flat(step: Torch, inputs: Shapes) -> Shape:
    return (prod(inputs[0]),)


def _column(step: Torch, inputs: Shapes) -> Shape:
    """A weight, one number a channel, as it is multiplied with a map."""
    (shape,) = step.positional
    return (prod(inputs[0]), *shape[1:])


def _ones(step: Torch, inputs: Shapes) -> Shape:
    """One number a sample."""
    return (1,) * len(inputs[0])


def _broadcast(step: Torch, inputs: Shapes) -> Shape:
    return tuple(map(max, *inputs))


_RESULTS: Mapping[str, Callable[[Torch, Shapes], Shape]] = {
    "F.pad": _padded,
    "nn.ConvTranspose1d": _spread,
    "nn.ConvTranspose2d": _spread,
    "nn.ConvTranspose3d": _spread,
    "F.avg_pool1d": _pooled,
    "F.avg_pool2d": _pooled,
    "F.avg_pool3d": _pooled,
    "torch.permute": _permuted,
    "torch.reshape": _column,
    "torch.mean": _ones,
    "torch.maximum": _broadcast,
    "torch.ones_like": _same,
    "torch.Tensor.contiguous": _same,
    "nn.LayerNorm": _same,
    "nn.Dropout": _same,
    "nn.Flatten": _flat,
}
