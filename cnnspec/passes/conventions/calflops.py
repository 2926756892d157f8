"""calflops: wrappers around functions of torch, counted for the module that calls them (calflops/pytorch_ops.py). It
gives two numbers, MACs and FLOPs."""

from __future__ import annotations

from math import prod

from cnnspec.contract.values import Shape
from cnnspec.passes.conventions import rules
from cnnspec.passes.conventions.calls import Call, per_axis
from cnnspec.passes.conventions.rules import (
    Part,
    Rule,
    Told,
    Tool,
    Undefined,
    each_of,
    learned,
    macs,
    named,
    read,
    unseen,
    zero,
)

NO_RULE = unseen("it has no rule")
NO_PRODUCT = zero("no multiply-adds by its rules")
GROUPS_AGAIN = "channels of a transposed convolution divided by the groups once more, and rounded down"


def _spread_macs(call: Call) -> int:
    """Its channels of the result are the kernel's, which are those of one group, and it divides by the groups again."""
    kernel = next(each.shape for each in call.weights if each.name == "weight")
    groups: int = call.argument("groups", 1)
    filters = kernel[1] // groups
    return call.batch * prod(kernel[2:]) * call.inputs[0][0] * filters * prod(call.inputs[0][1:])


def _spread(call: Call) -> Told:
    found = _spread_macs(call)
    return (Part(found, GROUPS_AGAIN, macs=True, short=found < rules.multiply_adds(call)),)


def _spread_flops(call: Call) -> Told:
    """The bias is counted over the places that a plain convolution would give."""
    found = _spread_macs(call)
    product = Part(2 * found, f"{rules.TWICE}; {GROUPS_AGAIN}", macs=True, short=found < rules.multiply_adds(call))
    if call.argument("groups", 1) == 1:
        product = product._replace(how=rules.TWICE)
    if not call.biased:
        return (product,)
    kernel = next(each.shape for each in call.weights if each.name == "weight")
    places = call.batch * prod(_of_a_plain_one(call, kernel[2:]))
    found = kernel[1] * places
    return (product, Part(found, "the bias: as if the convolution were not transposed", short=found < call.made))


def _of_a_plain_one(call: Call, kernel: Shape) -> Shape:
    extents = call.inputs[0][1:]
    strides, pads, dilations = (
        per_axis(call.argument(name, default), len(extents))
        for name, default in (("stride", 1), ("padding", 0), ("dilation", 1))
    )
    axes = zip(extents, kernel, strides, pads, dilations, strict=True)
    return tuple((w + 2 * p - (d * (f - 1) + 1)) // s + 1 for w, f, s, p, d in axes)


def _convolved_flops(call: Call) -> Told:
    product = Part(2 * rules.multiply_adds(call), rules.TWICE, macs=True)
    return (product, Part(call.made, rules.BIAS)) if call.biased else (product,)


def _resizing(counted: Rule) -> Rule:
    """It raises a factor to the power of the batch, and throws the result away; a tuple has no power."""

    def rule(call: Call) -> Told:
        factor = call.argument("scale_factor")
        if isinstance(factor, tuple) and len(factor) != call.batch:
            return Undefined("it stops with a TypeError at a factor for each axis, where there are not as many samples")
        if isinstance(factor, int) and _is_too_large(factor, call.batch):
            return Undefined("it stops with an OverflowError, as it raises the factor to the power of the batch")
        return counted(call)

    return rule


def _is_too_large(factor: int, batch: int) -> bool:
    try:
        float(factor) ** batch
    except OverflowError:
        return True
    return False


def _resized_flops(call: Call) -> Told:
    """By a factor the values that come in; to a size the pixels of one channel of one sample."""
    if call.argument("scale_factor") is not None:
        return (Part(call.read, "1 for each value that comes in"),)
    size = call.argument("size")
    if isinstance(size, int):
        return (Part(size, "the number that is given as the size", short=size < call.made),)
    found = prod(call.output[1:])
    how = "1 for each pixel of the result, of one channel of one sample"
    return (Part(found, how, short=found < call.made),)


_without_product = named(
    *("nn.ELU", "nn.GELU", "nn.Hardsigmoid", "nn.Hardswish", "nn.LeakyReLU", "nn.LogSoftmax", "nn.Mish", "nn.PReLU"),
    *("nn.ReLU", "nn.ReLU6", "nn.SELU", "nn.SiLU", "nn.Sigmoid", "nn.Softmax", "nn.Softplus", "nn.Tanh"),
    *("nn.LayerNorm", "nn.GroupNorm", "nn.LocalResponseNorm"),
    *(*rules.BATCH_NORMS, *rules.INSTANCE_NORMS, *rules.POOLS, *rules.POOL_CALLS, *rules.CALLS),
)

_macs_rules: dict[str, Rule] = {
    **rules.MOVING,
    **each_of(_without_product, NO_PRODUCT),
    **each_of((*rules.CONVOLUTIONS, *rules.DENSE), macs()),
    **each_of(rules.TRANSPOSED, _spread),
    **each_of(("nn.Upsample", "F.interpolate"), _resizing(NO_PRODUCT)),
}

_flops_rules: dict[str, Rule] = {
    **rules.MOVING,
    **each_of(
        named(
            *("nn.Hardsigmoid", "nn.Hardswish", "nn.LogSoftmax", "nn.Mish", "nn.ReLU6", "nn.SELU", "nn.Sigmoid"),
            *("nn.Softplus", "nn.Tanh", *rules.CALLS),
        ),
        NO_RULE,
    ),
    **each_of(rules.CONVOLUTIONS, _convolved_flops),
    **each_of(rules.TRANSPOSED, _spread_flops),
    **each_of(rules.DENSE, macs(2, rules.TWICE)),
    **each_of(("nn.ReLU", "nn.PReLU", "nn.ELU", "nn.LeakyReLU", "nn.SiLU", "nn.GELU", "nn.Softmax"), read(1)),
    **each_of(rules.BATCH_NORMS, learned(2, 1)),
    **each_of((*rules.INSTANCE_NORMS, "nn.LayerNorm", "nn.GroupNorm"), learned(5, 4)),
    **each_of((*rules.POOLS, *rules.POOL_CALLS), read(1)),
    "nn.LocalResponseNorm": rules.local_response,
    **each_of(("nn.Upsample", "F.interpolate"), _resizing(_resized_flops)),
}

TOOL = Tool(
    name="calflops",
    package="calflops",
    version="0.3.2",
    call="calculate_flops(model, args=[x], output_as_string=False)[1]",
    unit="MACs",
    counts="the multiply-adds of convolutions and dense layers",
    rules=_macs_rules,
    asks_a_parameter=True,
)

FLOPS = TOOL._replace(
    name="calflops-flops",
    call="calculate_flops(model, args=[x], output_as_string=False)[0]",
    unit="FLOPs",
    counts="two for a multiply-add, the bias of convolutions, and estimates for norms, activations, pools and resizing",
    rules=_flops_rules,
)
