"""From a picture to the input of a network: the one function for running, evaluating and calibrating."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnspec.contract.errors import LayerError
from cnnspec.contract.preprocess import Preprocess, fits, pair, short_side, show
from cnnspec.contract.sections import Crop, Normalize, Rescale, Resize
from cnnspec.contract.settings import Setting
from cnnspec.runtime.errors import ImageError, ModelError
from cnnspec.runtime.images import MAX_PIXELS, to_mode
from cnnspec.runtime.resample import FILTERS, Pixels, by_pillow, resize

__all__ = ["Preprocess", "assumed", "fitted", "prepare"]

USUAL_SIDE = 224


def prepare(image: Image.Image, preprocess: Preprocess, input_shape: Sequence[int | None]) -> NDArray[np.float32]:
    """The picture as a float32 array of the input's shape: CxHxW, or a vector of as many numbers.

    On an RGB picture, `resize 256 -> crop 224 -> rescale 1/255 -> normalize …` is bit for bit torchvision's
    Resize(256), CenterCrop(224), ToTensor(), Normalize(…). `input_shape` is without the batch; None takes any size.
    ImageError where the picture does not come out in this shape, ModelError where none could.
    """
    preprocess = fitted(preprocess, input_shape)
    plain, _ = to_mode(image, "L" if preprocess.channels == "grey" else "RGB")
    steps = preprocess.steps
    if steps and isinstance(steps[0], Resize) and by_pillow(steps[0].filter, steps[0].antialias):
        # The same as on the pixels, but for copies of the whole picture: half the time of a large one.
        height, width = _target(plain.height, plain.width, steps[0])
        plain, steps = plain.resize((width, height), FILTERS[steps[0].filter]), steps[1:]
    pixels: Pixels = np.asarray(plain).reshape(plain.height, plain.width, -1)
    if preprocess.channels == "bgr":
        pixels = pixels[:, :, ::-1]
    for step in steps:
        pixels = STEPS[type(step)](pixels, step)
    made = np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32)
    if not fits(made.shape, input_shape):
        raise ImageError(
            f"the picture comes out as {show(made.shape)}, but the input is {show(input_shape)}",
            "`resize 224x224`, or `resize 256 -> crop 224`, brings every picture to one size",
        )
    return made.reshape(-1) if len(input_shape) == 1 else made


def fitted(preprocess: Preprocess, input_shape: Sequence[int | None]) -> Preprocess:
    """The same with its channels said; ModelError where no picture could come out in this shape."""
    try:
        return preprocess.fitted(input_shape)
    except LayerError as problem:
        raise ModelError(problem.message, problem.hint) from problem


def assumed(input_shape: Sequence[int | None]) -> tuple[Preprocess, str]:
    """What is done where the model does not say, and the note that says so.

    A square input: its side is the short side, then the centre. Another: resized without keeping the aspect. An open
    size: 224. Values from 0 to 1, without mean and deviation. ModelError where the input is no picture.
    """
    if len(input_shape) != 3 or input_shape[0] not in (None, 1, 3):
        raise ModelError(
            f"the input is {show(input_shape)}, which is no picture of 1 or 3 channels first",
            "an `image { … }` section says how a picture becomes this input",
        )
    height, width = (USUAL_SIDE if each is None else each for each in input_shape[1:])
    square = height == width
    steps: list[Setting] = [Resize(size=height if square else (height, width))]
    if square:
        steps.append(Crop(size=height))
    steps.append(Rescale(factor=1 / 255))
    done = f"resize {height} -> crop {height}" if square else f"resize {height}x{width}"
    note = f"the model does not say how pictures are prepared; assumed: {done} -> rescale 1/255, no mean and deviation"
    return fitted(Preprocess(tuple(steps)), input_shape), note


def _resize(pixels: Pixels, step: Resize) -> Pixels:
    return resize(pixels, *_target(pixels.shape[0], pixels.shape[1], step), step.filter, step.antialias)


def _target(height: int, width: int, step: Resize) -> tuple[int, int]:
    """Height and width of what a picture is resized to."""
    return _bounded(*(short_side(height, width, step.size) if isinstance(step.size, int) else pair(step.size)))


def _crop(pixels: Pixels, step: Crop) -> Pixels:
    """torchvision's center_crop: padding favours the end, cropping rounds half to even."""
    height, width = _bounded(*pair(step.size))
    lack = [max(0, want - have) for have, want in zip(pixels.shape[:2], (height, width), strict=True)]
    if any(lack):
        padding = [(each // 2, (each + 1) // 2) for each in lack]
        pixels = np.pad(pixels, [*padding, (0, 0)])
    top, left = (round((have - want) / 2) for have, want in zip(pixels.shape[:2], (height, width), strict=True))
    return pixels[top : top + height, left : left + width]


def _bounded(height: int, width: int) -> tuple[int, int]:
    if height * width > MAX_PIXELS:
        raise ImageError(
            f"the picture would be resized to {width}x{height}",
            f"at most {MAX_PIXELS // 10**6} million pixels are made",
        )
    return height, width


def _rescale(pixels: Pixels, step: Rescale) -> Pixels:
    """Times the factor; a division where the factor is 1/n, as torchvision's ToTensor divides by 255: to the bit."""
    divisor = round(1 / step.factor)
    if divisor > 1 and 1 / divisor == step.factor:
        return pixels.astype(np.float32) / np.float32(divisor)
    return pixels.astype(np.float32) * np.float32(step.factor)


def _normalize(pixels: Pixels, step: Normalize) -> Pixels:
    mean, std = np.array(step.mean, np.float32), np.array(step.std, np.float32)
    return (pixels.astype(np.float32) - mean) / std


STEPS: Mapping[type[Setting], Callable[[Pixels, Any], Pixels]] = {
    Resize: _resize,
    Crop: _crop,
    Rescale: _rescale,
    Normalize: _normalize,
}
