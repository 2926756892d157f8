"""A network over its budget: it can be asked about as any other, and is not put to work."""

import json
from pathlib import Path

import pytest

import cnnspec
from cnnspec.cli.app import run
from cnnspec.pipeline import compile_source
from cnnspec.source.text import Source

TEXT = """model Small {
  input 3x32x32
  BUDGET
  conv 3x3 16 pad=1
  bn
  relu
  maxpool 2x2
  conv 3x3 32 pad=1
  gap -> flatten
  linear 10
}
"""
ASKED = (
    ("memory",),
    ("memory", "--json"),
    ("formulas",),
    ("sizes",),
    ("sizes", "--try", "3x40x40"),
    ("field",),
    ("field", "conv2"),
    ("explain",),
    ("explain", "conv2"),
    ("report",),
    ("report", "--why", "fvcore"),
    ("report", "--convention", "ptflops"),
    ("sweep", "--input", "3x32x32,3x64x64"),
)


@pytest.fixture
def nets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, budget in (("over", "require params <= 5k, depth < 3"), ("within", "require params <= 8k")):
        (tmp_path / f"{name}.cnn").write_text(TEXT.replace("BUDGET", budget), encoding="utf-8")
    return tmp_path


def outcome(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(words)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_what_is_over_budget_is_looked_at(
    nets: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """The numbers are those of the same network without the budget, and the finding stands beside them."""
    verb, *more = words
    code, out, err = outcome(capsys, verb, "over.cnn", *more)
    plain, wanted, _ = outcome(capsys, verb, "within.cnn", *more)
    assert (code, plain) == (1, 0)
    if verb != "sweep":  # which tells it in its table
        assert out.replace("over.cnn", "within.cnn") == wanted
        assert err.count("error[require]") == 2
    assert out


def test_it_is_compared_with_what_it_was(nets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = outcome(capsys, "diff", "within.cnn", "over.cnn", "--max-growth", "params=5%")
    assert code == 1
    assert "the same network" in out
    assert "params" in out
    assert err.count("error[require]") == 2
    assert outcome(capsys, "diff", "over.cnn", "within.cnn")[0] == 0  # what brings it back is no fault


def test_the_numbers_are_data_too(nets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = outcome(capsys, "report", "over.cnn", "--convention", "fvcore", "--json")
    assert code == 1
    assert json.loads(out)["totals"]["convention"]["value"] > 0


@pytest.mark.parametrize(
    ("line", "ok", "whole"),
    [
        ("require params <= 8k", True, True),
        ("require params <= 5k", False, True),
        ("require params <= 5k and macs > 9T", False, True),
        ("require in.h == 64", False, False),
        ("require params <= 5k\n  conv 3x3", False, False),
    ],
)
def test_only_budgets_leave_a_network_whole(line: str, ok: bool, whole: bool) -> None:
    """A condition on the sizes that come in says that the network is not meant for them: its numbers are no numbers."""
    found = compile_source(Source("model.cnn", TEXT.replace("BUDGET", line)))
    assert (found.ok, found.whole) == (ok, whole)


@pytest.mark.parametrize(
    "words",
    [
        ("export", "over.cnn", "-o", "over.onnx", "--seed", "0"),
        ("export", "over.cnn", "--to", "torch", "-o", "folder"),
        ("run", "over.cnn", "picture.png", "--seed", "0"),
        ("train", "over.cnn", "--data", "nowhere", "--out", "runs"),
    ],
    ids=lambda words: " ".join(words),
)
def test_it_is_not_put_to_work(nets: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    before = sorted(nets.iterdir())
    code, out, err = outcome(capsys, *words)
    assert (code, out) == (1, "")
    assert "note: a network over its budget is not put to work" in err
    assert sorted(nets.iterdir()) == before


def test_from_python_it_is_loaded_and_looked_at(nets: Path) -> None:
    with pytest.warns(cnnspec.BudgetWarning, match=r"5,450 of 5,000 parameters, 450 \(9.0%\) over") as warned:
        model = cnnspec.load("over.cnn")
    assert warned[0].filename == __file__
    assert (model.params, model.within_budget) == (5450, False)
    within = cnnspec.load("within.cnn")
    assert within.within_budget
    assert model.memory(batch=2).to_dict()["inference"] == within.memory(batch=2).to_dict()["inference"]
    assert model.counted("fvcore").value == within.counted("fvcore").value
    assert (3, 40, 40) in model.sizes()
    assert model.formulas().macs(H=64, W=64) == within.formulas().macs(H=64, W=64)
    assert cnnspec.diff(within, model).same
    assert model.report().to_dict()["totals"] == within.report().to_dict()["totals"]


def test_from_python_it_is_not_put_to_work(nets: Path) -> None:
    with pytest.warns(cnnspec.BudgetWarning):
        model = cnnspec.load("over.cnn")
    with pytest.raises(cnnspec.SpecError, match="does not hold"):
        model.export("over.onnx", seed=0)
    with pytest.raises(cnnspec.SpecError, match="does not hold"):
        model.torch_source()
    with pytest.raises(cnnspec.SpecError, match="does not hold"):
        model.run("picture.png", seed=0)
    assert not Path("over.onnx").exists()


def test_how_near_a_budget_is(nets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rounded down: what is kept by a hair is not said to be all used up."""
    budget = "require params <= 8k, depth == 3, params < 5451 and rf >= 5, memory <= 64MB//2, 1G > macs"
    Path("near.cnn").write_text(TEXT.replace("BUDGET", budget), encoding="utf-8")
    code, out, _ = outcome(capsys, "check", "near.cnn")
    assert code == 0
    assert out.endswith(
        "5,450 parameters; params 68% of 8k, params 99% of 5451, rf 160% of 5, memory 0% of 64MB//2, macs 0% of 1G\n"
    )
    Path("none.cnn").write_text(TEXT.replace("BUDGET", "require in.h == 32, depth == 3"), encoding="utf-8")
    assert outcome(capsys, "check", "none.cnn")[1].endswith(" parameters\n")
