"""The sections of a model, `image { … }` and `labels "…"`: what they may say, and the plain data that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from cnnspec.contract.errors import ArgumentError, LayerError
from cnnspec.contract.fields import Field, Kind, choice, flag, option, positional, real, size
from cnnspec.contract.values import Dim, Sizes, Value, Values, Word, describe

CHANNELS = {"rgb": 3, "bgr": 3, "grey": 1}


def extent(what: str) -> Kind:
    """A size of an image: `224`, or height and width: `224x192`."""
    plain = size(what)

    def make(value: Value) -> Sizes:
        if isinstance(value, Dim) and len(value) != 2:
            raise ArgumentError(f"{what} is one number, or height and width, got {describe(value)}")
        made: Sizes = plain.make(value)
        return made

    return Kind("a size such as 224 or 224x192", make)


def per_channel(what: str, *, positive: bool = False) -> Kind:
    """One number for all channels, or one each: `0.5`, `0.485,0.456,0.406`."""
    one = real(what, lambda value: value > 0 or not positive, "more than 0" if positive else "a number")

    def make(value: Value) -> tuple[float, ...]:
        return tuple(one.make(each) for each in (value if isinstance(value, Values) else (value,)))

    return Kind("one number, or one for each channel", make)


def file_name(what: str) -> Kind:
    """A text in quotes."""

    def make(value: Value) -> str:
        if not isinstance(value, str) or isinstance(value, Word) or not value:
            raise ArgumentError(f"{what} must be a file name in quotes, got {describe(value)}")
        return str(value)

    return Kind("a file name in quotes", make)


class Setting:
    """A section or one step of its body, with its arguments bound: immutable, equal when word and arguments are equal.

    `steps` are the words that the section's body may hold; a word without it takes no body.
    """

    word: ClassVar[str] = ""
    fields: ClassVar[Mapping[str, Field]] = {}
    steps: ClassVar[Mapping[str, type[Setting]]] = {}

    def __init_subclass__(cls) -> None:
        given = {name: each for name, each in vars(cls).items() if isinstance(each, Field)}
        cls.fields = {name: each._replace(name=name) for name, each in given.items()}

    def __init__(self, **values: Any) -> None:
        for name, field in self.fields.items():
            object.__setattr__(self, name, values.pop(name, field.default))
        assert not values, f"{self.word} has no field {sorted(values)}"
        self.check()

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a setting is never changed: {name}")

    @property
    def arguments(self) -> dict[str, Any]:
        """The bound arguments in the fields' order."""
        return {name: getattr(self, name) for name in self.fields}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Setting) and self.arguments == other.arguments

    def __hash__(self) -> int:
        return hash((self.word, tuple(self.arguments.values())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.arguments.items())})"

    def check(self) -> None:
        """LayerError, about a field, where arguments that are right alone do not go together."""


class Resize(Setting):
    """`resize 256 bilinear` makes the short side 256 and keeps the aspect; `resize 224x192` is height by width.

    Sizes, filters and defaults are torchvision's. With `antialias=yes` it is Pillow's resize, whose filter widens as
    it shrinks; with `antialias=no` it is torch.nn.functional.interpolate without antialias and align_corners.
    `nearest` has no antialias, `lanczos` always has.
    """

    word = "resize"
    size: Sizes = positional(extent("the size"))
    filter: str = positional(choice("the filter", "bilinear", "bicubic", "nearest", "lanczos"), "bilinear")
    antialias: bool = option(flag("antialias"), True)

    def check(self) -> None:
        if self.filter == "lanczos" and not self.antialias:
            raise LayerError(
                "lanczos always antialiases",
                id="bad-argument",
                about="antialias",
                hint="`bicubic antialias=no` is the sharpest without",
            )


class Crop(Setting):
    """`crop 224`, `crop 224x192`: the centre; what is smaller is padded with zeros first (torchvision's CenterCrop)."""

    word = "crop"
    size: Sizes = positional(extent("the size"))


class Rescale(Setting):
    """`rescale 1/255`: every value times the factor."""

    word = "rescale"
    factor: float = positional(real("the factor", lambda value: value > 0, "more than 0"))


class Normalize(Setting):
    """`normalize mean=0.485,0.456,0.406 std=0.229,0.224,0.225`: (x - mean) / std, channel by channel."""

    word = "normalize"
    mean: tuple[float, ...] = option(per_channel("the mean"))
    std: tuple[float, ...] = option(per_channel("the deviation", positive=True))

    @property
    def channels(self) -> int:
        """For how many channels numbers are given; 1 serves all."""
        return max(len(self.mean), len(self.std))

    def check(self) -> None:
        if 1 not in (len(self.mean), len(self.std)) and len(self.mean) != len(self.std):
            raise LayerError(
                f"{len(self.mean)} means, but {len(self.std)} deviations",
                id="bad-argument",
                about="std",
                hint="one number for all channels, or one for each",
            )


class Image(Setting):
    """`image { resize 256 -> crop 224 -> rescale 1/255 -> normalize … }`: how a picture becomes the input, in order.

    `channels`: the order of the colours; unsaid it is rgb, or grey where the input has one channel.
    """

    word = "image"
    channels: str | None = option(choice("channels", *CHANNELS), None)
    steps: ClassVar[Mapping[str, type[Setting]]] = {each.word: each for each in (Resize, Crop, Rescale, Normalize)}


class Labels(Setting):
    """`labels "imagenet.txt"`: the classes' names, one a line, in the order of the outputs."""

    word = "labels"
    file: str = positional(file_name("the list of labels"))


SECTIONS: Mapping[str, type[Setting]] = {each.word: each for each in (Image, Labels)}
"""The sections by their word."""
