"""What operations value by value, and weighted sums, keep for backward, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from cnnspec.passes.memory.backward import values
from cnnspec.passes.memory.backward.call import Call
from cnnspec.passes.memory.backward.values import Kind, Value, joined, packed, suggested


def of_input(call: Call) -> Value:
    if call.needs:
        call.keep(call.x)
    return call.like()


def of_result(call: Call) -> Value:
    result = call.like()
    if call.needs:
        call.keep(result)
    return result


def nothing(call: Call) -> Value:
    """Sums: their gradient goes on as it is."""
    return _chain(call, lambda one, other: ())


def product(call: Call) -> Value:
    """The gradient of a factor is that of the product times the other factor."""
    return _chain(call, lambda one, other: ([one] if other.needs else []) + ([other] if one.needs else []))


def quotient(call: Call) -> Value:
    """The gradient of the dividend needs the divisor, that of the divisor both."""
    return _chain(call, lambda one, other: [other, one] if other.needs else [other] if one.needs else [])


def larger(call: Call) -> Value:
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


def softmax(call: Call) -> Value:
    result = call.result(packed(call.shape))
    if call.needs:
        call.keep(result)
    return result


def dropout(call: Call) -> Value:
    """A factor for each value, 0 or 1 / (1 - p), as wide as the value: CPU. (On CUDA it is a byte.)"""
    rate = call.step.positional[0] if call.step.positional else call.step.arguments.get("p", 0.5)
    if call.still or not rate:
        return call.x
    if call.needs and rate == 1:
        call.keep_fresh(Kind.MASK, 0, 1, call.x.width)  # a zero
    elif call.needs:
        call.keep_fresh(Kind.MASK, prod(call.x.shape), width=call.x.width)
    return call.like()


def convolution(call: Call) -> Value:
    if call.needs:
        call.keep(call.x)
    return call.result(suggested(call.x, call.shape))


def linear(call: Call) -> Value:
    if call.trained:
        call.keep(call.x)
    return call.result(packed(call.shape))


def keeps_weight(call: Call) -> bool:
    """Whether backward reads the weight of a weighted sum: a dense layer's only for the gradient of its input."""
    return call.x.needs if call.step.target == "nn.Linear" else call.needs
