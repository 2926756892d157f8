"""Frozen steps, rates of their own, a fresh head: before loops written by hand in torch, and to the bit."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from numpy.typing import NDArray  # noqa: E402
from torch import Tensor, nn  # noqa: E402

import cnnspec  # noqa: E402
from cnnspec.api.recipe import Asked, with_recipe  # noqa: E402
from cnnspec.api.train import Run, Wish  # noqa: E402
from cnnspec.api.weights import arrays_of  # noqa: E402
from cnnspec.build.options import Options  # noqa: E402
from cnnspec.cli.app import run as command  # noqa: E402
from cnnspec.contract.training.optimizers import L1, Decay, Sgd  # noqa: E402
from cnnspec.contract.training.recipe import Recipe  # noqa: E402
from cnnspec.contract.training.transfer import Freeze  # noqa: E402
from cnnspec.lower.safetensors_file import safetensors_bytes  # noqa: E402
from cnnspec.lower.weights import read_weights  # noqa: E402
from cnnspec.passes.head import heads  # noqa: E402
from cnnspec.passes.parameters import owned_by  # noqa: E402
from cnnspec.pipeline import compile_file  # noqa: E402
from cnnspec.training import checkpoint  # noqa: E402
from cnnspec.training.loop import Loop  # noqa: E402
from cnnspec.training.network import Network, load  # noqa: E402
from cnnspec.training.optimize import Updates  # noqa: E402
from cnnspec.training.transfer import Transfer  # noqa: E402
from tests import ROOT  # noqa: E402
from tests.texts import compiled  # noqa: E402

pytestmark = pytest.mark.torch

NET = """cnn 1
model Small(classes=3) {
  input 1x8x8
  features: { conv 3x3 6 pad=1 bias=no -> bn -> relu -> dropout 0.4 -> conv 3x3 8 bias=no -> bn -> relu }
  gap -> flatten -> hidden: linear 7 -> relu -> fc: linear classes
  train {
    batch 20
    epochs 3
LINES
  }
}
"""
EPOCH = 3
"""Updates of one: 60 samples, 20 an update."""


class ByHand(nn.Module):
    """The same network as somebody would write it."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.ModuleDict(
            {
                "conv1": nn.Conv2d(1, 6, 3, padding=1, bias=False),
                "bn1": nn.BatchNorm2d(6),
                "relu1": nn.ReLU(),
                "dropout1": nn.Dropout(0.4),
                "conv2": nn.Conv2d(6, 8, 3, bias=False),
                "bn2": nn.BatchNorm2d(8),
                "relu2": nn.ReLU(),
            }
        )
        self.hidden, self.fc = nn.Linear(8, 7), nn.Linear(7, 3)

    def forward(self, x: Tensor) -> Tensor:
        for each in self.features.values():
            x = each(x)
        made: Tensor = self.fc(torch.relu(self.hidden(x.mean((2, 3)))))
        return made


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    chance = np.random.default_rng(0)
    y = np.repeat(np.arange(3), 20)
    x = chance.integers(0, 120, (60, 8, 8), np.uint8)
    for each, target in zip(x, y, strict=True):
        each[:, target * 3 : target * 3 + 2] += 100
    np.savez(tmp_path / "data.npz", x_train=x, y_train=y, x_test=x[::2], y_test=y[::2])
    return tmp_path / "data.npz"


def begun(data: Path, lines: str, out: str = "run", **more: Any) -> Run:
    text = NET.replace("LINES", "\n".join(f"    {each.strip()}" for each in lines.split("⏎")))
    made, origins = with_recipe(compiled(text), Asked())
    return Run(made, Wish(str(data), data.parent / out, holdout=0.0, device="cpu", threads=1, **more), origins)


def trained(loop: Loop, updates: int) -> None:
    for _ in islice((each for each in loop.run() if hasattr(each, "samples")), updates):
        pass


def state(loop: Loop) -> dict[str, bytes]:
    return {name: each.numpy().tobytes() for name, each in loop.network.state_dict().items()}


# -- before torch

Shrink = Callable[[ByHand, float], None]
OPTIMIZERS: dict[str, tuple[str, Callable[[Any], torch.optim.Optimizer], float]] = {
    "sgd": (
        "optimizer sgd 0.1 momentum=0.9 nesterov=yes ⏎ l2 0.01",
        lambda groups: torch.optim.SGD(groups, momentum=0.9, nesterov=True, weight_decay=0.01),
        0.1,
    ),
    "adagrad": ("optimizer adagrad 0.05", torch.optim.Adagrad, 0.05),
    "adadelta": ("optimizer adadelta 1.0", torch.optim.Adadelta, 1.0),
    "rmsprop": (
        "optimizer rmsprop 0.01 momentum=0.9 centered=yes",
        lambda groups: torch.optim.RMSprop(groups, momentum=0.9, centered=True),
        0.01,
    ),
    "adam": ("optimizer adam 0.01 ⏎ l2 0.1", lambda groups: torch.optim.Adam(groups, weight_decay=0.1), 0.01),
    "adamw": ("optimizer adamw 0.01 ⏎ decay 0.3", lambda groups: torch.optim.AdamW(groups, weight_decay=0.3), 0.01),
}


def by_hand(loop: Loop, make: Callable[[Any], torch.optim.Optimizer], lr: float, until: int | None) -> ByHand:
    """Features frozen until an update, then at 0.1 of the rate in a group that is added then; `hidden` at 0.5."""
    net = ByHand()
    net.load_state_dict(loop.network.state_dict())
    net.features.requires_grad_(False)
    groups = [{"params": net.hidden.parameters(), "lr": lr * 0.5}, {"params": net.fc.parameters(), "lr": lr}]
    optimizer = make(groups)
    for step in range(loop.steps):
        if step == until:
            net.features.requires_grad_(True)
            optimizer.add_param_group({"params": net.features.parameters(), "lr": lr * 0.1})
        ((x, y, *_),) = loop.feed.update(step).parts
        net.train()
        if until is None or step < until:
            net.features.eval()
        torch.manual_seed(((loop.plan.seed * 1_000_003 + step) * 1_009) % 2**63)  # dropout, once it is at work
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("until", [None, 1])
def test_it_is_the_loop_that_one_writes_by_hand(data: Path, name: str, until: int | None) -> None:
    line, make, lr = OPTIMIZERS[name]
    time = f" until={until} epochs" if until else ""
    rates = f'rate "hidden" 0.5 ⏎ freeze "features.*"{time}' + ' ⏎ rate "features" 0.1' * bool(until)
    loop = begun(data, f"{line} ⏎ {rates}").loop
    judge = by_hand(loop, make, lr, until and until * EPOCH)
    before = {name: each.clone() for name, each in loop.network.state_dict().items()}
    trained(loop, loop.steps)
    theirs = judge.state_dict()
    assert loop.steps == 9
    for key, each in loop.network.state_dict().items():
        torch.testing.assert_close(each, theirs[key], rtol=0, atol=0)
        assert torch.equal(each, before[key]) is (until is None and key.startswith("features")), key


def test_decay_and_l1_go_by_the_rate_of_their_step(data: Path) -> None:
    """Decoupled decay of SGD: w (1 - lr factor amount) before the update, as AdamW has it in its groups."""
    loop = begun(
        data, 'optimizer sgd 0.1 ⏎ decay 0.3 ⏎ l1 0.01 ⏎ clip 0.2 ⏎ rate "hidden" 0.5 ⏎ freeze "features"'
    ).loop
    net = ByHand()
    net.load_state_dict(loop.network.state_dict())
    net.features.requires_grad_(False)
    rates = {**dict.fromkeys(net.hidden.parameters(), 0.05), **dict.fromkeys(net.fc.parameters(), 0.1)}
    for step in range(loop.steps):
        ((x, y, *_),) = loop.feed.update(step).parts
        net.train()
        net.features.eval()
        net.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        with torch.no_grad():
            for each in rates:
                assert each.grad is not None
                each.grad += 0.01 * each.sign()
            nn.utils.clip_grad_norm_(list(rates), 0.2)
            for each, lr in rates.items():
                assert each.grad is not None
                each.copy_(each * (1 - lr * 0.3) - lr * each.grad)
    trained(loop, loop.steps)
    for key, mine in loop.network.state_dict().items():
        torch.testing.assert_close(mine, net.state_dict()[key], rtol=1e-5, atol=1e-7)


# -- what is frozen

STRONG = "optimizer sgd 0.5 momentum=0.9 ⏎ l2 0.1 ⏎ l1 0.1 ⏎ decay 0.1 ⏎ ema 0.5 ⏎ clip 1"


def test_what_is_frozen_stays_to_the_bit(data: Path) -> None:
    """Running statistics and minus zeros, too, also in the mean of the weights."""
    first = begun(data, STRONG, "first")
    given = {name: each.numpy().copy() for name, each in first.loop.network.state_dict().items()}
    given["features.conv1.weight"][0] = -0.0
    loop = begun(data, f'{STRONG} ⏎ freeze "features.*"', weights=given).loop
    trained(loop, loop.steps)
    for kept in (loop.network.state_dict(), loop.mean):
        for name, each in kept.items():
            assert (each.numpy().tobytes() == given[name].tobytes()) is name.startswith("features."), name
    assert len(given) - 4 == sum(name.startswith("features.") for name in given) == 12


def test_no_gradient_is_made_for_it_and_dropout_rests(data: Path) -> None:
    loop = begun(data, 'optimizer sgd 0.1 ⏎ freeze "features" until=4 steps').loop
    seen: list[dict[str, bool]] = []
    step = loop.updates.step

    def watched(lr: float) -> None:
        seen.append({name: each.grad is None for name, each in loop.network.named_parameters()})
        step(lr)

    loop.updates.step = watched  # type: ignore[method-assign]
    trained(loop, 4)
    x = loop.feed.update(0).parts[0].x
    needs = {name: value.requires_grad for name, value in loop.network.walk(x)}
    assert [name for name, each in needs.items() if each] == ["hidden", "relu1", "fc"], "backward stops there"
    torch.testing.assert_close(*(dict(loop.network.walk(x))["features.dropout1"] for _ in range(2)), rtol=0, atol=0)
    trained(loop, 2)
    for number, each in enumerate(seen):
        for name, is_none in each.items():
            assert is_none is (number < 4 and name.startswith("features.")), (number, name)


@pytest.mark.parametrize(
    ("name", "parameters", "shape"),
    [("mobilenet_v2", {"width": Fraction(1, 4), "classes": 5}, (3, 32, 32)), ("resnet20_cifar", {}, (3, 16, 16)),
     ("densenet121", {"classes": 5}, (3, 32, 32)), ("googlenet", {"classes": 5}, (3, 128, 128))],
)  # fmt: skip
def test_all_but_the_head_of_networks_that_ship(name: str, parameters: dict[str, Any], shape: tuple[int, ...]) -> None:
    """One update with everything that could move a tensor: the head's move, and no bit of another."""
    file = compile_file(str(ROOT / "examples" / f"{name}.cnn"), Options(parameters=parameters, inputs={None: shape}))
    assert file.ok
    built = file.built
    assert built is not None
    head = heads(built.graph, built.shapes)
    network = Network(built.graph, built.shapes)
    load(network, arrays_of(built.graph, built.shapes, None, 0, everything=True)[0])
    rest = tuple(id for id, owned in owned_by(built.graph, built.shapes).items() if owned.weights and id not in head)
    recipe = Recipe(freeze=(Freeze(patterns=rest),), decay=Decay(amount=0.5), l1=L1(amount=0.1))
    transfer = Transfer(network, recipe, 1)
    updates = Updates(network, Sgd(lr=0.5, momentum=0.9), recipe, transfer.factors)
    transfer.at(0)
    network.train()
    before = {key: each.numpy().tobytes() for key, each in network.state_dict().items()}
    made = network(torch.rand(2, *shape, generator=torch.Generator().manual_seed(0)))
    sum(each.square().sum() for each in (made.values() if isinstance(made, dict) else (made,))).backward()
    updates.step(0.5)
    moved = {key for key, each in network.state_dict().items() if each.numpy().tobytes() != before[key]}
    assert moved == {key for key in before if key.rpartition(".")[0] in head}


def test_only_batch_norms(data: Path) -> None:
    loop = begun(data, 'optimizer sgd 0.1 ⏎ freeze "*bn[12]"').loop
    before = state(loop)
    trained(loop, 2)
    same = {name for name, each in state(loop).items() if each == before[name]}
    assert same == {name for name in before if ".bn" in name}


def test_a_step_with_anothers_weights_goes_with_that(data: Path) -> None:
    """Both work with the one module: it is frozen by its owner's name alone, and a copy's name freezes nothing."""
    text = NET.replace("flatten -> hidden", "flatten -> a: linear 8 -> relu -> reuse a -> hidden")
    lines = 'freeze "a" ⏎ freeze "features"'.replace(" ⏎ ", "\n    ")
    made, origins = with_recipe(compiled(text.replace("LINES", lines)), Asked())
    assert made.ok
    wish = Wish(str(data), data.parent / "run", holdout=0.0, device="cpu", threads=1)
    loop = Run(made, wish, origins).loop
    before = state(loop)
    trained(loop, 2)
    assert {name for name, each in state(loop).items() if each != before[name]} == {
        "hidden.weight", "hidden.bias", "fc.weight", "fc.bias"
    }  # fmt: skip


# -- going on

LINES = 'optimizer adam 0.01 ⏎ ema 0.9 ⏎ l1 0.001 ⏎ freeze "features" until=5 steps ⏎ rate "features.*" 0.3'


@pytest.mark.parametrize("optimizer", ["sgd 0.05 momentum=0.9", "adagrad 0.05", "adam 0.01"])
def test_gone_on_with_across_the_time_it_is_trained_from(data: Path, optimizer: str) -> None:
    lines = LINES.replace("adam 0.01", optimizer)
    whole = begun(data, lines, "whole").loop
    made = []
    for _ in range(whole.steps):
        made.append(whole.checkpoint())
        trained(whole, 1)
    for step in (2, 4, 5, 6, 8):
        cut = begun(data, lines, f"cut{step}").loop
        cut.restore(made[step])
        assert cut.step == step
        trained(cut, whole.steps)
        ours, theirs = cut.checkpoint(), whole.checkpoint()
        assert set(ours.tensors) == set(theirs.tensors)
        assert all(ours.tensors[name].tobytes() == each.tobytes() for name, each in theirs.tensors.items())


class Soon(list[int]):
    """Ctrl-C, when it has been asked for so often."""

    asked = 0

    def __bool__(self) -> bool:
        self.asked += 1
        return self.asked >= 2


def test_a_run_that_was_stopped_is_the_one_that_was_not(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data.parent / "net.cnn"
    file.write_text(NET.replace("LINES", LINES.replace(" ⏎ ", "\n    ")))
    asked = ["train", str(file), "--data", str(data), "--holdout", "0", "--threads", "1"]
    more = ["--set", 'train.freeze="features" until=1 epochs', "--freeze", "hidden"]
    assert command([*asked, *more, "-o", str(data.parent / "whole")]) == 0
    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["cnnspec.cli.train_one"], "interrupts", lambda: nullcontext(Soon()))
        assert command([*asked, *more, "-o", str(data.parent / "cut")]) == 130
    capsys.readouterr()
    assert command(["train", str(file), "--resume", str(data.parent / "cut")]) == 0
    out, err = capsys.readouterr()
    assert "goes on after 2 of 9 steps" in err
    assert (
        'trains 24 of 601 parameters at first; frozen: "features" (514, for 1 epoch); "hidden" (63)\n'
        'note: rate times 0.3: "features.*" (514 parameters)' in err
    )
    origin = "--set train.freeze, --freeze"
    rows = {f"freeze freeze patterns={each} {origin}" for each in ("features unit=epoch until=1", "hidden")}
    assert rows <= {" ".join(line.split()) for line in out.splitlines()}, out
    whole, cut = (read_weights(data.parent / name / "best.safetensors") for name in ("whole", "cut"))
    assert all(each.tobytes() == cut[name].tobytes() for name, each in whole.items())
    assert command(["train", str(file), "--resume", str(data.parent / "cut"), "--freeze", "fc"]) == 2
    assert "and the run was begun with freeze patterns=features" in capsys.readouterr().err
    said = json.loads((data.parent / "cut" / "run.json").read_text())
    assert said["recipe"]["rate"]["from"] == "the file"
    assert said["transfer"]["freeze"][1] == {
        "patterns": ["hidden"], "until_step": None, "parameters": 63, "steps": ["hidden"]
    }  # fmt: skip


def test_lines_of_a_command_take_the_place_of_the_files_together(data: Path) -> None:
    text = NET.replace("LINES", 'freeze "fc"\n freeze "hidden"\n rate "*bn*" 2')
    lines = ('freeze="features.*1"', 'freeze="*bn2","*conv2" until=1 epoch', 'rate="fc" 0.5')
    made, origins = with_recipe(compiled(text), Asked(lines, freeze=("hid*",)))
    assert made.built
    assert made.built.recipe
    freeze, rate = made.built.recipe.freeze, made.built.recipe.rate
    assert freeze
    assert [each.patterns for each in freeze] == [("features.*1",), ("*bn2", "*conv2"), ("hid*",)]
    assert rate
    assert [each.patterns for each in rate] == [("fc",)]
    assert (origins["freeze"], origins["rate"]) == ("--set train.freeze, --freeze", "--set train.rate")


# -- a fresh head

HEADS = {
    "resnet18": ["fc"], "googlenet": ["aux1.fc2", "aux2.fc2", "fc"], "mobilenet_v2": ["classifier.1"],
    "vgg11": ["classifier.6"], "densenet121": ["classifier"], "lenet": ["fc3"], "alexnet": ["classifier.6"],
}  # fmt: skip


@pytest.mark.parametrize("name", HEADS)
def test_the_head_is_what_torchvision_calls_so(name: str) -> None:
    built = compile_file(str(ROOT / "examples" / f"{name}.cnn")).built
    assert built is not None
    assert sorted(heads(built.graph, built.shapes)) == HEADS[name]


@pytest.mark.parametrize(
    ("end", "found"),
    [
        ("conv 1x1 5 -> relu -> gap -> flatten", ["conv1"]),
        ("conv 1x1 5 bias=no -> bn -> gap -> flatten", ["bn1", "conv1"]),
        ("add { conv 1x1 5 -> bn | conv 3x3 5 pad=1 } -> gap -> flatten", ["bn1", "conv1", "conv2"]),
        ("a: conv 3x3 2 pad=1 -> reuse a -> gap -> flatten", ["a"]),
    ],
)
def test_a_head_that_is_no_linear(end: str, found: list[str]) -> None:
    built = compiled(f"model M {{ input 2x8x8\n stem: conv 3x3 2 pad=1 -> relu -> {end} }}").built
    assert built is not None
    assert sorted(heads(built.graph, built.shapes)) == found


AUX = NET.replace("LINES", "").replace("gap ->", "aux weight=0.3 side: { gap -> flatten -> linear classes }\n  gap ->")


@pytest.fixture
def other(data: Path) -> dict[str, NDArray[Any]]:
    """Weights of the same network for five classes, in a file, and the network."""
    (data.parent / "net.cnn").write_text(AUX)
    model = cnnspec.loads(AUX, classes=5)
    model.export(data.parent / "torch", to="torch", seed=7)
    made = read_weights(data.parent / "torch" / "weights.safetensors")
    (data.parent / "five.safetensors").write_bytes(safetensors_bytes(made))
    return made


def tune(data: Path, *more: str) -> int:
    file, weights = str(data.parent / "net.cnn"), str(data.parent / "five.safetensors")
    arguments = ["--data", str(data), "-o", str(data.parent / "run"), "--weights", weights, "--threads", "1"]
    return command(["train", file, *arguments, *more])


def test_a_fresh_head(data: Path, other: dict[str, NDArray[Any]], capsys: pytest.CaptureFixture[str]) -> None:
    """It is what `--seed` makes without weights; all else is the file's; what has the file's name is not taken."""
    still = ["--lr", "1e-30", "--epochs", "1", "--freeze", "features", "--holdout", "0"]
    assert tune(data, "--replace-head", "--seed", "3", *still) == 0
    err = capsys.readouterr().err
    assert "note: fc.weight: fresh, 3x7; in the file 5x7\nnote: fc.bias: fresh, 3; in the file 5\n" in err
    assert "side.linear1.weight: fresh, 3x8; in the file 5x8" in err
    cnnspec.loads(AUX).export(data.parent / "fresh", to="torch", seed=3)
    fresh = read_weights(data.parent / "fresh" / "weights.safetensors")
    for name, each in read_weights(data.parent / "run" / "best.safetensors").items():
        is_head = name.startswith(("fc.", "side."))
        np.testing.assert_allclose(each, (fresh if is_head else other)[name], rtol=1e-6, err_msg=name)
    said = json.loads((data.parent / "run" / "run.json").read_text())
    assert {"name": "fc.bias", "shape": [3], "in_file": [5]} in said["transfer"]["fresh"]
    assert said["asked"]["replace_head"] is True


def test_without_it_a_mismatch_is_told_and_what_would_help(
    data: Path, other: dict[str, NDArray[Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(data) == 2
    err = capsys.readouterr().err
    assert "fc.weight  is 3x7 float32, the file has 5x7 float32" in err
    assert "help: `--replace-head` takes all but `side.linear1`, `fc` from the file" in err
    spoiled = {name: each for name, each in other.items() if name != "features.bn1.weight"}
    (data.parent / "five.safetensors").write_bytes(safetensors_bytes(spoiled))
    for more in ([], ["--replace-head"]):
        assert tune(data, *more) == 2
        err = capsys.readouterr().err
        assert "features.bn1.weight  6" in err
        assert "--replace-head" not in err, "it would not help"
    assert not (data.parent / "run").exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ({"fc.bias": None, "fc.weight": None}, "fc.weight: fresh, 3x7; the file has none"),
        ({"fc.scale": np.ones((), np.float32)}, "fc.scale: not taken; in the file a number"),
    ],
)
def test_a_file_with_another_head(
    data: Path,
    other: dict[str, NDArray[Any]],
    capsys: pytest.CaptureFixture[str],
    spoil: dict[str, NDArray[Any] | None],
    said: str,
) -> None:
    whole = {name: each for name, each in {**other, **spoil}.items() if each is not None}
    (data.parent / "five.safetensors").write_bytes(safetensors_bytes(whole))
    assert tune(data, "--replace-head", "--epochs", "1") == 0
    assert f"note: {said}\n" in capsys.readouterr().err


def test_names_of_other_classes_are_not_taken(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data.parent / "names.txt").write_text("a\nb\nc\nd\ne\n")
    file = data.parent / "net.cnn"
    file.write_text(NET.replace("LINES", "").replace("  train", '  labels "names.txt"\n  train'))
    assert command(["train", str(file), "--data", str(data), "-o", str(data.parent / "run"), "--epochs", "1"]) == 0
    err = capsys.readouterr().err
    assert "the text's 5 labels are not those of 3 outputs: the data's names are taken" in err
    assert (data.parent / "run" / "classes.csv").read_text().splitlines()[1].startswith("0,")


@pytest.mark.parametrize(
    ("more", "message", "help"),
    [
        (["--freeze", "feature.*"], 'error: `freeze`: "feature.*" names no step', 'did you mean "features.*"?'),
        (["--freeze", "gap*"], '"gap*" names only steps without weights: gap1', "features.conv1, features.bn1"),
        (["--freeze", "*"], "nothing is left to train at first", "the last of them is `fc`"),
        (["--freeze", 'a"b'], "no step has a quote in its name", ""),
        (["--freeze", ""], "what is meant must be a pattern in quotes", ""),
        (["--set", 'train.rate="f*" 0'], "the factor must be more than 0", ""),
        (["--set", "train.rate=fc 0.1"], "unknown name `fc`", 'in quotes: `"fc"`'),
        (["--replace-head"], "`--replace-head` is about `--weights`", ""),
    ],
)
def test_what_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str], more: list[str], message: str, help: str
) -> None:
    (data.parent / "net.cnn").write_text(NET.replace("LINES", ""))
    file, out = str(data.parent / "net.cnn"), str(data.parent / "run")
    assert command(["train", file, "--data", str(data), "-o", out, *more]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert help in err
    assert not (data.parent / "run").exists()


def test_frozen_without_weights_is_told(data: Path) -> None:
    run = begun(data, 'freeze "features.*"')
    assert run.notes[-1] == "what is frozen is as it was drawn: there are no `--weights`"
    assert checkpoint.read(run.wish.out)[0].plain["step"] == 0
