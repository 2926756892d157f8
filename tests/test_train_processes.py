"""Several processes: the same run as one; torch's own DistributedDataParallel and BatchNorm are the judges."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnspec.lower.weights import read_weights
from tests import ROOT, test_train
from tests.test_train import files, train

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(not torch.distributed.is_available() or os.name != "posix", reason="torch.distributed, signals"),
]

room = test_train.room
PLAIN = """cnn 1
model Small {
  input 1x8x8
  conv 3x3 8 pad=1 -> relu
  aux weight=0.3 aux1: { gap -> flatten -> linear 3 }
  maxpool 2x2 -> flatten -> linear 3
  train {
    loss cross_entropy weights=1,2,5 smoothing=0.1
    optimizer sgd 0.05 momentum=0.9
    schedule plateau 0.5 patience=1 threshold=0.5 metric=loss
    clip 0.5
    ema 0.9
    batch 14 accumulate=2
    epochs 3
    augment { crop 8 pad=1 -> flip vertical -> mixup 0.2 }
  }
}
"""
NORMALIZED = PLAIN.replace("pad=1 -> relu", "pad=1 bias=no -> bn -> relu")
CNNSPEC = "import sys\nfrom cnnspec.cli.app import run\nsys.exit(run(sys.argv[1:]))"
Ended = list[list[Any]]
"""Exit code, output and error of each process."""
Together = Callable[..., Ended]


@pytest.fixture(scope="module")
def forks() -> Iterator[Together]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.forked"],
        cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None

        def forked(folder: Path, code: str, *arguments: str, size: int = 2) -> Ended:
            asked = {"folder": str(folder), "code": code, "arguments": arguments, "size": size}
            print(json.dumps(asked), file=process.stdin, flush=True)
            found: Ended = json.loads(process.stdout.readline())
            return found

        yield forked
        process.stdin.close()


@pytest.fixture
def together(room: Path, forks: Together) -> Together:
    """`cnnspec train` in `size` processes."""

    def trained(*more: str, size: int = 2, code: str = CNNSPEC, what: tuple[str, ...] = ()) -> Ended:
        data = [] if "--resume" in more or "--data" in more else ["--data", "data"]
        return forks(room, code, *what, "train", "net.cnn", "--threads", "1", *data, *more, size=size)

    return trained


def assert_alike(room: Path, one: str, other: str) -> None:
    """Metrics and weights, but for the order of sums."""
    rows = [np.genfromtxt(room / each / "metrics.csv", delimiter=",", skip_header=1)[:, :7] for each in (one, other)]
    np.testing.assert_allclose(*rows, rtol=1e-4, atol=1e-6)
    weights = [read_weights(room / each / "best.safetensors") for each in (one, other)]
    for name, found in weights[0].items():
        np.testing.assert_allclose(found, weights[1][name], rtol=1e-3, atol=1e-5, err_msg=name)


def test_two_are_one(room: Path, together: Together) -> None:
    """With all that a recipe has: 108 samples in batches of 14, the last of 10, each in two parts of odd sizes."""
    (room / "net.cnn").write_text(PLAIN)
    assert train(room, "-o", str(room / "one")) == 0
    (code, out, err), second = together("-o", "two")
    assert code == 0, err
    assert second == [0, "", ""]
    assert "2 processes by gloo" in err
    assert "ONNX Runtime and torch: all of 30 samples alike" in out
    assert_alike(room, "one", "two")
    said = json.loads((room / "two" / "run.json").read_text())["recipe"]
    assert said["processes"] == {"value": 2, "from": "torchrun"}
    assert said["precision"] == {"value": "fp32", "from": "default"}


def test_a_last_batch_that_is_too_small_for_all(room: Path, together: Together) -> None:
    """Of 108 samples in batches of 15 three are left, for two processes of three: one has nothing to do."""
    (room / "net.cnn").write_text(PLAIN.replace("batch 14 accumulate=2", "batch 15").replace("epochs 3", "epochs 2"))
    assert train(room, "-o", str(room / "one")) == 0
    assert [code for code, _, _ in together("-o", "three", size=3)] == [0, 0, 0]
    assert_alike(room, "one", "three")


def test_batch_normalization_over_all(room: Path, together: Together) -> None:
    """Running means, too."""
    (room / "net.cnn").write_text(NORMALIZED)
    assert train(room, "-o", str(room / "one")) == 0
    (code, _, err), _ = together("-o", "two", "--sync-bn")
    assert code == 0, err
    assert_alike(room, "one", "two")


def test_what_is_told_of_batch_normalization_and_dropout(room: Path, together: Together) -> None:
    (code, _, err), _ = together("-o", "two", "--epochs", "1")
    assert code == 0
    assert "batch normalization takes its means of a process's share; `--sync-bn` of all" in err
    assert "dropout draws for each process on its own" in err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--batch", "4"], "2 samples at a time are too few for 3 processes"),
        (["--sync-bn", "--batch", "26"], "2 samples at a time are too few for 3 processes"),
        (["--lr", "1e38"], "the loss is "),
        (["--device", "cuda:0"], "`cuda:0` is one device, and there are 3 processes"),
        (["--epochs", "none"], "'none' is no whole number from 1 on"),
        (["--data", "ghost"], "ghost"),
    ],
)
def test_one_says_what_is_wrong(room: Path, together: Together, more: list[str], message: str) -> None:
    (room / "net.cnn").write_text(NORMALIZED)
    first, *others = together("-o", "new", *more, size=3)
    assert (first[0], first[1].count("error")) == (2, 0)
    assert message in first[2]
    assert first[2].count("error:") == 1
    assert others == [[2, "", ""]] * 2


WRONG = """
import os
import signal
import sys
import time
from cnnspec.api import train
from cnnspec.cli.app import run
from cnnspec.training import gradients
from cnnspec.training.data import fit
from cnnspec.training.errors import TrainError

what, rank = sys.argv.pop(1), os.environ["RANK"]
train.SAVED_EVERY = 0.0  # a checkpoint after each update
of, part, save = gradients.Gradients.of, gradients.Gradients._part, train.Run._save


def wrong(gradients, batch, weights, step, lr):
    if step == 10 and what == "nan":
        batch = batch._replace(x=batch.x * float("nan"))
    if step == 10 and what == "fault":
        raise KeyError("a fault of ours")
    return part(gradients, batch, weights, step, lr)


def gone(*arguments):
    if arguments[2] == 10:
        os.kill(os.getpid(), signal.SIGKILL)
    return of(*arguments)


def full(run):
    if run.loop.step == 10:
        raise TrainError("no space left")
    save(run)


if rank == "1":
    gradients.Gradients._part = wrong
if (rank, what) in (("1", "gone"), ("0", "first gone")):
    gradients.Gradients.of = gone
if what == "full":
    train.Run._save = full
if what == "slow":
    train.Run._save = lambda run: time.sleep(0.05) or save(run)
if what == "unread":
    fit.MEMORY = 0
sys.exit(run(sys.argv[1:]))
"""

WHOLE: dict[str, Any] = {}
"""What a run leaves that nothing happens to, by its options."""


@pytest.mark.parametrize(
    ("what", "more", "message"),
    [
        ("nan", [], "error: the loss is nan at step 11: the first such value comes out of `conv1`"),
        ("nan", ["--sync-bn"], "error: the loss is nan at step 11: the first such value comes out of `conv1`"),
        ("gone", [], "error: another process of this run has ended\nhelp: the last checkpoint is kept: `--resume`"),
        ("gone", ["--sync-bn"], "error: another process of this run has ended"),
        ("first gone", [], "error: another process of this run has ended"),
        ("full", [], "error: no space left"),
        ("fault", [], "a fault of ours"),
    ],
)
def test_what_goes_wrong_with_one_ends_all(
    room: Path, together: Together, what: str, more: list[str], message: str
) -> None:
    """With one message, and no traceback; and it can be gone on with, by one process, too."""
    (room / "net.cnn").write_text(NORMALIZED)
    found = together("-o", "cut", *more, code=WRONG, what=(what,))
    said = "".join(err for _, _, err in found)
    assert message in said
    assert "Traceback" not in said
    assert {code for code, _, _ in found} <= {2, 3, -9}
    assert said.count("error") == 1, said
    (code, _, err), _ = together("--resume", "cut", *more)
    assert code == 0, err
    assert f"goes on after {9 if what == 'full' else 10} of 24 steps" in err
    if not WHOLE.get(str(more)):
        together("-o", "whole", *more)
        WHOLE[str(more)] = files(room / "whole")
    assert files(room / "cut") == WHOLE[str(more)]


def test_a_picture_that_one_cannot_read(room: Path, together: Together) -> None:
    """It is told by its path, by the one that speaks."""
    from PIL import Image

    text = PLAIN.replace("  train {", "  image { resize 8 -> rescale 1/255 }\n  train {")
    text = text.replace("    schedule plateau 0.5 patience=1 threshold=0.5 metric=loss\n", "")
    (room / "net.cnn").write_text(text.replace("batch 14 accumulate=2", "batch 4"))
    for name in "abc":
        (room / "pictures" / name).mkdir(parents=True)
        for each in range(8):
            Image.new("L", (8, 8), each * 20).save(room / "pictures" / name / f"{each}.png")
    (room / "pictures" / "b" / "3.png").write_bytes(b"no picture")
    found = together("--data", "pictures", "-o", "run", "--holdout", "0", code=WRONG, what=("unread",))
    assert [code for code, _, _ in found] == [2, 2]
    assert f"error: {Path('pictures/b/3.png')}" in found[0][2].replace(str(room) + os.sep, "")
    assert found[1][1:] == ["", ""]


def test_ctrl_c_of_torchrun_saves_and_one_goes_on(room: Path, together: Together) -> None:
    """The terminal tells all, and torchrun tells its processes once more; it ends with a report of its own."""
    (room / "net.cnn").write_text(PLAIN)
    assert train(room, "-o", str(room / "whole")) == 0
    (room / "slow.py").write_text(WRONG)
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone", "slow.py"]
    with subprocess.Popen(
        [*launch, "slow", "train", "net.cnn", "--data", "data", "-o", "cut", "--threads", "1"],
        cwd=room,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        end = time.monotonic() + 300
        while not (room / "cut" / "run.json").exists() and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=300)
    assert "`--resume cut` goes on after " in said, said
    assert said.count("stopped: interrupted") == 1
    assert train(room, "--resume", str(room / "cut")) == 0
    assert_alike(room, "whole", "cut")


JUDGED = """
import torch
from pathlib import Path
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from cnnspec.api.recipe import Asked, with_recipe
from cnnspec.api.train import Run, Wish
from cnnspec.pipeline import compile_file
from cnnspec.training.errors import TrainError
from cnnspec.training.processes import joined
from cnnspec.training.sync_bn import apart, synced

torch.set_num_threads(1)


def whole(tensors, processes):
    gathered = [None] * processes.size
    torch.distributed.all_gather_object(gathered, tensors)
    return gathered


with joined("cpu") as processes:
    # Gradients, clipped: those of torch's own on a module written by hand.
    compiled, origins = with_recipe(compile_file("net.cnn"), Asked())
    run = Run(compiled, Wish("data", Path("run")), origins, processes=processes)
    twin = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 3))
    names = ("conv1.weight", "conv1.bias", "linear1.weight", "linear1.bias")
    state = run.loop.network.state_dict()
    twin.load_state_dict({key: state[name].clone() for key, name in zip(twin.state_dict(), names, strict=True)})
    parallel = DistributedDataParallel(twin)
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.05, momentum=0.9)
    loss = nn.CrossEntropyLoss(torch.tensor([1.0, 2.0, 5.0]), reduction="sum")
    weights = torch.tensor([1.0, 2.0, 5.0])
    for step, event in enumerate(run.loop.run()):
        update = run.loop.feed.update(step)
        (batch,) = update.parts
        optimizer.zero_grad()
        made = loss(parallel(batch.x), batch.y) / weights[update.y].sum()
        (made * processes.size).backward()  # it takes the mean over processes
        nn.utils.clip_grad_norm_(twin.parameters(), 0.5)
        optimizer.step()
        total = sum(whole(made.item(), processes))
        assert abs(event.loss - total) < 1e-5, (event.loss, total)
        if step == 6:
            break
    for key, name in zip(twin.state_dict(), names, strict=True):
        torch.testing.assert_close(twin.state_dict()[key], run.loop.network.state_dict()[name], rtol=1e-4, atol=1e-6)

    # Batch normalization: torch's own of the whole batch, of which one has 5 samples and one has 2.
    torch.manual_seed(processes.rank)
    bare = nn.BatchNorm1d(3, affine=False)
    for judge, shape in ((nn.BatchNorm2d(3), (3, 4, 4)), (nn.BatchNorm1d(3, momentum=None), (3,)), (bare, (3, 6))):
        ours = type(judge)(3, momentum=judge.momentum, affine=judge.affine)
        assert synced(ours) == 1
        own = torch.randn((5, 2)[processes.rank], *shape) * 3 + 1
        factor = torch.randn_like(own)
        parts, factors = whole(own, processes), whole(factor, processes)
        own.requires_grad_()
        made = ours(own)
        (made * factor).sum().backward()
        every = torch.cat(parts).requires_grad_()
        wanted = judge(every)
        (wanted * torch.cat(factors)).sum().backward()
        place = slice(0, 5) if processes.rank == 0 else slice(5, 7)
        torch.testing.assert_close(made, wanted[place], rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(own.grad, every.grad[place], rtol=1e-3, atol=1e-5)
        for name, each in judge.named_buffers():
            torch.testing.assert_close(dict(ours.named_buffers())[name], each, rtol=1e-4, atol=1e-5)
        if judge.affine:
            grads = [each.grad.clone() for each in ours.parameters()]
            processes.add(grads)
            for found, each in zip(grads, judge.parameters(), strict=True):
                torch.testing.assert_close(found, each.grad, rtol=1e-3, atol=1e-4)
        if not judge.affine:
            with apart(ours):
                alone = nn.BatchNorm1d(3, affine=False)(parts[processes.rank])
                torch.testing.assert_close(ours(parts[processes.rank]), alone)
            continue
        ours.eval(), judge.eval()
        torch.testing.assert_close(ours(parts[0]), judge(parts[0]), rtol=1e-4, atol=1e-5)

    # What is done together.
    assert processes.settled([1.5, float(processes.rank)]) == [3.0, 1.0]
    assert processes.any(processes.rank == 1)
    assert not processes.any(False)
    try:
        with processes.together():
            if processes.rank == 1:
                raise TrainError("only here", "a hint")
    except TrainError as error:
        assert (error.message, error.hint) == ("only here", "a hint")
    else:
        raise AssertionError("it went on")
    try:
        processes.same(str(processes.rank), "data")
    except TrainError as error:
        assert "data differ between the processes" in error.message
    else:
        raise AssertionError("it went on")
"""


def test_before_judges(room: Path, forks: Together) -> None:
    text = PLAIN.replace("  aux weight=0.3 aux1: { gap -> flatten -> linear 3 }\n", "")
    left_out = ("    ema", "    augment", "    schedule")
    text = "\n".join(line for line in text.split("\n") if not line.startswith(left_out))
    text = text.replace(" smoothing=0.1", "").replace(" accumulate=2", "")
    (room / "net.cnn").write_text(text)
    for code, out, err in forks(room, JUDGED):
        assert (code, out) == (0, ""), err


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="nccl wants a GPU for each of two processes")
def test_two_gpus_are_one(room: Path, together: Together) -> None:
    (room / "net.cnn").write_text(NORMALIZED)
    assert train(room, "-o", str(room / "one"), "--device", "cuda") == 0
    (code, _, err), _ = together("-o", "two", "--sync-bn", "--device", "cuda")
    assert code == 0, err
    assert "2 processes by nccl" in err
    assert_alike(room, "one", "two")
