"""Sweeps: every line of the table is a single run's, the test part is not read, a kill costs nothing."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.test_train import train
from tests.test_train_folds import best, killed_until_done, room, table

pytest.importorskip("torch")
pytestmark = pytest.mark.torch
__all__ = ["room"]  # a fixture


def result(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "result.json").read_text()))


def test_a_line_is_the_single_run(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To the bit: recipe, rate, batch, network and seed; words behind `--sweep` are axes, too."""
    sweep = ["--sweep", "optimizer=sgd 0.05 momentum=0.9|adam 0.01 betas=0.9,0.99", "batch=8,32", "width=2,4"]
    assert train(room, "-o", str(room / "sweep"), "--epochs", "2", *sweep) == 0
    out, err = capsys.readouterr()
    assert "8 runs, compared by the same samples held out; all with the seed 0" in err
    rows = table(room / "sweep" / "sweep.csv")
    assert len(rows) == 8
    for row in (rows[0], rows[3], rows[7]):
        single = ["--batch", row["batch"], "--set", f"width={row['width']}"]
        name = f"single-{rows.index(row)}"
        line = f"train.optimizer={row['optimizer']}"
        assert train(room, "-o", str(room / name), "--epochs", "2", *single, "--set", line) == 0
        held, folder = result(room / name)["held_out"], room / "sweep" / row["folders"]
        assert (float(row["held_accuracy"]), float(row["held_loss"])) == (held["accuracy"], held["loss"])
        assert int(row["best_epoch"]) == result(room / name)["best_epoch"]
        assert best(folder) == best(room / name)
        for each in ("metrics.csv", "model.onnx"):
            assert (folder / each).read_bytes() == (room / name / each).read_bytes()
        assert int(row["params"]) == sum(
            np.frombuffer(each, np.float32).size
            for name, each in best(folder).items()
            if "running" not in name and "num_batches" not in name
        )
    scores = [(-float(row["held_accuracy"]), float(row["held_loss"])) for row in rows]
    assert scores == sorted(scores)
    shown = out.partition("best epoch  held-out acc.")[2].splitlines()[1:9]
    assert [re.split(r"\s{2,}", line.strip())[-4] for line in shown] == [
        f"{float(row['held_accuracy']):.2%}" for row in rows
    ]


def test_the_test_part_is_not_read(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it is asked for; then by the best alone, which is then what its single run is."""
    from cnnspec.training.prepared import Prepared

    test = Prepared.test

    def forbidden(_: Prepared) -> None:
        raise AssertionError("the test part was read")

    monkeypatch.setattr(Prepared, "test", forbidden)
    assert train(room, "-o", str(room / "sweep"), "--epochs", "2", "--sweep", "lr=0.1,0.001") == 0
    out, err = capsys.readouterr()
    assert "the test part, 30 samples, is not read" in err
    assert "--resume" in out
    assert [result(each)["test"] for each in sorted((room / "sweep").glob("*lr=*"))] == [None, None]
    monkeypatch.setattr(Prepared, "test", test)
    assert train(room, "--resume", str(room / "sweep"), "--test") == 0
    first, last = table(room / "sweep" / "sweep.csv")
    assert train(room, "-o", str(room / "run"), "--epochs", "2", "--lr", first["lr"]) == 0
    assert result(room / "sweep" / first["folders"]) == result(room / "run")
    assert result(room / "sweep" / last["folders"])["test"] is None
    accuracy = result(room / "run")["test"]["accuracy"]
    assert f"lr={first['lr']} on the test part: {accuracy:.2%} right" in capsys.readouterr().out


def test_seeds_are_the_runs_of_these_seeds(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(room, "-o", str(room / "sweep"), "--epochs", "2", "--sweep", "batch=16,64", "--seeds", "3") == 0
    out, _ = capsys.readouterr()
    rows = table(room / "sweep" / "sweep.csv")
    assert [row["seeds"] for row in rows] == ["0 1 2", "0 1 2"]
    for row in rows:
        found = [result(room / "sweep" / each)["held_out"] for each in row["folders"].split()]
        for name in ("accuracy", "loss"):
            numbers = np.array([each[name] for each in found])
            assert float(row[f"held_{name}"]) == pytest.approx(numbers.mean(), abs=1e-12)
            assert float(row[f"held_{name}_std"]) == pytest.approx(numbers.std(ddof=1), abs=1e-12)
        assert f"± {float(row['held_accuracy_std']):.2%}" in out
    last = rows[0]["folders"].split()[-1]
    assert train(room, "-o", str(room / "run"), "--epochs", "2", "--batch", rows[0]["batch"], "--seed", "2") == 0
    assert best(room / "run") == best(room / "sweep" / last)
    assert train(room, "--resume", str(room / "sweep" / last)) == 0  # it is a run as any


def test_a_killed_sweep_is_gone_on_with(room: Path) -> None:
    sweep = ["--epochs", "2", "--sweep", "batch=16,32", "--sweep", "lr=0.1,0.01"]
    assert train(room, "-o", str(room / "whole"), *sweep) == 0
    assert killed_until_done(room, sweep, 2) == 2
    whole, cut = ([{**row, "seconds": ""} for row in table(room / each / "sweep.csv")] for each in ("whole", "cut"))
    assert whole == cut
    for row in whole:
        for name in ("best.safetensors", "metrics.csv", "model.onnx"):
            ours, theirs = (room / each / row["folders"] / name for each in ("whole", "cut"))
            assert ours.read_bytes() == theirs.read_bytes()


def test_a_rate_that_is_too_large_has_no_result_and_the_others_have(
    room: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(room, "-o", str(room / "sweep"), "--epochs", "1", "--sweep", "lr=1e30,0.1") == 0
    out, _ = capsys.readouterr()
    assert "1 of 2  lr=1e30: no result, the loss is " in out
    rows = table(room / "sweep" / "sweep.csv")
    assert [row["lr"] for row in rows] == ["0.1", "1e30"]
    assert "the loss is" in rows[1]["failed"]
    assert train(room, "-o", str(room / "none"), "--epochs", "1", "--sweep", "lr=1e30,1e31") == 2
    assert "no run came to an end" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "messages"),
    [
        (["--sweep", "bacth=1,2"], ["`Small` has no parameter `bacth`", "did you mean `batch`?"]),
        (["--sweep", "batch=1,0"], ["`batch`: 0 is no whole number from 1"]),
        (["--sweep", "lr=0.1,nan"], ["`lr`: nan is no learning rate"]),
        (["--sweep", "batch=16,,1"], ["`batch=16,,1` is no axis"]),
        (["--sweep", "batch"], ["`batch` is no axis"]),
        (["--sweep", "batch=16,16"], ["`batch`: 16 stands there twice"]),
        (["--sweep", "batch=1,2", "--sweep", "train.batch=3,4"], ["`batch` is swept twice"]),
        (["--sweep", "batch=1,2", "--batch", "3"], ["`batch` is swept, and `--batch` says it, too"]),
        (["--sweep", "epochs=1,2", "--set", "train.steps=9"], ["`epochs` is swept, and `--set train.steps`"]),
        (["--sweep", "width=1,2", "--set", "width=3"], ["`width` is swept, and `--set width`"]),
        (["--sweep", "seed=1,2", "--seed", "3"], ["`seed` is swept, and `--seed`"]),
        (["--sweep", "holdout=0.1,0.2"], ["`holdout` is no axis"]),
        (["--sweep", "batch=8,16", "--holdout", "0"], ["a sweep compares by samples that are held out"]),
        (
            ["--sweep", "schedule=cosine per=step|one_cycle|fixed", "--sweep", "warmup=1 epochs|2 epochs"],
            ["2 of 6 runs cannot be", 'schedule=one_cycle warmup="1 epochs": ', "has a warm-up of its own"],
        ),
        (["--sweep", "optimizer=sdg,adam"], ["2 of 2 runs", "(did you mean `sgd`?)", "`adam` needs its learning rate"]),
        (["--sweep", "width=0,4"], ["width=0: "]),
        (
            ["--sweep", "batch=1,2,3,4,5,6,7,8,9,10,11", "lr=1,2,3,4,5,6,7,8,9,10"],
            ["11 of `batch` x 10 of `lr` are 110 runs", "--limit runs=110"],
        ),
        (["--sweep", "batch=2,3", "--limit", "runs=1"], ["2 of `batch` are 2 runs"]),
        (["--sweep", "batch=2,3", "--limit", "runs=x"], ["the bound `runs` is a whole number"]),
        (["--test"], ["`--test` goes with `--sweep`"]),
        (["batch=2,3"], ["one network is trained, and here are 2 files"]),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_trained(
    room: Path, capsys: pytest.CaptureFixture[str], more: list[str], messages: list[str]
) -> None:
    assert train(room, "-o", str(room / "new"), *more) == 2
    err = capsys.readouterr().err
    assert [each for each in messages if each not in err] == []
    assert not (room / "new").exists()


def test_other_axes_are_another_sweep(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(room, "-o", str(room / "sweep"), "--epochs", "1", "--sweep", "batch=16,32") == 0
    assert train(room, "--resume", str(room / "sweep"), "--sweep", "batch=16,64") == 2
    assert "these are not the runs that" in capsys.readouterr().err
    (room / "net.cnn").write_text((room / "net.cnn").read_text().replace("dropout 0.3", "dropout 0.2"))
    assert train(room, "--resume", str(room / "sweep")) == 2
    assert "the network's text is not what" in capsys.readouterr().err


@pytest.mark.parametrize(("seeds", "axes"), [(1, ["batch=16,64"]), (2, ["optimizer=sgd 0.1|adam 0.01", "width=2,4"])])
def test_a_sweep_is_drawn(room: Path, seeds: int, axes: list[str]) -> None:
    pytest.importorskip("matplotlib")
    from PIL import Image

    more = ["--seeds", str(seeds)] if seeds > 1 else []
    assert train(room, "-o", str(room / "sweep"), "--epochs", "2", "--sweep", *axes, *more) == 0
    with Image.open(room / "sweep" / "sweep.png") as picture:
        colours = {tuple(each) for each in np.asarray(picture.convert("RGB")).reshape(-1, 3)}
    assert {(0, 0x72, 0xB2), (0xD5, 0x5E, 0)} <= colours  # a line each


def test_without_matplotlib_there_is_a_note(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for each in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, each)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert train(room, "-o", str(room / "sweep"), "--epochs", "1", "--sweep", "batch=16,64") == 0
    assert capsys.readouterr().err.count("matplotlib is not installed") >= 1
    assert not (room / "sweep" / "sweep.png").exists()
    assert (room / "sweep" / "sweep.csv").exists()


def test_a_text_that_is_wrong_is_shown_as_ever(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (room / "net.cnn").write_text((room / "net.cnn").read_text().replace("-> relu", "-> rellu"))
    assert train(room, "-o", str(room / "new"), "--sweep", "batch=16,32") == 1
    err = capsys.readouterr().err
    assert "`rellu`" in err
    assert "net.cnn:4:" in err


def test_by_loss_where_that_is_what_stop_looks_at(room: Path) -> None:
    stop = ["--set", "train.stop=patience=2"]
    assert train(room, "-o", str(room / "sweep"), "--epochs", "2", "--sweep", "lr=0.001,0.1,0.3", *stop) == 0
    losses = [float(row["held_loss"]) for row in table(room / "sweep" / "sweep.csv")]
    assert losses == sorted(losses)
    assert json.loads((room / "sweep" / "sweep.json").read_text())["sorted_by"] == "held-out loss"


def test_several_processes_are_refused(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert train(room, "-o", str(room / "new"), "--sweep", "batch=16,32") == 2
    assert "WORLD_SIZE is 2, and RANK is not set" in capsys.readouterr().err
    for name, value in {"RANK": "0", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500"}.items():
        monkeypatch.setenv(name, value)
    assert train(room, "-o", str(room / "new"), "--sweep", "batch=16,32") == 2
    assert "folds and sweeps are trained by one process" in capsys.readouterr().err
    assert not (room / "new").exists()
