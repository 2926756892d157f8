"""The script's part that makes an input of a picture: what the `image` section says, or what the data ask for."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.contract.preprocess import pair
from cnnspec.contract.sections import Crop, Normalize, Rescale, Resize
from cnnspec.contract.settings import Setting
from cnnspec.lower.train_source.facts import Facts
from cnnspec.lower.train_source.filling import filled, indented, up

FIT = '''
def fit(picture: Any) -> Array:
    """A file or an array as the network takes it, C x H x W, from 0 to 255."""
    try:
        image = ImageOps.exif_transpose(Image.open(picture)) if isinstance(picture, Path) else Image.fromarray(picture)
        if image.mode.startswith("I"):
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))  # of 16 bits the high byte
        image = image.convert("$MODE")  #? mode
    except (OSError, SyntaxError, ValueError) as error:
        sys.exit(f"{picture} cannot be read: {error}")
$STEPS
    x = np.asarray(image).reshape(image.height, image.width, -1).transpose(2, 0, 1)  #? bgr
    return x[::-1]  # blue, green, red  #? bgr
    return np.asarray(image).reshape(image.height, image.width, -1).transpose(2, 0, 1)  #? !bgr
'''

FITTED = """
want, x, y = ($WIDTH, $HEIGHT), $WIDTH - image.width, $HEIGHT - image.height
if isinstance(picture, Path):  # files are of any size
    image = ImageOps.fit(image, want, Image.Resampling.BILINEAR)  #? square
    image = image.resize(want, Image.Resampling.BILINEAR)  #? !square
elif 0 <= x <= $NEAR_X and 0 <= y <= $NEAR_Y:  # nearly as large: a border of zeros
    image = ImageOps.expand(image, (x // 2, y // 2, x - x // 2, y - y // 2))
else:
    image = image.resize(want, Image.Resampling.BILINEAR)
"""

VECTOR = """
if image.width * image.height * len(image.getbands()) != $COUNT:
    sys.exit(f"{image.size} pixels make no vector of $COUNT: {picture}"[:100])
"""

SHORTENED = '''
def shortened(image: Image.Image, side: int, how: Image.Resampling) -> Image.Image:
    """Its short side as long as that, its aspect as it was."""
    width, height = image.size
    if width >= height:
        return image.resize((int(side * width / height), side), how)
    return image.resize((side, int(side * height / width)), how)
'''

CENTRED = '''
def centred(image: Image.Image, width: int, height: int) -> Image.Image:
    """The middle of it; what is smaller gets a border of zeros."""
    x, y = image.width - width, image.height - height
    left = round(x / 2) if x > 0 else -(-x // 2)
    top = round(y / 2) if y > 0 else -(-y // 2)
    return image.crop((left, top, left + width, top + height))
'''

MEASURED = '''
def measured(split: Split) -> list[list[float]]:
    """Mean and deviation of each channel, of 10,000 pictures at most, in four digits."""
    count = min(len(split.labels), 10_000, 2**28 // fit(split.pictures[0]).nbytes)
    places = np.linspace(0, len(split.labels) - 1, count).astype(np.intp)
    x = torch.from_numpy(split.take(places)).double() / 255
    std, mean = torch.std_mean(x, (0, 2, 3), correction=0)
    if std.min() < 1e-9:  # a sum is not exact
        sys.exit(f"all training pictures are of one colour in channel {int(std.argmin()) + 1}: look at the data")
    return [[float(f"{v:.4g}") for v in row] for row in torch.stack([mean, std]).tolist()]
'''

SCALED = '''
def scaled(x: Tensor$NORM) -> Tensor:
    """Pixels from 0 to 255 as the network takes them."""
$STEPS
'''


def pictures(facts: Facts) -> list[str]:
    """Its functions."""
    mode = {1: "L", 3: "RGB", None: ""}[facts.channels]
    bgr = facts.image is not None and facts.image.channels == "bgr"
    steps = _own(facts) if facts.image is None else "\n".join(_shaping(facts.image.steps))
    made = [filled(FIT, up(mode=mode, bgr=bgr, steps=steps), MODE=mode, STEPS=indented(steps))]
    made += [filled(each) for name, each in (("shortened(", SHORTENED), ("centred(", CENTRED)) if name in steps]
    if facts.measured:
        made.append(filled(MEASURED))
    norm = ", norm: Tensor" if facts.measured else ""
    return [*made, filled(SCALED, NORM=norm, STEPS=indented("\n".join(_scaling(facts))))]


def _own(facts: Facts) -> str:
    if facts.is_vector:
        return filled(VECTOR, COUNT=facts.shape[0])
    _, height, width = facts.shape
    return filled(FITTED, up(square=height == width), WIDTH=width, HEIGHT=height, NEAR_X=width // 4, NEAR_Y=height // 4)


def _shaping(steps: tuple[Setting, ...]) -> Iterator[str]:
    for each in steps:
        if isinstance(each, Resize):
            how = f"Image.Resampling.{each.filter.upper()}"
            if isinstance(each.size, int):
                yield f"image = shortened(image, {each.size}, {how})"
            else:
                height, width = pair(each.size)
                yield f"image = image.resize(({width}, {height}), {how})"
        elif isinstance(each, Crop):
            height, width = pair(each.size)
            yield f"image = centred(image, {width}, {height})"


def _scaling(facts: Facts) -> Iterator[str]:
    flat = ".flatten(1)" if facts.is_vector else ""
    if facts.image is None:
        yield f"return ((x / 255 - norm[0]) / norm[1]){flat}" if flat else "return (x / 255 - norm[0]) / norm[1]"
        return
    for each in facts.image.steps:
        if isinstance(each, Rescale):
            divisor = round(1 / each.factor)
            exact = divisor > 1 and 1 / divisor == each.factor
            yield f"x = x / {divisor}" if exact else f"x = x * {each.factor!r}"
        elif isinstance(each, Normalize):
            for name, values in (("mean", each.mean), ("std", each.std)):
                yield f"{name} = x.new_tensor({list(values)!r})[:, None, None]"
            yield "x = (x - mean) / std"
    yield f"return x{flat}"
