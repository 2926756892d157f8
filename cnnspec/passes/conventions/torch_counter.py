"""torch's own counter: the matrix products and convolutions that reach the dispatcher (torch/utils/flop_counter.py)."""

from __future__ import annotations

from cnnspec.passes.conventions import rules
from cnnspec.passes.conventions.rules import Rule, Tool, each_of, macs, named, zero

NO_PRODUCT = zero("it counts matrix products and convolutions alone")

_rules: dict[str, Rule] = {
    **rules.MOVING,
    **each_of(
        named(
            *("nn.ELU", "nn.GELU", "nn.Hardsigmoid", "nn.Hardswish", "nn.LeakyReLU", "nn.LogSoftmax", "nn.Mish"),
            *("nn.PReLU", "nn.ReLU", "nn.ReLU6", "nn.SELU", "nn.SiLU", "nn.Sigmoid", "nn.Softmax", "nn.Softplus"),
            *("nn.Tanh", "nn.LayerNorm", "nn.GroupNorm", "nn.LocalResponseNorm", "nn.Upsample", "F.interpolate"),
            *(*rules.BATCH_NORMS, *rules.INSTANCE_NORMS, *rules.POOLS, *rules.POOL_CALLS, *rules.CALLS),
        ),
        NO_PRODUCT,
    ),
    **each_of((*rules.CONVOLUTIONS, *rules.TRANSPOSED, *rules.DENSE), macs(2, rules.TWICE)),
}

TOOL = Tool(
    name="torch",
    package="torch",
    version="2.13.0",
    call="FlopCounterMode().get_total_flops()",
    unit="FLOPs",
    counts="two for each multiply-add of convolutions and matrix products, and nothing else",
    rules=_rules,
)
