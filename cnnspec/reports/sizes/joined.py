"""What a join of one size asks of the map that is kept for it: that it is even, mostly, as `maxpool 2x2` drops a row of
an odd one that nothing gives back."""

from __future__ import annotations

from math import lcm

from cnnspec.contract.sizing import Equal
from cnnspec.ir.graph import Graph
from cnnspec.passes.sizes.form import Form
from cnnspec.passes.sizes.forms import Demand
from cnnspec.passes.sizes.valid import Limit

STRIDES = (2, 3, 4, 8, 16, 32)
MOST = 1 << 12
"""Sizes that are compared: those of a period of both."""


def asked_of_kept(limit: Limit, graph: Graph) -> str | None:
    """`e4` must be even; None where that is not just what the join asks of one of its operands."""
    cause = limit.cause
    if not isinstance(cause, Demand) or not isinstance(cause.need, Equal) or limit.sizes.is_finite:
        return None
    for place in cause.places:
        form = cause.operands[place][cause.need.axis]
        if not isinstance(form, Form) or form.variable != limit.variable:
            continue
        stride = next((each for each in STRIDES if _is_multiple(form, each, limit)), None)
        if stride is not None:
            name = _called(graph.nodes[cause.node].inputs[place], graph)
            return f"`{name}` must be {'even' if stride == 2 else f'a multiple of {stride}'}"
    return None


def _is_multiple(form: Form, stride: int, limit: Limit) -> bool:
    """Whether the limit leaves just the sizes at which the form is a multiple of that."""
    sizes = limit.sizes
    period = lcm(form.period * stride, sizes.period)
    if period > MOST:
        return False
    return all((form.at(size) % stride == 0) == (size in sizes) for size in range(sizes.start, sizes.start + period))


def _called(id: str, graph: Graph) -> str:
    """A value by the block that ends in it, where it is the last of one: `e4` for `e4.relu2`."""
    name, scope = id, graph.nodes[id].scope
    while scope and id == next(each for each in reversed(tuple(graph.nodes)) if each.startswith(f"{scope}.")):
        name, scope = scope, graph.scopes[scope].parent or ""
    return name
