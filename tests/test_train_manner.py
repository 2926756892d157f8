"""How a recipe is worked off: precision, layout, torch.compile, threads that prepare. Judges: torch.autocast on a
module written by hand, and the same run without."""

import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnnspec.api.recipe import Asked, with_recipe
from cnnspec.pipeline import compile_file
from tests import test_train
from tests.test_train import files, train

torch = pytest.importorskip("torch")

from cnnspec.api.train import Run, Wish  # noqa: E402
from cnnspec.training import works  # noqa: E402
from cnnspec.training.ahead import Ahead  # noqa: E402
from cnnspec.training.errors import TrainError  # noqa: E402
from cnnspec.training.manner import Manner  # noqa: E402

pytestmark = pytest.mark.torch
room = test_train.room
gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
AUGMENT = "train.augment={ crop 8 pad=1 -> rotate 10 -> jitter brightness=0.3 contrast=0.3 -> cutout 2 -> mixup 0.2 }"


def begun(room: Path, manner: Manner, device: str = "cpu") -> Run:
    compiled, origins = with_recipe(compile_file(str(room / "net.cnn")), Asked())
    return Run(compiled, Wish(str(room / "data"), room / "begun", device=device, threads=1, manner=manner), origins)


def test_workers_change_nothing(room: Path) -> None:
    """To the bit, with all that chance does to a picture."""
    for workers in (0, 1, 3):
        assert train(room, "-o", str(room / str(workers)), "--workers", str(workers), "--set", AUGMENT) == 0
    assert files(room / "0") == files(room / "1") == files(room / "3")
    assert json.loads((room / "3" / "run.json").read_text())["recipe"]["workers"] == {"value": 3, "from": "--workers"}


def test_ahead_keeps_the_order_and_raises_where_it_is_asked() -> None:
    made: list[int] = []

    def make(number: int) -> int:
        if number == 7:
            raise TrainError("the seventh")
        made.append(number)
        return number * number

    for workers in (0, 2):
        with Ahead(make, 10, workers) as ahead:
            assert [ahead.take(number) for number in range(7)] == [0, 1, 4, 9, 16, 25, 36]
            with pytest.raises(TrainError, match="the seventh"):
                ahead.take(7)
    assert max(made) < 10


def test_bf16_is_autocast_in_training_and_fp32_where_it_is_judged(
    room: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(room, "-o", str(room / "fp32")) == 0
    assert train(room, "-o", str(room / "bf16"), "--precision", "bf16") == 0
    out, err = capsys.readouterr()
    assert "bf16 in training: weights, and whatever is judged, are fp32" in err
    assert ["precision", "bf16", "--precision"] in [line.split() for line in out.splitlines()]
    assert files(room / "fp32")["best"] != files(room / "bf16")["best"]
    parity = json.loads((room / "bf16" / "result.json").read_text())["parity"]
    assert parity["largest"] < 1e-5  # eight bits would be 4e-3
    assert json.loads((room / "bf16" / "result.json").read_text())["test"]["accuracy"] > 0.9


def test_bf16_is_torchs(room: Path) -> None:
    (room / "net.cnn").write_text("model M { input 1x8x8\n conv 3x3 8 -> relu -> flatten -> linear 3 }\n")
    run = begun(room, Manner(precision="bf16"))
    twin = torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(288, 3))
    state = run.loop.network.state_dict()
    twin.load_state_dict(dict(zip(twin.state_dict(), state.values(), strict=True)))
    run.loop.network.train()
    x = torch.rand(4, 1, 8, 8)
    with torch.autocast("cpu", torch.bfloat16):
        wanted = twin(x)
    assert wanted.dtype == torch.bfloat16
    (made,) = run.loop.works(x).values()
    assert made.dtype == torch.float32
    assert torch.equal(made, wanted.float())


def test_gradients_that_are_too_large_for_fp16_are_dropped(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And none else; the factor comes back from a checkpoint. On the CPU, whose fp16 `train` refuses."""
    monkeypatch.setattr(works, "_possible", lambda *_: None)
    run = begun(room, Manner(precision="fp16"))
    loop = run.loop
    before = {name: each.clone() for name, each in loop.network.named_parameters()}
    scale = loop.works.scaler.get_scale()
    part = loop.gradients._part
    large: list[bool] = [True]

    def _part(*arguments: Any) -> Any:
        made = part(*arguments)
        if large[0]:
            next(loop.network.parameters()).grad.fill_(torch.inf)
        return made

    monkeypatch.setattr(loop.gradients, "_part", _part)
    going = loop.run()
    next(going)
    assert all(torch.equal(each, before[name]) for name, each in loop.network.named_parameters())
    assert loop.works.scaler.get_scale() == scale / 2
    large[0] = False
    next(going)
    assert not all(torch.equal(each, before[name]) for name, each in loop.network.named_parameters())
    assert loop.works.scaler.get_scale() == scale / 2
    kept = loop.checkpoint()
    loop.works.scaler.update(1.0)
    loop.restore(kept._replace(plain=json.loads(json.dumps(kept.plain))))
    assert loop.works.scaler.get_scale() == scale / 2


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["-o", "new", "--precision", "fp16"], "fp16 wants a GPU"),
        (["--resume", "run", "--precision", "bf16"], "`precision` is bf16, and the run was begun with fp32"),
        (["--resume", "run", "--channels-last"], "`channels_last` is yes, and the run was begun with no"),
        (["--resume", "run", "--compile"], "`compile` is yes, and the run was begun with no"),
        (["--resume", "run", "--sync-bn"], "`sync_bn` is yes, and the run was begun with no"),
    ],
)
def test_what_is_refused(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, more: list[str], message: str
) -> None:
    monkeypatch.chdir(room)
    assert train(room, "-o", "run", "--epochs", "1", "--device", "cpu") == 0
    capsys.readouterr()
    assert train(room, *more) == 2
    assert message in capsys.readouterr().err


def cut_and_gone_on_with(room: Path, *more: str) -> None:
    """Stopped behind the 9th update and gone on with: the same as in one go, without the options being said again."""
    assert train(room, "-o", str(room / "whole"), *more) == 0
    stop = Run._save
    count = [0]

    def save(run: Run) -> None:
        stop(run)
        count[0] += 1
        if count[0] == 10:
            raise TrainError("cut")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cnnspec.api.train.SAVED_EVERY", 0.0)
        patch.setattr(Run, "_save", save)
        assert train(room, "-o", str(room / "cut"), *more) == 2
    assert train(room, "--resume", str(room / "cut")) == 0
    assert files(room / "cut") == files(room / "whole")


@pytest.mark.parametrize("more", [["--channels-last"], ["--precision", "bf16", "--workers", "2"]], ids=" ".join)
def test_a_run_that_is_cut_goes_on_in_the_same_manner(room: Path, more: list[str]) -> None:
    cut_and_gone_on_with(room, *more, "--device", "cpu", "--set", "train.optimizer=adam 0.01")


def test_channels_last_is_how_weights_and_pictures_lie(room: Path) -> None:
    (room / "net.cnn").write_text(test_train.NET.replace("conv 3x3 8", "conv 1x1 4 -> conv 3x3 8"))
    run = begun(room, Manner(channels_last=True))
    weight = run.loop.network.get_parameter("conv2.weight")
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert not weight.is_contiguous()
    assert run.loop.works.laid_out(torch.rand(2, 4, 5, 5)).is_contiguous(memory_format=torch.channels_last)


def test_torch_compile_takes_the_whole_network(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one graph; what it makes of that is left out here, so that all is the same to the bit."""
    assert train(room, "-o", str(room / "plain"), "--epochs", "2") == 0
    whole = functools.partial(torch.compile, backend="eager", fullgraph=True)
    monkeypatch.setattr(works.torch, "compile", whole)
    assert train(room, "-o", str(room / "compiled"), "--epochs", "2", "--compile") == 0
    assert files(room / "plain") == files(room / "compiled")


def test_torch_compile_that_fails_is_told(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Callable[..., Any]:
        raise RuntimeError("no compiler here")

    monkeypatch.setattr(works.torch, "compile", functools.partial(torch.compile, backend=broken))
    assert train(room, "-o", str(room / "run"), "--compile") == 2
    err = capsys.readouterr().err
    assert "error: torch.compile fails: " in err
    assert "no compiler here" in err


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("g++"), reason="torch.compile wants a compiler of C++")
def test_torch_compile_trains(room: Path) -> None:
    (room / "net.cnn").write_text(test_train.NET.replace("-> dropout 0.3 ", ""))  # its chance is another one, compiled
    short = ["--epochs", "1", "--set", "train.batch=54"]
    assert train(room, "-o", str(room / "plain"), *short) == 0
    assert train(room, "-o", str(room / "compiled"), *short, "--compile") == 0
    plain, made = (json.loads((room / each / "result.json").read_text()) for each in ("plain", "compiled"))
    assert made["held_out"]["loss"] == pytest.approx(plain["held_out"]["loss"], rel=1e-4)


@gpu
@pytest.mark.parametrize("more", [["--precision", "fp16"], ["--precision", "bf16", "--channels-last"]], ids=" ".join)
def test_a_gpu_trains(room: Path, more: list[str]) -> None:
    assert train(room, "-o", str(room / "run"), "--device", "cuda", *more) == 0
    made = json.loads((room / "run" / "result.json").read_text())
    assert made["test"]["accuracy"] > 0.9
    assert made["parity"]["agree"] == 30


@gpu
def test_a_run_on_a_gpu_that_is_cut_goes_on(room: Path) -> None:
    """Its factor of fp16, its running means, all on the GPU again."""
    assert train(room, "-o", str(room / "run"), "--device", "cuda", "--precision", "fp16", "--epochs", "2") == 0
    for name in ("model.onnx", "result.json"):
        (room / "run" / name).unlink()
    assert train(room, "--resume", str(room / "run")) == 0
