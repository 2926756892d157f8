"""Opening pictures: upright, 8 bits, grey or RGB, and a note for everything that was changed on the way."""

import stat
import struct
import warnings
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from cnnspec.runtime.errors import ImageError

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "PPM")
"""What is read; fewer decoders are fewer ways in for a broken or hostile file."""

SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".jpe", ".webp", ".bmp", ".ppm", ".pgm", ".pbm", ".pnm"))
MAX_PIXELS = 50_000_000
ORIENTATION = 0x0112

BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, OverflowError, struct.error, zlib.error)
"""What Pillow's decoders raise on damaged data."""

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture of each EXIF orientation upright (CIPA DC-008, tag 274)."""


class Opened(NamedTuple):
    """A picture in mode `RGB` or `L`, and what was done to it."""

    image: Image.Image
    notes: tuple[str, ...]


def open_image(path: str | Path, channels: str = "rgb") -> Opened:
    """Reads a picture: `rgb` and `bgr` give mode RGB, `grey` gives L.

    EXIF orientation is applied. Alpha is dropped, not composited, as torchvision's, timm's and Keras' loaders do (all
    call Pillow's convert("RGB")). 16 bits keep their high byte. Colour becomes grey by ITU-R 601. ImageError names
    the path and what is wrong.
    """
    name = str(path)
    _must_be_a_file(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures, which are judged here, and of palettes' alpha
            with Image.open(name, formats=FORMATS) as image:
                return _read(image, name, channels)
    except UnidentifiedImageError as problem:
        raise ImageError(f"{name} is not a picture that can be read", "PNG, JPEG, WebP, BMP and PPM are") from problem
    except (Image.DecompressionBombError, MemoryError) as problem:
        raise _too_large(name) from problem
    except BROKEN as problem:
        raise ImageError(f"{name} is damaged: {_first_line(problem)}") from problem


def _must_be_a_file(name: str) -> None:
    """Before Pillow opens it: a pipe would wait for ever."""
    try:
        found = Path(name).stat()
        if stat.S_ISREG(found.st_mode) and found.st_size:
            with open(name, "rb"):
                return
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        raise ImageError(f"{name} cannot be read: {why.lower()}") from problem
    raise ImageError(f"{name} is empty" if stat.S_ISREG(found.st_mode) else f"{name} is no file")


def _too_large(name: str, size: tuple[int, int] | None = None) -> ImageError:
    shown = f" ({size[0]}x{size[1]})" if size else ""
    return ImageError(f"{name} is too large{shown}: at most {MAX_PIXELS // 10**6} million pixels are read")


def _first_line(problem: BaseException) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0].strip().lower()[:200]


def _read(image: Image.Image, name: str, channels: str) -> Opened:
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(name, image.size)
    notes = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        notes.append(f"the first of {frames} frames")
    if any(";16" in str(tile.args) for tile in getattr(image, "tile", ())) and image.mode in ("RGB", "RGBA", "LA"):
        notes.append("16 bits a channel: their high byte is read")
    image.load()
    upright, turned = _upright(image)
    try:
        plain, changed = to_mode(upright, "L" if channels == "grey" else "RGB")
    except ImageError as problem:
        raise ImageError(f"{name}: {problem.message}", problem.hint) from problem
    return Opened(plain, (*notes, *turned, *changed))


def _upright(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    try:
        orientation = image.getexif().get(ORIENTATION, 1)
    except BROKEN:
        return image, ("its EXIF data is damaged and was passed over",)
    if orientation not in UPRIGHT:
        return image, ()
    return image.transpose(UPRIGHT[orientation]), (f"turned upright (EXIF orientation {orientation})",)


def to_mode(image: Image.Image, mode: str) -> tuple[Image.Image, tuple[str, ...]]:
    """The picture in mode `L` or `RGB`, 8 bits, and notes on what that changed; ImageError where no rule is sure."""
    image, notes = _eight_bits(image)
    if image.mode == "1":
        image = image.convert("L")
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        notes += ("alpha dropped",)
        if image.mode in ("P", "PA"):
            image = image.convert("RGBA")
    if image.mode == "P":
        notes += ("colours taken from its palette",)
    elif image.mode not in ("L", "LA", "La", "RGB", "RGBA", "RGBa", "RGBX"):
        notes += (f"{image.mode} made RGB",)
    if image.mode not in ("L", "LA"):
        image = image.convert("RGB")
        notes += ("colour made grey (ITU-R 601)",) if mode == "L" else ()
    elif mode == "RGB":
        notes += ("grey repeated for three channels",)
    return (image if image.mode == mode else image.convert(mode)), notes


def _eight_bits(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """Pillow itself would clip 16 bits to white."""
    if image.mode == "F":
        raise ImageError("its pixels are floating-point numbers of no known range", "save it with 8 bits a channel")
    if not image.mode.startswith("I"):
        return image, ()
    values = np.asarray(image)
    if values.size and (values.min() < 0 or values.max() > 65535):
        raise ImageError("its pixels are not within 16 bits", "save it with 8 bits a channel")
    return Image.fromarray((values >> 8).astype(np.uint8)), ("16 bits: their high byte is read",)
