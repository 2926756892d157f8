"""The bounds: no text within them makes a command fail, and none can be raised to where one would."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import cnnspec
from cnnspec.build.options import Limits, Options, bounded
from cnnspec.cli.app import run
from cnnspec.syntax.limits import MOST
from tests import ROOT
from tests.texts import compiled, findings, model

COMMANDS = [
    ["check", "--pedantic", "--perf"],
    ["report"],
    ["fmt", "--check"],
    ["export", "-o", "out.onnx", "--seed", "0"],
    ["export", "-o", "out", "--to", "torch", "--seed", "0"],
]


def around(opening: str, inside: str, closing: str, times: int) -> str:
    return "".join(opening.replace("{i}", str(i)) for i in range(times)) + inside + closing * times


def in_blocks(inside: str, times: int) -> str:
    """Blocks that use one another: each `inside` has the next in place of `B`."""
    names = [f"B{i}" for i in range(times)] + ["relu"]
    blocks = "".join(f"block {names[i]}() {{ {inside.replace('B', names[i + 1])} }}\n" for i in range(times))
    return blocks + model(names[0])


DEEP = {
    "scopes": lambda n: model(around("s{i}: { ", "relu", " }", n - 1)),
    "groups": lambda n: model(around("(", "relu", ")", n - 1)),
    "repeats": lambda n: model(around("(", "relu", ") x1", n - 1)),
    "branches": lambda n: model(around("add { id | ", "relu", " }", n - 1)),
    "conditions in branches": lambda n: model(around("add { id | if 1 == 1 { ", "relu", " } }", (n - 1) // 2)),
    "loops": lambda n: model(around("for i in 1..1 { ", "relu", " }", n - 1)),
    "alternatives": lambda n: model("if 1 == 2 { relu } else " * n + "{ sigmoid }"),
    "blocks": lambda n: in_blocks("B", n - 1),
    "blocks in branches": lambda n: in_blocks("add { l: B x1 | id }", (n - 1) // 3),
    "operators": lambda n: model("conv 3x3 " + "+".join("1" * (n + 1))),
    "operators in brackets": lambda n: model("conv 3x3 " + around("(", "1", "+0)", n - 1)),
    "operators before brackets": lambda n: model("conv 3x3 " + around("(0+", "1", ")", n - 1)),
    "functions": lambda n: model("conv 3x3 " + around("max(1, ", "1", ")", n - 1)),
    "conditions": lambda n: model("require " + "not " * (n - 2) + "in.c == 3"),
    "steps used again": lambda n: model(
        "t0: { relu }\n" + "".join(f"t{i}: {{ reuse t{i - 1} }}\n" for i in range(1, n // 2))
    ),
    "an error far inside": lambda n: model(around("add { id | ", "conv 3x3 5", " }", n - 1)),
    "all at once": lambda n: in_blocks("add { B | id }", n // 2 - 1).replace(
        "{ relu |", "{ conv 1x1 " + around("max(1, ", "+".join("1" * n), ")", n - 3) + " |"
    ),
}


@pytest.fixture
def few_frames() -> Iterator[None]:
    """Python's own bound on recursion, which other tests may have raised by now."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("few_frames")
@pytest.mark.parametrize("shape", DEEP)
@pytest.mark.parametrize("limits", [Limits(), Limits(nesting=MOST["nesting"], operators=MOST["operators"])])
def test_what_nests_as_deep_as_may_be_is_no_fault(
    shape: str,
    limits: Limits,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep.cnn").write_text(DEEP[shape](limits.nesting), encoding="utf-8")
    raised = [f"--limit={name}={getattr(limits, name)}" for name in ("nesting", "operators")]
    for command in COMMANDS:
        code = run([*command, "deep.cnn", *raised])
        said = capsys.readouterr().err
        assert code in (0, 1), said
        assert "limit-exceeded" not in said


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (model("conv 3x3 " + around("(", "1", "+0+0+0+0+0)", 60)), "operators"),
        (model("conv 3x3 " + around("(0+0+0+0+0+", "1", ")", 60)), "operators"),
        (model(around("if 1 == 2 { relu } else if 1 == 2 { relu } else { ", "relu", " }", 60)), "operators"),
        (model("t0: { relu }\n" + "".join(f"t{i}: {{ reuse t{i - 1} }}\n" for i in range(1, 200))), "nesting"),
        (in_blocks("B", 65), "nesting"),
    ],
)
def test_depth_adds_up_on_every_way(text: str, name: str) -> None:
    found = findings(text)
    assert {id for id, _ in found} == {"limit-exceeded"}
    with pytest.raises(cnnspec.SpecError, match=f"--limit {name}="):
        cnnspec.loads(text)


def test_what_stands_side_by_side_does_not_add_up() -> None:
    wide = "if in.c == 3 and 1 + 1 == 2 { conv 1x1 2*(1+3)*(2-1) } else { relu }\n" * 100
    assert findings(model(wide + "add { " + "conv 1x1 4*(1+1) | " * 100 + "id }")) == []
    chain = "if 2*(1+1) == 3 { conv 1x1 2*(1+3)*(2-1) } else " * 60
    assert findings(model(chain + "{ relu }")) == []


@pytest.mark.parametrize("name", Limits._fields)
def test_each_bound_can_be_raised_so_far_and_no_further(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    most = MOST[name]
    assert most > getattr(Limits(), name)
    assert run(["check", "zoo:lenet", "--limit", f"{name}={most}"]) == 0
    capsys.readouterr()
    for beyond in (most + 1, 10**30):
        assert run(["check", "zoo:lenet", "--limit", f"{name}={beyond}"]) == 2
        assert f"the bound `{name}` can be raised to {most}, not to {beyond}" in capsys.readouterr().err
    with pytest.raises(ValueError, match=f"can be raised to {most}"):
        cnnspec.load("zoo:lenet", limits={name: most + 1})


@pytest.mark.parametrize("value", [0, -1, True, 2.5, "12"])
def test_a_bound_is_a_whole_number_above_0(value: object) -> None:
    with pytest.raises(ValueError, match="a whole number above 0"):
        bounded({"nodes": value})  # type: ignore[dict-item]


def test_there_is_no_other_bound() -> None:
    with pytest.raises(ValueError, match="did you mean `nodes`"):
        cnnspec.loads(model("relu"), limits={"node": 3})
    with pytest.raises(ValueError, match="the bounds are nodes, elements, steps"):
        cnnspec.format_text(model("relu"), limits={"lines": 3})


def test_what_is_proposed_can_be_done() -> None:
    """The help names a bound that is taken, and none where there is no larger one."""
    text = model("relu x2000000")
    limits = Limits(repeat=10)
    for _ in range(10):
        (found,) = helps(text, limits)
        if "--limit" not in found:
            break
        name, _, value = found.partition("--limit ")[2].strip("`").partition("=")
        limits = bounded({**limits._asdict(), name: int(value)})
    assert found == "the bound `repeat` cannot be raised further"


def helps(text: str, limits: Limits) -> list[str]:
    return [each.help or "" for each in compiled(text, Options(limits=limits)).diagnostics]


def test_the_page_says_what_each_bound_is() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .* \| ([\d,]+) \| ([\d,]+) \|$", page, re.MULTILINE)
    assert sorted(rows) == sorted((name, f"{value:,}", f"{MOST[name]:,}") for name, value in Limits()._asdict().items())


# -- sizes -------------------------------------------------------------------------------------------------------------

ABSURD = [
    "upsample to=99999999x99999999",
    "upsample 99999999 mode=bilinear",
    "pad 99999999",
    "adaptive_avgpool 99999999x99999999",
    "adaptive_maxpool 99999999x99999999",
    "conv 1x1 999999999",
    "conv_transpose 3x3 8 /99999999",
    "padc 999999999",
]


@pytest.mark.parametrize("step", ABSURD)
def test_a_value_of_absurd_size_is_told(step: str) -> None:
    result = compiled(model(f"{step} -> relu"))
    (found,) = result.diagnostics
    assert found.id == "limit-exceeded"
    assert "numbers, and a value has at most 100,000,000,000" in found.message
    assert found.label is not None
    assert found.label.span.text == step


def test_the_input_is_bounded_too() -> None:
    assert [id for id, _ in findings(model("relu", "3x2147483647x2147483647"))] == ["limit-exceeded"]
    large = Options(inputs={None: (3, 10**6, 10**6)})
    assert [each.id for each in compiled(model("relu"), large).diagnostics] == ["limit-exceeded"]


def test_large_maps_are_legal() -> None:
    assert findings(model("conv 3x3 64 pad=1 -> upsample 2 -> upsample to=7001x9001", "3x10000x10000")) == []


@pytest.mark.parametrize(
    ("shape", "step"),
    [
        ("1x2147483647", "upsample to=1073741823"),
        ("1x2147483647", "upsample to=1073741824 mode=bilinear"),
        ("1x32", "upsample 99999999"),
        ("1x99999999", "adaptive_avgpool 9999999"),
        ("1x32", "adaptive_maxpool 999999999"),
        ("3x10000x10000", "adaptive_avgpool 7001x9001"),
    ],
)
def test_what_is_large_is_no_table(
    shape: str, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list of a position for each result would hang here, and fill the memory or the disk."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "large.cnn").write_text(model(step, shape), encoding="utf-8")
    for command in COMMANDS:
        code = run([*command, "large.cnn"])
        assert code in (0, 1), capsys.readouterr().err
    assert (tmp_path / "out.onnx").stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("shape", "step"),
    [
        ((1, 7), "upsample to=300001"),
        ((2, 4, 3), "upsample to=5x300001"),
        ((1, 3), "upsample 100000"),
        ((1, 70), "adaptive_avgpool 300001"),
        ((1, 17), "adaptive_maxpool 300001"),
        ((1, 3001), "adaptive_avgpool 2000"),
        ((1, 3001), "adaptive_maxpool 2000"),
    ],
)
def test_what_is_worked_out_as_it_runs_is_right(shape: tuple[int, ...], step: str, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    net = cnnspec.loads(model(step, "x".join(map(str, shape))))
    net.export(tmp_path / "out.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "out.onnx", providers=["CPUExecutionProvider"])
    given = np.random.default_rng(0).standard_normal((1, *shape), np.float32)
    (found,) = session.run(None, {"input": given})
    (layer,) = [node.layer for node in compiled(model(step, "x".join(map(str, shape)))).built.graph if node.inputs]
    np.testing.assert_allclose(found, layer.evaluate([given], {}), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("step", ["flatten -> linear 999999999", "gap -> conv 1x1 999999999"])
@pytest.mark.parametrize("target", ["onnx", "torch"])
def test_more_weights_than_any_memory_holds_are_not_made(
    step: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "large.cnn").write_text(model(step), encoding="utf-8")
    assert run(["export", "large.cnn", "-o", "out", "--seed", "0", "--to", target]) == 2
    said = capsys.readouterr().err
    assert "at most 2,147,483,647 are made fresh" in said
    assert "1.weight` is the largest of them" in said
    assert not (tmp_path / "out").exists()


# -- names -------------------------------------------------------------------------------------------------------------


def in_long_scopes(inside: str, times: int) -> str:
    return model(around(f"s{{i}}{'x' * 57}: {{ ", inside, " }", times))


def test_a_full_name_is_bounded() -> None:
    assert findings(in_long_scopes("relu", 31)) == []
    (found,) = compiled(in_long_scopes("relu x3000", 40)).diagnostics
    assert (found.id, found.message) == ("name-too-long", "the full name of this step has more than 2,000 characters")


@pytest.mark.parametrize(("step", "target"), [("relu", "onnx"), ("prelu", "torch")])
def test_names_too_long_for_a_file_are_refused(
    step: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """protobuf ends at 2 GB, the header of a safetensors file at 100 MB; a text of three lines comes there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "long.cnn").write_text(in_long_scopes(f"({step} x6000) x10", 31), encoding="utf-8")
    assert run(["export", "long.cnn", "-o", "out", "--seed", "0", "--to", target]) == 2
    assert "shorten the labels that most steps stand in" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
