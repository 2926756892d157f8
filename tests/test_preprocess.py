"""Preprocessing against Pillow, torch and torchvision's documented rules."""

import numpy as np
import pytest
from PIL import Image

from cnnspec.contract.errors import LayerError
from cnnspec.runtime.errors import ImageError, ModelError
from cnnspec.runtime.preprocess import Preprocess, assumed, prepare

OPEN = (3, None, None)
GREY = (1, None, None)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
IMAGENET = [
    ("resize", {"size": 256, "filter": "bilinear", "antialias": True}),
    ("crop", {"size": 224}),
    ("rescale", {"factor": 1 / 255}),
    ("normalize", {"mean": MEAN, "std": STD}),
]
FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def picture(height, width, mode="RGB", seed=0):
    shape = (height, width) if mode == "L" else (height, width, 3)
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8))


def steps(*given, channels=None):
    return Preprocess.from_steps(given, channels)


def planes(image):
    """The bytes of a picture as CxHxW."""
    array = np.asarray(image)
    return (array[None] if array.ndim == 2 else array.transpose(2, 0, 1)).astype(np.float32)


# -- resizing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize(
    ("size", "source", "target"),
    [
        (16, (37, 53), (16, 22)),  # the long side is cut: 16 * 53 / 37 = 22.9
        (16, (53, 37), (22, 16)),
        (64, (37, 37), (64, 64)),
        ((20, 70), (37, 53), (20, 70)),
        (37, (37, 53), (37, 53)),
    ],
)
def test_resize_is_pillows(name, mode, size, source, target):
    image = picture(*source, mode)
    made = prepare(image, steps(("resize", {"size": size, "filter": name})), GREY if mode == "L" else OPEN)
    np.testing.assert_array_equal(made, planes(image.resize(target[::-1], FILTERS[name])))


@pytest.mark.torch
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("source", [(37, 53), (1, 7), (224, 160), (300, 401)])
@pytest.mark.parametrize("target", [(16, 16), (80, 90), (5, 333)])
def test_without_antialias_it_is_torchs_interpolate(mode, source, target):
    torch = pytest.importorskip("torch")
    image = picture(*source)
    resize = ("resize", {"size": target, "filter": mode, "antialias": False})
    wanted = torch.nn.functional.interpolate(
        torch.from_numpy(planes(image))[None], target, mode=mode, align_corners=False, antialias=False
    )[0]
    floating = prepare(image, steps(("rescale", {"factor": 1.0}), resize), OPEN)
    np.testing.assert_allclose(floating, wanted.numpy(), atol=0.01)  # of 255: positions are rounded differently
    whole = prepare(image, steps(resize), OPEN)
    off = np.abs(whole - wanted.round().clamp(0, 255).numpy())
    assert off.max() <= 1
    assert (off > 0).mean() < 1e-3


@pytest.mark.parametrize("name", FILTERS)
def test_a_later_resize_is_the_same(name):
    image = picture(60, 50).point(lambda value: 100 + value // 5)  # where no filter overshoots
    resize = ("resize", {"size": (20, 31), "filter": name})
    wanted = planes(image.crop((5, 10, 45, 50)).resize((31, 20), FILTERS[name]))
    made = prepare(image, steps(("crop", {"size": 40}), resize, channels="bgr"), OPEN)
    np.testing.assert_array_equal(made, wanted[::-1])
    floating = prepare(image, steps(("crop", {"size": 40}), ("rescale", {"factor": 1.0}), resize), OPEN)
    np.testing.assert_allclose(floating, wanted, atol=1.25)  # Pillow rounds bytes after each axis


def test_antialias_no_skips_pixels_where_yes_averages():
    stripes = Image.fromarray(np.tile(np.array([0, 0, 255, 0, 0], np.uint8), (40, 8)))
    resize = {"size": (8, 8), "filter": "bilinear"}
    assert prepare(stripes, steps(("resize", resize | {"antialias": False})), GREY).tolist() == [[[255.0] * 8] * 8]
    assert prepare(stripes, steps(("resize", resize)), GREY).max() < 128


# -- cropping: torchvision's CenterCrop -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "crop", "taken"),
    [
        (5, 5, [0, 1, 2, 3, 4]),
        (6, 4, [1, 2, 3, 4]),
        (5, 2, [2, 3]),  # 1.5 rounds to 2
        (3, 2, [0, 1]),  # 0.5 rounds to 0: Python's round is half to even
        (7, 2, [2, 3]),  # 2.5 rounds to 2
        (2, 4, [None, 0, 1, None]),
        (1, 4, [None, 0, None, None]),  # padding favours the end
        (2, 5, [None, 0, 1, None, None]),
    ],
)
def test_centre_crop_and_padding(length, crop, taken):
    row = np.arange(1, length + 1, dtype=np.uint8)
    wanted = [0 if index is None else float(row[index]) for index in taken]
    across = prepare(Image.fromarray(row[None].repeat(crop, 0)), steps(("crop", {"size": crop})), OPEN)
    assert across[0].tolist() == [wanted] * crop
    down = prepare(Image.fromarray(row[:, None].repeat(3, 1)), steps(("crop", {"size": (crop, 3)})), OPEN)
    assert down[0].T.tolist() == [wanted] * 3


# -- the whole chain --------------------------------------------------------------------------------------------------


@pytest.mark.torch
@pytest.mark.parametrize("size", [(683, 1024), (300, 231), (100, 500)])
def test_the_imagenet_chain_is_torchvisions_to_the_bit(size):
    torch = pytest.importorskip("torch")
    image, (height, width) = picture(*size), size
    short = min(size)
    small = image.resize((int(256 * width / short), int(256 * height / short)), Image.Resampling.BILINEAR)
    top, left = round((small.height - 224) / 2), round((small.width - 224) / 2)
    pixels = torch.from_numpy(np.array(small.crop((left, top, left + 224, top + 224))))
    tensor = pixels.permute(2, 0, 1).to(torch.float32).div(255)  # to_tensor
    tensor = tensor.sub_(torch.tensor(MEAN).view(-1, 1, 1)).div_(torch.tensor(STD).view(-1, 1, 1))  # normalize
    made = prepare(image, steps(*IMAGENET), (3, 224, 224))
    assert made.dtype == np.float32
    assert made.flags.c_contiguous
    np.testing.assert_array_equal(made, tensor.numpy())


def test_order_is_as_written():
    white = Image.new("L", (2, 2), 255)
    padded = steps(("rescale", {"factor": 1 / 255}), ("normalize", {"mean": 0.5, "std": 0.5}), ("crop", {"size": 4}))
    assert prepare(white, padded, (1, 4, 4))[0, 0, 0] == 0  # normalized first, so the border is the mean
    padded = steps(("crop", {"size": 4}), ("rescale", {"factor": 1 / 255}), ("normalize", {"mean": 0.5, "std": 0.5}))
    assert prepare(white, padded, (1, 4, 4))[0, 0, 0] == -1


def test_channels():
    image = Image.new("RGB", (1, 1), (10, 20, 30))
    assert prepare(image, steps(), (3, 1, 1)).ravel().tolist() == [10, 20, 30]
    assert prepare(image, steps(channels="bgr"), (3, 1, 1)).ravel().tolist() == [30, 20, 10]
    assert prepare(image, steps(), (1, 1, 1)).ravel().tolist() == [round(0.299 * 10 + 0.587 * 20 + 0.114 * 30)]
    assert prepare(Image.new("L", (1, 1), 7), steps(), (3, 1, 1)).ravel().tolist() == [7, 7, 7]


def test_a_vector_is_filled_row_by_row():
    image = Image.fromarray(np.arange(6, dtype=np.uint8).reshape(2, 3))
    assert prepare(image, steps(channels="grey"), (6,)).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_picture_that_does_not_come_out_right():
    with pytest.raises(ImageError, match="comes out as 3x8x12, but the input is 3x8x8"):
        prepare(picture(16, 24), steps(("resize", {"size": 8})), (3, 8, 8))
    with pytest.raises(ImageError, match="would be resized to 134217728x4096"):
        prepare(Image.new("L", (32768, 1)), steps(("resize", {"size": 4096})), OPEN)


# -- what may be said -------------------------------------------------------------------------------------------------


def test_json_carries_everything():
    for preprocess in (
        steps(*IMAGENET),
        steps(("resize", {"size": (20, 30), "filter": "nearest", "antialias": False}), channels="bgr"),
        steps(("rescale", {"factor": 2}), ("normalize", {"mean": (0, 0.1, 1 / 3), "std": 1}), channels="rgb"),
    ):
        assert Preprocess.from_json(preprocess.to_json()) == preprocess


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "null", "{'a': 1}", '{"version":2,"steps":[]}', '{"version":1,"steps":[3]}'),
        *('{"version":1,"steps":[{"step":"rescale","factor":NaN}]}', '{"version":1,"steps":[],"channels":"cmyk"}'),
        *('{"version":1,"steps":[{"step":"resize","size":"big"}]}', '{"version":1,"steps":[{"step":"train"}]}'),
        *('{"version":1,"steps":{"step":"crop"}}', '{"version":1,"steps":[{"step":"crop","size":[1,2,3]}]}'),
        "[" * 100_000,
    ],
)
def test_json_that_is_something_else(text):
    with pytest.raises(ValueError, match=r"."):
        Preprocess.from_json(text)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (("rezise", {}), "`image` has no step `rezise`"),
        (("resize", {}), "`resize` needs `size=`"),
        (("resize", {"size": 0}), "at least 1, got 0"),
        (("resize", {"size": (1, 2, 3)}), "one number, or height and width, got 1x2x3"),
        (("resize", {"size": 8, "filter": "box"}), "must be one of bilinear, bicubic, nearest, lanczos"),
        (("resize", {"size": 8, "filter": "lanczos", "antialias": False}), "lanczos always antialiases"),
        (("crop", {"size": 8, "at": 3}), "`crop` has no argument `at`"),
        (("rescale", {"factor": 0}), "must be more than 0"),
        (("normalize", {"mean": 0.5}), "`normalize` needs `std=`"),
        (("normalize", {"mean": (0.1, 0.2), "std": (1, 1, 1)}), "2 means, but 3 deviations"),
        (("normalize", {"mean": 0, "std": (1, 0, 1)}), "must be more than 0, got 0"),
    ],
)
def test_steps_that_are_refused(step, message):
    with pytest.raises(LayerError, match=message.replace("(", r"\(")):
        steps(step)


@pytest.mark.parametrize(
    ("given", "shape", "message", "about"),
    [
        (steps(*IMAGENET), (1, 224, 224), "numbers for 3 channels, but a picture in grey has 1", 3),
        (steps(*IMAGENET), (3, 256, 256), "come out as 3x224x224, but the input is 3x256x256", 1),
        (steps(*IMAGENET, channels="rgb"), (1, 224, 224), "3 channels, but the input is 1x224x224", "channels"),
        (steps(), (4, 8, 8), "a picture in rgb has 3 channels, but the input is 4x8x8", "channels"),
        (steps(), (3, 8, 8, 8), "the input is 3x8x8x8", "channels"),
        (steps(("resize", {"size": 28}), ("crop", {"size": 28}), channels="grey"), (700,), "come out as 1x28x28", 1),
        (steps(("resize", {"size": (8, 16)}), ("resize", {"size": 4})), (3, 4, 4), "come out as 3x4x8", 1),
    ],
)
def test_what_cannot_fit_the_input_is_known_beforehand(given, shape, message, about):
    with pytest.raises(LayerError, match=message) as found:
        given.fitted(shape)
    assert found.value.about == about
    with pytest.raises(ModelError, match=message):
        prepare(picture(30, 30), given, shape)


def test_what_is_assumed_is_said():
    preprocess, note = assumed((3, 32, 32))
    assert note.endswith("assumed: resize 32 -> crop 32 -> rescale 1/255, no mean and deviation")
    made = prepare(Image.new("RGB", (40, 60), (255, 0, 51)), preprocess, (3, 32, 32))
    assert made[:, 5, 5].tolist() == [1, 0, np.float32(0.2)]
    preprocess, note = assumed((1, 32, 100))
    assert "assumed: resize 32x100 -> rescale 1/255" in note
    assert prepare(picture(40, 60), preprocess, (1, 32, 100)).shape == (1, 32, 100)
    preprocess, note = assumed((3, None, None))
    assert "assumed: resize 224 -> crop 224" in note
    for shape in ((784,), (224, 224, 3), (3, 8, 8, 8)):
        with pytest.raises(ModelError, match="no picture of 1 or 3 channels first"):
            assumed(shape)
