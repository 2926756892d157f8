"""The script's part that augments: the steps that the recipe has, one after the other, on pixels from 0 to 255."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnspec.contract.preprocess import pair
from cnnspec.contract.settings import Setting, in_words
from cnnspec.contract.training.augment import Crop, Cutout, Flip, Mixup, Rotate, columns
from cnnspec.lower.train_source.facts import Facts
from cnnspec.lower.train_source.filling import filled, indented

AUGMENT = '''
@functools.lru_cache(maxsize=2)
def chances(count: int, epoch: int) -> Array:
    """Numbers in [0, 1) that say what happens to each sample in an epoch."""
    return np.random.Generator(drawn("augment", epoch)).random((count, $WIDTH))


def augmented(x: Tensor, chance: Tensor) -> Tensor:
    """A batch of pixels from 0 to 255; a row of chances for each picture."""
$STEPS
'''

FLIP = """
# $WORDS
x = torch.where(chance[:, $AT:$NEXT, None, None] < $P, x.flip($AXIS), x)
"""

CROP = """
# $WORDS: a window anywhere in the picture and its border of zeros
windows = F.pad(x, ($PAD, $PAD, $PAD, $PAD)).unfold(2, $HEIGHT, 1).unfold(3, $WIDTH, 1)
top, left = (chance[:, $AT:$AFTER].T * $ROOM).long()
x = windows[torch.arange(len(x), device=x.device), :, top, left]
"""

ROTATE = """
# $WORDS: about the centre; what comes from outside is 0
angle = (2 * chance[:, $AT] - 1) * math.radians($DEGREES)
cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
rows = [torch.stack([cos, -sin$TIMES, zero], 1), torch.stack([sin$OVER, cos, zero], 1)]
grid = F.affine_grid(torch.stack(rows, 1).to(x.dtype), list(x.shape), align_corners=False)
x = F.grid_sample(x, grid, align_corners=False)
"""

JITTER = """
# $WORDS: as torchvision's ColorJitter
x = x.flip(1)  # red, green, blue  #? bgr
by = (2 * chance[:, $AT:$AFTER, None, None, None] - 1).to(x.dtype)
factor = (1 + $BRIGHTNESS * by[:, 0]).clamp(min=0)  #? brightness
x = (x * factor).clamp(0, 255)  #? brightness
factor = (1 + $CONTRAST * by[:, 1]).clamp(min=0)  #? contrast
x = (x * factor + $GREY.mean((1, 2, 3), keepdim=True) * (1 - factor)).clamp(0, 255)  #? contrast
factor = (1 + $SATURATION * by[:, 2]).clamp(min=0)  #? saturation
x = (x * factor + $GREY * (1 - factor)).clamp(0, 255)  #? saturation
x = turned(x, $HUE * by[:, 3, :, 0])  #? hue
x = x.flip(1)  #? bgr
"""

CUTOUT = """
# $WORDS: a square of zeros, its middle anywhere
down = torch.arange($HEIGHT, device=x.device) - (chance[:, $AT:$NEXT] * $HEIGHT).long()
right = torch.arange($WIDTH, device=x.device) - (chance[:, $NEXT:$AFTER] * $WIDTH).long()
inside = [(each >= -$HALF) & (each < $REST) for each in (down, right)]
x = x.masked_fill((inside[0][:, :, None] & inside[1][:, None, :])[:, None], 0)
"""

GREY = '''
def grey(x: Tensor) -> Tensor:
    """ITU-R BT.601."""
    return (x * x.new_tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1, keepdim=True)
'''

TURNED = '''
def turned(x: Tensor, turn: Tensor) -> Tensor:
    """Its hue by a share of the circle, in HSV."""
    high, low = x.amax(1), x.amin(1)
    span = (high - low).clamp(min=1e-12)
    r, g, b = x.unbind(1)
    hue = torch.where(high == g, (b - r) / span + 2, (r - g) / span + 4)
    hue = torch.where(high == r, (g - b) / span % 6, hue) / 6 + turn
    k = (x.new_tensor([5.0, 3.0, 1.0])[:, None, None] + 6 * (hue % 1)[:, None]) % 6
    return high[:, None] - (high - low)[:, None] * torch.minimum(k, 4 - k).clamp(0, 1)
'''

MIXUP = '''
def mixed(count: int, step: int) -> tuple[float, Array]:
    """What share of each picture stays in that update, and whose the rest is."""
    chance = np.random.Generator(drawn("mixup", step))
    return float(chance.beta(MIXUP, MIXUP)), chance.permutation(count)


def mixed_loss(x: Tensor, y: Tensor, other: Tensor, own: float$WEIGHTED) -> Tensor:
    """Of both that each picture is made of."""
    loss: Tensor = own * criterion(x, y$WEIGHTS) + (1 - own) * criterion(x, y[other]$WEIGHTS)
    return loss
'''


def augment(facts: Facts) -> list[str]:
    """Its functions; none where nothing is augmented."""
    steps = facts.recipe.augment or ()
    made = []
    if width := sum(map(columns, steps)):
        text = "\n".join(_step(facts, each, at) for each, at in _places(steps))
        before, _, last = text.rpartition("\nx = ")
        made.append(filled(AUGMENT, WIDTH=width, STEPS=indented(f"{before}\nreturn {last}")))
        made += [filled(each) for name, each in (("grey(", GREY), ("turned(", TURNED)) if name in text]
    if facts.mixup:
        named = facts.weighted
        made.append(filled(MIXUP, WEIGHTED=", weights: Tensor" * named, WEIGHTS=", weights" * named))
    return made


def _places(steps: tuple[Setting, ...]) -> Iterator[tuple[Setting, int]]:
    """Each step, or each hole of it, and where its chances begin."""
    at = 0
    for each in steps:
        if not isinstance(each, Mixup):
            size = 2 if isinstance(each, Cutout) else columns(each)
            for place in range(at, at + columns(each), size):
                yield each, place
        at += columns(each)


def _step(facts: Facts, step: Setting, at: int) -> str:
    words = in_words(step.plain())
    _, height, width = facts.shape
    size = 2 if isinstance(step, Cutout) else columns(step)
    common: dict[str, Any] = {
        **{"WORDS": words, "AT": at, "NEXT": at + 1, "AFTER": at + size},
        **{"HEIGHT": height, "WIDTH": width},
    }
    match step:
        case Flip(p=p, axis=axis):
            return filled(FLIP, P=repr(p), AXIS=3 if axis == "horizontal" else 2, **common)
        case Crop(size=window, pad=pad):
            assert pair(window) == (height, width), "a crop is as large as the input"
            return filled(CROP, PAD=pad, ROOM=2 * pad + 1, **common)
        case Rotate(degrees=degrees):
            times, over = ("", "") if height == width else (f" * {height} / {width}", f" * {width} / {height}")
            return filled(ROTATE, DEGREES=f"{degrees:g}", TIMES=times, OVER=over, **common)
        case Cutout(size=side):
            return filled(CUTOUT, HALF=side // 2, REST=side - side // 2, **common)
    amounts = {name.upper(): repr(each) for name, each in step.arguments.items()}
    bgr = facts.image is not None and facts.image.channels == "bgr"
    named = [name for name, each in step.arguments.items() if each] + ["bgr"] * bgr
    grey = "x" if facts.channels == 1 else "grey(x)"
    return filled(JITTER, named, GREY=grey, **amounts, **common)
