"""Whole runs: one that is stopped and goes on is the one that was not; what a user sees, from text to ONNX."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnspec.cli.app import run as command
from cnnspec.lower.weights import read_weights
from cnnspec.training import checkpoint, run_folder
from cnnspec.training.data.open import open_data
from cnnspec.training.loop import Loop
from tests import ROOT
from tests.test_train_data import idx, write_set

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

NET = """cnn 1
model Small {
  input 1x8x8
  conv 3x3 8 pad=1 bias=no -> bn -> relu
  aux weight=0.3 aux1: { gap -> flatten -> linear 3 }
  maxpool 2x2 -> flatten -> dropout 0.3 -> linear 3
  train {
    optimizer sgd 0.05 momentum=0.9
    schedule cosine per=step
    ema 0.9
    batch 16 accumulate=2
    epochs 6
    augment { crop 8 pad=1 -> flip vertical -> mixup 0.2 }
  }
}
"""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A net, and pictures of three classes that can be told apart: where the light is."""
    chance = np.random.default_rng(0)
    targets = chance.integers(0, 3, 150).astype(np.uint8)
    pictures = chance.integers(0, 90, (150, 8, 8), np.uint8)
    for each, target in zip(pictures, targets, strict=True):
        each[:, target * 3 : target * 3 + 2] += 120
    write_set(tmp_path / "data", pictures, targets, 120)
    (tmp_path / "net.cnn").write_text(NET)
    return tmp_path


def train(room: Path, *more: str) -> int:
    data = [] if "--resume" in more else ["--data", str(room / "data")]
    return command(["train", str(room / "net.cnn"), *data, "--threads", "1", *more])


def files(run: Path) -> dict[str, Any]:
    """What a run leaves, but for when and where."""
    return {
        "best": {name: each.tobytes() for name, each in read_weights(run / "best.safetensors").items()},
        "metrics": (run / "metrics.csv").read_text(),
        "confusion": (run / "confusion.csv").read_text(),
        "model": (run / "model.onnx").read_bytes(),
    }


def test_a_run_and_what_it_leaves(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime")
    assert train(room, "-o", str(room / "run")) == 0
    out, err = capsys.readouterr()
    assert "108 samples to train on, 12 held out, 30 to test" in err
    assert "ONNX Runtime and torch: all of 30 samples alike" in out
    said = json.loads((room / "run" / "run.json").read_text())
    assert said["recipe"]["optimizer"] == {
        "value": {"word": "sgd", "lr": 0.05, "momentum": 0.9, "nesterov": False},
        "from": "the file",
    }
    assert said["recipe"]["loss"]["from"] == "default"
    rows = (room / "run" / "metrics.csv").read_text().splitlines()
    assert len(rows) == 7
    plots = {"curves.png", "confusion.png", "pr.png"}
    left = {each.name for each in (room / "run").iterdir()}
    if find_spec("matplotlib"):
        assert plots < left
    else:
        assert "no plots, as matplotlib is not installed" in out
    assert {"classes.csv", "confusion.csv", "pr.csv"} < left
    assert json.loads((room / "run" / "result.json").read_text())["test"]["mean_ap"] > 0.9
    accuracy = float(next(line for line in out.splitlines() if line.startswith("test: ")).split()[1].rstrip("%"))
    assert accuracy > 90


def test_the_same_run_is_the_same_to_the_bit(room: Path) -> None:
    for name in ("one", "two"):
        assert train(room, "-o", str(room / name)) == 0
    assert files(room / "one") == files(room / "two")
    assert train(room, "-o", str(room / "three"), "--seed", "1") == 0
    assert files(room / "three")["best"] != files(room / "one")["best"]


KILLED = """
import sys
import time
from cnnspec.api import train
from cnnspec.cli.app import run
train.SAVED_EVERY = 0.0  # a checkpoint after each update
save = train.Run._save
train.Run._save = lambda run: time.sleep(0.02) or save(run)  # slow enough to be met at work
sys.exit(run(sys.argv[1:]))
"""


KILLS = int(os.environ.get("CNNSPEC_KILLS", "6"))
"""How often a run is killed, all together; a long campaign has more."""


def test_killed_at_any_moment_and_gone_on_with(room: Path) -> None:
    """SIGKILL, again and again, until it comes to its end: the same to the bit as without. Each second kill comes at
    any moment of the process, before its first step too; others soon after a checkpoint, as the next is written."""
    assert train(room, "-o", str(room / "whole")) == 0
    whole, chance, kills = files(room / "whole"), random.Random(5), 0
    while kills < KILLS:
        cut = room / f"cut{kills}"
        kills += _killed_to_the_end(cut, chance, min(8, KILLS - kills))
        assert {name for name in whole if whole[name] != files(cut)[name]} == set()


def _killed_to_the_end(run: Path, chance: random.Random, most: int) -> int:
    """How often it was killed on the way, at most so often."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    kills, took = 0, 5.0
    for _ in range(4 * most + 4):
        where = ["--resume", run.name] if (run / "run.json").exists() else ["--data", "data", "-o", run.name]
        arguments = [sys.executable, "-c", KILLED, "train", "net.cnn", "--threads", "1", *where]
        with subprocess.Popen(
            arguments, cwd=run.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            begin, known = time.monotonic(), _stamp(run)
            moment = begin + chance.random() * took if kills % 2 else None
            while process.poll() is None and kills < most:
                if moment is None and _stamp(run) != known:
                    moment = time.monotonic() + chance.random() * 0.1
                    took = moment - begin + 0.5
                if moment is not None and time.monotonic() >= moment:
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                    break
                time.sleep(0.002)
            said, _ = process.communicate(timeout=120)
        if process.returncode == 0:
            return kills
        assert process.returncode == -signal.SIGKILL, said
    raise AssertionError(f"it came to no end in {4 * most + 4} tries")


def _stamp(run: Path) -> int:
    try:
        return (run / "last.safetensors").stat().st_mtime_ns
    except OSError:
        return 0


def test_what_torch_was_set_to_is_put_back(room: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(before + 1)
    try:
        assert train(room, "-o", str(room / "run")) == 0
        assert torch.get_num_threads() == before + 1
        assert not torch.are_deterministic_algorithms_enabled()
    finally:
        torch.set_num_threads(before)


@pytest.mark.skipif(find_spec("fcntl") is None, reason="this system has no locks of whole files")
def test_a_folder_is_one_process_alone(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(room, "-o", str(room / "run")) == 0
    with run_folder.alone(room / "run"):
        assert command(["train", str(room / "net.cnn"), "--resume", str(room / "run")]) == 2
    assert f"another process trains in {room / 'run'}" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_saves(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And another folder to go on from changes nothing."""
    assert train(room, "-o", str(room / "whole")) == 0
    arguments = [sys.executable, "-c", KILLED.replace("0.02", "0.1"), "train", "net.cnn", "--threads", "1"]
    with subprocess.Popen(
        [*arguments, "--data", "data", "-o", "cut"],
        **{"cwd": room, "env": {**os.environ, "PYTHONPATH": str(ROOT)}, "stderr": subprocess.PIPE, "text": True},
    ) as process:
        end = time.monotonic() + 60
        while not (room / "cut" / "run.json").exists() and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130, said
    assert "`--resume cut` goes on after " in said
    monkeypatch.chdir(room / "data")
    assert train(room, "--resume", "../cut") == 0
    assert files(room / "whole") == files(room / "cut")


def test_run_says_of_a_picture_what_was_judged(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The preparation that was made for the set goes with the model."""
    pytest.importorskip("onnxruntime")
    assert train(room, "-o", str(room / "run"), "--epochs", "1") == 0
    test = open_data(room / "data").test
    assert test is not None
    (room / "pictures").mkdir()
    for place, pixels in enumerate(test.pictures):
        Image.fromarray(np.asarray(pixels)[..., 0]).save(room / "pictures" / f"{place:02}.png")
    capsys.readouterr()
    assert command(["run", str(room / "run" / "model.onnx"), str(room / "pictures"), "--top", "1", "--json"]) == 0
    said = [each["top"][0]["index"] for each in json.loads(capsys.readouterr().out)]
    rows = [row.split(",")[1:] for row in (room / "run" / "confusion.csv").read_text().splitlines()[1:]]
    found = np.zeros((3, 3), int)
    np.add.at(found, (test.targets, said), 1)
    assert found.tolist() == [list(map(int, row)) for row in rows]


def test_a_damaged_checkpoint_gives_way_to_the_one_before(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(room, "-o", str(room / "run")) == 0
    before = files(room / "run")
    (room / "run" / "last.safetensors").write_bytes(b"cut")
    assert train(room, "--resume", str(room / "run")) == 0
    assert "last.safetensors is damaged" in capsys.readouterr().err
    assert files(room / "run") == before


def test_a_damaged_checkpoint_takes_no_sound_ones_place(room: Path) -> None:
    """Should the next one come to nothing (a full disk, a kill), the one that was gone on from is still there."""
    assert train(room, "-o", str(room / "run")) == 0
    whole, _ = checkpoint.read(room / "run")
    last, before = room / "run" / checkpoint.LAST, room / "run" / checkpoint.BEFORE
    kept = before.read_bytes()
    last.write_bytes(last.read_bytes()[:-100])
    found, trouble = checkpoint.read(room / "run")
    assert trouble
    checkpoint.write(room / "run", found)
    assert before.read_bytes() == kept
    checkpoint.write(room / "run", whole)
    assert checkpoint.read(room / "run")[0].plain["step"] == whole.plain["step"] > found.plain["step"]


def test_the_model_takes_pictures_of_any_size(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Brought to the size of those that it was trained on; the folder of the run stands for its model."""
    assert train(room, "-o", str(room / "run")) == 0
    test = open_data(str(room / "data")).test
    assert test is not None
    picture = Image.fromarray(np.asarray(test.pictures[0])[..., 0])
    picture.save(room / "small.png")
    picture.resize((80, 80), Image.Resampling.NEAREST).save(room / "large.png")
    capsys.readouterr()
    assert command(["run", str(room / "run"), str(room / "small.png"), str(room / "large.png"), "--json"]) == 0
    small, large = (each["top"][0] for each in json.loads(capsys.readouterr().out))
    assert small["index"] == large["index"] == test.targets[0]


def test_weights_that_are_no_numbers_are_no_success(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loss may be one all the same: what went to infinity is divided by in a normalization."""
    kept = Loop.kept
    monkeypatch.setattr(Loop, "kept", lambda self: {**kept(self), "bn.running_var": np.array([1.0, np.inf])})
    assert train(room, "-o", str(room / "run")) == 2
    assert not (room / "run" / "best.safetensors").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ["--resume", "run", "--lr", "0.5"],
            "`optimizer` is sgd lr=0.5 momentum=0.9 nesterov=no, and the run was begun with sgd lr=0.05",
        ),
        (["--resume", "run", "--seed", "3"], "`seed` is 3, and the run was begun with 0"),
        (["-o", "run"], "run holds a run already"),
        (["--resume", "ghost"], "ghost holds no run that could go on"),
        (["-o", "new", "--set", "train.optimizer=sdg 0.1"], "`optimizer sdg 0.1`: "),
        (
            ["-o", "new", "--set", "train.warmup=3 epochs", "--set", "train.schedule=one_cycle"],
            "has a warm-up of its own",
        ),
        (
            ["-o", "new", "--holdout", "0", "--set", "train.stop=patience=2"],
            "`stop`: it looks at samples that are held out",
        ),
        (["-o", "new", "--set", "train.loss=binary_cross_entropy positive=1,2"], "2 factors of positives"),
        (["-o", "new", "--device", "meta"], "the device `meta` is not to be had here"),
        (["-o", "data"], "data holds a `model.onnx` that is no run's"),
        (["--resume", "run", "--weights", "ghost.npz"], "a run that goes on has its own weights"),
        (["-o", "new", "--device", "tpu"], "the device `tpu` is not to be had here"),
        (["-o", "new", "--lr", "1e38"], "the loss is "),
    ],
)
def test_what_is_refused(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, more: list[str], message: str
) -> None:
    monkeypatch.chdir(room)
    assert train(room, "-o", "run", "--epochs", "1") == 0
    (room / "data" / "model.onnx").write_text("precious")
    capsys.readouterr()
    assert train(room, *more) == 2
    assert message in capsys.readouterr().err


def test_data_that_does_not_fit_is_told_before_anything_is_made(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (room / "net.cnn").write_text(NET.replace("linear 3", "linear 5"))
    assert train(room, "-o", str(room / "run")) == 2
    assert "data has 3 classes, and the network 5 outputs" in capsys.readouterr().err
    assert not (room / "run").exists()


def test_a_net_of_one_output_says_yes_or_no(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = np.zeros((60, 8, 8), np.uint8)
    pictures[30:] = 200
    pictures[:, :4] += np.random.default_rng(0).integers(0, 50, (60, 4, 8), np.uint8)
    (room / "data").rename(room / "three")
    (room / "data").mkdir()
    (room / "data" / "train-images-idx3-ubyte").write_bytes(idx(pictures))
    (room / "data" / "train-labels-idx1-ubyte").write_bytes(idx(np.repeat([0, 1], 30).astype(np.uint8)))
    text = "model Yes { input 1x8x8\n flatten -> linear 1\n train { loss {loss}\n optimizer sgd 0.05 } }\n"
    for loss in ("binary_cross_entropy", "mse"):
        (room / "net.cnn").write_text(text.replace("{loss}", loss))
        assert train(room, "-o", str(room / loss)) == 0
        out = capsys.readouterr().out
        assert ": 100.00% of those held out" in out
        assert "all of 6 samples alike" in out
        assert json.loads((room / loss / "result.json").read_text())["held_out"]["accuracy"] == 1.0


def test_a_net_that_ends_in_softmax_is_not_given_a_second_one(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (room / "net.cnn").write_text(NET.replace("dropout 0.3 -> linear 3", "linear 3 -> softmax"))
    assert train(room, "-o", str(room / "run")) == 2
    assert "the network ends in `softmax`, and `cross_entropy` wants what stands before it" in capsys.readouterr().err


def test_accumulated_parts_are_the_whole_batch(room: Path) -> None:
    """Also where classes weigh differently; without batch normalization, which takes its means of a part."""
    text = NET.replace("-> bn ", "").replace("-> dropout 0.3 ", "").replace("    batch 16 accumulate=2\n", "")
    text = text.replace(" -> mixup 0.2", "").replace("train {\n", "train {\n    loss cross_entropy weights=1,2,9\n")
    found = []
    for parts in (1, 4):
        (room / "net.cnn").write_text(text.replace("epochs 4", f"epochs 4\n    batch 16 accumulate={parts}"))
        assert train(room, "-o", str(room / str(parts)), "--set", f"train.batch=16 accumulate={parts}") == 0
        found.append(read_weights(room / str(parts) / "best.safetensors"))
    for name, one in found[0].items():
        np.testing.assert_allclose(one, found[1][name], rtol=2e-3, atol=2e-4)


def test_weights_to_begin_with(room: Path) -> None:
    """Such as another run's best: without a step worth the name they are what comes out."""
    assert train(room, "-o", str(room / "run")) == 0
    best = room / "run" / "best.safetensors"
    still = ["--lr", "1e-12", "--epochs", "1", "--batch", "54", "--set", "train.ema=0"]
    assert train(room, "-o", str(room / "more"), "--weights", str(best), *still) == 0
    before, after = read_weights(best), read_weights(room / "more" / "best.safetensors")
    for name in (each for each in before if "running" not in each and "num_batches" not in each):
        np.testing.assert_allclose(before[name], after[name], rtol=1e-6, atol=1e-9)
    said = json.loads((room / "more" / "run.json").read_text())
    assert said["recipe"]["batch"] == {"value": {"word": "batch", "size": 54, "accumulate": 2}, "from": "--batch"}


def test_it_stops_early_and_takes_the_best(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["train.stop=patience=2 min_delta=0.5", "train.augment={ flip p=0.1 }", "train.ema=0"]
    sets = [each for line in lines for each in ("--set", line)]
    assert train(room, "-o", str(room / "run"), "--epochs", "50", *sets) == 0
    out, err = capsys.readouterr()
    assert "stopped: no gain for 2 epochs" in err
    rows = [row.split(",") for row in (room / "run" / "metrics.csv").read_text().splitlines()]
    assert 3 < len(rows) < 51
    held = [float(row[rows[0].index("held_loss")]) for row in rows[1:]]
    assert f"best epoch {held.index(min(held)) + 1}: " in out
