"""ptflops with its own backend, `pytorch`: hooks on modules and, besides, wrappers around functions of torch
(ptflops/pytorch_ops.py, pytorch_engine.py). A module that calls such a function is counted twice."""

from __future__ import annotations

from cnnspec.passes.conventions import rules
from cnnspec.passes.conventions.calls import Call
from cnnspec.passes.conventions.rules import Part, Rule, Told, Tool, each_of, learned, made, named, read, unseen

NO_RULE = unseen("it has no rule")
FUNCTION = "1 for each value that comes in, as a function"


def _twice(call: Call) -> Told:
    """A module of one value for one value, or a pool: once as a module, once as the function that it calls."""
    return (
        Part(call.read, "1 for each value that comes in, as a module"),
        Part(call.read, "the same once more, as the function inside"),
    )


def _upsampled(call: Call) -> Told:
    return (
        Part(call.made, "1 for each value of the result, as a module"),
        Part(call.made, "the same once more, as the function inside"),
    )


_rules: dict[str, Rule] = {
    **rules.MOVING,
    **each_of(
        named(
            *("nn.Hardsigmoid", "nn.Hardswish", "nn.LogSoftmax", "nn.Mish", "nn.SELU", "nn.Sigmoid", "nn.Softplus"),
            *("nn.Tanh", *rules.CALLS),
        ),
        NO_RULE,
    ),
    **each_of((*rules.CONVOLUTIONS, *rules.TRANSPOSED, *rules.DENSE), rules.with_bias),
    **each_of(("nn.ReLU", "nn.PReLU", "nn.ELU", "nn.GELU", *rules.POOLS), _twice),
    **each_of(("nn.LeakyReLU", "nn.ReLU6"), read(1, "1 for each value that comes in, as a module")),
    **each_of(("nn.SiLU", "nn.Softmax", *rules.POOL_CALLS), read(1, FUNCTION)),
    **each_of((*rules.BATCH_NORMS, *rules.INSTANCE_NORMS, "nn.GroupNorm"), learned(2, 1)),
    "nn.LayerNorm": read(1, "1 for each value, learned factors or not"),
    "nn.LocalResponseNorm": rules.local_response,
    "nn.Upsample": _upsampled,
    "F.interpolate": made(1, "1 for each value of the result, as a function"),
}

TOOL = Tool(
    name="ptflops",
    package="ptflops",
    version="0.7.5",
    call="get_model_complexity_info(model, input_res, as_strings=False)[0]",
    unit="MACs",
    counts="multiply-adds with the bias, and one or two for each value of norms, activations, pools and resizing",
    rules=_rules,
    one_sample=True,
)
