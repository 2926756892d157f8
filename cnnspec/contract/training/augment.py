"""What happens to training pictures, each anew in every epoch, in the order of the text.

They are the input as the network gets it, but for the means and deviations of a `normalize`, which come afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar

from cnnspec.contract.errors import LayerError
from cnnspec.contract.fields import choice, count, option, positional, real
from cnnspec.contract.sections import extent
from cnnspec.contract.settings import Setting, by_word
from cnnspec.contract.training.kinds import above_zero, at_least_zero, at_most, share
from cnnspec.contract.values import Sizes


class Flip(Setting):
    """`flip`: left becomes right (`flip vertical`: top becomes bottom) in a share `p` of the pictures."""

    word = "flip"
    axis: str = positional(choice("the axis", "horizontal", "vertical"), "horizontal")
    p: float = option(share("the share"), 0.5)


class Crop(Setting):
    """`crop 32 pad=4`: a window of that size, anywhere in the picture with `pad` zeros around it.

    Source: He et al., Deep Residual Learning, 2016, section 4.2; torchvision's RandomCrop.
    """

    word = "crop"
    usage = "crop 32 pad=4"
    size: Sizes = positional(extent("the size"))
    pad: int = option(count("the padding", 0), 0)


class Rotate(Setting):
    """`rotate 15`: by an angle between -degrees and degrees; what comes from outside is 0."""

    word = "rotate"
    usage = "rotate 15"
    degrees: float = positional(
        real("the angle", lambda value: 0 < value <= 180, "more than 0 and at most 180 (degrees)")
    )


class Jitter(Setting):
    """`jitter brightness=0.4 contrast=0.4 saturation=0.4 hue=0.1`: each times a factor between 1 - x and 1 + x, not
    below 0; the hue turned by a share of the circle between -x and x. Source: torchvision's ColorJitter.
    """

    word = "jitter"
    usage = "jitter brightness=0.4 contrast=0.4"
    brightness: float = option(at_least_zero("the brightness"), 0.0)
    contrast: float = option(at_least_zero("the contrast"), 0.0)
    saturation: float = option(at_least_zero("the saturation"), 0.0)
    hue: float = option(at_most("the hue", Fraction(1, 2)), 0.0)

    def check(self) -> None:
        if not any(self.arguments.values()):
            raise LayerError("this jitter changes nothing", id="missing-argument", hint=f"`{self.usage}`")


class Cutout(Setting):
    """`cutout 16`: a square of that side, its middle anywhere in the picture, becomes 0; `holes` of them.

    Source: DeVries and Taylor, Improved Regularization with Cutout, 2017.
    """

    word = "cutout"
    usage = "cutout 16"
    size: int = positional(count("the side"))
    holes: int = option(count("the number of holes"), 1)


class Mixup(Setting):
    """`mixup 0.2`: a * x1 + (1 - a) * x2 of pictures and of targets alike, with another picture of the batch and one a
    from Beta(alpha, alpha) for all. Source: Zhang et al., mixup, 2018.
    """

    word = "mixup"
    usage = "mixup 0.2"
    alpha: float = positional(above_zero("alpha"))


class Augment(Setting):
    """`augment { flip -> crop 32 pad=4 }`: what happens to training pictures, in order."""

    word = "augment"
    usage = "augment { flip -> crop 32 pad=4 }"
    steps = by_word(Flip, Crop, Rotate, Jitter, Cutout, Mixup)
    also: ClassVar[Mapping[str, str]] = {
        "randomhorizontalflip": "flip",
        "horizontalflip": "flip",
        "hflip": "flip",
        "randomflip": "flip",
        "verticalflip": "flip vertical",
        "vflip": "flip vertical",
        "randomverticalflip": "flip vertical",
        "randomcrop": "crop",
        "randomrotation": "rotate",
        "rotation": "rotate",
        "colorjitter": "jitter",
        "randomerasing": "cutout",
        "erase": "cutout",
    }


COLUMNS: Mapping[type[Setting], int] = {Flip: 1, Crop: 2, Rotate: 1, Jitter: 4, Mixup: 0}


def columns(step: Setting) -> int:
    """How many numbers of chance a step takes for each sample."""
    return 2 * step.holes if isinstance(step, Cutout) else COLUMNS[type(step)]
