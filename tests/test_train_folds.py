"""Folds: who is tested when, what an epoch is chosen by, what a kill costs; a judge is scikit-learn."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnspec.lower.weights import read_weights
from tests import ROOT
from tests.test_train import train
from tests.test_train_data import write_set

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

NET = """cnn 1
model Small(width=4) {
  input 1x8x8
  conv 3x3 width pad=1 bias=no -> bn -> relu
  maxpool 2x2 -> flatten -> dropout 0.3 -> linear 3
  train {
    optimizer sgd 0.05 momentum=0.9
    schedule cosine per=step
    batch 16
    epochs 3
    augment { crop 8 pad=1 }
  }
}
"""
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


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A net, and pictures of three classes where a part is noise: no fold is like another."""
    chance = np.random.default_rng(0)
    targets = chance.integers(0, 3, 160).astype(np.uint8)
    pictures = chance.integers(0, 90, (160, 8, 8), np.uint8)
    for each, target in zip(pictures, targets, strict=True):
        each[:, target * 3 : target * 3 + 2] += chance.integers(0, 60, dtype=np.uint8)
    write_set(tmp_path / "data", pictures, targets, 130)
    (tmp_path / "net.cnn").write_text(NET)
    return tmp_path


def best(run: Path) -> dict[str, bytes]:
    return {name: each.tobytes() for name, each in read_weights(run / "best.safetensors").items()}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def killed_until_done(room: Path, begin: list[str], kills: int) -> int:
    """SIGKILL after checkpoints, again and again; how many there were before it came to its end."""
    arguments = [sys.executable, "-c", KILLED, "train", "net.cnn", "--threads", "1"]
    chance, done = random.Random(3), 0
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(60):
        where = ["--resume", "cut"] if (room / "cut" / "run.json").exists() else ["--data", "data", "-o", "cut", *begin]
        with subprocess.Popen(
            [*arguments, *where], cwd=room, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            known, end = _stamps(room / "cut"), time.monotonic() + 60
            while process.poll() is None and time.monotonic() < end:
                if done < kills and _stamps(room / "cut") != known:
                    time.sleep(chance.random() * 0.3)
                    process.send_signal(signal.SIGKILL)
                    done += 1
                    break
                time.sleep(0.005)
            said, _ = process.communicate()
        if process.returncode == 0:
            return done
        assert process.returncode == -signal.SIGKILL, said.decode()
    raise AssertionError(said.decode())


def _stamps(run: Path) -> list[int]:
    found = []
    for each in sorted(run.glob("*/last.safetensors")):
        try:
            found.append(each.stat().st_mtime_ns)
        except OSError:
            continue
    return found


@pytest.mark.parametrize("seed", range(20))
def test_sizes_are_those_of_scikit_learn(seed: int) -> None:
    selection = pytest.importorskip("sklearn.model_selection")
    from cnnspec.training.folds import stratified

    chance = np.random.default_rng(seed)
    classes, folds = int(chance.integers(2, 9)), int(chance.integers(2, 7))
    counts = chance.integers(folds, 40, classes)
    # scikit-learn counts classes in the order in which they come.
    targets = np.concatenate([np.arange(classes), chance.permutation(np.repeat(np.arange(classes), counts))])
    found = stratified(targets, folds, seed)
    theirs = [test for _, test in selection.StratifiedKFold(folds).split(targets, targets)]
    for fold, test in enumerate(theirs):
        ours = np.bincount(targets[found == fold], minlength=classes)
        assert ours.tolist() == np.bincount(targets[test], minlength=classes).tolist()
    assert np.ptp(np.bincount(found, minlength=folds)) <= 1
    assert not np.array_equal(found, stratified(targets, folds, seed + 1))


def test_each_sample_is_tested_once_by_who_never_saw_it() -> None:
    from cnnspec.training.data.dataset import Dataset, Split
    from cnnspec.training.folds import folded

    targets = np.random.default_rng(1).integers(0, 3, 100)
    pictures = np.arange(100, dtype=np.uint8).reshape(100, 1, 1, 1)
    whole = Dataset("set", Split(pictures, targets), Split(pictures[:5], targets[:5]), ("a", "b", "c"), True)
    tested = []
    for fold in folded(whole, 4, 0.1, 0):
        part = fold.of(whole)
        assert part.test is not None
        inside, outside = np.ravel(part.train.pictures), np.ravel(part.test.pictures)
        assert not set(inside) & set(outside)
        assert len(inside) + len(outside) == 100
        assert part.test.targets.tolist() == targets[outside].tolist()
        tested += outside.tolist()
    assert sorted(tested) == list(range(100))


def test_the_tested_samples_never_choose(room: Path) -> None:
    """With other classes in a fold's test part, weights and chosen epoch stay equal to the bit; only what is measured
    on it changes."""
    from cnnspec.api.experiment import Experiment, Member
    from cnnspec.api.folds import fold_members
    from cnnspec.api.recipe import Asked, with_recipe
    from cnnspec.api.train import Run, Wish
    from cnnspec.pipeline import compile_file
    from cnnspec.training.data.open import open_data

    lines = ("stop=patience=2", "schedule=plateau factor=0.1 patience=1 metric=accuracy")
    compiled, origins = with_recipe(compile_file(str(room / "net.cnn")), Asked(lines, epochs=6))
    dataset = open_data(room / "data")
    members = fold_members(compiled, origins, Wish("data", room / "whole", threads=1), dataset, 3, refit=False)

    def trained(member: Member, name: str, *, corrupt: bool) -> dict[str, Any]:
        assert member.fold is not None
        part = member.fold.of(dataset)
        assert part.test is not None
        if corrupt:
            part = part._replace(test=part.test._replace(targets=(part.test.targets + 1) % 3))
        run = Run(compiled, member.wish._replace(out=room / name), origins, part)
        assert [*run.train()]
        run.finish()
        return dict(json.loads((room / name / "result.json").read_text()))

    experiment = Experiment(room / "whole", members, dataset, {}, resume=False)
    for each in experiment.run():
        assert each
    for member in members:
        result = trained(member, f"corrupt-{member.name}", corrupt=True)
        honest = experiment.result(member)
        assert honest is not None
        whole, corrupt = room / "whole" / member.name, room / f"corrupt-{member.name}"
        assert best(whole) == best(corrupt)
        assert (whole / "metrics.csv").read_bytes() == (corrupt / "metrics.csv").read_bytes()
        assert (honest["best_epoch"], honest["held_out"]) == (result["best_epoch"], result["held_out"])
        assert honest["test"] != result["test"]


def test_what_folds_leave_and_say(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(room, "-o", str(room / "cv"), "--folds", "3", "--refit") == 0
    out, err = capsys.readouterr()
    assert "3 folds of 130 samples, stratified by class" in err
    assert "from the seed 0 + k" in err
    assert "test part, 30 samples, is read once, by the refit" in err
    rows = table(room / "cv" / "folds.csv")
    assert [(row["fold"], row["seed"]) for row in rows] == [("1", "1"), ("2", "2"), ("3", "3")]
    assert sum(int(row["tested"]) for row in rows) == 130
    for row in rows:
        folder = room / "cv" / f"fold-{row['fold']}"
        result = json.loads((folder / "result.json").read_text())
        assert float(row["accuracy"]) == result["test"]["accuracy"]
        assert float(row["held_accuracy"]) == result["held_out"]["accuracy"]
        assert int(row["trained_on"]) + int(row["held_out"]) + int(row["tested"]) == 130
        for name in ("model.onnx", "run.json", "metrics.csv"):
            assert (folder / name).exists()
    found = np.array([float(row["accuracy"]) for row in rows])
    record = json.loads((room / "cv" / "folds.json").read_text())
    assert record["accuracy"]["mean"] == pytest.approx(found.mean(), abs=1e-12)
    assert record["accuracy"]["std"] == pytest.approx(found.std(ddof=1), abs=1e-12)
    assert f"accuracy of 3 folds: {found.mean():.2%} ± {found.std(ddof=1):.2%}" in out
    assert len({json.dumps(best(room / "cv" / f"fold-{k}"), default=bytes.hex) for k in (1, 2, 3)}) == 3


def test_a_refit_is_the_run_without_folds(room: Path) -> None:
    assert train(room, "-o", str(room / "cv"), "--folds", "2", "--refit", "--epochs", "2") == 0
    assert train(room, "-o", str(room / "run"), "--epochs", "2") == 0
    for name in ("best.safetensors", "metrics.csv", "result.json", "model.onnx"):
        assert (room / "cv" / "refit" / name).read_bytes() == (room / "run" / name).read_bytes()
    assert train(room, "--resume", str(room / "cv" / "refit")) == 0  # it is a run as any


def test_killed_folds_are_gone_on_with(room: Path) -> None:
    """SIGKILL within folds and between them: the same to the byte."""
    assert train(room, "-o", str(room / "whole"), "--folds", "3") == 0
    assert killed_until_done(room, ["--folds", "3"], 3) == 3
    for name in ("folds.csv", "folds.json", *(f"fold-{k}/{each}" for k in (1, 2, 3) for each in FILES)):
        assert (room / "whole" / name).read_bytes() == (room / "cut" / name).read_bytes(), name


FILES = ("best.safetensors", "metrics.csv", "result.json", "confusion.csv", "model.onnx")


def test_finished_folds_are_not_trained_again(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(room, "-o", str(room / "cv"), "--folds", "2") == 0
    before = {each: each.stat().st_mtime_ns for each in (room / "cv").glob("fold-*/*")}
    (room / "cv" / "folds.csv").rename(room / "folds.csv")
    capsys.readouterr()
    assert train(room, "--resume", str(room / "cv")) == 0
    assert "finished before: fold-1, fold-2" in capsys.readouterr().err
    assert {each: each.stat().st_mtime_ns for each in (room / "cv").glob("fold-*/*")} == before
    assert (room / "cv" / "folds.csv").read_bytes() == (room / "folds.csv").read_bytes()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["-o", "new", "--folds", "60"], "samples, and 60 folds want one each"),
        (["-o", "new", "--folds", "1"], "--folds"),
        (["-o", "new", "--refit"], "`--refit` follows `--folds K`"),
        (["-o", "new", "--folds", "3", "--seeds", "2"], "two experiments"),
        (["-o", "new", "--folds", "3", "--holdout", "0", "--set", "train.stop=patience=2"], "`stop`: it looks at"),
        (["-o", "new", "--folds", "3", "--set", "train.optimizer=sdg 1"], "`optimizer sdg 1`"),
        (["-o", "cv", "--folds", "2"], "cv holds a run already"),
        (["--resume", "cv", "--lr", "0.5"], "`optimizer` is sgd lr=0.5"),
        (["--resume", "cv", "--folds", "3"], "these are not the runs that cv was begun with"),
        (["--resume", "cv/fold-1"], "it is fold 1 of an experiment: `--resume cv`"),
    ],
)
def test_what_is_refused(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, more: list[str], message: str
) -> None:
    monkeypatch.chdir(room)
    if "new" not in more:
        assert train(room, "-o", "cv", "--folds", "2", "--epochs", "1") == 0
    capsys.readouterr()
    assert train(room, *more) == 2
    assert message in capsys.readouterr().err
    assert not Path("new").exists()


def test_a_validation_part_of_the_set_is_held_out_in_every_fold() -> None:
    from cnnspec.training.data.dataset import Dataset, Split
    from cnnspec.training.folds import folded

    targets = np.repeat([0, 1], 20)
    pictures = np.arange(40, dtype=np.uint8).reshape(40, 1, 1, 1)
    own = Split(pictures[:6] + 100, targets[:6])
    whole = Dataset("set", Split(pictures, targets), None, ("a", "b"), True, held=own)
    for fold in folded(whole, 4, 0.1, 0):
        assert (fold.trained, fold.held, fold.tested) == (30, 6, 10)
        assert fold.of(whole).held is own
