"""What each of torch's operations keeps for backward, and what it gives. Source: torch's derivatives
(tools/autograd/derivatives.yaml) and the CPU kernels; tests/test_memory_saved.py compares with torch, byte by byte.

A rule is kept by the name of torch's module or function, without the number of axes: `nn.Conv` is Conv1d, 2d and 3d.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import NamedTuple

from cnnspec.contract.facts import Torch
from cnnspec.contract.values import Shape
from cnnspec.passes.backward import values
from cnnspec.passes.backward.values import FLOAT, LONG, Kind, Storage, Value, joined, packed, suggested, viewed


class Call:
    """One call at work: the step, what it reads, the shape that it gives, and what it keeps.

    `trained`: its own weights get gradients; `still`: it works in training as at inference (frozen).
    """

    def __init__(
        self, node: str, step: Torch, inputs: Sequence[Value], shape: Shape, trained: bool, still: bool
    ) -> None:
        self.node = node
        self.step = step
        self.inputs = list(inputs)
        self.shape = shape
        self.trained = trained
        self.still = still
        self.kept: list[Storage] = []

    @property
    def x(self) -> Value:
        return self.inputs[0]

    @property
    def needs(self) -> bool:
        """Whether its result gets a gradient, and so anything is kept."""
        return self.trained or any(each.needs for each in self.inputs)

    def keep(self, *kept: Value | Storage) -> None:
        self.kept += [each.storage if isinstance(each, Value) else each for each in kept]

    def keep_fresh(self, kind: Kind, each: int, fixed: int = 0, width: int = FLOAT) -> None:
        """A tensor that only backward reads."""
        self.keep(Storage(self.node, kind, each, fixed, width))

    def result(self, strides: tuple[int, ...], shape: Shape | None = None, width: int | None = None) -> Value:
        """In a storage of its own, as wide as its widest operand."""
        wide = width or max(each.width for each in self.inputs)
        return values.new(self.node, self.shape if shape is None else shape, strides, self.needs, wide, Kind.ACTIVATION)

    def like(self) -> Value:
        """A result of the input's shape, laid out as that is."""
        return self.result(joined([self.x], self.x.shape), self.x.shape)

    def laid(self, value: Value, strides: tuple[int, ...]) -> Value:
        """The value itself, or a copy that is laid out so."""
        if value.lies(strides):
            return value
        return values.new(self.node, value.shape, strides, value.needs, value.width, Kind.ACTIVATION)


Rule = Callable[[Call], Value]


class Keeps(NamedTuple):
    """How a rule is told to people: what it keeps, in words, and how it is worked out."""

    what: str
    rule: Rule


# -- pointwise ---------------------------------------------------------------------------------------------------------


def _of_input(call: Call) -> Value:
    if call.needs:
        call.keep(call.x)
    return call.like()


def _of_result(call: Call) -> Value:
    result = call.like()
    if call.needs:
        call.keep(result)
    return result


def _nothing(call: Call) -> Value:
    """Sums: their gradient goes on as it is."""
    return _chain(call, lambda one, other: ())


def _product(call: Call) -> Value:
    """The gradient of a factor is that of the product times the other factor."""
    return _chain(call, lambda one, other: ([one] if other.needs else []) + ([other] if one.needs else []))


def _quotient(call: Call) -> Value:
    """The gradient of the dividend needs the divisor, that of the divisor both."""
    return _chain(call, lambda one, other: [other, one] if other.needs else [other] if one.needs else [])


def _larger(call: Call) -> Value:
    """Where they are equal each gets half of the gradient: both are compared again."""
    return _chain(call, lambda one, other: [one, other] if one.needs or other.needs else [])


def _chain(call: Call, kept: Callable[[Value, Value], Sequence[Value]]) -> Value:
    """Two by two from the first operand to the last, each result in a storage of its own."""
    value = call.x
    for other in call.inputs[1:]:
        call.keep(*kept(value, other))
        shape = tuple(map(max, value.shape, other.shape))
        width, needs = max(value.width, other.width), value.needs or other.needs
        strides = joined([value, other], shape)
        value = values.new(call.node, shape, strides, needs, width, Kind.ACTIVATION)
    return value


def _softmax(call: Call) -> Value:
    result = call.result(packed(call.shape))
    if call.needs:
        call.keep(result)
    return result


def _dropout(call: Call) -> Value:
    """A factor for each value, 0 or 1 / (1 - p), as wide as the value: CPU. (On CUDA it is a byte.)"""
    rate = call.step.positional[0] if call.step.positional else call.step.arguments.get("p", 0.5)
    if call.still or not rate:
        return call.x
    if call.needs and rate == 1:
        call.keep_fresh(Kind.MASK, 0, 1, call.x.width)  # a zero
    elif call.needs:
        call.keep_fresh(Kind.MASK, prod(call.x.shape), width=call.x.width)
    return call.like()


# -- weighted sums -----------------------------------------------------------------------------------------------------


def _convolution(call: Call) -> Value:
    if call.needs:
        call.keep(call.x)
    return call.result(suggested(call.x, call.shape))


def _linear(call: Call) -> Value:
    if call.trained:
        call.keep(call.x)
    return call.result(packed(call.shape))


def keeps_weight(call: Call) -> bool:
    """Whether backward reads the weight of a weighted sum: a dense layer's only for the gradient of its input."""
    return call.x.needs if call.step.target == "nn.Linear" else call.needs


# -- norms -------------------------------------------------------------------------------------------------------------


def _batch_norm(call: Call) -> Value:
    """The input, and of the batch the mean and 1 / deviation of each channel; frozen it has the running ones."""
    if call.needs:
        call.keep(call.x)
        if not call.still:
            call.keep_fresh(Kind.STATISTIC, 0, call.shape[0])
            call.keep_fresh(Kind.STATISTIC, 0, call.shape[0])
    return call.result(suggested(call.x, call.shape))


def _instance_norm(call: Call) -> Value:
    """A batch norm over samples times channels: weights are repeated for each sample."""
    x = call.laid(call.x, packed(call.x.shape))
    if call.needs:
        call.keep(x)
        channels = call.shape[0]
        affine = call.step.arguments.get("affine", False)
        for _ in range(3 if affine else 2):
            call.keep_fresh(Kind.STATISTIC, channels, width=_statistics(x, affine))
    return call.result(packed(call.shape))


def _group_norm(call: Call) -> Value:
    groups = call.step.positional[0]
    if call.needs:
        call.keep(call.laid(call.x, suggested(call.x, call.x.shape)))
        for _ in range(2):
            width = _statistics(call.x, call.step.arguments.get("affine", True))
            call.keep_fresh(Kind.STATISTIC, groups, width=width)
    return call.result(suggested(call.x, call.shape))


def _layer_norm(call: Call) -> Value:
    """A mean and 1 / deviation for each part that is normalized by itself."""
    shape = call.step.positional[0]
    normal = (shape,) if isinstance(shape, int) else shape
    if call.needs:
        call.keep(call.x)
        width = _statistics(call.x, call.step.arguments.get("elementwise_affine", True))
        for _ in range(2):
            call.keep_fresh(Kind.STATISTIC, prod(call.x.shape) // prod(normal), width=width)
    return call.result(packed(call.x.shape), call.x.shape)


def _statistics(x: Value, affine: bool) -> int:
    """Their width: beside float32 weights they are float32, else as the input is."""
    return FLOAT if affine else x.width


def _local_response(call: Call) -> Value:
    """x / (k + alpha * mean of squares) ** beta, as torch writes it: a product, a pool over padded squares, a power and
    a quotient. The pool is one of three axes, and so in float32, but for 1-D."""
    x, size = call.x, call.step.positional[0]
    channels, *rest = x.shape
    width = x.width if len(rest) == 1 else FLOAT
    if call.needs:
        call.keep(x)  # of the square and of the quotient
        call.keep_fresh(Kind.ACTIVATION, (channels + size - 1) * prod(rest), width=width)  # the padded squares
        call.keep_fresh(Kind.ACTIVATION, prod(x.shape), width=width)  # what is raised
        call.keep_fresh(Kind.ACTIVATION, prod(x.shape), width=width)  # the divisor
    return call.result(joined([x], x.shape), x.shape, width)


# -- pools and sizes ---------------------------------------------------------------------------------------------------


def _max_pool(call: Call) -> Value:
    """The input, and where each largest one was."""
    if call.needs:
        call.keep(call.x)
        call.keep_fresh(Kind.INDEX, prod(call.shape), width=LONG)
    return call.result(suggested(call.x, call.shape))


def _pool(call: Call) -> Value:
    if call.needs:
        call.keep(call.x)
    return call.result(suggested(call.x, call.shape))


def _adaptive_average(call: Call) -> Value:
    """To one value it is a mean, which keeps nothing."""
    if prod(call.shape[1:]) == 1:
        return call.result(suggested(call.x, call.shape))
    return _pool(call)


def _mean(call: Call) -> Value:
    shape = tuple(1 for _ in call.x.shape)
    return call.result(packed(shape), shape)


def _resized(call: Call) -> Value:
    return call.result(suggested(call.x, call.shape))


def _padded(call: Call) -> Value:
    pads = _pads(call.step, call.x.shape)
    shape = _with_pads(call.x.shape, pads)
    if max(pads) > 0:
        return call.result(suggested(call.x, shape), shape)
    return call.result(joined([call.x._replace(shape=shape)], shape), shape)


def before(step: Torch, shape: Shape) -> Shape:
    """The shape that a step must be given for it to give this one: that of a border that it cuts off."""
    return _with_pads(shape, [-each for each in _pads(step, shape)]) if step.target == "F.pad" else shape


def _pads(step: Torch, shape: Shape) -> Sequence[int]:
    pads: int | tuple[int, ...] = step.positional[0]
    return pads if isinstance(pads, tuple) else (pads, pads) * (len(shape) - 1)


def _with_pads(shape: Shape, pads: Sequence[int]) -> Shape:
    """torch names the last axis first, and both ends of each."""
    grown = list(shape)
    for place in range(len(pads) // 2):
        grown[-1 - place] += pads[2 * place] + pads[2 * place + 1]
    return tuple(grown)


def _ones(call: Call) -> Value:
    return call.like()._replace(needs=False)


def _joined_channels(call: Call) -> Value:
    shape = (sum(each.shape[0] for each in call.inputs), *call.x.shape[1:])
    last = all(map(values.is_channels_last, call.inputs))
    return call.result(values.channels_last(shape) if last else packed(shape), shape)


# -- views -------------------------------------------------------------------------------------------------------------


def _flat(call: Call) -> Value:
    return _as_shape(call, (prod(call.x.shape),))


def _unflat(call: Call) -> Value:
    return _as_shape(call, call.shape)


def _as_shape(call: Call, shape: Shape) -> Value:
    strides = viewed(call.x, shape)
    if strides is not None:
        return call.x._replace(shape=shape, strides=strides)
    return call.result(packed(shape), shape)


def _permuted(call: Call) -> Value:
    x, order = call.x, [each - 1 for each in call.step.positional[0][1:]]
    return x._replace(shape=tuple(x.shape[i] for i in order), strides=tuple(x.strides[i] for i in order))


def _narrowed(call: Call) -> Value:
    length = call.step.positional[2]
    return call.x._replace(shape=(length, *call.x.shape[1:]))


def _contiguous(call: Call) -> Value:
    return call.laid(call.x, packed(call.x.shape))


def _weights_as_column(call: Call) -> Value:
    """A view of a weight; the batch is not its axis."""
    shape = tuple(call.x.shape[0] if each == -1 else each for each in call.step.positional[0])
    return call.x._replace(shape=shape, strides=packed(shape))


INPUT, RESULT, NOTHING = "its input", "its result", "nothing"
VIEW = "nothing: a view of its input"
STATISTICS = "its input, mean and 1 / deviation"

RULES: Mapping[str, Keeps] = {
    "nn.Conv": Keeps("its input (and its weight)", _convolution),
    "nn.ConvTranspose": Keeps("its input (and its weight)", _convolution),
    "nn.Linear": Keeps("its input (and its weight)", _linear),
    "nn.BatchNorm": Keeps(f"{STATISTICS} of each channel", _batch_norm),
    "nn.InstanceNorm": Keeps(f"{STATISTICS} of each channel of each sample, its weight as often", _instance_norm),
    "nn.GroupNorm": Keeps(f"{STATISTICS} of each group of each sample", _group_norm),
    "nn.LayerNorm": Keeps(f"{STATISTICS} of each part", _layer_norm),
    "nn.LocalResponseNorm": Keeps("its input, the padded squares, what is raised, the divisor", _local_response),
    "nn.ReLU": Keeps(RESULT, _of_result),
    "nn.Sigmoid": Keeps(RESULT, _of_result),
    "nn.Tanh": Keeps(RESULT, _of_result),
    "nn.Softmax": Keeps(RESULT, _softmax),
    "nn.LogSoftmax": Keeps(RESULT, _softmax),
    "nn.ReLU6": Keeps(INPUT, _of_input),
    "nn.LeakyReLU": Keeps(INPUT, _of_input),
    "nn.PReLU": Keeps(INPUT, _of_input),
    "nn.ELU": Keeps(INPUT, _of_input),
    "nn.SELU": Keeps(INPUT, _of_input),
    "nn.GELU": Keeps(INPUT, _of_input),
    "nn.SiLU": Keeps(INPUT, _of_input),
    "nn.Mish": Keeps(INPUT, _of_input),
    "nn.Softplus": Keeps(INPUT, _of_input),
    "nn.Hardsigmoid": Keeps(INPUT, _of_input),
    "nn.Hardswish": Keeps(INPUT, _of_input),
    "torch.abs": Keeps(INPUT, _of_input),
    "nn.Dropout": Keeps("a factor for each value", _dropout),
    "+": Keeps(NOTHING, _nothing),
    "-": Keeps(NOTHING, _nothing),
    "*": Keeps("each factor that another one's gradient needs", _product),
    "/": Keeps("the divisor; the dividend where the divisor gets a gradient", _quotient),
    "torch.maximum": Keeps("both operands", _larger),
    "torch.cat": Keeps(NOTHING, _joined_channels),
    "nn.MaxPool": Keeps("its input, an int64 index for each result", _max_pool),
    "nn.AdaptiveMaxPool": Keeps("its input, an int64 index for each result", _max_pool),
    "nn.AvgPool": Keeps(INPUT, _pool),
    "F.avg_pool": Keeps(INPUT, _pool),
    "nn.AdaptiveAvgPool": Keeps("its input; nothing where all becomes one value", _adaptive_average),
    "torch.mean": Keeps(NOTHING, _mean),
    "nn.Upsample": Keeps(NOTHING, _resized),
    "F.interpolate": Keeps(NOTHING, _resized),
    "F.pad": Keeps(NOTHING, _padded),
    "nn.ZeroPad": Keeps(NOTHING, _padded),
    "nn.ConstantPad": Keeps(NOTHING, _padded),
    "nn.ReflectionPad": Keeps(INPUT, _pool),
    "nn.ReplicationPad": Keeps(INPUT, _pool),
    "nn.PixelShuffle": Keeps(NOTHING, _resized),
    "nn.ChannelShuffle": Keeps(NOTHING, _resized),
    "torch.ones_like": Keeps(NOTHING, _ones),
    "torch.Tensor.contiguous": Keeps(NOTHING, _contiguous),
    "nn.Flatten": Keeps(VIEW, _flat),
    "nn.Unflatten": Keeps(VIEW, _unflat),
    "torch.permute": Keeps(VIEW, _permuted),
    "torch.narrow": Keeps(VIEW, _narrowed),
    "torch.reshape": Keeps(VIEW, _weights_as_column),
}


def rule_of(target: str) -> Keeps | None:
    """The rule of a torch step's target; None for one that no layer states."""
    return RULES.get(target[:-2] if target[-2:] in ("1d", "2d", "3d") else target)
