"""`train.py`, which `export --to torch` writes: read by ruff and mypy, run without cnnspec, and held to what `cnnspec
train` does with the same recipe, data and first weights."""

import ast
import csv
import gzip
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from cnnspec.api.torch_export import export_torch
from cnnspec.api.train import Run, Wish
from cnnspec.cli.app import run as command
from cnnspec.lower.train_source.signature import is_as_made
from cnnspec.pipeline import Compiled
from cnnspec.training.data.open import open_data
from cnnspec.training.plan import FILE
from tests.networks import network
from tests.test_train_data import idx
from tests.texts import compiled

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")

HEAD = "cnn 1\nmodel Small {\n  input 3x8x8\n"
PLAIN = HEAD + "  conv 3x3 8 pad=1 -> relu -> maxpool 2x2\n  flatten -> linear 3\n"
BUSY = (
    HEAD + "  conv 3x3 8 pad=1 bias=no -> bn -> relu\n  aux weight=0.3 aux1: { gap -> flatten -> linear 3 }\n"
    "  maxpool 2x2 -> flatten -> dropout 0.3 -> linear 3\n"
)
YES_NO = HEAD + "  conv 3x3 8 pad=1 -> relu -> maxpool 2x2\n  flatten -> linear 1\n"
RECIPES = {
    "nothing said": (PLAIN, ""),
    "sgd, step, crop, flip": (
        PLAIN,
        "optimizer sgd 0.05 momentum=0.9 nesterov=yes\nl2 1e-3 of=weights\nschedule step 0.5 every=1 epochs\n"
        "epochs 3\nbatch 16\naugment { crop 8 pad=1 -> flip -> flip vertical p=0.3 }",
    ),
    "milestones, l1, decay, clip": (
        PLAIN,
        "optimizer sgd 0.05\nl1 1e-3\ndecay 1e-2 of=weights\nclip 0.5\nschedule step 0.1 at=5,9 steps\nsteps 11\n"
        "batch 16",
    ),
    "adamw, warm-up, cosine, smoothing": (
        PLAIN,
        "loss cross_entropy smoothing=0.1\noptimizer adamw 0.01 betas=0.9,0.99\ndecay 0.05\nwarmup 1 epochs start=0.1\n"
        "schedule cosine to=0.001 per=epoch\nepochs 3\nbatch 20\naugment { rotate 20 -> cutout 3 holes=2 }",
    ),
    "rmsprop, one cycle, clip by value, class weights": (
        PLAIN,
        "loss cross_entropy weights=1,2,0.5\noptimizer rmsprop 0.003 momentum=0.5 centered=yes\nschedule one_cycle\n"
        "clip 0.1 by=value\nepochs 3\nbatch 16",
    ),
    "adagrad, polynomial, balanced, mixup": (
        PLAIN,
        "loss cross_entropy weights=balanced\noptimizer adagrad 0.02\nschedule polynomial power=2 per=step\n"
        "warmup 2 steps\nepochs 3\nbatch 16\naugment { mixup 0.4 }",
    ),
    "adadelta, exponential, jitter": (
        PLAIN,
        "optimizer adadelta\nl2 1e-3\nschedule exponential 0.9 per=step\nepochs 2\nbatch 16\n"
        "augment { jitter brightness=0.4 contrast=0.3 saturation=0.5 hue=0.1 }",
    ),
    "not square": (PLAIN.replace("3x8x8", "3x8x12"), "epochs 2\nbatch 16\naugment { rotate 20 -> cutout 3 }"),
    "plateau and stop": (
        PLAIN,
        "optimizer adam 0.05\nschedule plateau 0.5 patience=1 threshold=0.5 to=0.001\nstop patience=3 min_delta=0.2\n"
        "epochs 12\nbatch 16",
    ),
    "stop by accuracy": (PLAIN, "optimizer adam 0.01\nstop patience=2 metric=accuracy\nepochs 9\nbatch 16"),
    "heads, dropout, ema, accumulate, mixup": (
        BUSY,
        "optimizer sgd 0.02 momentum=0.9\nema 0.8\nbatch 16 accumulate=2\nepochs 3\n"
        "augment { flip -> crop 8 pad=1 -> mixup 0.2 }",
    ),
    "yes or no": (YES_NO, "loss binary_cross_entropy positive=2\noptimizer adam 0.01\nepochs 3\nbatch 16"),
    "squares": (YES_NO, "loss mse\noptimizer adam 0.01\nepochs 3\nbatch 16"),
    "yes or no of several": (PLAIN, "loss binary_cross_entropy\noptimizer adam 0.01\nepochs 2\nbatch 16"),
    "squares of several": (PLAIN, "loss mse\noptimizer adam 0.01\nepochs 2\nbatch 16"),
    "an image section": (
        PLAIN,
        "epochs 2\nbatch 16\naugment { jitter hue=0.2 }\n}\nimage channels=bgr {\n"
        "resize 12x10 bicubic -> crop 8 -> rescale 2/255 -> normalize mean=1 std=0.5,0.6,0.7",
    ),
}
ZOO = ("digits", "lenet", "resnet20_cifar", "googlenet", "densenet121", "mlp", "resnet18", "mobilenet_v2", "vgg16_bn")


def small(name: str) -> Compiled:
    text, recipe = RECIPES[name]
    made = compiled(f"{text}  train {{\n{recipe}\n  }}\n}}\n" if recipe else f"{text}}}\n", name="small.cnn")
    assert made.ok, [each.message for each in made.diagnostics]
    return made


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """An .npz with so many classes that can be told apart, but not too easily; not equally many of each."""
    rng = np.random.default_rng(0)
    found = {}
    for classes in (2, 3):
        y = np.sort(rng.permutation(np.arange(150) ** 2 // 8000) % classes)
        x = rng.integers(0, 200, (150, 8, 8, 3))
        x[np.arange(150), y, :, y] += 55
        parts = rng.permutation(150)
        first, rest = parts[:110], parts[110:]
        found[classes] = tmp_path_factory.mktemp("data") / f"{classes}.npz"
        x = x.astype(np.uint8)
        np.savez(found[classes], x_train=x[first], y_train=y[first], x_test=x[rest], y_test=y[rest])
    return found


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Signals and torch's settings, which the script changes for itself."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)
    for each, handler in before.items():
        signal.signal(each, handler)


def written(folder: Path, made: Compiled, seed: int | None = None) -> Path:
    """The folder with model.py and train.py, and, from a seed, with `begin.pt`."""
    export_torch(made, folder, None, seed)
    if seed is not None:
        from safetensors.torch import load_file

        torch.save(load_file(folder / "weights.safetensors"), folder / "begin.pt")
    return folder


def module(folder: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def trained(folder: Path, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, float]]:
    """What the script's metrics say, run in this process."""
    monkeypatch.setitem(sys.modules, "model", module(folder, "model"))
    monkeypatch.setattr(sys, "argv", ["train.py", "--out", str(folder / "run"), "--device", "cpu", *arguments])
    script = module(folder, "train")
    script.main(script.override())
    return rows(folder / "run" / "metrics.csv")


def rows(path: Path) -> list[dict[str, float]]:
    with path.open(encoding="utf-8") as stream:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(stream)]


def bare(folder: Path, *arguments: str, start: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """The script in a Python that cannot import cnnspec. Once more where torch itself aborts: threads of its own, now
    and then, at the end of one of several processes on a busy machine."""
    (folder / "cnnspec.py").write_text("raise ImportError('there is no cnnspec here')\n", encoding="utf-8")
    command = [sys.executable, *start, "train.py", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    if start and done.returncode and "terminate called without an active exception" in done.stderr:
        shutil.rmtree(folder / arguments[arguments.index("--out") + 1], ignore_errors=True)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    return done


# -- as `cnnspec train` does it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.filterwarnings("ignore:.*lr_scheduler.*")
def test_a_recipe_is_that_of_train(
    name: str, data: dict[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is held out, the order, augmentation, dropout, loss, optimizer, rate, what is best: epoch by epoch."""
    made = small(name)
    where = data[2 if RECIPES[name][0] is YES_NO else 3]
    folder = written(tmp_path, made, seed=0)
    found = trained(folder, "--data", str(where), "--weights", str(folder / "begin.pt"), monkeypatch=monkeypatch)
    wish = Wish(str(where), tmp_path / "other", device="cpu", threads=1)
    run = Run(made, wish, {"optimizer": FILE})
    list(run.train())
    expected = [each._asdict() for each in run.loop.history]
    assert [row["step"] for row in found] == [row["step"] for row in expected]
    for key in ("lr", "loss", "accuracy", "held_loss", "held_accuracy"):
        ours, theirs = ([row[key] for row in each] for each in (found, expected))
        assert ours == pytest.approx(theirs, rel=2e-3, abs=0.011 if "accuracy" in key else 2e-4), key
    state = torch.load(folder / "run" / "best.pt", weights_only=True)
    assert state.keys() == run.loop.network.state_dict().keys()
    last = torch.load(folder / "run" / "last.pt", weights_only=True)
    assert last["now"]["best_epoch"] == run.loop.best_epoch


def test_digits_in_a_python_without_cnnspec(tmp_path: Path) -> None:
    """As good as `cnnspec train`; and its weights are weights of the network."""
    sklearn = pytest.importorskip("sklearn.datasets")
    held = sklearn.load_digits()
    x = np.rint(held.images * (255 / 16)).astype(np.uint8)
    parts = {"train": slice(None, -297), "test": slice(-297, None)}
    arrays = {f"x_{name}": x[part] for name, part in parts.items()}
    np.savez(tmp_path / "digits.npz", **arrays, **{f"y_{name}": held.target[part] for name, part in parts.items()})
    folder = written(tmp_path / "digits", network("digits"))
    done = bare(folder, "--data", "../digits.npz", "--epochs", "12", "--lr", "0.05")
    assert done.returncode == 0, done.stderr
    (test,) = re.findall(r"^test: ([\d.]+)% right", done.stdout, re.MULTILINE)
    assert float(test) > 92, done.stdout
    best = folder / "run" / "best.pt"
    assert command(["export", "zoo:digits", "--weights", str(best), "-o", str(tmp_path / "digits.onnx")]) == 0
    made = module(folder, "model").Digits().eval()
    made.load_state_dict(torch.load(best, weights_only=True))
    x = torch.rand(5, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(tmp_path / "digits.onnx", providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"input": x.numpy()})
    torch.testing.assert_close(torch.from_numpy(found), made(x).detach(), rtol=1e-4, atol=1e-5)


# -- going on, several processes --------------------------------------------------------------------------------------


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(data: dict[int, Path], tmp_path: Path) -> None:
    """To the bit: weights, optimizer, metrics. It is stopped in the middle of an epoch."""
    name = "heads, dropout, ema, accumulate, mixup"
    folder = written(tmp_path, small(name))
    given = ("--data", str(data[3]), "--epochs", "40")
    assert bare(folder, *given, "--out", "whole").returncode == 0
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    started = subprocess.Popen(
        [sys.executable, "train.py", *given, "--out", "halves"], cwd=folder, stdout=subprocess.PIPE, text=True, env=env
    )
    assert started.stdout is not None
    for line in started.stdout:
        if line.startswith("epoch 3 "):
            started.send_signal(signal.SIGINT)
            break
    rest = started.stdout.read()
    assert started.wait() == 130, rest
    assert "--resume goes on" in rest
    assert len(rows(folder / "halves" / "metrics.csv")) < 40
    done = bare(folder, "--out", "halves", "--resume")
    assert done.returncode == 0, done.stderr
    assert "goes on after" in done.stdout
    whole, halves = (torch.load(folder / each / "last.pt", weights_only=True) for each in ("whole", "halves"))
    assert same(whole, halves)
    assert same(*(torch.load(folder / each / "best.pt", weights_only=True) for each in ("whole", "halves")))
    assert (folder / "whole" / "metrics.csv").read_bytes() == (folder / "halves" / "metrics.csv").read_bytes()


def same(one: object, other: object) -> bool:
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    return one == other


def test_a_run_goes_on_as_it_was_begun(data: dict[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other settings and other data are refused; what it began with is not needed any more."""
    folder = written(tmp_path / "net", small("sgd, step, crop, flip"), seed=0)
    set_, begin = tmp_path / "set.npz", folder / "begin.pt"
    set_.write_bytes(data[3].read_bytes())
    trained(folder, "--data", str(set_), "--weights", str(begin), monkeypatch=monkeypatch)
    about = (folder / "run" / "run.json").read_bytes()
    for name, was, value in (
        ("LR", "0.05", "0.5"),
        ("EPOCHS", "3", "9"),
        ("SEED", "0", "1"),
        ("HOLDOUT", "0.1", "0.2"),
    ):
        with pytest.raises(SystemExit, match=f"^{name} is {value}, and .*run was begun with {was}: another --out"):
            trained(folder, "--resume", f"--{name.lower()}", value, monkeypatch=monkeypatch)
    arrays = dict(np.load(set_))
    np.savez(set_, **{**arrays, "y_train": arrays["y_train"][::-1]})
    with pytest.raises(SystemExit, match="does not hold what"):
        trained(folder, "--resume", monkeypatch=monkeypatch)
    assert (folder / "run" / "run.json").read_bytes() == about
    np.savez(set_, **arrays)
    begin.unlink()
    assert len(trained(folder, "--resume", "--save-every", "9", monkeypatch=monkeypatch)) == 3


def test_signals_are_caught_while_it_trains_and_not_else(
    data: dict[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is heard; then the handler is the old one, as it is while data are read and the test part is judged."""
    folder = written(tmp_path, small("sgd, step, crop, flip"))
    monkeypatch.setitem(sys.modules, "model", module(folder, "model"))
    given = ["train.py", "--out", str(tmp_path / "run"), "--device", "cpu", "--data", str(data[3])]
    monkeypatch.setattr(sys, "argv", given)
    script, before = module(folder, "train"), signal.getsignal(signal.SIGINT)
    seen = []
    for name in ("load", "judge", "rate"):
        as_it_is = getattr(script, name)
        monkeypatch.setattr(
            script, name, lambda *a, f=as_it_is, n=name: (seen.append((n, signal.getsignal(signal.SIGINT))), f(*a))[1]
        )
    script.main(script.override())
    ours = [found is not before for _, found in seen]
    assert [name for name, _ in seen][-1] == "judge"
    assert (ours[0], any(ours), ours[-1]) == (False, True, False)
    assert all(found is not before for name, found in seen if name == "rate")
    assert signal.getsignal(signal.SIGINT) is before

    sent = iter([True])

    def rate(*_: object) -> float:
        if next(sent, False):
            os.kill(os.getpid(), signal.SIGTERM)
        return 0.01

    monkeypatch.setattr(script, "rate", rate)
    monkeypatch.setattr(sys, "argv", [*given, "--out", str(tmp_path / "other")])
    was = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit, match="130"):
        script.main(script.override())
    assert signal.getsignal(signal.SIGTERM) == was


@pytest.mark.parametrize(("name", "count"), [("sgd, step, crop, flip", 2), ("adagrad, polynomial, balanced, mixup", 3)])
def test_several_processes_are_one(name: str, count: int, data: dict[int, Path], tmp_path: Path) -> None:
    """The same batch in shares: the same losses, but for the order of a sum. The last batch of three has two samples,
    which are too few for three. Mixup is left out: it draws partners from its own share."""
    text, recipe = RECIPES[name]
    recipe = recipe.replace("augment { mixup 0.4 }", "")
    folder = written(tmp_path, compiled(f"{text}  train {{\n{recipe}\n  }}\n}}\n", name="small.cnn"), seed=0)
    arrays = dict(np.load(data[3]))
    if count == 3:
        arrays |= {"x_train": arrays["x_train"][:66], "y_train": arrays["y_train"][:66]}
    np.savez(tmp_path / "set.npz", **arrays, x_val=arrays["x_test"], y_val=arrays["y_test"])
    given = ("--data", "set.npz", "--weights", "begin.pt", *(("--batch", "64") if count == 3 else ()))
    assert bare(folder, *given, "--out", "one").returncode == 0
    several = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count))
    done = bare(folder, *given, "--out", "two", start=several)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("best epoch") == 1
    for one, two in zip(rows(folder / "one" / "metrics.csv"), rows(folder / "two" / "metrics.csv"), strict=True):
        assert two == pytest.approx(one, rel=1e-4)
    one, two = (torch.load(folder / each / "best.pt", weights_only=True) for each in ("one", "two"))
    for key in one:
        torch.testing.assert_close(two[key], one[key], rtol=1e-4, atol=1e-5)


# -- what it reads like -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The zoo's, and those of all the recipes, by name."""
    room = tmp_path_factory.mktemp("scripts")
    made = {name: network(name) for name in ZOO} | {name: small(name) for name in RECIPES}
    return {
        name: (written(room / str(place), each) / "train.py").read_text(encoding="utf-8")
        for place, (name, each) in enumerate(made.items())
    }


@pytest.mark.parametrize(
    "tool", ["ruff check --isolated", "ruff format --isolated --check --line-length 120", "mypy --strict"]
)
def test_others_find_nothing_to_say(tool: str, scripts: dict[str, str], tmp_path: Path) -> None:
    """All at once, each beside its own `model.py`, which are numbered for that."""
    program, *options = tool.split()
    pytest.importorskip(program)
    if program == "mypy":
        options += ["--cache-dir", str(tmp_path / "cache"), "--config-file", ""]
    for place, text in enumerate(scripts.values()):
        (found,) = re.findall(r"^from model import (\w+)", text, re.MULTILINE)
        imported = text.replace("from model import", f"from model{place} import")
        (tmp_path / f"train{place}.py").write_text(imported, encoding="utf-8")
        source = f"from torch import nn\n\n\nclass {found}(nn.Module):\n    pass\n"
        (tmp_path / f"model{place}.py").write_text(source, encoding="utf-8")
    files = [f"train{place}.py" for place in range(len(scripts))]
    command = [sys.executable, "-m", program, *options, *files]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


def test_it_is_short_and_imports_what_it_says(scripts: dict[str, str]) -> None:
    allowed = {*sys.stdlib_module_names, "numpy", "torch", "PIL", "model"}
    for name, text in scripts.items():
        assert len(text.splitlines()) < (400 if name in ZOO else 450), name
        for each in ast.walk(ast.parse(text)):
            names = [name.name for name in each.names] if isinstance(each, ast.Import) else []
            names += [each.module or ""] if isinstance(each, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= allowed
        assert "#?" not in text
        assert "$" not in text


def test_only_what_the_recipe_uses_is_there(scripts: dict[str, str]) -> None:
    assert 'torch.optim.SGD([large, {"params": small}], LR, momentum=MOMENTUM, nesterov=NESTEROV)' in scripts["digits"]
    assert "grid_sample" in scripts["digits"]
    assert "torch.optim.Adam(model.parameters(), LR)" in scripts["lenet"]
    for word in ("grid_sample", "augmented", "def rate", "EMA", "AUX", "no_sync", "mixed"):
        assert word not in scripts["lenet"]


# -- data -------------------------------------------------------------------------------------------------------------


def test_folders_of_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the names of the folders; sizes are brought to the input's; a file that is no picture is told."""
    rng = np.random.default_rng(0)
    for name, level in (("10", 0), ("2", 100), ("b", 200)):
        for part, count in (("train", 8), ("test", 2)):
            (tmp_path / "set" / part / name).mkdir(parents=True)
            for place in range(count):
                pixels = (rng.integers(0, 56, (9 + place, 12, 3)) + level).astype(np.uint8)
                Image.fromarray(pixels).save(tmp_path / "set" / part / name / f"{place}.png")
    folder = written(tmp_path / "net", small("nothing said"))
    found = trained(folder, "--data", str(tmp_path / "set"), "--epochs", "3", monkeypatch=monkeypatch)
    assert len(found) == 3
    (tmp_path / "set" / "train" / "b" / "9.png").write_bytes(b"no picture")
    with pytest.raises(SystemExit, match=r"9\.png cannot be read"):
        trained(folder, "--data", str(tmp_path / "set"), "--out", str(tmp_path / "x"), monkeypatch=monkeypatch)


def test_classes_are_in_the_order_of_train(tmp_path: Path) -> None:
    """2 before 10: 11 folders by number."""
    for name in (*map(str, range(10)), "10"):
        (tmp_path / "set" / name).mkdir(parents=True)
        for place in range(2):
            Image.new("RGB", (8, 8), (int(name), place, 0)).save(tmp_path / "set" / name / f"{place}.png")
    made = compiled(PLAIN.replace("linear 3", "linear 11") + "}\n", name="small.cnn")
    script = script_of(written(tmp_path / "net", made))
    script.HOLDOUT = 0.0
    parts, classes = script.load(tmp_path / "set")
    expected = open_data(tmp_path / "set")
    assert tuple(classes) == expected.classes
    assert parts["train"].labels.tolist() == expected.train.targets.tolist()
    assert list(map(str, parts["train"].pictures)) == list(expected.train.pictures)


def script_of(folder: Path) -> ModuleType:
    """The script with its own `model.py`, in this process."""
    before = sys.modules.get("model")
    sys.modules["model"] = module(folder, "model")
    try:
        return module(folder, "train")
    finally:
        if before is None:
            del sys.modules["model"]


def test_axes_in_either_order(data: dict[int, Path], tmp_path: Path) -> None:
    """N x C x H x W are the same pictures."""
    arrays = dict(np.load(data[3]))
    np.savez(tmp_path / "set.npz", **{name: np.moveaxis(x, 3, 1) if x.ndim == 4 else x for name, x in arrays.items()})
    script = script_of(written(tmp_path / "net", small("nothing said")))
    one, other = (script.read(each) for each in (data[3], tmp_path / "set.npz"))
    for part in one:
        np.testing.assert_array_equal(one[part][0], other[part][0])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.npz", r"missing\.npz cannot be read: .*No such file"),
        ("text.npz", r"text\.npz cannot be read"),
        ("cut.npz", r"cut\.npz cannot be read"),
        ("four.npz", r"four\.npz cannot be read: x is \(6, 8, 8, 4\) from 0 to 255, not grey or RGB"),
        ("fewer.npz", r"\(5,\) +and requested shape \(6,\)"),
        ("negative.npz", "labels are names, or numbers from 0"),
        ("unlabelled.npz", "y_train|'y'|no data to train on"),
        ("idx", "idx cannot be read"),
        ("empty", "empty cannot be read"),
        ("alone.npz", "class 2 has one sample alone, and none to hold out"),
        ("grey.npz", "all training pictures are of one colour in channel 2"),
    ],
)
def test_data_that_are_wrong(name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told in a line."""
    rng, y = np.random.default_rng(0), np.arange(6) % 3
    x = rng.integers(0, 256, (6, 8, 8, 3)).astype(np.uint8)
    grey = x.copy()
    grey[..., 1] = 7
    sets = {"four": (x[..., [0, 1, 2, 0]], y), "fewer": (x, y[:5]), "negative": (x, y - 1), "grey": (grey, y)}
    sets["alone"] = (x, np.array([0, 0, 0, 1, 1, 2]))
    for each, (pictures, labels) in sets.items():
        np.savez(tmp_path / f"{each}.npz", x=pictures, y=labels)
    np.savez(tmp_path / "unlabelled.npz", x=x)
    (tmp_path / "text.npz").write_text("no zip", encoding="utf-8")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "grey.npz").read_bytes()[:900])
    for each, end in (("idx", -5), ("empty", 0)):
        (tmp_path / each).mkdir()
        (tmp_path / each / "train-images-idx3-ubyte").write_bytes(idx(x[..., 0])[:end])
        (tmp_path / each / "train-labels-idx1-ubyte").write_bytes(idx(y.astype(np.uint8)))
    folder = written(tmp_path / "net", small("nothing said"))
    with pytest.raises(SystemExit, match=said) as found:
        trained(folder, "--data", str(tmp_path / name), monkeypatch=monkeypatch)
    assert len(str(found.value.code).splitlines()) == 1


def test_files_of_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    y = np.arange(60, dtype=np.uint8) % 3
    x = (rng.integers(0, 100, (60, 7, 7)) + 50 * y[:, None, None]).astype(np.uint8)
    for kind, array in (("images-idx3", x), ("labels-idx1", y)):
        (tmp_path / f"train-{kind}-ubyte.gz").write_bytes(gzip.compress(idx(array)))
        (tmp_path / f"t10k-{kind}-ubyte").write_bytes(idx(array))
    folder = written(tmp_path / "net", small("nothing said"))
    assert len(trained(folder, "--data", str(tmp_path), "--epochs", "2", monkeypatch=monkeypatch)) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--data says what to train on"),
        (["--data", "nowhere"], "holds no data to train on"),
        (["--data", "{four}"], "the data have 4 classes, and the network 3"),
        (["--data", "{wild}"], "not grey or RGB from 0 to 255"),
        (["--resume"], "holds no run"),
        (["--data", "{good}", "--lr", "1e30", "--epochs", "9"], "the loss is"),
    ],
)
def test_what_is_wrong_is_told(arguments: list[str], said: str, data: dict[int, Path], tmp_path: Path) -> None:
    np.savez(tmp_path / "four.npz", x=np.zeros((8, 8, 8, 3), np.uint8), y=np.arange(8) % 4)
    np.savez(tmp_path / "wild.npz", x=np.full((8, 8, 8, 3), -1.0), y=np.arange(8) % 3)
    places = {"four": tmp_path / "four.npz", "wild": tmp_path / "wild.npz", "good": data[3]}
    done = bare(
        written(tmp_path / "net", small("sgd, step, crop, flip")), *(each.format(**places) for each in arguments)
    )
    assert done.returncode
    assert said in done.stderr
    assert "Traceback" not in done.stderr


# -- whose it is ------------------------------------------------------------------------------------------------------


def test_a_script_that_somebody_has_changed_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "train.py"
    export = ["export", "zoo:digits", "--to", "torch", "-o", str(tmp_path)]
    assert command(export) == 0
    made = path.read_text(encoding="utf-8")
    assert is_as_made(made)
    assert is_as_made(made.replace("\n", "\r\n"))
    assert command(["export", "zoo:lenet", "--to", "torch", "-o", str(tmp_path)]) == 0
    assert "LeNet" in path.read_text(encoding="utf-8")
    changed = made.replace("EPOCHS = 30", "EPOCHS = 31")
    path.write_text(changed, encoding="utf-8")
    capsys.readouterr()
    assert command(export) == 0
    told = capsys.readouterr()
    assert path.read_text(encoding="utf-8") == changed
    assert "train.py was changed since it was made, and stays as it is" in " ".join(told.err.split())
    assert "train.py" not in told.out
    assert command([*export, "--overwrite"]) == 0
    assert path.read_text(encoding="utf-8") == made


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("siamese", "2 inputs"),
        ("unet", "one number for each class"),
        ("m5_audio", "no picture"),
        ("dcgan_generator", ""),
    ],
)
def test_what_is_no_classifier_has_none(
    name: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["export", f"zoo:{name}", "--to", "torch", "-o", str(tmp_path)]) == 0
    assert [each.name for each in tmp_path.iterdir()] == ["model.py"]
    told = " ".join(capsys.readouterr().err.split())
    assert "there is no train.py" in told
    assert why in told
