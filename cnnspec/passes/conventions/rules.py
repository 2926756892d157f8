"""What a rule of a tool says of one torch step, and the rules that several tools share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import NamedTuple

from cnnspec.passes.conventions.calls import Call


class Part(NamedTuple):
    """A number that the tool adds up, and how it comes to it; `macs`: it stands for the multiply-adds themselves;
    `short`: it is less than what the tool itself means to count."""

    number: int
    how: str
    macs: bool = False
    short: bool = False


class Nothing(NamedTuple):
    """The tool adds nothing. `knows`: by a rule of its own, or as there is nothing to compute; else the step stays
    unseen, and the tool's total is a lower bound in the tool's own sense."""

    why: str
    knows: bool


class Undefined(NamedTuple):
    """There is no number: the tool stops here."""

    why: str


Told = tuple[Part, ...] | Nothing | Undefined
Rule = Callable[[Call], Told]


class Tool(NamedTuple):
    """A tool that counts. `call` is what a user writes, `unit` what the tool calls its number, `counts` what that
    number is in words; `rules` by torch's name of a step. `one_sample`: it makes a batch of one itself.
    `asks_a_parameter`: it stops at a network without any."""

    name: str
    package: str
    version: str
    call: str
    unit: str
    counts: str
    rules: Mapping[str, Rule]
    one_sample: bool = False
    asks_a_parameter: bool = False

    def told(self, call: Call) -> Told:
        """What the tool says of a step; of one that has no rule here nothing is known."""
        rule = self.rules.get(call.target)
        if rule is None:
            return Undefined(f"cnnspec has no rule for what {self.package} does here")
        return rule(call)


# -- torch's names ----------------------------------------------------------------------------------------------------


def named(*names: str) -> tuple[str, ...]:
    """`nn.Conv#d` for one, two and three axes; other names as they are."""
    return tuple(each.replace("#", axes) for each in names for axes in ("123" if "#" in each else "1"))


def each_of(names: Iterable[str], rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names, rule)


CONVOLUTIONS = named("nn.Conv#d")
TRANSPOSED = named("nn.ConvTranspose#d")
DENSE = ("nn.Linear",)
BATCH_NORMS = named("nn.BatchNorm#d")
INSTANCE_NORMS = named("nn.InstanceNorm#d")
POOLS = named("nn.AvgPool#d", "nn.MaxPool#d", "nn.AdaptiveAvgPool#d", "nn.AdaptiveMaxPool#d")
POOL_CALLS = named("F.avg_pool#d")
OPERATORS = ("+", "-", "*", "/")
CALLS = (*OPERATORS, "torch.abs", "torch.maximum", "torch.mean")

MOVING: Mapping[str, Rule] = each_of(
    named(
        *("nn.Flatten", "nn.Unflatten", "nn.PixelShuffle", "nn.ChannelShuffle", "nn.Dropout"),
        *("nn.ZeroPad#d", "nn.ConstantPad#d", "nn.ReflectionPad#d", "nn.ReplicationPad#d", "F.pad"),
        *("torch.cat", "torch.narrow", "torch.permute", "torch.reshape", "torch.Tensor.contiguous", "torch.ones_like"),
    ),
    lambda call: Nothing("only moves numbers", knows=True),
)
"""Steps that compute nothing in evaluation; no tool counts them."""


# -- rules ------------------------------------------------------------------------------------------------------------


def zero(why: str) -> Rule:
    """The tool's own rule is that this takes nothing."""
    return lambda call: Nothing(why, knows=True)


def unseen(why: str) -> Rule:
    """The tool has no rule, and takes it for nothing."""
    return lambda call: Nothing(why, knows=False)


def read(times: int, how: str = "") -> Rule:
    """So much for each value that comes in."""
    told = how or f"{times} for each value that comes in"
    return lambda call: (Part(times * call.read, told),)


def made(times: int, how: str = "") -> Rule:
    """So much for each value of the result."""
    told = how or f"{times} for each value of the result"
    return lambda call: (Part(times * call.made, told),)


def learned(with_factors: int, without: int) -> Rule:
    """A norm: so much for each value, less where it has no learned factors."""

    def rule(call: Call) -> Told:
        times = with_factors if call.affine else without
        return (Part(times * call.read, f"{times} for each value"),)

    return rule


def multiply_adds(call: Call) -> int:
    """Of a convolution or dense layer: each number of the kernel meets each place of the result, or of what comes in
    if the convolution is transposed."""
    kernel = next(each.shape for each in call.weights if each.name == "weight")
    places = call.inputs[0] if call.target in TRANSPOSED else call.output
    return call.batch * prod(kernel) * prod(places[1:])


def macs(times: int = 1, how: str = "multiply-adds") -> Rule:
    return lambda call: (Part(times * multiply_adds(call), how, macs=True),)


def with_bias(call: Call) -> Told:
    """The multiply-adds, and an addition for each number of the result."""
    product = Part(multiply_adds(call), "multiply-adds", macs=True)
    return (product, Part(call.made, BIAS)) if call.biased else (product,)


def at_the_result(call: Call) -> tuple[Part, ...]:
    """A transposed convolution counted like a plain one, over the places of its result."""
    kernel = next(each.shape for each in call.weights if each.name == "weight")
    return (Part(call.batch * prod(kernel) * prod(call.output[1:]), OVER_RESULT, macs=True),)


BIAS = "the bias: an addition for each number of the result"
OVER_RESULT = "counted over the pixels of its result, not over those that come in"
TWICE = "a multiply-add is two FLOPs"


def local_response(call: Call) -> Told:
    """torch.nn.functional.local_response_norm, of which these tools see the squares, the mean over channels (a pool of
    the map with as many more channels as the window needs), and `* alpha + k`."""
    (size,) = call.step.positional
    channels, *extents = call.inputs[0]
    padded = call.batch * (channels + size // 2 + (size - 1) // 2) * prod(extents)
    return (Part(3 * call.read + padded, "3 for each value, and 1 for each value of the padded map that it pools"),)
