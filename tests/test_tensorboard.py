"""What is written for TensorBoard, before its own reader; and that no run depends on it."""

import sys
from pathlib import Path
from typing import Any

import pytest

from cnnspec.cli.app import run as command
from tests import test_live

pytest.importorskip("torch")

from cnnspec.training.loop import Epoch
from cnnspec.training.tensorboard import FOLDER, Board

pytestmark = pytest.mark.torch
room = test_live.room
EPOCHS = [Epoch(n, 10 * n, 0.1, 1 / n, 1 - 1 / n, 2 / n, 0.5, True) for n in range(1, 6)]


def points(run: Path) -> dict[str, list[tuple[int, float]]]:
    reader: Any = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    found = reader.EventAccumulator(str(run / FOLDER))
    found.Reload()
    return {tag: [(each.step, each.value) for each in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def wrote(run: Path, history: list[Epoch], more: list[Epoch]) -> None:
    board = Board(run, history)
    assert board.trouble is None
    for each in more:
        board.add(each, 100.0)
    board.close()


def test_every_epoch_is_there_once(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    wrote(tmp_path, [], EPOCHS[:4])
    # The fourth one was written, and the checkpoint that knows of it was not.
    again = EPOCHS[3]._replace(loss=7.0)
    wrote(tmp_path, EPOCHS[:3], [again, EPOCHS[4]])
    found = points(tmp_path)
    assert [step for step, _ in found["loss/trained on"]] == [1, 2, 3, 4, 5]
    expected = [each.loss for each in (*EPOCHS[:3], again, EPOCHS[4])]
    assert [value for _, value in found["loss/trained on"]] == pytest.approx(expected)
    assert set(found) == {
        "loss/trained on", "loss/held out", "accuracy/trained on", "accuracy/held out", "lr", "samples a second",
    }  # fmt: skip


def test_epochs_before_are_made_up_for(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    history = [each._replace(held_loss=None, held_accuracy=None) for each in EPOCHS[:3]]
    wrote(tmp_path, history, EPOCHS[3:])
    found = points(tmp_path)
    assert [step for step, _ in found["lr"]] == [1, 2, 3, 4, 5]
    assert [step for step, _ in found["loss/held out"]] == [4, 5]


def train(room: Path, *more: str) -> int:
    return command(["train", str(room / "net.cnn"), "--threads", "1", *more])


def test_a_run_and_the_one_that_goes_on(room: Path) -> None:
    pytest.importorskip("tensorboard")
    run = room / "run"
    assert train(room, "--data", str(room / "data"), "-o", str(run), "--tensorboard") == 0
    assert train(room, "--resume", str(run)) == 0  # nothing is left to train, and nothing is written twice
    assert [step for step, _ in points(run)["loss/trained on"]] == [1, 2, 3]


def test_without_tensorboard_a_note_says_so(
    room: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [each for each in sys.modules if each.startswith(("tensorboard", "torch.utils.tensorboard"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    run = room / "run"
    assert train(room, "--data", str(room / "data"), "-o", str(run), "--tensorboard") == 0
    err = capsys.readouterr().err
    assert err.count("nothing is written for TensorBoard: ") == 1
    assert "pip install tensorboard" in err
    assert not (run / FOLDER).exists()
    assert (run / "result.json").exists()


def test_a_folder_that_cannot_be_written_stops_no_run(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    (tmp_path / FOLDER).write_text("a file")
    board = Board(tmp_path, EPOCHS)
    assert board.trouble is not None
    assert board.trouble.startswith("no more is written for TensorBoard: ")
    board.add(EPOCHS[0])
    board.close()
