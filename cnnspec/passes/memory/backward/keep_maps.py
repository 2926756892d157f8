"""What pools, borders, other sizes and views keep for backward, and what they give."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from cnnspec.contract.facts import Torch
from cnnspec.contract.values import Shape
from cnnspec.passes.memory.backward import values
from cnnspec.passes.memory.backward.call import Call
from cnnspec.passes.memory.backward.values import LONG, Kind, Value, joined, packed, suggested, viewed


def max_pool(call: Call) -> Value:
    """The input, and where each largest one was."""
    if call.needs:
        call.keep(call.x)
        call.keep_fresh(Kind.INDEX, prod(call.shape), width=LONG)
    return call.result(suggested(call.x, call.shape))


def pool(call: Call) -> Value:
    if call.needs:
        call.keep(call.x)
    return call.result(suggested(call.x, call.shape))


def adaptive_average(call: Call) -> Value:
    """To one value it is a mean, which keeps nothing."""
    if prod(call.shape[1:]) == 1:
        return call.result(suggested(call.x, call.shape))
    return pool(call)


def mean(call: Call) -> Value:
    shape = tuple(1 for _ in call.x.shape)
    return call.result(packed(shape), shape)


def resized(call: Call) -> Value:
    return call.result(suggested(call.x, call.shape))


def padded(call: Call) -> Value:
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


def ones(call: Call) -> Value:
    return call.like()._replace(needs=False)


def joined_channels(call: Call) -> Value:
    shape = (sum(each.shape[0] for each in call.inputs), *call.x.shape[1:])
    last = all(map(values.is_channels_last, call.inputs))
    return call.result(values.channels_last(shape) if last else packed(shape), shape)


def flat(call: Call) -> Value:
    return _as_shape(call, (prod(call.x.shape),))


def unflat(call: Call) -> Value:
    return _as_shape(call, call.shape)


def _as_shape(call: Call, shape: Shape) -> Value:
    strides = viewed(call.x, shape)
    if strides is not None:
        return call.x._replace(shape=shape, strides=strides)
    return call.result(packed(shape), shape)


def permuted(call: Call) -> Value:
    x, order = call.x, [each - 1 for each in call.step.positional[0][1:]]
    return x._replace(shape=tuple(x.shape[i] for i in order), strides=tuple(x.strides[i] for i in order))


def narrowed(call: Call) -> Value:
    length = call.step.positional[2]
    return call.x._replace(shape=(length, *call.x.shape[1:]))


def contiguous(call: Call) -> Value:
    return call.laid(call.x, packed(call.x.shape))


def weights_as_column(call: Call) -> Value:
    """A view of a weight; the batch is not its axis."""
    shape = tuple(call.x.shape[0] if each == -1 else each for each in call.step.positional[0])
    return call.x._replace(shape=shape, strides=packed(shape))
