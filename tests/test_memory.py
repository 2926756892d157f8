"""`cnnspec memory`: its numbers beside torch's, what fits, what is printed, what is refused."""

import json
import re
from pathlib import Path

import pytest

import cnnspec
from cnnspec.api.memory import Memory
from cnnspec.cli.app import run
from cnnspec.cli.values import bytes_of
from cnnspec.contract.training.optimizers import named_optimizers
from cnnspec.passes.cost import costs
from cnnspec.passes.memory.backward.blocks import blocks, level_of
from cnnspec.passes.memory.backward.rules import RULES
from cnnspec.passes.memory.backward.step import Line, Phase, largest_batch
from cnnspec.passes.memory.backward.training import Setup, Training, batch_of, setup_of
from cnnspec.passes.memory.peak import peak_bytes, weight_bytes
from cnnspec.passes.memory.precision import PRECISIONS
from cnnspec.pipeline import Compiled
from tests import ROOT
from tests.networks import ZOO, network
from tests.test_readme import printed
from tests.texts import good, model

PAGE = (ROOT / "docs" / "memory.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ cnnspec ([^\n]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
GB = 10**9


def training(result: Compiled, setup: Setup = Setup()) -> Training:  # noqa: B008 (a record)
    assert result.built is not None
    return Training(result.built.graph, result.built.shapes, setup)


# -- beside torch ------------------------------------------------------------------------------------------------------


@pytest.mark.torch
@pytest.mark.parametrize("name", named_optimizers())
def test_state_is_what_torchs_optimizer_keeps(name: str) -> None:
    torch = pytest.importorskip("torch")
    from cnnspec.training.optimize import KINDS
    from tests.judges.kept import exported, samples

    result = good(model("conv 3x3 4 -> bn -> relu -> flatten -> linear 3", "2x6x6"))
    module, optimizer = exported(result), named_optimizers()[name]
    make, arguments = KINDS[type(optimizer)]
    torchs = make(module.parameters(), lr=optimizer.lr, **arguments(optimizer))
    module(*samples(result, 4)).sum().backward()
    torchs.step()
    tensors = [each for state in torchs.state.values() for each in state.values() if torch.is_tensor(each)]
    found = training(result, Setup(optimizer))
    assert found.state == sum(each.nbytes for each in tensors)
    assert found.gradients == sum(each.grad.nbytes for each in module.parameters() if each.grad is not None)
    assert found.weights.params == sum(each.nbytes for each in module.parameters())
    assert found.weights.buffers == sum(each.nbytes for each in module.buffers())


JUDGED = (
    "alexnet",
    "densenet121",
    "googlenet",
    "lenet5",
    "m5_audio",
    "mobilenet_v2",
    "resnet18",
    "se_resnet50",
    "unet",
)


@pytest.mark.torch
@pytest.mark.parametrize("mixed", [False, True], ids=["fp32", "mixed"])
@pytest.mark.parametrize("name", JUDGED)
def test_the_peak_beside_every_tensor_of_torch(name: str, mixed: bool) -> None:
    """Of a real step, each tensor that an operation makes is followed until it is gone: equal to the byte, but that in
    mixed precision the gradients of weight and bias are cast one after the other."""
    torch = pytest.importorskip("torch")
    from tests.judges.kept import Alive, exported, samples
    from tests.test_memory_saved import small

    result, batch = small(name), 4
    module, inputs, alive = exported(result), samples(result, batch), Alive()
    for each in (*module.parameters(), *module.buffers()):
        alive.watch(each)
    before = alive.now
    with alive:
        for each in inputs:
            alive.watch(each)
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            results = module(*inputs)
        ends = list(results.values()) if isinstance(results, dict) else [results]
        torch.autograd.backward(ends, [torch.ones_like(each) for each in ends])
    found = training(result, Setup(mixed=mixed))
    ours = found.peak(batch).bytes.at(batch)
    theirs = alive.peak - before - sum(each.nbytes for each in ends)  # the gradients that it was given
    assert theirs <= ours <= 1.002 * theirs if mixed else ours == theirs


@pytest.mark.torch
def test_what_an_operation_takes_for_itself_is_not_counted() -> None:
    """Local response normalization is several operations in torch, with gradients between them; they are few."""
    pytest.importorskip("torch")
    from tests.judges.kept import Alive, exported, samples
    from tests.test_memory_saved import small

    result, batch = small("alexnet_paper"), 2
    module, inputs, alive = exported(result), samples(result, batch), Alive()
    for each in (*module.parameters(), *module.buffers()):
        alive.watch(each)
    before = alive.now
    with alive:
        for each in inputs:
            alive.watch(each)
        module(*inputs).sum().backward()
    ours, theirs = training(result).peak(batch).bytes.at(batch), alive.peak - before
    assert 0.96 * theirs < ours < theirs


@pytest.mark.torch
@pytest.mark.parametrize("block", ["layer1", "layer2", "layer4"])
def test_what_a_checkpoint_saves(block: str) -> None:
    """The bytes that are alive when forward has ended, without and with torch's checkpoint."""
    pytest.importorskip("torch")
    from torch.utils.checkpoint import checkpoint

    from tests.judges.kept import Alive, exported, samples
    from tests.test_memory_saved import small

    result, batch = small("resnet18"), 2
    left = []
    for checkpointed in (False, True):
        module, alive, inputs = exported(result), Alive(), samples(result, batch)
        if checkpointed:
            part = module.get_submodule(block)
            plain = part.forward
            part.forward = lambda x, plain=plain: checkpoint(plain, x, use_reentrant=False, preserve_rng_state=False)
        with alive:
            for each in inputs:
                alive.watch(each)
            results = module(*inputs)
            left.append(alive.now)
        del results
    found = training(result)
    (ours,) = [each for each in blocks(found.forward, {}, 1) if each.path == block]
    assert left[0] - left[1] == ours.saved.at(batch) > 0


# -- by itself ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ZOO)
def test_what_fits_fits_and_no_more(name: str) -> None:
    memory = cnnspec.load(f"zoo:{name}").memory()
    found = memory.largest_batch(8 * GB)
    assert found.training
    assert found.inference
    for batch, fits in ((found.training, True), (found.training + 1, False)):
        one = cnnspec.load(f"zoo:{name}").memory(batch=batch)
        assert (one.training <= 8 * GB) == fits
        assert one.kept <= one.training
    for batch, fits in ((found.inference, True), (found.inference + 1, False)):
        one = cnnspec.load(f"zoo:{name}").memory(batch=batch)
        assert (one.weights + one.peak <= 8 * GB) == fits


@pytest.mark.parametrize("name", ZOO)
def test_numbers_add_up(name: str) -> None:
    result = network(name)
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    record = cnnspec.load(f"zoo:{name}").memory(batch=3).to_dict()
    inference, trained = record["inference"], record["training"]
    assert inference["total"] == weight_bytes(graph, shapes) + 3 * peak_bytes(graph, shapes)
    assert sum(each["bytes"] for each in inference["peak"]["alive"]) == inference["peak"]["bytes"]
    kept = trained["kept"]
    assert kept["bytes"] == kept["each_sample"] * 3 + kept["fixed"]
    assert kept["bytes"] == sum(kept["kinds"].values()) == sum(kept["steps"].values())
    assert kept["bytes"] == sum(each["kept"] for each in trained["blocks"])
    peak = trained["peak"]
    settled = trained["weights"] + trained["optimizer_state"] + trained["average"]
    parts = ("kept", "gradients_of_weights", "gradients_of_activations", "others")
    assert peak["bytes"] == settled + sum(peak[each] for each in parts)
    assert peak["bytes"] >= settled + kept["bytes"]


def test_a_line_that_is_full_is_full() -> None:
    assert largest_batch([Line(3, 1), Line(2, 6)], 10) == 2
    assert largest_batch([Line(3, 1)], 0) == 0
    assert largest_batch([Line(3, 1)], 3) == 0
    assert largest_batch([Line(0, 5)], 5) is None
    assert largest_batch([Line(0, 5)], 4) == 0


def test_the_peak_of_much_weight_is_at_the_end_of_backward() -> None:
    """All gradients are there then, and only the input is still kept."""
    found = training(good(model("linear 1000 -> linear 1000 -> linear 1000", "10")))
    moment = found.peak(1)
    assert (moment.node, moment.phase, moment.weights) == ("linear1", Phase.BACKWARD, found.gradients)
    assert moment.kept.at(1) == 4 * 10


def test_what_the_train_section_says() -> None:
    text = """model M {
  input 3x8x8
  train {
    optimizer adam 0.001
    batch 64 accumulate=4
    ema 0.999
    freeze "a", "late" until=3 epochs
  }
  a: conv 3x3 4 -> b: bn -> relu -> reuse a -> gap -> flatten -> late: linear 3
}
"""
    text = text.replace('freeze "a", "late" until=3 epochs', 'freeze "b"\n    freeze "late" epochs until=3')
    text = text.replace("reuse a -> ", "")
    result = good(text)
    assert result.built is not None
    setup = setup_of(result.built.recipe, result.built.graph)
    assert setup.frozen == {"b"}
    assert (batch_of(result.built.recipe), setup.average, setup.optimizer.word) == (16, True, "adam")
    found = training(result, setup)
    numbers = 3 * 9 * 4 + 4 + 4 * 3 + 3
    assert found.gradients == 4 * numbers
    assert found.state == 2 * 4 * numbers + 4 * 4
    assert found.average == found.weights.bytes == 4 * (numbers + 4 * 4) + 8


def test_mixed_precision_keeps_less_and_copies_weights() -> None:
    result = network("resnet50")
    full, half = training(result), training(result, Setup(mixed=True))
    assert half.kept.each < 0.56 * full.kept.each
    assert half.kept.fixed - full.kept.fixed == half.kinds(1).get(next(k for k in half.kinds(1) if "half" in k.value))
    assert half.gradients == full.gradients


def test_blocks_by_the_level_that_tells_most() -> None:
    found = training(network("vgg16")).forward
    assert level_of(found) == 2
    built = network("vgg16").built
    assert built is not None
    macs = sum(each.macs for each in blocks(found, costs(built.graph, built.shapes), 2))
    assert macs == network("vgg16").analysis.totals.macs


def test_nothing_to_train() -> None:
    loaded = cnnspec.loads(model("relu -> maxpool 2x2 -> gap", "3x8x8"))
    memory = loaded.memory()
    assert memory.to_dict()["training"] is None
    assert "nothing is trained" in str(memory)
    assert (memory.weights, memory.kept) == (0, 0)


# -- the command -------------------------------------------------------------------------------------------------------


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["memory", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_it_fits_the_terminal(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for name in ("resnet18", "googlenet", "siamese"):
        code, out, err = told(capsys, f"zoo:{name}", "--memory", "8GB")
        assert (code, err) == (0, "")
        assert "\x1b" not in out
        if width >= 80:
            assert max(map(len, out.splitlines())) <= width


def test_json_is_what_python_gets(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "zoo:lenet", "--batch", "5", "--optimizer", "momentum", "--json", "--memory", "1GiB")
    record = json.loads(out)
    memory = cnnspec.load("zoo:lenet").memory(batch=5, optimizer="momentum")
    assert code == 0
    fits = memory.largest_batch(2**30)
    assert record.pop("fits") == {"memory": 2**30, "inference": fits.inference, "training": fits.training}
    assert record == {each: value for each, value in memory.to_dict().items() if each != "fits"}
    assert memory.to_dict()["fits"] is None


def test_precisions(capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    for precision in PRECISIONS:
        record = json.loads(told(capsys, "zoo:fashion", "--precision", precision, "--json")[1])
        found[precision] = record["training"]["peak"]["bytes"]
        assert record["training"]["batch"] == 128
    assert found["mixed"] == found["bf16"] == found["fp16"] < found["fp32"] == found["int8"]


@pytest.mark.parametrize(
    ("text", "bytes"),
    [("8GB", 8 * GB), ("8GiB", 8 * 2**30), ("1.5MB", 1_500_000), ("512 kB", 512_000), ("512KB", 512_000), ("7B", 7)]
    + [(each, 8 * GB) for each in ("8G", "8gb", "8 g", "8 GB", " 8Gb ")]
    + [(each, 8 * 2**30) for each in ("8Gi", "8gib", "8 GIB")]
    + [("2tb", 2000 * GB), ("512m", 512_000_000), ("100b", 100)],
)
def test_sizes_of_memory(text: str, bytes: int) -> None:
    assert bytes_of(text) == bytes


@pytest.mark.parametrize("text", ["8", "-1GB", "GB", "8GBx", "8 Gbit", "8  GB", "٣GB", ""])
def test_what_is_no_size(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no size of a memory"):
        bytes_of(text)
    code, out, err = told(capsys, "zoo:lenet", "--memory", text)
    assert (code, out) == (2, "")
    assert "8GB" in err


def test_what_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.cnn"
    bad.write_text(model("add { conv 3x3 4 | id }", "3x8x8"), encoding="utf-8")
    code, out, err = told(capsys, str(bad), "--json")
    assert code == 1
    assert [each["id"] for each in json.loads(out)["diagnostics"]] == ["shape-mismatch"]
    assert "shape-mismatch" in err
    assert told(capsys, str(tmp_path / "none.cnn"))[0] == 2
    assert told(capsys, "zoo:lenet", "--optimizer", "lion")[0] == 2
    loaded = cnnspec.load("zoo:lenet")
    for wrong in ({"batch": 0}, {"optimizer": "lion"}, {"precision": "int4"}, {"levels": 0}):
        with pytest.raises(ValueError, match=r"not|no "):
            loaded.memory(**wrong)  # type: ignore[arg-type]


def test_texts_are_safe_for_the_terminal() -> None:
    assert isinstance(cnnspec.load("zoo:lenet").memory(), Memory)
    text = cnnspec.load("zoo:lenet").memory().to_text(80)
    assert "estimate" in text


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_page_has_every_rule() -> None:
    table = PAGE.partition("| torch | keeps |")[2].partition("\n\n")[0]
    rows = dict(re.findall(r"^\| `([^|]*)` \| ([^|]*) \|$", table, re.MULTILINE))
    assert rows == {name: rule.what for name, rule in RULES.items()}


@pytest.mark.parametrize(("arguments", "expected"), SHOWN, ids=[arguments for arguments, _ in SHOWN])
def test_the_page_shows_what_is_printed(
    arguments: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found, (begin, ellipsis, _) = printed(arguments, tmp_path), expected.partition("\n…\n")
    assert found.startswith(begin) if ellipsis else found.strip("\n") == expected.strip("\n")


def test_bytes_beyond_what_a_float_holds_are_said_as_they_are() -> None:
    from cnnspec.reports.numbers import memory

    assert memory(29_898_400_000_000_001_233_125_376) == "29,898,400,000,000,001.23 GB"
    assert memory(999_999_999_999_999) == memory(10**15) == "1,000,000.00 GB"
