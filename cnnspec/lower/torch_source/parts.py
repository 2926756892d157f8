"""What stands in a class's `__init__`: modules of torch with their numbers, instances of other classes, lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.contract.facts import Init, Torch
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Node
from cnnspec.lower.torch_source.texts import texts_of

if TYPE_CHECKING:
    from cnnspec.lower.torch_source.classes import Class

POSITIONAL: Mapping[str, tuple[str, ...]] = {
    "nn.Conv": ("in_channels", "out_channels"),
    "nn.Linear": ("in_features", "out_features"),
    "nn.BatchNorm": ("num_features",),
    "nn.InstanceNorm": ("num_features",),
    "nn.GroupNorm": ("num_groups", "num_channels"),
    "nn.LayerNorm": ("normalized_shape",),
    "nn.PReLU": ("num_parameters",),
    "nn.Dropout": ("p",),
    "nn.LocalResponseNorm": ("size",),
    "nn.PixelShuffle": ("upscale_factor",),
    "nn.ChannelShuffle": ("groups",),
    "nn.Adaptive": ("output_size",),
    "nn.Unflatten": ("dim", "unflattened_size"),
    "nn.": ("padding", "value"),  # the modules that pad
}
"""What torch calls the arguments that layers give by their place, by how the module's name begins."""

ENTERING = frozenset(
    {"in_channels", "in_features", "num_features", "num_channels", "normalized_shape", "num_parameters"}
)
"""Arguments that say how many channels come in."""

LEAVING = ("out_channels", "out_features")

FIELDS: Mapping[str, str] = {
    "out_channels": "channels",
    "out_features": "features",
    "kernel_size": "kernel",
    "padding": "pad",
    "output_padding": "output_pad",
    "p": "rate",
    "num_groups": "groups",
    "output_size": "to",
    "upscale_factor": "factor",
    "scale_factor": "factor",
    "negative_slope": "slope",
}
"""The language's field for an argument of torch, where the two differ."""

_DEFAULTS: Mapping[str, Any] = {
    "stride": 1,
    "padding": 0,
    "output_padding": 0,
    "dilation": 1,
    "groups": 1,
    "bias": True,
    "ceil_mode": False,
    "count_include_pad": True,
    "eps": 1e-05,
    "momentum": 0.1,
    "elementwise_affine": True,
    "negative_slope": 0.01,
    "align_corners": False,
}


def default_of(target: str, name: str) -> Any:
    """What a module of torch takes where an argument is left out; None where it is not the same for all modules. A
    pool's stride is its kernel, and is always said."""
    return None if name == "stride" and "Pool" in target else _DEFAULTS.get(name)


ORDER = ("kernel_size", "stride", "padding", "output_padding", "dilation", "groups", "bias", "ceil_mode")


class LayerPart(NamedTuple):
    """A module of torch. `slots` are its arguments by torch's names, of which the first `placed` stand by their place;
    `texts` the expressions that the text has for them."""

    target: str
    slots: Mapping[str, Any]
    placed: int
    texts: Mapping[str, str]
    read: Shape
    made: Shape

    @property
    def signature(self) -> tuple[Any, ...]:
        own = (name for name in self.slots if default_of(self.target, name) is None)
        return (self.target, *sorted(own))


class ClassPart(NamedTuple):
    """An instance of a class of ours; `room` says which."""

    made_of: Class
    room: str
    texts: Mapping[str, str]

    @property
    def signature(self) -> tuple[Any, ...]:
        return ("class", id(self.made_of))

    @property
    def slots(self) -> Mapping[str, Any]:
        return self.made_of.arguments[self.room]


class WeightPart(NamedTuple):
    """A parameter of a class's own, which begins with one number."""

    shape: Shape
    init: Init

    @property
    def signature(self) -> tuple[Any, ...]:
        return ("weight", len(self.shape))

    @property
    def slots(self) -> Mapping[str, Any]:
        sizes = {f"size{axis}": extent for axis, extent in enumerate(self.shape)}
        return {**sizes, "fill": self.init.scale}


class Times(NamedTuple):
    """A member of a list, as many times as stated, one after the other."""

    part: LayerPart | ClassPart | ListPart
    copies: int
    shape: Shape
    step: object
    """What tells a step of the text from others."""


class ListPart(NamedTuple):
    """An `nn.Sequential` that is written where it is used. Beside a longer one it has gaps."""

    members: tuple[Times | None, ...]

    @property
    def signature(self) -> tuple[Any, ...]:
        return ("list", *(each and each.part.signature for each in self.members))

    @property
    def slots(self) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for place, each in enumerate(self.members):
            if each is not None:
                found[f"{place}#"] = each.copies
                found.update({f"{place}.{name}": value for name, value in each.part.slots.items()})
        return found


Part = LayerPart | ClassPart | WeightPart | ListPart


FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "F.pad": ("padding",),
    "torch.narrow": ("dim", "start", "length"),
    "torch.permute": ("dims",),
    "torch.reshape": ("shape",),
}
"""What torch calls the arguments that its functions are given by their place, behind the operands."""


def argument_of(target: str, name: str) -> str:
    """The name of a function's argument, where `name` is its place."""
    return FUNCTIONS[target][int(name)] if name.isdecimal() else name


def layer_part(step: Torch, node: Node, read: Shape, made: Shape) -> LayerPart:
    """A step that is a module, with torch's names for its arguments."""
    known = next(names for begin, names in POSITIONAL.items() if step.target.startswith(begin))
    placed = known[: len(step.positional)]
    slots = dict(zip(placed, step.positional, strict=True)) | dict(step.arguments)
    said = texts_of(node)
    texts = {name: said[field] for name in slots if (field := FIELDS.get(name, name)) in said}
    return LayerPart(step.target, slots, len(placed), texts, read, made)


def in_order(slots: Mapping[str, Any], placed: int) -> Iterator[str]:
    """The names of arguments: those by place, then those that many modules share, then the rest."""
    first = list(slots)[:placed]
    yield from first
    yield from (name for name in ORDER if name in slots and name not in first)
    yield from (name for name in slots if name not in first and name not in ORDER)
