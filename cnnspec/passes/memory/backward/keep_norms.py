"""What norms keep for backward, and what they give."""

from __future__ import annotations

from math import prod

from cnnspec.passes.memory.backward.call import Call
from cnnspec.passes.memory.backward.values import FLOAT, Kind, Value, joined, packed, suggested


def batch_norm(call: Call) -> Value:
    """The input, and of the batch the mean and 1 / deviation of each channel; frozen it has the running ones."""
    if call.needs:
        call.keep(call.x)
        if not call.still:
            call.keep_fresh(Kind.STATISTIC, 0, call.shape[0])
            call.keep_fresh(Kind.STATISTIC, 0, call.shape[0])
    return call.result(suggested(call.x, call.shape))


def instance_norm(call: Call) -> Value:
    """A batch norm over samples times channels: weights are repeated for each sample."""
    x = call.laid(call.x, packed(call.x.shape))
    if call.needs:
        call.keep(x)
        channels = call.shape[0]
        affine = call.step.arguments.get("affine", False)
        for _ in range(3 if affine else 2):
            call.keep_fresh(Kind.STATISTIC, channels, width=_statistics(x, affine))
    return call.result(packed(call.shape))


def group_norm(call: Call) -> Value:
    groups = call.step.positional[0]
    if call.needs:
        call.keep(call.laid(call.x, suggested(call.x, call.x.shape)))
        for _ in range(2):
            width = _statistics(call.x, call.step.arguments.get("affine", True))
            call.keep_fresh(Kind.STATISTIC, groups, width=width)
    return call.result(suggested(call.x, call.shape))


def layer_norm(call: Call) -> Value:
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


def local_response(call: Call) -> Value:
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
