"""Opening pictures: every mode, every orientation, and everything that is no picture."""

import io
import os
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from cnnspec.runtime.errors import ImageError
from cnnspec.runtime.images import open_image

COLOURS = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[10, 20, 30], [200, 100, 50], [255, 255, 255]]], np.uint8)
RGB = Image.fromarray(COLOURS)
GREY = RGB.convert("L")
ALPHA = Image.fromarray(np.array([[0, 128, 255], [255, 1, 7]], np.uint8))


def saved(folder, image, name="picture.png", **options):
    path = folder / name
    image.save(path, **options)
    return path


def with_alpha(image):
    image = image.copy()
    image.putalpha(ALPHA)
    return image


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (1, lambda upright: upright),
        (2, lambda upright: upright[:, ::-1]),
        (3, lambda upright: upright[::-1, ::-1]),
        (4, lambda upright: upright[::-1]),
        (5, lambda upright: upright.swapaxes(0, 1)),
        (6, lambda upright: np.rot90(upright)),  # the camera lay on its right side: shown turned clockwise
        (7, lambda upright: upright[::-1, ::-1].swapaxes(0, 1)),
        (8, lambda upright: np.rot90(upright, -1)),
    ],
)
@pytest.mark.parametrize("upright", [COLOURS, np.asarray(GREY), np.asarray(GREY).astype(np.uint16) * 256])
def test_exif_orientation(tmp_path, orientation, stored, upright):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path, Image.fromarray(np.ascontiguousarray(stored(upright))), exif=exif)
    image, notes = open_image(path, "rgb" if upright.ndim == 3 else "grey")
    np.testing.assert_array_equal(np.asarray(image), upright if upright.dtype == np.uint8 else upright // 256)
    turned = f"turned upright (EXIF orientation {orientation})"
    assert (turned in notes) == (orientation > 1)


def test_damaged_exif_is_passed_over(tmp_path):
    image, notes = open_image(saved(tmp_path, RGB, "a.webp", exif=b"no TIFF at all", lossless=True))
    np.testing.assert_array_equal(np.asarray(image), COLOURS)
    assert notes == ("its EXIF data is damaged and was passed over",)


@pytest.mark.parametrize(
    ("image", "wanted", "note"),
    [
        (RGB, RGB, None),
        (GREY, GREY.convert("RGB"), "grey repeated for three channels"),
        (GREY.convert("1"), GREY.convert("1").convert("RGB"), "grey repeated for three channels"),
        (with_alpha(GREY), GREY.convert("RGB"), "alpha dropped"),
        (with_alpha(RGB), RGB, "alpha dropped"),
        (RGB.quantize(6), RGB, "colours taken from its palette"),
    ],
    ids=["RGB", "L", "1", "LA", "RGBA", "P"],
)
def test_modes(tmp_path, image, wanted, note):
    path = saved(tmp_path, image)
    opened, notes = open_image(path)
    assert opened.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(opened), np.asarray(wanted))
    assert note in notes if note else notes == ()
    grey, notes = open_image(path, "grey")
    assert grey.mode == "L"
    np.testing.assert_array_equal(np.asarray(grey), np.asarray(wanted.convert("L")))
    assert ("colour made grey (ITU-R 601)" in notes) == (image.mode in ("RGB", "RGBA", "P"))


def test_a_palette_with_alpha(tmp_path):
    path = saved(tmp_path, RGB.quantize(6), transparency=bytes([0, 128, 255, 255, 3, 9]))
    image, notes = open_image(path)
    np.testing.assert_array_equal(np.asarray(image), COLOURS)
    assert "alpha dropped" in notes


def test_a_palette_with_an_alpha_plane():
    from cnnspec.runtime.images import to_mode

    image, notes = to_mode(RGB.quantize(6).convert("PA"), "RGB")
    np.testing.assert_array_equal(np.asarray(image), COLOURS)
    assert "alpha dropped" in notes


def test_a_transparent_colour_is_that_colour(tmp_path):
    path = saved(tmp_path, RGB, transparency=(255, 0, 0))
    image, notes = open_image(path)
    np.testing.assert_array_equal(np.asarray(image), COLOURS)
    assert notes == ("alpha dropped",)


def test_cmyk(tmp_path):
    flat = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    image, notes = open_image(saved(tmp_path, flat, "a.jpg", quality=95))
    assert np.abs(np.asarray(image, int) - [255, 0, 0]).max() <= 3
    assert notes == ("CMYK made RGB",)


def test_sixteen_bits_keep_their_high_byte(tmp_path):
    deep = np.array([[0, 255, 256, 511, 32768, 65535]], np.uint16)
    for name in ("a.png", "a.pgm"):
        image, notes = open_image(saved(tmp_path, Image.fromarray(deep), name), "grey")
        assert np.asarray(image).tolist() == [[0, 0, 1, 1, 128, 255]]
        assert notes == ("16 bits: their high byte is read",)


def test_sixteen_bit_colour_is_noted(tmp_path):
    row = b"\0" + struct.pack(">6H", 0, 256, 65535, 511, 32768, 255)
    (tmp_path / "a.png").write_bytes(png(2, 1, 16, 2, zlib.compress(row)))
    image, notes = open_image(tmp_path / "a.png")
    assert np.asarray(image).tolist() == [[[0, 1, 255], [1, 128, 0]]]
    assert notes == ("16 bits a channel: their high byte is read",)


def test_floating_point_pixels_have_no_range(tmp_path):
    (tmp_path / "a.ppm").write_bytes(b"Pf\n1 1\n-1.0\n" + struct.pack("<f", 0.5))
    with pytest.raises(ImageError, match=r"a\.ppm: its pixels are floating-point numbers of no known range"):
        open_image(tmp_path / "a.ppm")


def test_of_several_frames_the_first_is_read(tmp_path):
    path = saved(tmp_path, RGB, save_all=True, append_images=[RGB.transpose(Image.Transpose.ROTATE_180)])
    image, notes = open_image(path)
    np.testing.assert_array_equal(np.asarray(image), COLOURS)
    assert notes == ("the first of 2 frames",)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.ppm", "a.webp"])
def test_formats(tmp_path, name):
    image, notes = open_image(saved(tmp_path, RGB, name, lossless=True))
    np.testing.assert_array_equal(np.asarray(image), COLOURS)
    assert notes == ()


# -- what is no picture -----------------------------------------------------------------------------------------------


def png(width, height, bits, colour, data):
    """A PNG file, chunk by chunk."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">2I5B", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(7072, 7072), (10_000, 10_000), (60_000, 60_000)])
def test_bombs(tmp_path, size):
    (tmp_path / "a.png").write_bytes(png(*size, 8, 0, zlib.compress(bytes(1000))))
    with pytest.raises(ImageError, match=r"too large.*at most 50 million pixels"):
        open_image(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.bmp", "a.ppm", "a.webp"])
def test_truncated(tmp_path, name):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = saved(tmp_path, Image.fromarray(noise), name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ImageError, match=rf"{name} is damaged"):
        open_image(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"what is this", "is not a picture that can be read"),
        (b"\0" * 4096, "is not a picture that can be read"),
        (b"GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1D\0;", "is not a picture that can be read"),
        (b"P6\n4 4\nfour\n", "is damaged"),
    ],
)
def test_what_is_no_picture(tmp_path, content, message):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(ImageError, match=message):
        open_image(tmp_path / "a.jpg")


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, message in (
        *(("missing.png", "cannot be read: no such file"), (".", "is no file"), ("pipe", "is no file")),
        *(("loop", "cannot be read: too many levels"), ("nul\0.png", "cannot be read"), ("x" * 400, "cannot be read")),
    ):
        with pytest.raises(ImageError, match=message):
            open_image(f"{tmp_path}/{name}")


def test_an_unreadable_file(tmp_path):
    path = saved(tmp_path, RGB)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user reads everything")
    with pytest.raises(ImageError, match="cannot be read: permission denied"):
        open_image(path)


def test_mutated_files_give_a_picture_or_an_error(tmp_path):
    chance, files = random.Random(3), []
    for name in ("PNG", "JPEG", "BMP", "PPM", "WEBP"):
        file = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = 6
        RGB.resize((24, 16)).save(file, name, **({} if name in ("BMP", "PPM") else {"exif": exif}))
        files.append(file.getvalue())
    opened, refused = 0, []
    for _ in range(400):
        data = bytearray(chance.choice(files))
        for _ in range(chance.choice((1, 2, 5))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        (tmp_path / "a").write_bytes(data[: chance.randrange(1, 2 * len(data))])
        try:
            opened += open_image(tmp_path / "a").image.mode == "RGB"
        except ImageError as problem:
            refused.append(problem.message)
    assert opened > 50
    assert len(refused) > 50
    assert all(message.startswith(str(tmp_path)) for message in refused)
