"""Naming what is on pictures, from files to records."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from cnnspec.runtime.errors import LabelError, ModelError
from cnnspec.runtime.labels import read_labels
from cnnspec.runtime.predict import predict
from cnnspec.runtime.preprocess import Preprocess
from cnnspec.runtime.reading import read_as_classifier
from cnnspec.runtime.scores import Scores
from cnnspec.runtime.session import open_session
from tests import tiny_onnx

pytest.importorskip("onnxruntime")

NAMES = ("red", "green", "blue")
SOFTMAX = np.exp([tiny_onnx.GAIN, 0, 0]) / np.exp([tiny_onnx.GAIN, 0, 0]).sum()


@pytest.fixture
def pictures(tmp_path):
    """A folder of plain pictures, some of them deeper, one damaged, and some files that are no pictures."""
    for name, colour in (
        *(("2.png", "red"), ("10.png", "lime"), ("1.png", "blue"), ("deep/3.JPG", "red"), ("deep/.hidden.png", "red")),
        *((".git/4.png", "red"), ("deep/nothing.txt", None), ("damaged.png", None)),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if colour:
            Image.new("RGB", (12, 9), colour).save(path)
        else:
            path.write_bytes(b"nothing")
    return tmp_path


def opened(data):
    return open_session(data, "cpu")


# -- pictures in, records out -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", ["N", 1, 2, 4])
@pytest.mark.parametrize("batch_size", [None, 1, 3])
def test_a_folder_in_the_order_of_people(pictures, batch, batch_size):
    made = list(predict(opened(tiny_onnx.colours(batch=batch)), [pictures], labels=NAMES, top=2, batch_size=batch_size))
    assert [each.image for each in made] == [
        str(pictures / name) for name in ("1.png", "2.png", "10.png", "damaged.png", "deep/3.JPG")
    ]
    assert [each.top[0].label if each.top else None for each in made] == ["blue", "red", "green", None, "red"]
    assert [each.error is not None for each in made] == [False, False, False, True, False]
    assert "is not a picture that can be read" in str(made[3].error)
    first = made[0].top
    assert len(first) == 2
    assert first[0].index == 2
    np.testing.assert_allclose([each.score for each in first], SOFTMAX[:2], rtol=1e-6)


def test_patterns_and_single_files(pictures):
    shutil.copy(pictures / "1.png", pictures / "[1].png")
    session = opened(tiny_onnx.colours())

    def names(*paths):
        return [
            each.image.removeprefix(f"{pictures}/")
            for each in predict(session, [f"{pictures}/{each}" for each in paths])
        ]

    assert names("*.png") == ["1.png", "2.png", "10.png", "[1].png", "damaged.png"]
    assert names("**/*.JPG", "2.png", "2.png") == ["deep/3.JPG", "2.png", "2.png"]
    assert names("[1].png") == ["[1].png"]  # a file of that name stands for itself
    assert [each.image for each in predict(session, str(pictures / "2.png"))] == [str(pictures / "2.png")]


def test_paths_that_lead_to_nothing_are_records(pictures):
    (pictures / "empty").mkdir()
    made = list(
        predict(opened(tiny_onnx.colours()), [pictures / each for each in ("no.png", "*.gif", "empty", "1.png")])
    )
    assert [each.error and each.error.removeprefix(str(pictures)) for each in made] == [
        "/no.png cannot be read: no such file or directory",
        "/*.gif matches no file",
        "/empty holds no picture",
        None,
    ]
    assert made[3].top[0].index == 2


def test_what_was_done_to_a_picture_is_said(pictures):
    Image.new("LA", (8, 8), (255, 0)).save(pictures / "1.png")
    (made,) = predict(opened(tiny_onnx.colours()), pictures / "1.png")
    assert made.notes == ("alpha dropped", "grey repeated for three channels")
    np.testing.assert_allclose([each.score for each in made.top], [1 / 3] * 3, rtol=1e-6)


# -- what the output holds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "scores", "wanted"),
    [
        ("nothing", Scores.LOGITS, SOFTMAX),
        ("softmax", Scores.PROBABILITIES, SOFTMAX),
        ("softmax, reshaped", Scores.PROBABILITIES, SOFTMAX),
        ("log softmax", Scores.LOG_PROBABILITIES, SOFTMAX),
        ("softmax, log", Scores.LOG_PROBABILITIES, SOFTMAX),
        ("sigmoid", Scores.INDEPENDENT, 1 / (1 + np.exp([-tiny_onnx.GAIN, 0, 0]))),
    ],
)
def test_softmax_is_applied_once(pictures, ending, scores, wanted):
    session = opened(tiny_onnx.colours(ending))
    assert read_as_classifier(session).scores is scores
    (made,) = predict(session, pictures / "2.png", top=99)
    np.testing.assert_allclose([each.score for each in made.top], wanted, rtol=1e-6)


def test_a_file_is_read_as_its_bytes_are(pictures):
    (pictures / "a.onnx").write_bytes(tiny_onnx.colours("softmax"))
    assert read_as_classifier(opened(pictures / "a.onnx")).scores is Scores.PROBABILITIES


def test_what_is_said_of_the_scores_holds(pictures):
    (made,) = predict(opened(tiny_onnx.colours()), pictures / "2.png", scores=Scores.PROBABILITIES)
    assert made.top[0].score == tiny_onnx.GAIN


def test_other_outputs(pictures):
    (made,) = predict(opened(tiny_onnx.colours(flat=False)), pictures / "2.png", labels=NAMES)
    assert made.top[0].label == "red"
    (made,) = predict(opened(tiny_onnx.half()), pictures / "2.png", labels=NAMES)
    assert made.top[0].label == "red"
    session = opened(tiny_onnx.one_number())
    assert read_as_classifier(session).scores is Scores.VALUE
    (made,) = predict(session, pictures / "10.png")
    assert made.top == ((pytest.approx(150 / 255), None, 0),)  # the softmax of one number would be 1
    (made,) = predict(opened(tiny_onnx.colours("NaN")), pictures / "2.png")
    assert made.error == "the model's output is not finite (NaN or infinity)"
    session = opened(tiny_onnx.two_outputs())
    assert "of 2 outputs the first is read: y" in read_as_classifier(session).notes


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (tiny_onnx.two_inputs(), r"the model has 2 inputs \(left, right\); only one picture can be given"),
        (tiny_onnx.a_map(), "the output `y` is 3x8x8, not a vector of class scores"),
        (tiny_onnx.whole_numbers(), r"the input `x` is a tensor\(uint8\)"),
        (tiny_onnx.colours(metadata={"cnnspec.preprocess": "{}"}), "entry `cnnspec.preprocess` cannot be read"),
    ],
)
def test_models_that_name_nothing(data, message):
    with pytest.raises(ModelError, match=message):
        predict(opened(data), [])


def test_a_model_that_fails_on_a_picture(pictures):
    raw = Preprocess.from_steps([("rescale", {"factor": 1 / 255})])
    Image.new("RGB", (8, 8), "red").save(pictures / "2.png")
    made = list(predict(opened(tiny_onnx.fixed_inside()), [pictures / "1.png", pictures / "2.png"], raw))
    assert "the model failed while it ran" in str(made[0].error)
    assert made[1].error is None


# -- labels and preprocessing: given, carried, assumed ----------------------------------------------------------------


def test_the_file_says_how_pictures_are_prepared_and_called(pictures):
    carried = Preprocess.from_steps([("resize", {"size": (8, 8)}), ("rescale", {"factor": 1 / 255})], "bgr")
    for names in (json.dumps(NAMES), "{0: 'red', 1: 'green', 2: 'blue'}"):
        data = tiny_onnx.colours(metadata={"cnnspec.preprocess": carried.to_json(), "names": names})
        (made,) = predict(opened(data), pictures / "2.png")
        assert made.top[0].label == "blue"  # red is the third channel of bgr
        reading = read_as_classifier(opened(data))
        assert reading.preprocess == carried
        assert reading.notes == ()
    (made,) = predict(opened(data), pictures / "2.png", carried._replace(channels="rgb"), labels=["a", "b", "c"])
    assert made.top[0].label == "a"  # what is given holds


def test_what_is_assumed_is_noted():
    reading = read_as_classifier(opened(tiny_onnx.colours(metadata={"names": "no list"})))
    assert reading.labels == ()
    assert reading.notes == (
        "the model does not say how pictures are prepared; "
        "assumed: resize 8 -> crop 8 -> rescale 1/255, no mean and deviation",
        "the entry `names` is no list of labels; classes are numbered",
    )


def test_as_many_labels_as_outputs():
    with pytest.raises(LabelError, match="there are 2 labels, but the model has 3 outputs"):
        predict(opened(tiny_onnx.colours()), [], labels=["a", "b"])


@pytest.mark.parametrize(
    "text",
    [
        *("red\ngreen\nblue\n", "red\r\ngreen\r\nblue\r\n\r\n", "\ufeffred\ngreen\nblue", '["red", "green", "blue"]'),
        *('{"0": "red", "1": "green", "2": "blue"}', '{"2": ["n3", "blue"], "0": ["n1", "red"], "1": ["n2", "green"]}'),
    ],
)
def test_lists_of_labels(tmp_path, text):
    (tmp_path / "labels").write_text(text, encoding="utf-8", newline="")
    assert read_labels(tmp_path / "labels") == NAMES


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"red\n\nblue\n", "line 2 of .* is empty"),
        (b"\xff\xfe\0", "is not UTF-8 text"),
        (b'["red", 3]', "is no list of labels"),
        (b'["red"', "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b'{"1": "red"}', "does not number its labels from 0 to 0"),
    ],
)
def test_lists_that_are_none(tmp_path, content, message):
    (tmp_path / "labels").write_bytes(content)
    with pytest.raises(LabelError, match=message):
        read_labels(tmp_path / "labels")
    with pytest.raises(LabelError, match="cannot be read: no such file"):
        read_labels(tmp_path / "missing")
