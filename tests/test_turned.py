"""Channels last in a text that fails: said first, with a fix that was tried, and nothing proposed against it."""

import pytest

from cnnspec.api.sizes_beside import sizes_hint
from cnnspec.build.options import PLAIN, Options
from cnnspec.contract.channels import may_be_turned, picture_turned, without_batch
from cnnspec.fixes.other_sizes import other_sizes
from cnnspec.fixes.solve import solved
from cnnspec.pipeline import Compiled, compile_models
from cnnspec.reports.look import Look
from cnnspec.source.text import Source

UNET = """block Double(c) { (conv 3x3 c pad=1 bias=no -> bn -> relu) x2 }

model UNet {
  input 480x640x1
  e1: Double 16
  maxpool 2x2
  e2: Double 32
  maxpool 2x2
  conv_transpose 2x2 32 /2
  concat { @e2 | id }
  conv_transpose 2x2 16 /2
  concat { @e1 | id }
  conv 1x1 1
}
"""


def checked(text: str, options: Options = PLAIN, *, looks_turned: bool = True) -> Compiled:
    found = compile_models(Source("model.cnn", text), options)
    (one,) = solved(found, options, looks_turned=looks_turned)
    return one


@pytest.mark.parametrize(
    ("input", "body", "right"),
    [
        ("28x28x1", "conv 3x3 32 -> relu -> maxpool 2x2 -> flatten -> linear 10", "1x28x28"),
        ("224x224x3", "conv 3x3 8 pad=1 -> (maxpool 2x2) x3", "3x224x224"),
        ("480x640x3", "conv 3x3 8 -> conv 3x3 8", "3x480x640"),
        ("128x128x13", "conv 3x3 8 -> (maxpool 2x2) x4", "13x128x128"),
        ("16x112x112x3", "conv 3x3x3 8 -> conv 3x3x3 8", "3x16x112x112"),
        ("1x224x224x3", "conv 3x3 8", "3x224x224"),
        ("1x3x224x224", "conv 3x3 8", "3x224x224"),
    ],
)
def test_it_is_said_first_and_alone_has_a_fix(input: str, body: str, right: str) -> None:
    first, *rest = checked(f"model M {{\n  input {input}\n  {body}\n}}\n").diagnostics
    assert first.id == "channels-last"
    assert first.label is not None
    assert first.label.span.text == input
    assert first.fix is not None
    assert [edit.replacement for edit in first.fix.edits] == [right]
    assert first.notes == ("with it the model compiles",)
    assert [(each.is_error, each.fix, each.help) for each in rest] == [(True, None, None)]


def test_a_block_above_the_input_does_not_come_before_it() -> None:
    block = "block Down(c) { maxpool 2x2 -> conv 3x3 c pad=1 }\n"
    one = checked(block + "model M {\n  input 480x640x1\n  conv 3x3 8 pad=1\n  Down 8 -> Down 8\n}\n")
    assert [each.id for each in one.diagnostics] == ["channels-last", "shape-mismatch"]


def test_no_size_is_proposed_that_contradicts_it() -> None:
    one = checked(UNET)
    assert [each.id for each in one.diagnostics] == ["channels-last", "shape-mismatch"]
    assert other_sizes(one) is None
    assert sizes_hint(one, Look()) == ""


def test_errors_that_follow_are_counted_and_others_are_told() -> None:
    text = "model M {\n  input 64x64x1\n  a: conv 3x3 8\n  @input -> maxpool 2x2\n  foo\n}\n"
    warning, first, other = checked(text).diagnostics
    assert warning.notes == ("with it 2 of 3 errors are gone",)
    assert first.notes[-1] == "an error follows from it"
    assert other.id == "unknown-word"


def test_what_it_hid_may_come_to_light() -> None:
    warning, error = checked("model M { input 64x64x1\n conv 3x3 8 -> linear 10\n}").diagnostics
    assert warning.notes == ("with it the error is gone, and what else is wrong is seen",)
    assert error.id == "shape-mismatch"


def test_a_shape_that_was_asked_for_is_answered_with_the_option() -> None:
    (asked, error) = checked(UNET.replace("480x640x1", "1x480x640"), Options(inputs={None: (480, 640, 3)})).diagnostics
    assert (asked.id, asked.fix) == ("channels-last", None)
    assert asked.help == "channels come first: `--input 3x480x640`"
    assert (error.id, error.fix) == ("shape-mismatch", None)


@pytest.mark.parametrize(
    "text",
    [
        "model M { input 3x32x32\n conv 3x3 8 -> maxpool 40x40 }",  # channels are first
        "model M { input 224x224x3\n conv 3x3 8 pad=1 => 9x224x3 }",  # the axes have nothing to do with it
        "model M { input 224x224x3 # cnnspec: allow channels-last\n conv 5x5 8 }",  # meant as it is
        "model M {\n # cnnspec: allow lost-border, channels-last\n\n input 224x224x3\n conv 5x5 8 }",
        "model M { input 768x12\n conv 13 8 -> gap -> flatten -> linear 4 }",  # features of a signal
    ],
)
def test_it_is_not_said_of(text: str) -> None:
    assert "channels-last" not in {each.id for each in checked(text).diagnostics}


def test_it_can_be_ignored() -> None:
    (error,) = checked(UNET, looks_turned=False).diagnostics
    assert error.fix is not None


def test_what_looks_turned() -> None:
    for shape in [(3, 32, 32), (16, 8, 3), (40, 100), (512, 7, 1), (1024, 64, 4), (64, 56, 56), (100,)]:
        assert picture_turned(shape) is None
        assert may_be_turned(shape) is None
        assert without_batch(shape) is None
    assert picture_turned((28, 28, 1)) == (1, 28, 28)
    assert picture_turned((128, 128, 13)) is None
    assert may_be_turned((128, 128, 13)) == (13, 128, 128)
    assert may_be_turned((128, 3)) is may_be_turned((768, 12)) is None  # as well features of a signal
    assert without_batch((1, 480, 640, 3)) == without_batch((1, 3, 480, 640)) == (3, 480, 640)
    assert without_batch((2, 3, 480, 640)) is None


def test_of_several_models_and_inputs_each_is_told_for_itself() -> None:
    text = """model A {
  input 28x28x1
  conv 3x3 8
}
model B {
  input 3x32x32
  conv 3x3 8
}
model C {
  input a: 64x64x3
  input b: 64x64x3
  add { @a -> conv 5x5 3 | @b -> conv 5x5 3 }
}
"""
    one, two, three = solved(compile_models(Source("model.cnn", text)), PLAIN)
    assert [each.id for each in one.diagnostics] == ["channels-last", "shape-mismatch"]
    assert one.diagnostics[0].notes == ("with it the model compiles",)
    assert not two.diagnostics
    assert [each.id for each in three.diagnostics] == ["channels-last", "channels-last", "shape-mismatch"]
    assert three.diagnostics[0].notes == ("with them the model compiles",)


def test_the_input_that_was_asked_for_is_shown() -> None:
    text = """model J {
  input rgb: 3x64x64
  input depth: 1x64x64
  concat { @rgb | @depth } -> conv 3x3 16 pad=1 -> gap -> flatten -> linear 10
}
"""
    asked, _ = checked(text, Options(inputs={"depth": (64, 64, 3)})).diagnostics
    assert asked.help == "channels come first: `--input depth=3x64x64`"
    assert asked.label is not None
    assert asked.label.span.text == "input depth: 1x64x64"


def test_parameters_of_several_that_go_together_are_not_told_of_each() -> None:
    body = "@a -> conv 3x3 16 pad=1 => 16x64x64\n add { @a | @b } -> maxpool 4 -> gap -> flatten -> liner 10"
    found = checked(f"model M {{ input a: 64x64x3\n input b: 64x64x3\n {body} }}").diagnostics
    turned = [each for each in found if each.id == "channels-last"]
    assert [each.fix is not None and each.fix.cost for each in turned] == ["", ""]


@pytest.mark.parametrize("comment", ["deny channels-last", "allow lost-border (not channels-last)"])
def test_a_comment_that_does_not_allow_it_changes_nothing(comment: str) -> None:
    found = checked(f"model M {{ input 224x224x3 # cnnspec: {comment}\n conv 5x5 8 }}").diagnostics
    assert found[0].id == "channels-last"


def test_proposals_for_a_signal_stay() -> None:
    (error,) = checked("model M { input 768x12\n conv 13 8 -> gap -> flatten -> linear 4 }").diagnostics
    assert error.fix is not None
