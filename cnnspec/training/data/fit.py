"""From a data set's pictures to a network's input: what is done is one `image` section, the network's own or one that
is made for it, said, and carried into the ONNX file, so that `run` does the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnspec.contract.errors import LayerError
from cnnspec.contract.preprocess import Preprocess, fits, pair, show
from cnnspec.contract.sections import CHANNELS, Crop, Normalize, Rescale, Resize
from cnnspec.contract.settings import Setting
from cnnspec.contract.values import Shape
from cnnspec.runtime.errors import RunError
from cnnspec.runtime.images import open_image
from cnnspec.runtime.preprocess import assumed, prepare
from cnnspec.training.data.dataset import Dataset, Split, Targets
from cnnspec.training.errors import DataError

MEMORY = 2**30
"""Bytes up to which pictures from files are held; larger sets are read anew for each batch."""
NEAR = 0.75
"""Pictures at least so large, as a share of the input, get a border; smaller ones are made larger."""
MEASURED = 10_000
"""How many training pictures mean and deviation are taken from."""
THREADS = 4
Planes = NDArray[np.uint8]
"""N x C x H x W."""


class Steps(NamedTuple):
    """A section in two: what is done to the pixels, once, and to the numbers, in each batch."""

    shaping: tuple[Setting, ...]
    scaling: tuple[Setting, ...]


def steps_of(preprocess: Preprocess) -> Steps:
    """DataError where sizes change after numbers have: training augments between the two."""
    place = next((i for i, each in enumerate(preprocess.steps) if isinstance(each, (Rescale, Normalize))), None)
    first = preprocess.steps if place is None else preprocess.steps[:place]
    then = () if place is None else preprocess.steps[place:]
    late = next((each for each in then if isinstance(each, (Resize, Crop))), None)
    if late is not None:
        raise DataError(f"the `image` section has `{late.word}` after `rescale`", "sizes first, then numbers")
    return Steps(first, then)


class Fitted:
    """Samples as the network takes them, but for what is done to numbers. `take` gives N x C x H x W, uint8."""

    def __init__(self, split: Split, preprocess: Preprocess, shape: Shape) -> None:
        channels = CHANNELS[preprocess.channels or "rgb"]
        self.targets: Targets = split.targets
        self._split = split
        self._shaping = Preprocess(steps_of(preprocess).shaping, preprocess.channels)
        self._shape = shape if len(shape) == 3 else (channels, *_sides(split, self._shaping))
        self._held: Planes | None = None
        if not isinstance(split.pictures, tuple):
            self._held = self._from_pixels(split.pictures)
        elif split.samples * int(np.prod(self._shape)) <= MEMORY:
            self._held = self._read(range(split.samples))

    def __len__(self) -> int:
        return len(self.targets)

    def take(self, places: Sequence[int] | NDArray[np.intp]) -> Planes:
        """The pictures at these places; DataError names a file that cannot be read."""
        return self._read(places) if self._held is None else self._held[places]

    def _from_pixels(self, pictures: NDArray[np.uint8]) -> Planes | None:
        same_channels = pictures.shape[3] == self._shape[0] and self._shaping.channels != "bgr"
        if same_channels and all(isinstance(each, Crop) for each in self._shaping.steps):
            return _cropped(pictures, self._shaping.steps)
        return self._read(range(len(pictures))) if len(pictures) * int(np.prod(self._shape)) <= MEMORY else None

    def _read(self, places: Sequence[int] | NDArray[np.intp]) -> Planes:
        made = np.empty((len(places), *self._shape), np.uint8)
        with ThreadPoolExecutor(THREADS) as pool:
            for place, each in enumerate(pool.map(self._one, places)):
                made[place] = each
        return made

    def _one(self, place: int) -> NDArray[np.float32]:
        return one(self._split, int(place), self._shaping, self._shape)


def one(split: Split, place: int, preprocess: Preprocess, shape: Sequence[int | None]) -> NDArray[np.float32]:
    """The picture at a place as an input of this shape. DataError names it, by its path if it has one."""
    pictures = split.pictures
    name = pictures[place] if isinstance(pictures, tuple) else f"sample {place}"
    try:
        if isinstance(pictures, tuple):
            image = open_image(name, preprocess.channels or "rgb").image
        else:
            pixels = pictures[place]
            image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
        return prepare(image, preprocess, shape)
    except RunError as error:
        message = error.message if name in error.message else f"{name}: {error.message}"
        raise DataError(message, error.hint) from error


def _sides(split: Split, shaping: Preprocess) -> tuple[int, int]:
    """Height and width that come out of the steps, for an input that is a vector."""
    sizes = [pair(each.size) for each in shaping.steps if isinstance(each, (Resize, Crop))]
    if sizes:
        return sizes[-1]
    if split.size is None:
        raise DataError("the input is a vector, and pictures from files have any size", "an `image` section crops them")
    return split.size[:2]


def _cropped(pictures: NDArray[np.uint8], steps: Sequence[Setting]) -> Planes:
    """All at once, as so many channels of one picture; with the same borders as one by one."""
    from cnnspec.runtime.preprocess import STEPS

    count, _, _, channels = pictures.shape
    flat = pictures.transpose(1, 2, 0, 3).reshape(*pictures.shape[1:3], -1)
    for each in steps:
        flat = STEPS[type(each)](flat, each)
    height, width = flat.shape[:2]
    return np.ascontiguousarray(flat.reshape(height, width, count, channels).transpose(2, 3, 0, 1))


def prepared_for(dataset: Dataset, preprocess: Preprocess | None, shape: Shape) -> tuple[Preprocess, tuple[str, ...]]:
    """How this set's pictures become an input of this shape, and what there is to say of it; without mean and deviation
    where the network does not give its own."""
    size = dataset.train.size
    if preprocess is not None:
        try:
            return preprocess.fitted(shape), ("pictures are prepared as the network's `image` section says",)
        except LayerError as error:
            raise DataError(error.message, error.hint) from error
    if len(shape) == 1:
        return _as_vector(dataset, size, shape)
    if len(shape) != 3 or shape[0] not in (1, 3):
        raise DataError(f"the input is {show(shape)}, which is no picture of 1 or 3 channels first")
    channels = "grey" if shape[0] == 1 else "rgb"
    if size is None:
        made, note = assumed(shape)
        done = note.partition("assumed: ")[2].partition(" -> rescale")[0]
        return made, (f"pictures are brought to {show(shape)} by `{done}`",)
    return Preprocess((*_sizing(size, shape), Rescale(factor=1 / 255)), channels), tuple(_said(size, shape))


def _as_vector(dataset: Dataset, size: tuple[int, int, int] | None, shape: Shape) -> tuple[Preprocess, tuple[str, ...]]:
    if size is None or not fits((size[2], *size[:2]), shape):
        given = "pictures of any size" if size is None else f"{size[0]}x{size[1]} with {size[2]} channels"
        raise DataError(f"the input is {show(shape)}, and {dataset.name} holds {given}", "an `image` section fits them")
    channels = "grey" if size[2] == 1 else "rgb"
    return Preprocess((Rescale(factor=1 / 255),), channels), (
        f"pictures are laid out as {shape[0]} numbers, row by row",
    )


def _sizing(size: tuple[int, int, int], shape: Shape) -> Iterator[Setting]:
    have, want = size[:2], shape[1:]
    if have == want:
        return
    if all(NEAR * w <= h <= w for h, w in zip(have, want, strict=True)):
        yield Crop(size=want[0] if want[0] == want[1] else want)
    else:
        yield Resize(size=want)


def _said(size: tuple[int, int, int], shape: Shape) -> Iterator[str]:
    have, want = (f"{each[0]}x{each[1]}" for each in (size[:2], shape[1:]))
    for step in _sizing(size, shape):
        done = "get a border of zeros, to" if isinstance(step, Crop) else "are resized to"
        yield f"pictures of {have} {done} {want}, the network's input"
    if size[2] != shape[0]:
        yield "grey is repeated for three channels" if shape[0] == 3 else "colour is made grey (ITU-R 601)"


def measured(fitted: Fitted) -> Normalize:
    """Mean and deviation of each channel of the training pictures, of values from 0 to 1, to four digits."""
    places = np.linspace(0, len(fitted) - 1, min(len(fitted), MEASURED)).astype(np.intp)
    channels = fitted.take(places[:1]).shape[1]
    counts = np.zeros((channels, 256))  # how often each value comes: the moments follow exactly
    for begin in range(0, len(places), 256):
        planes = fitted.take(places[begin : begin + 256])
        for channel in range(channels):
            counts[channel] += np.bincount(planes[:, channel].ravel(), minlength=256)
    values = np.arange(256) / 255
    share = counts / counts.sum(axis=1, keepdims=True)
    mean = share @ values
    std = np.sqrt(np.maximum(share @ values**2 - mean**2, 0))
    if not (std > 0).all():
        raise DataError("all training pictures are of one colour in a channel", "look at the data")
    return Normalize(mean=tuple(map(_four_digits, mean)), std=tuple(map(_four_digits, std)))


def _four_digits(number: float) -> float:
    return float(f"{number:.4g}")


def matched(
    dataset: Dataset, labels: tuple[str, ...] | None, outputs: int, *, exact: bool
) -> tuple[Dataset, tuple[str, ...]]:
    """The set with its targets numbered as the network's outputs are, and the class names. By name where both have
    names, else by number, and then `exact` wants as many classes as outputs. DataError where they do not go
    together."""
    if labels is not None and dataset.named:
        place = {name: index for index, name in enumerate(labels)}
        strange = [name for name in dataset.classes if name not in place]
        if strange:
            raise DataError(
                f"{dataset.name} has the class `{strange[0]}`, which is not among the network's labels",
                f"they are {', '.join(labels[:10])}{' …' if len(labels) > 10 else ''}",
            )
        table = np.array([place[name] for name in dataset.classes], np.int64)
        parts = (dataset.train, dataset.test, dataset.held)
        train, test, held = (each and each._replace(targets=table[each.targets]) for each in parts)
        assert train is not None
        return dataset._replace(train=train, test=test, held=held), labels
    if len(dataset.classes) > outputs or (len(dataset.classes) < outputs and (exact or labels is None)):
        count = len(dataset.classes)
        raise DataError(
            f"{dataset.name} has {count:,} classes, and the network {outputs:,} outputs",
            f"`--set classes={count}`, if it has such a parameter",
        )
    return dataset, labels if labels is not None else dataset.classes
