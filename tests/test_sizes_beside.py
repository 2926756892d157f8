"""`cnnspec sizes` of texts that do not compile at their written size: before brute force, and in its words."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from cnnspec.api.sizes_beside import SizesBeside, sizes_beside
from cnnspec.cli.app import command
from cnnspec.fixes.other_sizes import BRIEF, MOST_WORK, other_sizes
from cnnspec.passes.sizes.nearby import MOST_NEAR, far, near
from cnnspec.pipeline import at_inputs, runs
from tests.test_readme import printed
from tests.test_sizes import UNET
from tests.test_sizes_page import PAGE
from tests.texts import compiled, model

SEQUENCE = "maxpool 4 -> upsample 4 -> concat { id | @input }"
POOLS = "(conv 3x3 8 pad=1 -> relu -> maxpool 2x2) x6\n flatten -> fc: linear 10"
AUX = "a: relu\n maxpool 2x2\n aux side: @a -> maxpool 30x30"


def beside(lines: str, shape: str) -> SizesBeside:
    found = sizes_beside(compiled(model(lines, shape)))
    assert found is not None
    return found


def ran(*arguments: str, text: str, verb: str = "sizes") -> Result:
    return CliRunner().invoke(command, [verb, "-", *arguments], input=text, standalone_mode=False)


@pytest.mark.parametrize(
    ("lines", "shape"),
    [
        (UNET, "3x30x31"),
        (UNET, "3x50x50"),
        ("concat { conv 3x3 4 | maxpool 2x2 -> pad 25 }", "3x90x99"),
        ("maxpool 8x8 -> upsample 8 -> add { id | @input }", "3x20x27"),
        ("require in.h % 5 == 3 and in.w > 20\n conv 3x3 8", "3x20x20"),
        ("conv 7x7 4 -> maxpool 3x3 -> conv 3x3 4", "3x9x9"),
    ],
)
def test_the_sets_are_those_at_which_the_text_compiles(lines: str, shape: str) -> None:
    """At all sizes of a window around the written one, and the nearest is the nearest."""
    found = beside(lines, shape)
    refused = compiled(model(lines, shape))
    assert found.sizes is not None
    assert found.sizes.proved
    written = found.searched.written["input"]
    window = [(3, h, w) for h in range(1, 40, 3) for w in range(1, 40, 2)]
    window += [(3, written[1] + y, written[2] + x) for y in range(-4, 15) for x in range(-8, 15, 2)]
    window = [each for each in window if min(each) > 0]
    taken = [each for each in window if runs(at_inputs(refused, {"input": each}))]
    assert [each for each in window if each in found.sizes] == taken
    nearest = found.written.beside["input"]

    def away(shape: tuple[int, ...]) -> int:
        return sum(abs(one - two) for one, two in zip(shape, written, strict=True))

    assert runs(at_inputs(refused, {"input": nearest}))
    assert all(away(nearest) <= away(each) for each in taken)


def test_a_refused_size_is_told_with_the_sets_and_the_nearest() -> None:
    done = ran(text=model(UNET, "3x66x67"))
    assert done.return_value == 1
    assert "concat needs equal sizes: 33x33 and 32x32" in done.stderr
    assert done.stderr.endswith("1 error in -\n\n")
    told = done.stdout.splitlines()
    assert told[:3] == ["Example", "input 3x66x67", "  H ≡ 0 (mod 4); W likewise"]
    assert told[-6:] == [
        "3x66x67, as written: does not work",
        "the nearest that work",
        "  shape   3x64x68",
        "  H       64 or 68",
        "  W       64 or 68",
        "  square  64 or 68",
    ]


@pytest.mark.parametrize(
    ("lines", "shape", "told"),
    [
        (UNET, "3x66x67", "at 3x64x68 it compiles; it takes H ≡ 0 (mod 4); W likewise"),
        (POOLS, "3x32x32", "at 3x64x64 it compiles, with other weights in `fc`"),
        ("require in.h % 5 == 3\n conv 3x3 8", "3x20x20", "at 3x18x20 it compiles; it takes H ≡ 3 (mod 5); W ≥ 3"),
        ("concat { conv 3x3 4 | id }", "3x20x20", ""),  # no size helps
        ("conv 3x3 4 => 4x20x20", "3x20x20", ""),  # nothing but the expectation is wrong
        ("conv 3x3 4 -> sigmod\n conv 30x30 4", "3x20x20", ""),  # something else is wrong as well
        (AUX, "3x20x20", ""),  # what runs at inference takes the size
    ],
)
def test_a_check_tells_the_nearest_size_where_the_size_is_what_is_wrong(lines: str, shape: str, told: str) -> None:
    done = ran(text=model(lines, shape), verb="check")
    assert done.return_value == 1
    assert [line for line in done.stderr.splitlines() if line.startswith("help: at ")] == (
        [f"help: {told}"] if told else []
    )


def test_a_check_looks_for_it_but_a_moment() -> None:
    deep = "(conv 3x3 8 pad=1 -> relu) x900\n maxpool 2x2 -> upsample 2 -> add { id | @input }"
    found = other_sizes(compiled(model(deep, "8x301x333")), most=BRIEF)
    assert found is not None
    assert len(found.tried) <= BRIEF // 1800 + 1


def test_a_sequence_has_one_axis() -> None:
    assert beside(SEQUENCE, "3x50").to_dict()["nearest"] == [
        {"input": "input", "axis": "w", "smaller": 48, "larger": 52}
    ]


def test_whose_weights_the_sets_are_for_is_said() -> None:
    """And a size that is asked about is one of them."""
    text = model(POOLS, "3x32x32")
    done = ran(text=text)
    assert "`fc` (`linear 10`) has other weights at other sizes: 3x32x32 gives none," in done.stdout
    assert "so what is told is for those of 3x64x64" in done.stdout
    assert beside(POOLS, "3x32x32").to_dict()["weights"] == "fc"
    other = ran("--try", "3x128x192", text=text)
    assert (other.return_value, other.stdout) == (0, "3x128x192: works, → 10\n")
    assert beside(UNET, "3x66x67").to_dict()["weights"] is None


def test_a_size_is_tried_of_a_text_that_its_own_keeps_from_compiling() -> None:
    text = model(UNET, "3x66x67")
    assert ran("--try", "3x68x64", text=text).return_value == 0
    done = ran("--try", "3x66x65", text=text)
    assert done.return_value == 1
    assert "  shape   3x64x64" in done.stdout
    same = ran("--try", "3x66x67", text=text)
    assert same.stderr.count("error[") == 1
    assert "3x66x67: does not work\nthe nearest" in same.stdout
    data = json.loads(ran("--try", "3x66x65", "--json", text=text).stdout)
    assert (data["works"], data["found"], data["shapes"]) == (False, {"input": [3, 68, 68]}, {"input": [3, 64, 64]})
    with_error = ran("--try", "1x64x64", text=text).exception
    assert isinstance(with_error, click.UsageError)


def test_inputs_of_equal_size_change_alike_and_others_by_themselves() -> None:
    alike = """model Two {
  input a: 3x100x100
  input b: 3x100x100
  @b -> f: (maxpool 8x8 -> upsample 8)
  add { @a | @f }
}
"""
    searched = other_sizes(compiled(alike))
    assert searched is not None
    assert searched.inputs == {"a": (3, 104, 104), "b": (3, 104, 104)}
    apart = """model Two {
  input left: 3x300x300
  input right: 3x128x128
  @left -> a: maxpool 2x2
  add { @a | @right }
}
"""
    found = sizes_beside(compiled(apart))
    assert found is not None
    assert found.written.beside == {"left": (3, 300, 300), "right": (3, 150, 150)}


def test_where_no_size_helps_it_is_said_how_far_was_searched() -> None:
    text = model("add { conv 3x3 8 pad=1 | conv 3x3 16 pad=1 }", "3x32x32")
    done = ran(text=text)
    assert done.return_value == 1
    assert done.stderr
    first, *rest = done.stdout.splitlines()
    assert first == "3x32x32, as written: does not work"
    assert rest[0] == "no other size was found that does"
    assert rest[1].endswith("sizes were tried, from 3x1x1 to 3x1024x1024")
    data = json.loads(ran("--json", text=text).stdout)
    assert (data["found"], data["sets"], data["proved"]) == (None, [], False)
    assert data["errors"][0]["id"] == "shape-mismatch"
    assert ran("--try", "3x64x64", text=text).stdout.startswith("3x64x64: does not work\n3x32x32, as written: does")
    assert json.loads(ran("--try", "3x64x64", "--json", text=text).stdout)["works"] is False


@pytest.mark.parametrize(
    "text",
    [
        model("conv 3x3 4 -> lineer 10\n maxpool 2x2 -> upsample 2 -> add { id | @input }", "3x33x33"),
        model("maxpool 2x2 -> upsample 2 -> add { id | @input }", "3x33x33").rstrip().rstrip("}"),
        model("conv 3x3 4 -> dropout 2", "3x33x33"),
        model("maxpool 2x2 => 3x20x20", "3x33x33"),
        "model M { input 10 => 11\n linear 10 }",
        "block B { relu }",
        "",
    ],
    ids=["a word", "a brace", "an argument", "an expectation", "a vector", "no model", "nothing"],
)
def test_other_errors_are_told_as_ever(text: str) -> None:
    """Without a search; data are the findings alone."""
    for more in ((), ("--json",), ("--try", "3x64x64")):
        done = ran(*more, text=text)
        assert done.exception is None or isinstance(done.exception, click.UsageError)
        if more == ("--json",):
            record = json.loads(done.stdout)
            assert record["model"] is None
            assert record["diagnostics"]
        else:
            assert not done.stdout
        assert done.stderr


def test_an_auxiliary_head_alone_is_in_nobodys_way() -> None:
    done = ran(text=model(AUX, "3x20x20"))
    assert done.return_value == 1
    assert "H ≥ 2; W likewise" in done.stdout
    assert done.stdout.endswith("3x20x20, as written: works at inference, where no auxiliary head runs\n")


def test_what_is_searched_is_bounded() -> None:
    for written in ({"a": (3, 300, 300)}, {"a": (3, 300, 200), "b": (1, 40)}, {"a": (1, 9, 8, 7)}, {"a": (1, 5)}):
        found = near(written)
        assert len(found) <= MOST_NEAR
        assert len({tuple(each.values()) for each in found}) == len(found)
        assert written not in found
        assert all(min(shape) > 0 for each in [*found, *far(written)] for shape in each.values())
    large = compiled(model("(conv 3x3 8 pad=1 -> relu) x 2500\n linear 10", "3x32x32"))
    searched = other_sizes(large)
    assert searched is not None
    assert len(searched.tried) <= MOST_WORK // 5000 + 2


@pytest.mark.parametrize("more", ["", " --try 1x500x500"])
def test_every_field_has_a_line(more: str, tmp_path: Path) -> None:
    record = json.loads(printed(f"sizes zoo:unet --input 1x512x512 --json{more} 2>errors", tmp_path))
    assert {each for each in record if f"`{each}`" not in PAGE} == set()
    assert "found" in record
