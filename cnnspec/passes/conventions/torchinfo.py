"""torchinfo: of each module without modules in it, its parameters times how often they are used, as it takes it
(torchinfo/layer_info.py, calculate_macs)."""

from __future__ import annotations

from math import prod

from cnnspec.passes.conventions import rules
from cnnspec.passes.conventions.calls import Call
from cnnspec.passes.conventions.rules import Nothing, Part, Rule, Told, Tool, each_of, named, zero

NO_WEIGHTS = zero("it counts what has parameters, and this has none")


def _convolved(call: Call) -> Told:
    """Kernel and bias once for each place of the result, transposed or not."""
    parts = rules.at_the_result(call)
    return (*parts, Part(call.made, rules.BIAS)) if call.biased else parts


def _once_a_sample(call: Call) -> Told:
    """A norm, the slopes of a PReLU, factors of the model's own."""
    numbers = sum(prod(each.shape) for each in call.weights if each.trainable)
    return (Part(call.batch * numbers, "its parameters, once for each sample"),) if numbers else NO_WEIGHTS(call)


def _reshaped(call: Call) -> Told:
    """Where a weight of the model's own is read; else numbers are moved."""
    return _once_a_sample(call) if call.weights else Nothing("only moves numbers", knows=True)


_rules: dict[str, Rule] = {
    **rules.MOVING,
    **each_of(
        named(
            *("nn.ELU", "nn.GELU", "nn.Hardsigmoid", "nn.Hardswish", "nn.LeakyReLU", "nn.LogSoftmax", "nn.Mish"),
            *("nn.ReLU", "nn.ReLU6", "nn.SELU", "nn.SiLU", "nn.Sigmoid", "nn.Softmax", "nn.Softplus", "nn.Tanh"),
            *("nn.LocalResponseNorm", "nn.Upsample", "F.interpolate"),
            *(*rules.POOLS, *rules.POOL_CALLS, *rules.CALLS),
        ),
        NO_WEIGHTS,
    ),
    **each_of((*rules.CONVOLUTIONS, *rules.TRANSPOSED), _convolved),
    **each_of(rules.DENSE, rules.with_bias),
    **each_of((*rules.BATCH_NORMS, *rules.INSTANCE_NORMS), _once_a_sample),
    **each_of(("nn.LayerNorm", "nn.GroupNorm", "nn.PReLU"), _once_a_sample),
    "torch.reshape": _reshaped,
}

TOOL = Tool(
    name="torchinfo",
    package="torchinfo",
    version="1.8.0",
    call="summary(model, input_data=inputs).total_mult_adds",
    unit="mult-adds",
    counts="the parameters of each module, those of convolutions times the pixels of the result, others once a sample",
    rules=_rules,
)
