"""What other tools count: our rules against the tools themselves, on every word, every example and random networks
(CNNSPEC_COUNTED_NETS says how many), to the unit. Without the tools, the sums and the numbers that were measured."""

import csv
import io
import json
import os
import re
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import jsonschema
import pytest

import cnnspec
from cnnspec.api.counting import counted
from cnnspec.build.options import Options
from cnnspec.cli.app import run
from cnnspec.lower.torch_source.rooms import in_evaluation, planned
from cnnspec.passes.conventions.calls import calls
from cnnspec.passes.conventions.cross_walk import IDLE, CrossWalk
from cnnspec.passes.conventions.rules import MOVING, TRANSPOSED
from cnnspec.passes.conventions.tools import NAMES, tool
from cnnspec.passes.fold import Kind
from cnnspec.pipeline import Compiled, compile_file
from cnnspec.reports.conventions.cross_walk import convention_lines, cross_walk_text
from cnnspec.reports.look import Look
from tests import ROOT
from tests.judges.examples import Case, cases
from tests.networks import EXAMPLES, ZOO, network, program
from tests.test_readme import printed
from tests.test_truth import TRUTH
from tests.test_truth import of as of_truth
from tests.texts import compiled

NETS = int(os.environ.get("CNNSPEC_COUNTED_NETS", "8"))
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / "report-schema.json").read_text(encoding="utf-8")))
SEED = 20_261_129
own_size = [case for case in cases() if case.size == 0]
every_tool = pytest.mark.parametrize("name", NAMES)
judged = pytest.mark.torch
pytestmark = pytest.mark.filterwarnings("ignore:::thop", "ignore:::fvcore", "ignore:::torch")


def of_case(case: Case, behind: str = "") -> Compiled:
    """A network of one step, and of what stands behind it."""
    inputs = [f"  input in{place}: {'x'.join(map(str, shape))}" for place, shape in enumerate(case.inputs)]
    step = case.text if case.layer.merges else f"@x0 -> {case.text}"
    return program("\n".join([*inputs, f"  {step.replace('@x', '@in')}{behind}"]))


def installed(name: str) -> None:
    pytest.importorskip("torch")
    from tests.judges import counters

    why = counters.lacking(tool(name))
    if why:
        pytest.skip(why)


def same(name: str, result: Compiled, batch: int) -> CrossWalk:
    """The tool prints what we say, or stops where we say that it does."""
    from tests.judges import counters

    walk = counted(result, name, batch)
    assert counters.printed(tool(name), result, batch) == walk.value
    return walk


# -- before the tools -------------------------------------------------------------------------------------------------


@judged
@every_tool
def test_every_word_counts_as_the_tool_has_it(name: str) -> None:
    """Behind every other one stands a step with a parameter, without which calflops stops."""
    installed(name)
    for place, case in enumerate(own_size):
        batch, behind = (1, "") if place % 2 else (3, " -> prelu")
        walk = same(name, of_case(case, behind), batch)
        assert walk.value is not None or name.startswith("calflops"), case.name


@judged
@every_tool
def test_every_example_counts_as_the_tool_has_it(name: str) -> None:
    """Those that take a smaller picture are given one."""
    installed(name)
    for example in ZOO:
        same(name, smaller(example), 1)


def smaller(name: str) -> Compiled:
    whole = network(name)
    assert whole.built is not None
    channels, *extents = next(iter(whole.analysis.rows)).shape or (0,)
    if len(whole.built.graph.inputs) > 1 or max(extents, default=0) < 100:
        return whole
    less: dict[str | None, tuple[int, ...]] = {None: (channels, *(max(each // 6, 8) for each in extents))}
    other = compile_file(str(EXAMPLES / f"{name}.cnn"), Options(inputs=less))
    return other if other.ok else whole


@judged
@every_tool
def test_random_networks_count_as_the_tool_has_it(name: str) -> None:
    installed(name)
    pytest.importorskip("onnxruntime")
    from tests.judges.random_networks import network as drawn

    judged_nets = 0
    for case in range(NETS):
        net = drawn(SEED, case)
        for model in net.models:
            options = Options(model=model if len(net.models) > 1 else None)
            result = compiled(net.text, options, files=net.files)
            if result.ok and result.built:
                same(name, result, case % 3 + 1)
                built = result.built
                assert in_evaluation(built.graph, built.shapes) == planned(built.graph, built.shapes)
                judged_nets += 1
    assert judged_nets >= NETS // 2


@judged
def test_fvcore_says_itself_what_it_has_no_rule_for() -> None:
    """But for operators that only move numbers, which it does not know either."""
    installed("fvcore")
    from tests.judges.counters import without_rule_in_fvcore

    moving = {"aten::channel_shuffle", "aten::pad", "aten::pixel_shuffle", "aten::unflatten"}
    for case in own_size:
        result = of_case(case)
        assert bool(counted(result, "fvcore").unseen) == bool(without_rule_in_fvcore(result) - moving), case.name


@judged
def test_thop_says_itself_what_it_has_no_rule_for() -> None:
    """Of resizing along three axes it says so in another way."""
    installed("thop")
    from tests.judges.counters import without_rule_in_thop

    for case in own_size:
        result = of_case(case)
        unseen = {each.target for each in counted(result, "thop").unseen if each.target.startswith("nn.")}
        assert unseen - {"nn.Upsample"} == without_rule_in_thop(result) - set(MOVING), case.name


@judged
def test_steps_give_what_torch_gives() -> None:
    """The sizes between the steps of one layer."""
    pytest.importorskip("torch")
    import torch

    from tests.judges.torch_module import run_step

    several = 0
    for case in cases():
        found = calls(Kind(case.layer, case.inputs, case.result), 2)
        weights = {each.name: torch.zeros(each.shape) for each in case.layer.weights(case.inputs)}
        several += len(found) > 1
        for call in found if len(found) > 1 else ():
            own = bool(set(call.step.inputs) & set(weights))  # a weight has no batch
            inputs = [torch.zeros(shape if own or call.target == "*" else (2, *shape)) for shape in call.inputs]
            made = run_step(call.step, {} if own else weights, inputs)
            assert tuple(made.shape[0 if own or call.target == "*" else 1 :]) == call.output, (case.name, call.target)
    assert several > 50


# -- without the tools ------------------------------------------------------------------------------------------------


@every_tool
def test_a_tool_has_a_rule_for_every_step_of_torch(name: str) -> None:
    targets = {step.target for case in cases() for step in case.layer.torch(case.inputs)}
    assert len(targets) > 60
    assert targets <= set(tool(name).rules)


@pytest.mark.parametrize("name", ZOO)
def test_where_all_runs_nothing_need_be_planned(name: str) -> None:
    built = network(name).built
    assert built is not None
    assert in_evaluation(built.graph, built.shapes) == planned(built.graph, built.shapes)


@every_tool
def test_differences_make_the_whole_difference(name: str) -> None:
    for example in ZOO:
        walk = counted(network(example), name, 2)
        assert walk.ours == network(example).analysis.totals.macs * walk.batch
        assert walk.value == walk.ours + sum(each.number for each in walk.differences)
        assert walk.complete == (not walk.unseen and not walk.short)


def test_a_rule_that_counts_less_than_there_is_makes_a_lower_bound() -> None:
    """calflops divides the channels of a grouped transposed convolution by the groups twice: here by 8 once more, and
    down to 0."""
    result = program("input 8x9x9\nconv_transpose 4x4 8 /2 pad=1 groups=8 bias=no -> conv 1x1 4")
    walk = counted(result, "calflops")
    assert (walk.ours, walk.value, walk.complete, walk.unseen) == (20736, 10368, False, ())
    assert [(each.target, each.layers) for each in walk.short] == [("nn.ConvTranspose2d", ("conv_transpose1",))]
    told = cross_walk_text(result, walk.tool, walk, Look(width=100))
    assert "In its own sense it is a lower bound.\nCounted for less than there is:\n  nn.ConvTranspose2d in" in told
    assert "a lower bound, as it counts 1 step for less than there is" in convention_lines(
        walk.tool, walk, Look(width=200)
    )
    plain = counted(program("input 8x9x9\nconv_transpose 4x4 8 /2 pad=1 -> conv 1x1 4"), "calflops")
    assert plain.complete


MEASURED = {
    "conv 3x3 16 pad=1|8x10x10": (115200, 115200, 116800, 116800, 115200, 115200, 232000),
    "conv 3x3 16 pad=1 bias=no|8x10x10": (115200, 115200, 115200, 115200, 115200, 115200, 230400),
    "linear 32|64": (2048, 2048, 2080, 2080, 2048, 2048, 4096),
    "depthwise 3x3 pad=1 bias=no|16x10x10": (14400, 14400, 14400, 14400, 14400, 14400, 28800),
    "conv_transpose 2x2 4 /2 bias=no|8x10x10": (12800, 12800, 51200, 12800, 51200, 12800, 25600),
    "bn|16x10x10": (0, 3200, 32, 3200, 6400, 0, 3200),
    "relu|16x10x10": (0, 0, 0, 3200, 0, 0, 1600),
    "maxpool 2x2|16x10x10": (0, 0, 0, 3200, 0, 0, 1600),
    "avgpool 2x2|16x10x10": (0, 0, 0, 3200, 400, 0, 1600),
    "gap|16x10x10": (0, 1600, 0, 3200, 1616, 0, 1600),
    "layernorm over=all|10x8x8": (0, 3200, 1280, 640, 2560, 0, 3200),
    "gelu|10x8x8": (0, 0, 0, 1280, 0, 0, 640),
    "upsample 2 mode=bilinear|16x10x10": (0, 25600, 0, 12800, 70400, 0, 1600),
}
"""Of one layer: torch's counter halved, fvcore, torchinfo, ptflops, thop, calflops' MACs and FLOPs. The LayerNorm has
640 factors and as many summands."""


@pytest.mark.parametrize("layer", MEASURED)
def test_a_layer_counts_as_it_was_measured(layer: str) -> None:
    """For calflops a PReLU behind it has a parameter; what that counts itself is taken off again."""
    text, shape = layer.split("|")
    result = program(f"  input {shape}\n  {text}")
    names = ("torch", "fvcore", "torchinfo", "ptflops", "thop", "calflops", "calflops-flops")
    for name, expected in zip(names, MEASURED[layer], strict=True):
        walk = counted(result, name)
        if walk.value is None:
            assert name.startswith("calflops")
            assert walk.undefined[-1].why == "calflops stops at a network without a parameter"
            walk = counted(program(f"  input {shape}\n  {text} -> prelu"), name)
        found = walk.value
        assert found is not None
        prelu = (
            walk.differences[-1].number if walk.differences[-1:] and walk.differences[-1].target == "nn.PReLU" else 0
        )
        assert (found - prelu) / (2 if name == "torch" else 1) == expected


TRUTHS = {"flop_counter": "torch", "calflops": "calflops-flops"}
"""What the table of truth calls two of them; it has torch's counter halved."""

WRITTEN_OTHERWISE = {
    ("googlenet", "ptflops"): 3_226_160,  # torchvision has F.relu, we have nn.ReLU: once more as a module
    ("mobilenet_v2", "ptflops"): 62_720,  # there the pool is a function
    ("mobilenet_v2", "thop"): 64_000,
    ("cifar_resnet20", "ptflops"): 49_152,  # there shortcuts are slices, ours are pools of one pixel
    ("cifar_resnet20", "calflops"): 24_576,
}
"""How much more is counted of our source than of the one that was measured."""


@pytest.mark.parametrize("example", [name for name, known in TRUTH.items() if "tools" in known])
def test_networks_count_as_was_measured_elsewhere(example: str) -> None:
    """Of torchvision's own modules, by the tools; where these are written as ours are."""
    for name, expected in TRUTH[example]["tools"].items():
        value = counted(of_truth(example), TRUTHS.get(name, name)).value
        assert value is not None
        more = WRITTEN_OTHERWISE.get((example, name), 0)
        assert value / (2 if name == "flop_counter" else 1) == expected + more, name


def test_what_only_the_source_runs_is_told() -> None:
    """A value that a scope hands to an auxiliary head is computed in evaluation, too."""
    result = program(
        "  input 3x16x16\n"
        "  t: {\n    a: conv 3x3 8 pad=1 bias=no\n    b: conv 3x3 4 pad=1 bias=no\n    @a -> relu\n  }\n"
        "  aux h: { @t.b -> gap -> flatten -> linear 10 }\n"
        "  gap -> flatten -> linear 10"
    )
    walk = counted(result, "fvcore")
    assert (walk.differences[0].how, walk.differences[0].layers) == (IDLE, ("t.b",))
    assert walk.differences[0].number == 8 * 4 * 9 * 256
    assert result.analysis.totals.macs == walk.ours


def test_what_is_used_twice_counts_twice() -> None:
    result = program("  input 8x10x10\n  one: conv 3x3 8 pad=1 bias=no\n  relu\n  reuse one")
    assert [counted(result, name).value for name in ("torch", "thop")] == [2 * 115_200, 115_200]


def test_calflops_loses_grouped_transposed_convolutions() -> None:
    """One filter for each group, divided by the groups once more, and rounded down."""
    walk = counted(program("  input 16x10x10\n  conv_transpose 2x2 16 /2 groups=16 bias=no"), "calflops")
    assert (walk.ours, walk.value) == (6400, 0)
    assert [(each.target, each.number) for each in walk.differences] == [(TRANSPOSED[1], -6400)]


@pytest.mark.parametrize(("batch", "value"), [(1, None), (2, 0), (3, None)])
def test_calflops_stops_at_a_factor_for_each_axis(batch: int, value: int | None) -> None:
    walk = counted(program("  input 3x4x5\n  upsample 2x3 -> prelu"), "calflops", batch)
    assert walk.value == value
    assert not walk.complete or not walk.undefined


def test_ptflops_is_asked_for_one_sample() -> None:
    walk = counted(network("resnet18"), "ptflops", 8)
    assert (walk.batch, walk.value) == (1, counted(network("resnet18"), "ptflops").value)


@pytest.mark.parametrize(("name", "batch"), [("deepspeed", 1), ("fvcore", 0)])
def test_what_cannot_be_asked_is_refused(name: str, batch: int) -> None:
    with pytest.raises(ValueError, match=r"is no convention|a whole number above 0"):
        counted(network("lenet"), name, batch)


PAGE = (ROOT / "docs" / "counting.md").read_text(encoding="utf-8")
ON_THE_PAGE = re.findall(r"^```console\n\$ cnnspec ([^\n]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(os.name == "nt", reason="the page is written for a POSIX shell")
@pytest.mark.parametrize(("arguments", "expected"), ON_THE_PAGE, ids=[arguments for arguments, _ in ON_THE_PAGE])
def test_the_page_shows_what_is_printed(arguments: str, expected: str, tmp_path: Path) -> None:
    assert printed(arguments, tmp_path) == expected


# -- what is shown ----------------------------------------------------------------------------------------------------


def shown(*arguments: str, code: int = 0, text: str = "") -> str:
    """What `report` prints; where it is refused, what it says."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert run(["report", *arguments]) == code
        for each in (out, err):
            each.flush()
    told: bytes = (err if code == 2 else out).buffer.getvalue()  # type: ignore[attr-defined]
    return told.decode()


@every_tool
def test_json_has_the_total_by_the_schema(name: str) -> None:
    for file, batch in (("zoo:siamese", "2"), ("zoo:m5_audio", "1"), ("zoo:c3d", "1")):
        record = json.loads(shown(file, "--convention", name, "--batch", batch, "--json"))
        SCHEMA.validate(record)
        told = record["totals"]["convention"]
        walk = counted(network(file.removeprefix("zoo:")), name, int(batch))
        assert record["totals"]["conventions"] == [told]
        assert (told["name"], told["value"], told["complete"]) == (name, walk.value, walk.complete)
        assert told["macs"] + sum(each["number"] for each in told["differences"]) == told["value"]
        assert record == json.loads(shown(file, "--why", name, "--batch", batch, "--json"))


def test_the_total_stands_under_the_report() -> None:
    plain = shown("zoo:resnet18")
    told = shown("zoo:resnet18", "--convention", "fvcore")
    assert told.startswith(plain)
    assert "fvcore  1,819,065,856  FLOPs for one sample, a lower bound, as it has no rule for 9 steps" in told
    assert "- fvcore: **1,819,065,856** (FLOPs" in shown(
        "zoo:resnet18", "--convention", "fvcore", "--format", "markdown"
    )
    assert '<dt>fvcore</dt><dd class="number">1,819,065,856</dd>' in shown(
        "zoo:resnet18", "--convention", "fvcore", "--format", "html"
    )


@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_why_keeps_within_the_width(width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    for name in NAMES:
        told = shown("zoo:se_resnet50", "--why", name)
        assert max(map(len, told.splitlines()[1:])) <= max(int(width), 72)  # a call is never divided


def test_why_as_a_table() -> None:
    walk = counted(network("unet"), "thop")
    rows = list(csv.DictReader(io.StringIO(shown("zoo:unet", "--why", "thop", "--format", "csv"))))
    assert sum(int(row["number"]) for row in rows) == walk.value
    assert rows[1]["layers"].split() == list(walk.differences[0].layers)
    lines = shown("zoo:unet", "--why", "thop", "--format", "markdown").splitlines()
    numbers = [line.split("|")[1].strip().strip("*").replace(",", "") for line in lines if line.startswith("| ")]
    assert sum(map(int, numbers[1:-1])) == int(numbers[-1]) == walk.value


def in_the_table(file: str, *arguments: str, code: int = 0) -> dict[str, dict[str, str]]:
    told = shown(file, "--format", "csv", *arguments, code=code)
    return {row["tool"]: row for row in csv.DictReader(io.StringIO(told))}


def test_all_tools_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    found = in_the_table("zoo:siamese", "--convention", "all", "--batch", "2")
    assert tuple(found) == NAMES
    record = json.loads(shown("zoo:siamese", "--convention", "all", "--batch", "2", "--json"))
    SCHEMA.validate(record)
    assert "convention" not in record["totals"]
    text = shown("zoo:siamese", "--convention", "all", "--batch", "2").rpartition("to ours")[0].rpartition("\ntool ")[2]
    markdown = shown("zoo:siamese", "--convention", "all", "--batch", "2", "--format", "markdown")
    for told in record["totals"]["conventions"]:
        row, walk = found[told["name"]], counted(network("siamese"), told["name"], 2)
        assert walk.value is not None
        assert (int(row["number"]), int(row["difference"])) == (walk.value, walk.value - walk.ours)
        assert (told["value"], told["macs"]) == (walk.value, walk.ours)
        assert (row["state"] == "complete") == walk.complete == (row["without_a_rule"] == row["counted_short"] == "0")
        assert (row["unit"], row["call"], int(row["batch"])) == (walk.tool.unit, walk.tool.call, walk.batch)
        (line,) = (each for each in text.splitlines() if each.split()[:1] == [told["name"]])
        number = f"{walk.value:,}"
        assert line.split()[:4] == [told["name"], walk.tool.version, number, walk.tool.unit]
        assert f"| `{told['name']}` | {walk.tool.version} | {number} | {walk.tool.unit} |" in markdown
    assert list(in_the_table("zoo:lenet", "--convention", "thop", "--convention", "fvcore")) == ["thop", "fvcore"]


@pytest.mark.parametrize("width", ["60", "80", "100"])
def test_the_table_of_tools_keeps_within_the_width(width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    for arguments in (["--convention", "all"], ["--convention", "ptflops"]):
        _, told = shown("zoo:lenet", *arguments).split("of the input.\n" if width != "60" else "FLOPs.\n", 1)
        assert max(map(len, told.splitlines())) <= max(int(width), 70)  # a call is never divided
        for name in NAMES if "all" in arguments else ():
            assert tool(name).version in told


def test_several_reasons_follow_one_another() -> None:
    told = shown("zoo:lenet", "--why", "fvcore", "--why", "thop")
    assert told == shown("zoo:lenet", "--why", "fvcore") + "\n" + shown("zoo:lenet", "--why", "thop")


def test_from_python_it_reads_as_the_command_does() -> None:
    model = cnnspec.load("zoo:lenet")
    found = model.counted("fvcore")
    assert str(found).splitlines()[1:] == shown("zoo:lenet", "--why", "fvcore").splitlines()[1:]
    assert repr(found) == "<cnnspec.Counted LeNet as fvcore: 2,327,720 FLOPs, a lower bound>"
    assert int(found) == found.value == 2_327_720
    assert found.to_dict() == json.loads(shown("zoo:lenet", "--convention", "fvcore", "--json"))["totals"]["convention"]
    assert [found.ours + sum(each.number for each in found.differences)] == [found.value]
    bare = cnnspec.loads(BARE).counted("calflops")
    assert "not defined" in repr(bare)
    with pytest.raises(ValueError, match="has no number for this network"):
        int(bare)


BAD = "cnn 1\nmodel A {\n  input 3x8x8\n  conv 9x9 4\n}\n"
BARE = "cnn 1\nmodel A {\n  input 3x8x8\n  upsample 2x1 -> relu\n}\n"


@pytest.mark.parametrize(
    ("text", "code", "why"), [(BAD, 1, "the network has errors"), (BARE, 0, "without a parameter")]
)
def test_a_number_that_is_not_defined_is_told_in_words(text: str, code: int, why: str) -> None:
    for arguments in (["--convention", "calflops"], ["--why", "calflops"], ["--convention", "calflops", "--json"]):
        told = shown("-", *arguments, code=code, text=text)
        assert why in " ".join(told.split())
    record = json.loads(shown("-", "--convention", "calflops", "--json", code=code, text=text))
    SCHEMA.validate(record)
    assert record["totals"]["convention"]["value"] is None
    assert why in record["totals"]["convention"]["reason"]
    assert "**not defined**" in shown("-", "--why", "calflops", "--format", "markdown", code=code, text=text)


def test_one_reason_is_told_once() -> None:
    told = shown("-", "--convention", "all", code=1, text=BAD)
    assert told.count("the network has errors") == 1
    assert told.count("not defined") == len(NAMES)
    rows = list(csv.DictReader(io.StringIO(shown("-", "--convention", "all", "--csv", code=1, text=BAD))))
    assert [(row["number"], row["state"], row["difference"]) for row in rows] == [("", "not defined", "")] * len(NAMES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--convention", "deepspeed"], "'deepspeed' is not one of"),
        (["--convention", "thop", "--why", "fvcore"], "ask about two tools"),
        (["--convention", "all", "--why", "fvcore"], "ask about two tools"),
        (["--why", "all", "--format", "csv"], "of several tools is no table of CSV"),
        (["--why", "thop", "--format", "html"], "cannot be told as html here"),
    ],
)
def test_what_cannot_be_told_is_refused(arguments: list[str], message: str) -> None:
    assert message in shown("zoo:lenet", *arguments, code=2)


def test_a_file_of_it(tmp_path: Path) -> None:
    shown("zoo:lenet", "--why", "torch", "-o", str(tmp_path / "why.md"))
    assert "two FLOPs" in (tmp_path / "why.md").read_text(encoding="utf-8")


def test_the_versions_are_those_that_are_told_and_installed() -> None:
    page = (ROOT / "docs" / "counting.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = project["optional-dependencies"]["counters"]
    for name in NAMES:
        known = tool(name)
        assert f"{known.package}=={known.version}" in extra
        (row,) = re.findall(rf"^\| `{name}` \|.*$", page, re.MULTILINE)
        assert known.version in row
        assert known.call in row
