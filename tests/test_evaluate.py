"""`cnnspec eval`: the same numbers as those of the run, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnspec.cli.app import run as command
from cnnspec.lower.weights import read_weights
from tests.test_train_data import idx

pytest.importorskip("onnxruntime")

NET = """cnn 1
model Light(classes=2) {
  input 1x4x4
  image { rescale 1/255 }
  labels "names.txt"
  gap -> flatten -> linear classes
}
"""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A network whose weights are known: a picture brighter than a half is `light`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "names.txt").write_text("light\ndark\n")
    (tmp_path / "net.cnn").write_text(NET)
    np.savez(
        tmp_path / "w.npz",
        **{"linear1.weight": np.array([[8.0], [-8.0]], np.float32), "linear1.bias": np.array([-4, 4], np.float32)},
    )
    for name, value in (("dark/1", 10), ("dark/2", 100), ("dark/3", 140), ("light/1", 250)):
        path = tmp_path / "set" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4), value, np.uint8)).save(path)
    return tmp_path


def test_classes_are_matched_by_name(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Folders stand in the order of the alphabet, the network's labels do not."""
    assert command(["eval", "net.cnn", "--weights", "w.npz", "--data", "set", "--json", "-o", "judged"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["samples"], found["accuracy"], found["part"]) == (4, 0.75, "all")
    assert found["confusion"] == [[1, 0], [1, 2]]
    assert [each["name"] for each in found["classes"]] == ["light", "dark"]
    bright = np.array([10, 100, 140, 250]) / 255
    logits = np.stack([8 * bright - 4, 4 - 8 * bright], 1)
    right = logits[np.arange(4), [1, 1, 1, 0]]
    assert found["loss"] == pytest.approx(float((np.log(np.exp(logits).sum(1)) - right).mean()), rel=1e-5)
    assert (room / "judged" / "confusion.csv").read_text() == ",light,dark\nlight,1,0\ndark,1,2\n"


def test_tables_and_plots_are_written(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["eval", "net.cnn", "--weights", "w.npz", "--data", "set"]
    assert command([*arguments, "--json", "--top", "1", "-o", "judged"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["top"] == {"k": 1, "accuracy": found["accuracy"]}
    assert [each["ap"] for each in found["classes"]] == [1.0, 1.0]
    assert found["mean_ap"] == 1.0
    tables = {"classes.csv", "confusion.csv", "pr.csv"}
    assert {each.name for each in (room / "judged").iterdir()} - {"confusion.png", "pr.png"} == tables
    rows = (room / "judged" / "pr.csv").read_text().splitlines()
    assert rows[0] == "class,threshold,precision,recall"
    assert [row.split(",")[0] for row in rows[1:]] == ["light", *["dark"] * 3]
    assert command([*arguments, "-o", "judged"]) == 2
    assert "judged holds a `classes.csv` that is no run's" in capsys.readouterr().err
    assert command([*arguments, "--top", "2"]) == 2
    assert "of 2 classes every one is among the first 2" in capsys.readouterr().err


def test_a_part_is_chosen(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x = np.stack([np.full((4, 4), value, np.uint8) for value in (250, 10, 250)])
    np.savez("parts.npz", x_train=x[:2], y_train=np.array([0, 1]), x_test=x[2:], y_test=np.array([0]))
    for more, part, samples in (([], "test", 1), (["--part", "train"], "train", 2)):
        assert command(["eval", "net.cnn", "--weights", "w.npz", "--data", "parts.npz", "--json", *more]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["part"], found["samples"], found["accuracy"]) == (part, samples, 1.0)


def test_as_text(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["eval", "net.cnn", "--weights", "w.npz", "--data", "set"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("set (all, 4 samples): 75.00% right, loss ")
    assert "  dark     100.00%   66.67%   80.00%  100.00%        3\n" in out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--data", "ghost"], "ghost does not exist"),
        (["--data", "set", "--part", "test"], "set has no test part"),
        (["--data", "other"], "the class `grey`, which is not among the network's labels"),
        (["--data", "many"], "many has 5 classes, and the network 2 outputs"),
    ],
)
def test_what_is_refused(room: Path, capsys: pytest.CaptureFixture[str], more: list[str], message: str) -> None:
    (room / "other" / "grey").mkdir(parents=True)
    (room / "other" / "dark").mkdir()
    for name in ("grey", "dark"):
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(room / "other" / name / "1.png")
    (room / "many").mkdir()
    (room / "many" / "train-images-idx3-ubyte").write_bytes(idx(np.zeros((5, 4, 4), np.uint8)))
    (room / "many" / "train-labels-idx1-ubyte").write_bytes(idx(np.arange(5, dtype=np.uint8)))
    assert command(["eval", "net.cnn", "--weights", "w.npz", *more]) == 2
    assert message in capsys.readouterr().err


def test_weights_are_asked_for(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["eval", "net.cnn", "--data", "set"]) == 2
    assert "`--weights FILE` takes trained ones" in capsys.readouterr().err
    assert read_weights("w.npz").keys() == {"linear1.weight", "linear1.bias"}
