"""fvcore: operators of a torch.jit trace (fvcore/nn/flop_count.py, jit_handles.py)."""

from __future__ import annotations

from cnnspec.passes.conventions import rules
from cnnspec.passes.conventions.calls import Call
from cnnspec.passes.conventions.rules import Part, Rule, Told, Tool, each_of, learned, macs, named, read, unseen, zero

NO_RULE = unseen("operators that it has no rule for")


def _resized(call: Call) -> Told:
    """It knows maps of two axes alone, and no resizing by other means."""
    if len(call.output) != 3:
        return NO_RULE(call)
    times = 1 if call.argument("mode") is None else 4
    return (Part(times * call.made, f"{times} for each value of the result"),)


_rules: dict[str, Rule] = {
    **rules.MOVING,
    **each_of(
        named(
            *("nn.ELU", "nn.GELU", "nn.Hardsigmoid", "nn.Hardswish", "nn.LeakyReLU", "nn.LogSoftmax", "nn.Mish"),
            *("nn.PReLU", "nn.ReLU6", "nn.SELU", "nn.SiLU", "nn.Sigmoid", "nn.Softmax", "nn.Softplus", "nn.Tanh"),
            *("nn.LocalResponseNorm", *rules.POOLS, *rules.POOL_CALLS, *rules.CALLS),
        ),
        NO_RULE,
    ),
    **each_of((*rules.CONVOLUTIONS, *rules.TRANSPOSED, *rules.DENSE), macs()),
    "nn.ReLU": zero("it leaves relu out on purpose"),
    **each_of(rules.BATCH_NORMS, learned(2, 1)),
    **each_of((*rules.INSTANCE_NORMS, "nn.LayerNorm", "nn.GroupNorm"), learned(5, 4)),
    "nn.AdaptiveAvgPool2d": read(1),
    **each_of(("nn.Upsample", "F.interpolate"), _resized),
}

TOOL = Tool(
    name="fvcore",
    package="fvcore",
    version="0.1.5.post20221221",
    call="FlopCountAnalysis(model, inputs).total()",
    unit="FLOPs",
    counts="one for a multiply-add, and estimates for norms, some resizing and the adaptive average pool of two axes",
    rules=_rules,
)
