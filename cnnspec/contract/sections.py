"""The sections of a model: `image { … }` and `labels "…"`; `train { … }` is in contract/training."""

from __future__ import annotations

from cnnspec.contract.errors import ArgumentError, LayerError
from cnnspec.contract.fields import Kind, choice, flag, option, positional, real, size
from cnnspec.contract.settings import Setting, by_word
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

    return Kind("a file name in quotes", make, text=True)


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
    usage = "image { resize 256 -> crop 224 }"
    channels: str | None = option(choice("channels", *CHANNELS), None)
    steps = by_word(Resize, Crop, Rescale, Normalize)


class Labels(Setting):
    """`labels "imagenet.txt"`: the classes' names, one a line, in the order of the outputs."""

    word = "labels"
    file: str = positional(file_name("the list of labels"))


SECTIONS = ("image", "labels", "train")
"""The words of the sections."""


def section_kind(word: str) -> type[Setting]:
    """What a section is. A recipe's many words are made when one is met: few texts have one."""
    if word == "train":
        from cnnspec.contract.training.recipe import Train

        return Train
    return {"image": Image, "labels": Labels}[word]
