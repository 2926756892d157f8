"""`cnnspec sizes`: what it says, what limits it, one size tried; and nets whose answer is known."""

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from cnnspec import loads
from cnnspec.api.sizes import Sizes
from cnnspec.cli.app import command, run
from tests.texts import model

UNET = """
  a: (conv 3x3 2 pad=1 -> relu)
  maxpool 2x2 -> b: conv 3x3 2 pad=1
  maxpool 2x2 -> conv 3x3 2 pad=1
  conv_transpose 2x2 2 /2 -> concat { @b | id } -> conv 3x3 2 pad=1
  conv_transpose 2x2 2 /2 -> concat { @a | id } -> conv 3x3 2 pad=1
"""
TAIL = "flatten -> linear 10"
VGG = f"(conv 3x3 2 pad=1 -> maxpool 2x2) x5\n {TAIL}"


def sized(lines: str, shape: str) -> Sizes:
    return loads(model(lines, shape)).sizes()


@pytest.mark.parametrize(
    ("lines", "shape", "told"),
    [
        (UNET, "3x64x64", "H ≡ 0 (mod 4); W likewise"),
        (UNET.replace("3x3 2 pad=1\n", "3x3 2 pad=same\n"), "3x8x12", "H ≡ 0 (mod 4); W likewise"),
        ("concat { conv 3x3 4 | maxpool 2x2 -> pad 25 }", "3x103x103", "H = 103 or 104; W likewise"),
        (
            VGG,
            "3x224x224",
            "H in 224…255; W likewise, or H in 32…63; W in 1,568…1,599, or H in 1,568…1,599; W in 32…63",
        ),
        (f"gap -> {TAIL}", "3x9x9", "any H and W"),
        ("maxpool 3 /2 -> maxpool 3 /2", "3x50", "W ≥ 7"),
        ("conv 3 4 -> avgpool 2 /2", "3x9x9x9", "D ≥ 4; H and W likewise"),
        (f"maxpool 2 -> {TAIL}", "3x10", "W = 10 or 11"),
        ("layernorm over=last", "3x7x9", "any H; W = 9"),
        ("layernorm over=all", "3x7x9", "H = 7; W = 9"),
        ("avgpool 2x2 /2 pad=same_upper", "3x8x8", "H ≡ 0 (mod 2); W likewise"),
        ("pad 3 mode=reflect", "3x8x8", "H ≥ 4; W likewise"),
        ("crop to=5x6", "3x8x8", "H ≥ 5; W ≥ 6"),
        ("instancenorm", "3x8x8", "any H; W ≥ 2, or H ≥ 2; W = 1"),
        ("reshape 6 -1", "3x8x8", "any H; W ≡ 0 (mod 2), or H ≡ 0 (mod 2); W ≡ 1 (mod 2)"),
        ("permute 2 0 1 -> conv 1x1 4", "3x8x9", "any H; W = 9"),
        ("permute 0 2 1 -> add { @input | id }", "3x8x8", "any H and W; H = W"),
        ("require in.h < 100 and in.w != 8\n relu", "3x8x9", "H in 1…99; W in 1…7 or W ≥ 9"),
        ("require in.h == 2*in.w\n relu", "3x8x4", "any H and W; H = 2 * W"),
        ("if in.h % 2 == 1 { pad 0,0,1,0 }\n maxpool 2x2 -> upsample 2", "3x8x8", "any H; W ≥ 2"),
        ("if in.h > 40 { maxpool 2x2 -> pad 0 } else { conv 3x3 3 }", "3x8x8", "H in 3…40; W ≥ 3"),
        ("mul { conv 5x5 3 | maxpool 2x2 -> pad 0,0,1,1 }", "3x9x9", "H = 9 or 10; W likewise, or H = 5; W likewise"),
        ("maxpool 7x7 -> maxpool 11x11 -> upsample 77 -> add { id | @input }", "3x77x77", "H ≡ 0 (mod 77); W likewise"),
    ],
)
def test_a_net_whose_answer_is_known(lines: str, shape: str, told: str) -> None:
    found = sized(lines, shape)
    assert found.proved
    assert str(found) == told


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("for i in 1..in.h { relu }", "the text uses a size (`in.h`) in another way than to compare it"),
        ("reshape 3 -1 -> maxpool 2", "`maxpool1` (maxpool): it is a product of sizes, divided"),
        (
            "maxpool 1x1 /7 -> maxpool 1x1 /11 -> maxpool 1x1 /13 -> maxpool 1x1 /17",
            "`maxpool4` (maxpool): it has 17,017 residue classes, and 4,096 at most are looked at",
        ),
    ],
)
def test_what_is_not_proved_is_said(lines: str, why: str) -> None:
    """With what was found by trying."""
    found = sized(lines, "3x8x8")
    assert not found.proved
    assert found.answer.why == why
    assert found.answer.searched == 256
    assert (3, 8, 8) in found
    assert found.answer.takes(found.answer.written)
    assert "not proved" in found.to_text()


def test_auxiliary_heads_do_not_count() -> None:
    head = "\n aux side: @a -> maxpool 30x30"
    assert str(sized("a: relu\n maxpool 2x2" + head, "3x40x40")) == "H ≥ 2; W likewise"


def test_what_an_auxiliary_head_refuses_is_no_matter_where_the_text_asks() -> None:
    """Whether it requires something of sizes, or goes two ways."""
    head = "\n aux side: @a -> maxpool 30x30"
    for asks in ("require in.h % 2 == 0", "if in.h % 2 == 1 { pad 0,0,1,0 }"):
        found = sized(f"{asks}\n a: relu\n maxpool 2x2{head}", "3x40x40")
        assert found.proved
        assert (3, 20, 20) in found
        assert found.trial({"input": (3, 20, 20)}).outputs == {"output": (3, 10, 10)}


def test_expectations_are_of_the_written_size() -> None:
    assert str(sized("maxpool 2x2 => 3x20x20", "3x40x40")) == "H ≥ 2; W likewise"


def test_inputs_that_meet_are_told_with_a_formula() -> None:
    text = """model Two {
  input left: 3x16x16
  input right: 3x8x8
  @left -> a: maxpool 2x2
  add { @a | @right }
}
"""
    found = loads(text).sizes()
    meets = "floor(left.H / 2) = right.H; floor(left.W / 2) = right.W"
    assert str(found) == f"left: H ≥ 2; W likewise; right: any H and W; {meets}"
    assert found.works({"left": (3, 33, 16), "right": (3, 16, 8)})
    assert not found.works({"left": (3, 33, 16)})
    assert found.to_dict()["ties"][0] == {
        "axes": [{"input": "left", "axis": "h"}, {"input": "right", "axis": "h"}],
        "formula": "floor(left.H / 2) = right.H",
    }
    with pytest.raises(TypeError, match="several inputs"):
        _ = (3, 16, 16) in found


def test_a_bound_names_its_step_and_its_place() -> None:
    limits = sized(UNET, "3x64x64").to_dict()["limits"]
    assert limits == [
        {
            "text": "H, W ≡ 0 or 1 (mod 4)",
            "node": "concat1",
            "why": "`concat` joins values of one size: `b` must be even",
            "place": "<text>:7:30",
            "called": None,
        },
        {
            "text": "H, W ≡ 0 (mod 2)",
            "node": "concat2",
            "why": "`concat` joins values of one size: `relu1` must be even",
            "place": "<text>:8:30",
            "called": None,
        },
    ]


def test_what_is_worked_out_axis_by_axis_names_the_axes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "net.cnn"
    lines = "e: conv 3x3 4 pad=1 -> maxpool 2x2 -> conv_transpose 2x2 4 /2 -> concat { @e | id }"
    file.write_text(f"model Net {{\n  input 3x64x64\n  {lines}\n}}\n", encoding="utf-8")
    assert run(["sizes", str(file), "--try", "3x37x39"]) == 1
    told = "".join(capsys.readouterr())
    assert "`conv_transpose1`, H: (18 - 1) * 2 - 2*0 + 2 = 36" in told
    assert "`conv_transpose1`, W: (19 - 1) * 2 - 2*0 + 2 = 38" in told
    assert run(["sizes", str(file), "--try", "3x37x37"]) == 1
    assert "`conv_transpose1`: (18 - 1) * 2" in "".join(capsys.readouterr())


def test_bounds_of_one_line_of_a_block_say_by_which_call(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One notation in a list, and each line of the model that uses the block."""
    text = """block Up(c, @skip) {
  conv_transpose 2x2 c /2
  concat { @skip | id }
}
model Net {
  input 3x64x64
  e1: conv 3x3 4 pad=1
  maxpool 2x2 -> e2: conv 3x3 4 pad=1
  maxpool 2x2 -> e3: conv 3x3 4 pad=1
  maxpool 2x2 -> e4: conv 3x3 4 pad=1
  maxpool 2x2
  Up 4 @e4
  Up 4 @e3
  Up 4 @e2
  Up 4 @e1
}
"""
    file = tmp_path / "net.cnn"
    file.write_text(text, encoding="utf-8")
    assert run(["sizes", str(file)]) == 0
    told = [" ".join(each.split()) for each in capsys.readouterr().out.splitlines()]
    page = " ".join(told)
    for bound, line in (("0…7 (mod 16)", 12), ("0…3 (mod 8)", 13), ("0 or 1 (mod 4)", 14), ("0 (mod 2)", 15)):
        assert re.search(rf"H, W ≡ {re.escape(bound)} .*?net\.cnn:3:3, by line {line}\b", page)
    assert loads(text).sizes().to_dict()["limits"][0]["called"] == "<text>:12:3"


# -- the command ------------------------------------------------------------------------------------------------------


def ran(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(command, ["sizes", *arguments], input=text, standalone_mode=False)


def data(*arguments: str, text: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ran(*arguments, "--json", text=text).stdout)
    return found


def test_json_has_every_set() -> None:
    found = data("-", text=model(VGG, "3x224x224"))
    run = {"min": 224, "max": 255, "period": 1, "residues": [0]}
    assert found["sets"][0] == {"input": "input", "h": run, "w": run}
    assert len(found["sets"]) == 3
    assert found["proved"] is True
    many = data("-", text=model("require in.h != 8\n relu", "3x9x9"))
    assert [(each["h"]["min"], each["h"]["max"]) for each in many["sets"]] == [(1, 7), (9, None)]


def test_a_size_that_works() -> None:
    done = ran("-", "--try", "3x255x224", text=model(VGG, "3x224x224"))
    assert (done.return_value, done.stdout) == (0, "3x255x224: works, → 10\n")


def test_a_size_that_does_not_is_told_why_and_what_does() -> None:
    done = ran("-", "--try", "3x66x67", text=model(UNET, "3x64x64"))
    assert done.return_value == 1
    assert "concat needs equal sizes: 33x33 and 32x32" in done.stderr
    assert "`conv_transpose1`: (16 - 1) * 2 - 2*0 + 2 = 32" in done.stderr
    assert done.stdout.splitlines() == [
        "3x66x67: does not work",
        "the nearest that work",
        "  shape   3x64x68",
        "  H       64 or 68",
        "  W       64 or 68",
        "  square  64 or 68",
    ]
    found = data("-", "--try", "3x66x67", text=model(UNET, "3x64x64"))
    assert found["works"] is False
    assert found["because"][0]["message"] == "concat needs equal sizes: 33x33 and 32x32"
    assert found["nearest"][0] == {"input": "input", "axis": "h", "smaller": 64, "larger": 68}
    assert found["square"] == [{"input": "input", "smaller": 64, "larger": 68}]
    assert found["shapes"] == {"input": [3, 64, 68]}


def test_a_square_may_be_as_large_as_the_largest_axis() -> None:
    trial = sized("maxpool 8x8", "3x9x9").trial({"input": (3, 5, 20)})
    assert trial.square == {"input": (19, 20)}
    assert trial.beside == {"input": (3, 8, 20)}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("1x64x64", "`input` has 3 channels and 2 axes, as in 3x64x64, not 1x64x64: try 3x64x64"),
        ("3x60", "`input` has 3 channels and 2 axes, as in 3x64x64, not 3x60: try 3x60x60"),
        ("60", "as in 3x64x64, not 60: try 3x60x60"),
        ("wide=3x64x64", "the model has no input `wide`; its inputs are input"),
        ("3xhuge", "`3xhuge` is no shape"),
        ("3x0x64", "`3x0x64` is no shape"),
    ],
)
def test_what_is_no_size_of_an_input_is_wrong_usage(asked: str, told: str) -> None:
    error = ran("-", "--try", asked, text=model(UNET, "3x64x64")).exception
    assert isinstance(error, click.UsageError)
    assert told in error.message


TWO = """model Two {
  input left: 1x28x28
  input right: 3x40x30
  @left -> a: { conv 5x5 8 -> maxpool 2x2 ceil_mode=yes -> conv 3x3 8 -> gap }
  @right -> conv 1x1 1 -> b: reuse a
  concat { @a | @b } -> flatten -> linear 2
}
"""


def test_each_input_that_does_not_fit_is_told_by_name() -> None:
    said = {
        "left": "the 3x3 kernel is larger than the 1x1 input (`left` is 1x5x5)",
        "right": "the 5x5 kernel is larger than the 4x4 input (`right` is 3x4x4)",
    }
    left, right = "left=1x5x5", "right=3x4x4"
    for asked, names in (((left, right), ("left", "right")), ((left,), ("left",)), ((right,), ("right",))):
        found = data("-", *(word for each in asked for word in ("--try", each)), text=TWO)
        assert [each["message"] for each in found["because"]] == [said[name] for name in names]
    done = ran("-", "--try", left, "--try", right, text=TWO)
    assert all(each in done.stderr for each in said.values())
    assert ran("-", "--try", "left=1x9x9", "--try", "right=3x9x12", text=TWO).return_value == 0


def test_a_join_of_two_inputs_blames_none_of_them() -> None:
    text = """model Two {
  input left: 3x16x16
  input right: 3x8x8
  add { @left -> maxpool 2x2 | @right }
}
"""
    (because,) = data("-", "--try", "left=3x33x40", text=text)["because"]
    assert because["message"] == "cannot add tensors of different shapes: 3x16x20 and 3x8x8"


@pytest.mark.parametrize("asked", ["60", "60x50", "4x60x50", "1x60x60", "3x60"])
def test_what_is_proposed_for_a_size_is_one(asked: str) -> None:
    """It is taken as it stands; with the input's name where there are several."""
    text = model(UNET, "3x64x64")
    error = ran("-", "--try", asked, text=text).exception
    assert isinstance(error, click.UsageError)
    proposed = error.message.rpartition(": try ")[2]
    assert ran("-", "--try", proposed, text=text).exception is None
    several = ran("-", "--try", "left=60x50", text=TWO).exception
    assert str(several).endswith(": try left=1x60x50")
    assert ran("-", "--try", "left=1x60x50", text=TWO).return_value == 0


def test_a_network_with_errors_has_no_sizes() -> None:
    done = ran("-", text=model("conv 3x3 4 -> lineer 10"))
    assert done.return_value == 1
    assert not done.stdout
    assert "lineer" in done.stderr


def test_check_says_the_sizes_of_a_network_for_any() -> None:
    done = CliRunner().invoke(command, ["check", "-"], input=model(UNET, "3x64x64 size=any"), standalone_mode=False)
    assert done.stdout.endswith("parameters; H ≡ 0 (mod 4); W likewise\n")


def test_a_gate_at_the_written_size_only_is_searched() -> None:
    """`conv` makes 1x1 of 7x7, which `mul` repeats over 5x5; of 8x8 it makes what `mul` refuses, of 11x11 5x5."""
    lines = "mul { conv 7x7 3 | adaptive_avgpool 5 }"
    found = sized(lines, "3x7x7")
    assert not found.proved
    assert found.works({"input": (3, 11, 11)})
    assert not found.works({"input": (3, 8, 8)})
    done = CliRunner().invoke(command, ["check", "-"], input=model(lines, "3x7x7 size=any"), standalone_mode=False)
    assert done.return_value == 0


def test_ways_of_several_inputs_are_searched() -> None:
    text = (
        "model M {\n  input a: 3x8x8\n  input b: 3x9x9\n"
        "  output x: @a -> { if in(@a).h > 4 { relu } else { tanh } }\n  output y: @b -> relu\n}"
    )
    assert not loads(text).sizes().proved


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("e: Two 8\nmaxpool 2x2 -> conv_transpose 2x2 8 /2\nadd { @e | id }", "`e` must be even"),
        ("e: Two 8\nmaxpool 4x4 /4 -> upsample 4\nadd { @e | id }", "`e` must be a multiple of 4"),
        ("maxpool 2x2 -> e: conv 1x1 8\nmaxpool 2x2 -> upsample 2\nadd { @e | id }", "`e` must be even"),
        ("e: Two 8\nTwo 8 -> maxpool 2x2 -> upsample 2\nadd { @e | id }", "`e` must be even"),
    ],
)
def test_a_join_names_the_map_that_must_be_even(lines: str, said: str) -> None:
    block = "block Two(c) { conv 3x3 c pad=1 -> relu }\n"
    found = loads(f"{block}model M {{\n  input 3x64x64\n{lines}\n}}\n").sizes().to_dict()["limits"]
    assert [each["why"] for each in found if each["node"] == "add1"] == [f"`add` joins values of one size: {said}"]


def test_a_join_of_another_kind_says_no_more() -> None:
    text = "model M {\n  input 3x65x65\n  add { maxpool 3x3 /2 | maxpool 2x2 }\n}\n"
    (limit,) = (each for each in loads(text).sizes().to_dict()["limits"] if each["node"] == "add1")
    assert limit["why"] == "`add` joins values of one size"
