"""thop (pytorch-OpCounter): hooks on modules (thop/profile.py, thop/vision/basic_hooks.py, calc_func.py)."""

from __future__ import annotations

from math import prod

from cnnspec.passes.conventions import rules
from cnnspec.passes.conventions.calls import Call
from cnnspec.passes.conventions.rules import (
    Part,
    Rule,
    Told,
    Tool,
    each_of,
    learned,
    macs,
    made,
    named,
    read,
    unseen,
    zero,
)

NO_RULE = unseen("it has no rule")
NO_MODULE = unseen("no module, and it sees modules alone")
FREE = zero("its own rule is that this takes nothing")

FOR_A_BLEND = {1: 5, 2: 11}
"""By the number of axes; it says itself that three are not implemented."""


def _softmax(call: Call) -> Told:
    """Of n values n exponentials, n - 1 additions and n divisions."""
    channels = call.inputs[0][0]
    return (Part(call.read // channels * (3 * channels - 1), "3 n - 1 for each n values that sum to one"),)


def _adaptive(call: Call) -> Told:
    """As it stands there, in float64: the ratio of the extents multiplied, 1 added, times the results, cut to a whole
    number."""
    ratio = prod(before / after for before, after in zip(call.inputs[0][1:], call.output[1:], strict=True))
    return (Part(int((ratio + 1) * call.made), "for each value of the result as many as it is the mean of, and 1"),)


def _upsampled(call: Call) -> Told:
    axes = len(call.output) - 1
    if call.argument("mode") is None:
        return (Part(call.made, "1 for each value of the result"),)
    if axes not in FOR_A_BLEND:
        return NO_RULE(call)
    return (Part(FOR_A_BLEND[axes] * call.made, f"{FOR_A_BLEND[axes]} for each value of the result"),)


_rules: dict[str, Rule] = {
    **rules.MOVING,
    **each_of(
        named(
            *("nn.ELU", "nn.GELU", "nn.Hardsigmoid", "nn.Hardswish", "nn.LogSoftmax", "nn.Mish", "nn.SELU", "nn.SiLU"),
            *("nn.Sigmoid", "nn.Softplus", "nn.Tanh", "nn.GroupNorm", "nn.LocalResponseNorm"),
        ),
        NO_RULE,
    ),
    **each_of((*rules.CALLS, *rules.POOL_CALLS, "F.interpolate"), NO_MODULE),
    **each_of((*rules.CONVOLUTIONS, *rules.DENSE), macs()),
    **each_of(rules.TRANSPOSED, rules.at_the_result),
    **each_of((*rules.BATCH_NORMS, *rules.INSTANCE_NORMS, "nn.LayerNorm"), learned(4, 2)),
    **each_of(named("nn.ReLU", "nn.ReLU6", "nn.LeakyReLU", "nn.MaxPool#d", "nn.AdaptiveMaxPool#d"), FREE),
    "nn.PReLU": read(1),
    "nn.Softmax": _softmax,
    **each_of(named("nn.AvgPool#d"), made(1)),
    **each_of(named("nn.AdaptiveAvgPool#d"), _adaptive),
    "nn.Upsample": _upsampled,
}

TOOL = Tool(
    name="thop",
    package="thop",
    version="0.1.1.post2209072238",
    call="profile(model, inputs=(x,))[0]",
    unit="MACs",
    counts="multiply-adds without the bias, four for each value of a norm, estimates for average pools and resizing",
    rules=_rules,
)
