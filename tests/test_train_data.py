"""Data sets from the disk, and what is said of those that are none."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnspec.contract.preprocess import Preprocess
from cnnspec.contract.sections import Crop, Rescale, Resize
from cnnspec.training.data.dataset import Dataset, Split
from cnnspec.training.data.fit import Fitted, matched, prepared_for
from cnnspec.training.data.open import open_data
from cnnspec.training.errors import DataError
from cnnspec.training.split import hold_out, order

CHANCE = np.random.default_rng(0)
PICTURES = CHANCE.integers(0, 256, (12, 6, 5), np.uint8)
CLASSES = np.array([0, 1, 2] * 4, np.uint8)


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_set(folder: Path, pictures: np.ndarray, targets: np.ndarray, cut: int) -> None:
    """MNIST's four files: the samples before `cut` to train on, the others to test."""
    folder.mkdir()
    for begin, part in (("train", slice(0, cut)), ("t10k", slice(cut, None))):
        (folder / f"{begin}-images-idx3-ubyte").write_bytes(idx(pictures[part]))
        (folder / f"{begin}-labels-idx1-ubyte").write_bytes(idx(targets[part]))


def write_idx(folder: Path, begin: str = "train", *, zipped: bool = False) -> None:
    for kind, array in (("images-idx3", PICTURES), ("labels-idx1", CLASSES)):
        data = idx(array)
        path = folder / f"{begin}-{kind}-ubyte{'.gz' if zipped else ''}"
        path.write_bytes(gzip.compress(data) if zipped else data)


def write_folder(folder: Path) -> None:
    for place, (pixels, number) in enumerate(zip(PICTURES, CLASSES, strict=True)):
        room = folder / f"class{number}"
        room.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(room / f"{place:02}.png")


def write_csv(folder: Path) -> None:
    square = PICTURES[:, :5]
    rows = [",".join(map(str, [n, *each.ravel()])) for n, each in zip(CLASSES, square, strict=True)]
    (folder / "train.csv").write_text("\n".join(["label,pixel", *rows][1:]) + "\n")


WAYS: dict[str, Callable[[Path], None]] = {
    "idx": write_idx,
    "idx.gz": lambda folder: write_idx(folder, zipped=True),
    "folder": write_folder,
    "npy": lambda folder: [np.save(folder / f"train_{n}", a) for n, a in (("x", PICTURES), ("y", CLASSES))] and None,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_set_is_what_was_written(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    WAYS[way](folder)
    found = open_data(folder)
    assert len(found.classes) == 3
    assert found.named is (way == "folder")
    fitted = Fitted(found.train, Preprocess((), "grey"), (1, 6, 5))
    made = {(each.tobytes(), int(y)) for each, y in zip(fitted.take(range(12)), fitted.targets, strict=True)}
    assert made == {(each.tobytes(), int(y)) for each, y in zip(PICTURES, CLASSES, strict=True)}


def test_csv_with_pixels_and_with_paths(tmp_path: Path) -> None:
    write_csv(tmp_path)
    found = open_data(tmp_path)
    assert isinstance(found.train.pictures, np.ndarray)
    assert (found.train.pictures[..., 0] == PICTURES[:, :5]).all()
    write_folder(tmp_path / "p")
    rows = [f"class{n},p/class{n}/{place:02}.png" for place, n in enumerate(CLASSES)]
    (tmp_path / "paths.csv").write_text("class,path\n" + "\n".join(rows))
    paths = open_data(tmp_path / "paths.csv")
    assert paths.classes == ("class0", "class1", "class2")
    assert (Fitted(paths.train, Preprocess((), "grey"), (1, 6, 5)).take(range(12))[:, 0] == PICTURES).all()


def test_npz_of_keras_with_a_test_part(tmp_path: Path) -> None:
    colour = CHANCE.integers(0, 256, (6, 3, 4, 4), np.uint8)
    names = np.array(["cat", "dog", "cat", "dog", "cat", "dog"])
    np.savez(tmp_path / "set.npz", x_train=colour, y_train=names, x_test=colour[:2] / 255, y_test=names[[1, 0]])
    found = open_data(tmp_path / "set.npz")
    assert found.classes == ("cat", "dog")
    assert found.test is not None
    assert found.test.targets.tolist() == [1, 0]
    assert isinstance(found.test.pictures, np.ndarray)
    assert (found.test.pictures == colour[:2].transpose(0, 2, 3, 1)).all()


def test_real_numbers_a_hair_beyond_one_are_no_bytes(tmp_path: Path) -> None:
    x = CHANCE.random((4, 5, 5)).astype(np.float32)
    x[0, 0, 0] = 1.0000002
    np.savez(tmp_path / "set.npz", x=x, y=np.array([0, 1, 0, 1]))
    found = open_data(tmp_path / "set.npz").train.pictures
    assert isinstance(found, np.ndarray)
    assert (found[..., 0] == np.rint(np.minimum(x, 1).astype(np.float64) * 255)).all()
    np.savez(tmp_path / "set.npz", x=x * 1.5, y=np.array([0, 1, 0, 1]))
    with pytest.raises(DataError, match="neither from 0 to 1 nor"):
        open_data(tmp_path / "set.npz")


def test_a_csv_of_savetxt_loses_no_row(tmp_path: Path) -> None:
    rows = np.concatenate([np.array([[10.0], [2.0]]), CHANCE.integers(0, 256, (2, 9))], axis=1)
    np.savetxt(tmp_path / "set.csv", rows, delimiter=",")
    found = open_data(tmp_path / "set.csv")
    assert found.classes == ("2", "10")
    assert found.train.targets.tolist() == [1, 0]


def test_a_part_for_validation_is_what_is_held_out(tmp_path: Path) -> None:
    for part, classes in (("train", "ab"), ("val", "b"), ("test", "a")):
        for name in classes:
            (tmp_path / part / name).mkdir(parents=True)
            Image.fromarray(PICTURES[0]).save(tmp_path / part / name / "1.png")
    found = open_data(tmp_path)
    assert found.held is not None
    assert found.test is not None
    assert (found.held.targets.tolist(), found.test.targets.tolist()) == ([1], [0])


def test_numbers_are_ordered_by_value_and_objects_are_not_unpickled(tmp_path: Path) -> None:
    for name in ("10", "9"):
        (tmp_path / "set" / name).mkdir(parents=True)
        Image.fromarray(PICTURES[0]).save(tmp_path / "set" / name / "a.png")
    assert open_data(tmp_path / "set").classes == ("9", "10")
    np.savez(tmp_path / "bad.npz", x=np.array([object()]), y=np.array([0]))
    with pytest.raises(DataError, match=r"bad\.npz cannot be read"):
        open_data(tmp_path / "bad.npz")


def broken_idx(folder: Path) -> None:
    write_idx(folder)
    (folder / "train-images-idx3-ubyte").write_bytes(idx(PICTURES)[:-5])


def one_class(folder: Path) -> None:
    write_idx(folder)
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(np.zeros(12, np.uint8)))


def empty_class(folder: Path) -> None:
    write_folder(folder)
    (folder / "zebra").mkdir()


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda folder: None, "holds no data set"),
    "an IDX file that is cut": (broken_idx, "has 355 bytes of data, and says that it is 12 x 6 x 5"),
    "an empty IDX file": (lambda f: (write_idx(f), (f / "train-labels-idx1-ubyte").write_bytes(b"")), "is no IDX file"),
    "one class": (one_class, "has one class alone, `0`"),
    "a class without pictures": (empty_class, "zebra holds no picture"),
    "no labels": (lambda f: (write_idx(f), (f / "train-labels-idx1-ubyte").unlink()), "has no `train-labels"),
    "rows of unequal length": (lambda f: (f / "train.csv").write_text("1,2,3,4,5\n0,1\n"), "row 2 of"),
    "pixels that are none": (lambda f: (f / "train.csv").write_text("1,2,3,4,900\n0,1,2,3,4\n"), "outside 0 to 255"),
    "no square": (lambda f: (f / "train.csv").write_text("1,2,3\n0,1,2\n"), "make no square picture"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_data_is_told(tmp_path: Path, what: str) -> None:
    make, message = BAD[what]
    make(tmp_path)
    with pytest.raises(DataError) as found:
        open_data(tmp_path)
    assert message in found.value.message
    with pytest.raises(DataError, match="does not exist"):
        open_data(tmp_path / "ghost")


def test_a_damaged_picture_is_told_by_its_path(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "class1" / "01.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(DataError, match=r"class1.01\.png"):
        Fitted(open_data(tmp_path).train, Preprocess((), "grey"), (1, 6, 5))


# -- fitting to the input ---------------------------------------------------------------------------------------------


def dataset(height: int, width: int, channels: int = 1) -> Dataset:
    pictures = CHANCE.integers(0, 256, (4, height, width, channels), np.uint8)
    return Dataset("set", Split(pictures, np.array([0, 1, 0, 1])), None, ("0", "1"), named=False)


def test_what_is_done_to_fit_is_said() -> None:
    made, notes = prepared_for(dataset(28, 28), None, (1, 32, 32))
    assert made.steps == (Crop(size=32), Rescale(factor=1 / 255))
    assert notes == ("pictures of 28x28 get a border of zeros, to 32x32, the network's input",)
    made, notes = prepared_for(dataset(8, 8), None, (3, 32, 32))
    assert made.steps[0] == Resize(size=(32, 32))
    assert "are resized to 32x32" in notes[0]
    assert notes[1] == "grey is repeated for three channels"
    assert prepared_for(dataset(28, 28), None, (1, 28, 28))[1] == ()
    with pytest.raises(DataError, match="the input is 100, and set holds 28x28 with 1 channels"):
        prepared_for(dataset(28, 28), None, (100,))


def test_a_border_is_as_for_one_picture() -> None:
    """All at once and one by one are the same, with a border and with a cut."""
    from cnnspec.runtime.preprocess import prepare

    for side in (7, 4, 5):
        data = dataset(5, 6, 3)
        section = Preprocess((Crop(size=side),), "rgb")
        fitted = Fitted(data.train, section, (3, side, side))
        for place, pixels in enumerate(data.train.pictures):
            assert (fitted.take([place])[0] == prepare(Image.fromarray(pixels), section, (3, side, side))).all()


def test_classes_go_by_name_where_both_have_names() -> None:
    data = dataset(8, 8)._replace(classes=("cat", "dog"), named=True)
    found, classes = matched(data, ("dog", "bird", "cat"), 3, exact=True)
    assert found.train.targets.tolist() == [2, 0, 2, 0]
    assert classes == ("dog", "bird", "cat")
    with pytest.raises(DataError, match="the class `cat`, which is not among the network's labels"):
        matched(data, ("dog", "bird"), 2, exact=True)
    with pytest.raises(DataError, match="set has 2 classes, and the network 10 outputs"):
        matched(data, None, 10, exact=False)
    numbers = dataset(8, 8)
    with pytest.raises(DataError, match="set has 2 classes, and the network 3 outputs"):
        matched(numbers, ("dog", "bird", "cat"), 3, exact=True)
    assert matched(numbers, ("dog", "bird", "cat"), 3, exact=False)[1] == ("dog", "bird", "cat")


# -- which samples ----------------------------------------------------------------------------------------------------


def test_the_hold_out_has_the_same_share_of_each_class() -> None:
    targets = np.repeat([0, 1, 2], [100, 50, 3])
    places, held = hold_out(targets, 0.1, 7)
    assert sorted([*places, *held]) == list(range(153))
    assert np.bincount(targets[held]).tolist() == [10, 5, 1]
    assert (hold_out(targets, 0.1, 7)[1] == held).all()
    assert (hold_out(targets, 0.1, 8)[1] != held).any()
    with pytest.raises(DataError, match="class 1 has one sample alone"):
        hold_out(np.array([0, 0, 1]), 0.1, 0)


def test_the_order_is_a_permutation_of_seed_and_epoch() -> None:
    assert sorted(order(1000, 0, 0)) == list(range(1000))
    assert (order(1000, 0, 0) == order(1000, 0, 0)).all()
    assert (order(1000, 0, 0) != order(1000, 0, 1)).any()
    assert (order(1000, 0, 0) != order(1000, 1, 0)).any()
