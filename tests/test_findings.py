"""The findings about names, arguments and shapes: what was written, what is said, where, and what would be right.

Snippets stand in a model with `set conv pad=same` and `input 3x32x32`; ⏎ is a new line.
"""

import re

import pytest

from cnnspec.build.idioms import IDIOMS
from cnnspec.build.options import Options
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.nearest import nearest
from tests.texts import compiled, good, model

ROWS = [
    # names
    ("covn 3x3 64", "unknown-word", "covn", "unknown layer `covn`", "did you mean `conv`?"),
    ("layer1 Basic 64 x2", "unknown-word", "layer1", "unknown layer `layer1`", "a name takes a colon: `layer1: Basic`"),
    ("Basci 64", "unknown-word", "Basci", "unknown block `Basci`", "`block Basci(…) { … }` defines it"),
    ("conv 3x3 64 strid=2", "unknown-argument", "strid", "`conv` has no argument `strid`", "`/2` is the stride"),
    ("conv 3x3 64 bais=no", "unknown-argument", "bais", "`conv` has no argument `bais`", "did you mean `bias`?"),
    ("bn /2", "unknown-argument", "/2", "`bn` has no stride", ""),
    ("let base = 64 ⏎ conv 3x3 bsae", "unknown-name", "bsae", "unknown name `bsae`", "did you mean `base`?"),
    ("let a = c.h", "unknown-name", "c.h", "unknown name `c.h`", "sizes are `in.c`, `in.h`, `in.w`, and"),
    ("conv 3x3 8 pad=sme", "unknown-name", "sme", "unknown name `sme`", "did you mean `same`?"),
    ("a: relu ⏎ a: relu", "duplicate-label", "a", "the label `a` is used twice", ""),
    ("relu1: relu ⏎ relu", "duplicate-label", "relu", "two steps would be called `relu1`", "names its weights"),
    (
        "enc1: relu ⏎ add { @ecn1 | id }",
        "unknown-label",
        "@ecn1",
        "nothing is labelled `ecn1`",
        "did you mean `@enc1`?",
    ),
    (
        "add { @b | relu } ⏎ b: relu",
        "used-before",
        "@b",
        "`@b` is used before it exists",
        "reaches only what stands above it",
    ),
    ("s1: { low: relu } ⏎ add { @low | id }", "unknown-label", "@low", "nothing is", "did you mean `@s1.low`?"),
    ("s1: { low: relu } ⏎ add { @s1.lwo | id }", "unknown-label", "@s1.lwo", "", "did you mean `@s1.low`?"),
    ("conv 3x3 wide ⏎ let wide = 8", "unknown-name", "wide", "unknown name", "a `let` holds for what stands below"),
    ("for i in 1..2 { a: relu }", "duplicate-label", "a", "the label `a` is used twice", "its own: `a{i}`"),
    ("a: relu ⏎ output a: @a", "duplicate-label", "a", "the label `a` is used twice", "outputs and labels share"),
    ("output a: @input ⏎ a: relu", "duplicate-label", "a", "the label `a` is used twice", "outputs and labels share"),
    ("maxpool 3 2", "too-many-arguments", "2", "`maxpool` takes `kernel`", "keeps the channels; a stride is `/2`"),
    ("gap -> linear 9", "shape-mismatch", "linear", "takes a vector", "`flatten` before it; `conv 1x1 9` is the same"),
    ("bn 16", "too-many-arguments", "16", "`bn` takes nothing by place", "leave it out: channels and sizes are"),
    ("(relu -> bn ⏎ relu)", "too-many-arguments", "relu", "", "inside `( )` a new line joins nothing: `-> relu`"),
    ("upsample 0.5", "bad-argument", "0.5", "must be a whole number", "`to=48x48`, or `like=@label`"),
    ("a: id -> relu", "label-before-reference", "a", "`a` names what came in, not the result of this line", ""),
    ("train: relu", "forbidden-label", "train", "a step cannot be called `train`", "`train_:`"),
    ("(a: relu) x2", "label-in-repeat", "a", "the label `a` inside a repeat would name 2 steps", "label the repeat"),
    ("a[]: relu", "misplaced-list-mark", "a", "`[]` stands before a body only", "`layer1[]: { … }`"),
    ("let same = 3", "shadowed-word", "same", "`same` is a word that arguments list", ""),
    ("conv 1x1 in.d", "unknown-axis", "d", "a value of 2 spatial axes has no `d`", "`in.c`, `in.h`, `in.w`"),
    ("conv3x3 8", "unknown-word", "conv3x3", "unknown layer `conv3x3`", "the size stands apart: `conv 3x3`"),
    ("max_pool_2x2", "unknown-word", "max_pool_2x2", "unknown layer", "the size stands apart: `maxpool 2x2`"),
    ("dense 10", "unknown-word", "dense", "unknown layer `dense`", "did you mean `linear`?"),
    ("BatchNorm2d 3", "unknown-word", "BatchNorm2d", "unknown block `BatchNorm2d`", "did you mean `bn`?"),
    ("e1: relu ⏎ add { e1 | id }", "unknown-word", "e1", "unknown layer `e1`", "`@e1` takes the value"),
    ("conv 3x3 8 bias=False", "unknown-name", "False", "unknown name `False`", "`yes` or `no`"),
    ("add { relu | @in }", "unknown-label", "@in", "nothing is labelled `in`", "`x: id` as the first line"),
    ("relu x2 ⏎ relu2: tanh", "duplicate-label", "relu2", "`relu2` is taken: a step at line 4", "choose another label"),
    ("let i = 1 ⏎ f{i} -> relu", "unknown-word", "f", "unknown layer `f`", "`@f{i}` takes the value"),
    ("repeat 6 { relu }", "unknown-word", "repeat", "there is no word `repeat`", "`( … ) x6`"),
    ("SELayer 16", "unknown-word", "SELayer", "there is no word `SELayer`", "of 32 channels: `mul { id | gap"),
    (
        "SeparableConv2D 64",
        "unknown-word",
        "SeparableConv2D",
        "there is no word",
        "`depthwise 3x3 pad=1 -> conv 1x1 64`",
    ),
    ("return relu", "unknown-word", "return", "there is no word `return`", "the value of the last line is the result"),
    # arguments
    ("conv 3x3 16/2", "slash-without-space", "16/2", "`/` means stride and needs a space", "divide with `//`: `16//2`"),
    ("maxpool(2)", "parentheses-around-arguments", "(2)", "arguments are separated by spaces", "leave the parentheses"),
    ("conv 3x3", "missing-argument", "conv", "`conv` needs its number of channels", "for example `conv 3x3"),
    ("conv 64 3x3", "argument-order", "64 3x3", "the kernel comes first, then the channels", "`conv 3x3 64`"),
    ("conv 3x3 64x2", "bad-argument", "64x2", "`64x2` is a size", "to repeat the step, put a space"),
    ("conv 3x3 8 pad=1 pad=2", "repeated-argument", "pad=2", "`pad` is given twice", ""),
    ("dropout 2", "bad-argument", "2", "the rate must be 0 <= p < 1, got 2", "it is the share that is dropped"),
    ("conv 3x3 0", "bad-argument", "0", "the number of channels must be at least 1, got 0", ""),
    (
        "relu x 2.5",
        "bad-argument",
        "2.5",
        "a repeat count must be a whole number, got 2.5",
        "`floor`, `ceil` or `round`",
    ),
    ("conv 3x3 2.5", "bad-argument", "2.5", "the number of channels must be a whole number, got 2.5", "`floor`"),
    ("conv 4x4 8 /2", "shape-mismatch", "conv 4x4 8 /2", "has no symmetric `same` padding", "`pad=1` makes 16 of 32"),
    ("conv 3x3 64 groups=2", "shape-mismatch", "2", "groups=2 does not divide 3 input channels", "divide 3 and 64: 1"),
    ("avgpool 3x3 pad=1", "bad-argument", "1", "must say whether the padding counts", "`count_pad=yes`"),
    ("gap linear 10", "too-many-arguments", "linear", "`gap` takes nothing by place", "`-> linear`"),
    ("relu xn", "too-many-arguments", "xn", "`relu` takes nothing by place", "`x n`"),
    ("relu { tanh }", "unexpected-body", "{ tanh }", "`relu` takes no body", "merges do"),
    ("add", "missing-body", "add", "`add` needs its branches", "`add { "),
    ("relu | tanh", "stray-bar", "|", "`|` separates the branches of a merge", "joined with `->`"),
    ("if in.c { relu }", "bad-condition", "in.c", "a condition is yes or no, got 3", "compare it"),
    ("conv 3x3 1//0", "bad-argument", "0", "division by zero", ""),
    ("conv 3x3 64M", "misplaced-quantity", "64M", "a quantity in M stands only in `require`", ""),
    ("conv 7x7 64 stride 2", "too-many-arguments", "stride", "nothing more", "the stride is `/2`"),
    ("maxpool 3x3 s2", "too-many-arguments", "s2", "nothing more", "the stride is `/2`"),
    ("conv 3x3 8 padding 1", "too-many-arguments", "padding", "nothing more", "by name: `pad=1`"),
    ("let k = 3 ⏎ depthwise 3x3 k", "too-many-arguments", "k", "nothing more", "`depthwise` keeps the channels"),
    ("conv 3x3 8 pad=valid", "unknown-name", "valid", "unknown name `valid`", "did you mean `0`?"),
    ("upsample 2 mode=bicubic", "unknown-name", "bicubic", "unknown name", "mode must be nearest or bilinear"),
    ("conv 3x3 c//2", "unknown-name", "c", "unknown name `c`", "`in.c` is the channels that come in"),
    # loops
    (
        "for i in 6 { relu }",
        "bad-argument",
        "6",
        "has one value, 6, and so one turn",
        "`1..6`",
    ),
    ("let n = 4 ⏎ for i in n { relu }", "bad-argument", "n", "has one value, 4", "or `( … ) x n`"),
    ("let n = 4 ⏎ for i in n//2 { relu }", "bad-argument", "n//2", "has one value, 2", "or `( … ) x(n//2)`"),
    ("for i in 3..1 { relu }", "bad-argument", "3..1", "`3..1` has no values: a range goes upwards", "`1..3`"),
    # shapes
    ("conv 3x3 64 /2 => 64x32x32", "shape-expectation", "=> 64x32x32", "shape is 64x16x16, not 64x32x32", ""),
    ("add { conv 3x3 64 /2 | id }", "shape-mismatch", "add", "64x16x16 and 3x32x32", ""),
    ("concat { conv 3x3 8 | maxpool 3x3 /1 }", "shape-mismatch", "concat", "32x32 and 30x30", ""),
    (
        "mul { id | conv 3x3 4 }",
        "shape-mismatch",
        "mul",
        "cannot multiply 3x32x32 and 4x32x32",
        "only a branch of Cx1x1",
    ),
    ("avgpool 40x40", "shape-mismatch", "40x40", "the 40x40 kernel is larger than the 32x32 input", "`gap` averages"),
    ("(maxpool 2x2) x6", "shape-mismatch", "2x2", "the 2x2 kernel is larger than the 1x1 input", ""),
    ("conv 3x3 8 -> linear 10", "shape-mismatch", "linear", "`linear` takes a vector, got 8x32x32", "(90 parameters)"),
    ("flatten -> conv 3x3 8", "shape-mismatch", "conv", "got a vector of 3072", "move `flatten` behind"),
    ("conv 3x3x3 8", "shape-mismatch", "3x3x3", "but the input has 2 spatial axes", "without the channels: `3x3`"),
    ("conv 5x5x4 8", "shape-mismatch", "5x5x4", "but the input has 2 spatial axes", "a single number for all: `5`"),
    ("add { none | none }", "no-branch", "add", "`add` has no branch left", ""),
    ("none", "stray-none", "none", "`none` is no value for a model", "`id` passes the value on"),
    ('require in.h % 48 == 0 "side must be a multiple of 48"', "require", "in.h % 48 == 0", "48 (in.h = 32)", ""),
    # sections
    ("image { rezise 256 }", "unknown-word", "rezise", "`image` has no step `rezise`", "did you mean `resize`?"),
    ("image { resize 40 -> crop 64 }", "shape-mismatch", "image", "come out as 3x64x64, but the input is 3x32x32", ""),
    ("image { resize }", "missing-argument", "resize", "`resize` needs", ""),
    ('labels "no-such-file.txt"', "file-not-found", '"no-such-file.txt"', "there is no file", ""),
    ("{ output a: relu }", "misplaced-line", "output a: relu", "`output` stands only in a model's own body", ""),
]


def only(text: str) -> Diagnostic:
    (found,) = compiled(text).diagnostics
    return found


@pytest.mark.parametrize(("lines", "id", "pointed", "message", "help"), ROWS, ids=[row[0] for row in ROWS])
def test_finding(lines: str, id: str, pointed: str, message: str, help: str) -> None:
    found = only("set conv pad=same\n" + model(lines.replace(" ⏎ ", "\n")))
    assert found.id == id
    assert found.label is not None
    assert found.label.span.text == pointed
    assert message in found.message
    assert help in (found.help or "")


FILES = [
    ("block A() { A }\n" + model("A"), "recursive-block", "the block `A` contains itself", "`xN` to repeat"),
    ("block A() { B }\nblock B() { A }\n" + model("A"), "recursive-block", "contains itself: A → B → A", ""),
    ("block A() { relu }\nblock A() { tanh }\n" + model("A"), "duplicate-block", "`A` is defined twice", ""),
    ("block A(c, c) { conv 1x1 c }\n" + model("A 1 2"), "duplicate-parameter", "`c` is listed twice", ""),
    ("block A(c, /s=1) { conv 1x1 c /s }\n" + model("A"), "missing-argument", "`A` needs `c`", "`block A(c, /s=1)`"),
    ("block A(c) { conv 1x1 c }\n" + model("A 4 5"), "too-many-arguments", "takes no further argument", "`block A(c)`"),
    ("block A(c) { conv 1x1 c }\n" + model("A 4 d=5"), "unknown-argument", "has no parameter `d`", "`c`"),
    ("block A(c) { conv 1x1 c }\n" + model("A 4 /2"), "too-many-arguments", "`A` takes no stride", ""),
    (
        'use "../../etc/passwd"\n' + model("relu"),
        "outside-folder",
        "outside the folder of the main file",
        "copy it there",
    ),
    ('use "missing.cnn"\n' + model("relu"), "file-not-found", "there is no file `missing.cnn`", ""),
    ("model M { relu }", "no-input", "the model `M` has no input", "`input 3x224x224`"),
    ("model M { input left: 3x8x8\n input right: 3x8x8\n relu }", "no-value", "nothing comes into `relu`", "`@left"),
    ("model M(n) { input 3x8x8\n conv 3x3 n }", "missing-argument", "the model needs a value for `n`", "`--set n=10`"),
    ("set covn pad=1\n" + model("relu"), "unknown-word", "unknown layer `covn`", "did you mean `conv`?"),
    ("model M { input 3x8x8 size=8\n relu }", "bad-argument", "the size must be any, got 8", "the shape says the size"),
    ("let a = 1", "no-model", "there is no model in this file", "`model Name"),
    ("pictures { resize 3 }\n" + model("relu"), "unknown-word", "unknown section `pictures`", "image, labels"),
]


@pytest.mark.parametrize(("text", "id", "message", "help"), FILES, ids=[row[2] for row in FILES])
def test_finding_in_a_file(text: str, id: str, message: str, help: str) -> None:
    found = only(text)
    assert found.id == id
    assert message in found.message
    assert help in (found.help or "")


def test_a_join_shows_both_sides_and_how_their_sizes_came_about() -> None:
    found = only(model("a: conv 3x3 8 /2\nconv 3x3 8 -> relu\nadd { @a | id }"))
    assert [(each.span.text, each.text) for each in found.secondary] == [
        ("@a", "this branch gives 8x15x15"),
        ("id", "this branch gives 8x13x13"),
    ]


def test_the_chains_of_a_join_are_told_from_where_they_fork() -> None:
    found = only(model("conv 3x3 4 -> concat { conv 3x3 8 /2 -> relu -> maxpool 2x2 | maxpool 2x2 -> maxpool 3x3 }"))
    assert found.notes == (
        "both begin with conv1 4x30x30, and part at conv2 and maxpool2\n"
        "branch 1: 4x30x30 → conv2 8x14x14 → maxpool1 8x7x7\n"
        "branch 2: 4x30x30 → maxpool2 4x15x15 → maxpool3 4x5x5",
    )


def test_branches_part_in_their_channels_where_their_sizes_agree() -> None:
    found = only(model("add { conv 3x3 8 -> relu -> conv 1x1 16 | conv 3x3 8 -> bn }"))
    assert found.notes[0].startswith("both begin with the input 3x32x32, and part at conv2\n")


def test_branches_from_different_inputs() -> None:
    found = only("model M {\ninput a: 3x8x8\ninput b: 3x9x9\nadd { @a | @b }\n}")
    assert found.notes == ("the branches come from different inputs\nbranch 1: 3x8x8\nbranch 2: 3x9x9",)


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        (
            "e: conv 2x2 8\nconcat { @e | maxpool 2x2 -> conv_transpose 2x2 8 /2 }",
            "31 is odd: `maxpool 2x2` dropped a row",
        ),
        (
            "e: conv 3x3 8\nadd { @e | maxpool 2x2 -> maxpool 2x2 -> upsample 4 }",
            "15 is odd: `maxpool 2x2` dropped a row",
        ),
        ("concat { id | conv 3x3 8 /3 -> upsample 3 }", "32 is no multiple of 3: `conv 3x3 8 /3` dropped 2 rows"),
    ],
)
def test_a_row_that_nothing_restores(lines: str, note: str) -> None:
    assert any(each == f"{note} that nothing restores" for each in only(model(lines)).notes)


@pytest.mark.parametrize(
    ("size", "lines", "note"),
    [
        (
            "3x21x20",
            "x: conv 3x3 8 /2 pad=1\n@x -> y: maxpool 2x2 -> conv_transpose 2x3 8 /2\nadd { @x -> crop 0,0,1,0 | @y }",
            None,  # the height is odd, and cropped; what differs is the width
        ),
        (
            "3x16x31",
            "concat { id | maxpool 2x2 -> conv_transpose 2x2 8 /2 }",
            "31 is odd: `maxpool 2x2` dropped a column",
        ),
        ("3x31", "concat { id | maxpool 2 -> conv_transpose 2 8 /2 }", "31 is odd: `maxpool 2` dropped a value"),
        (
            "3x7x8x8",
            "concat { id | maxpool 2 -> conv_transpose 2 8 /2 }",
            "7 is odd: `maxpool 2` dropped a plane",
        ),
        ("3x8x7x8", "concat { id | maxpool 2 -> conv_transpose 2 8 /2 }", "7 is odd: `maxpool 2` dropped a row"),
        ("3x8x8x7", "concat { id | maxpool 2 -> conv_transpose 2 8 /2 }", "7 is odd: `maxpool 2` dropped a column"),
    ],
)
def test_the_axis_that_does_not_agree_is_explained(size: str, lines: str, note: str | None) -> None:
    notes = [each for each in only(model(lines, size)).notes if "nothing restores" in each]
    assert notes == ([f"{note} that nothing restores"] if note else [])


def test_an_axis_that_agrees_explains_nothing() -> None:
    """Two inputs whose heights come to the same, and whose widths do not."""
    found = only(
        "model M {\n  input a: 4x6x20x24\n  input b: 4x6x20x24\n"
        "  @a -> pad 1,0,1,0,1,1 mode=reflect -> x: conv 3x3x3 8 /1x2x2 pad=0,1,0,1,0,1\n"
        "  @b -> y: conv 2x3x3 8 /1x2x2 pad=same_upper\n  sub { @x | @y }\n}"
    )
    assert "8x6x10x13 and 8x6x10x12" in found.message
    assert not any("restores" in each for each in found.notes)


@pytest.mark.parametrize("name", [*IDIOMS])
def test_an_idiom_compiles(name: str) -> None:
    """What is shown in place of a word that there is none of; a number of channels is that of the example."""
    shown = [each for each in re.findall("`([^`]*)`", IDIOMS[name]) if "…" not in each and "tower" not in each]
    channels = re.search(r"of (\d+) channels", IDIOMS[name])
    before = f"conv 1x1 {channels[1]}\n" if channels else ""
    if name == "return":
        shown = [each.replace("…", "relu") for each in ("output name: …",)]
    for each in shown:
        good(model(f"{before}maxpool 3x3 {each}" if each.startswith("/") else before + each))


def test_the_idiom_for_an_l2_norm_is_one() -> None:
    import numpy as np

    step = re.search("`(lrn .*?) ->", IDIOMS["l2norm"])
    assert step is not None
    net = good(model(step[1], "512x2x3"))
    assert net.built is not None
    x = np.random.default_rng(0).normal(size=(1, 512, 2, 3))
    (norm,) = (each.layer for each in net.built.graph if each.layer.word == "lrn")
    np.testing.assert_allclose(norm.evaluate((x,), {}), x / np.linalg.norm(x, axis=1, keepdims=True), rtol=1e-9)


def test_a_batch_in_the_input_is_told_where_a_step_fails_of_it() -> None:
    found = only(model("conv 7x7 8", "1x3x32x32"))
    assert found.notes[-1].endswith("a batch is never written, `input 3x32x32` is a picture")
    assert not any("batch" in note for note in only(model("conv 7x7 8", "16x3x32x32")).notes)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [((1, 3, 64, 64), "3x64x64"), ((1, 48, 64, 3), "3x48x64"), ((1, 48, 64, 1), "3x48x64"), ((3, 64), "3x64x64")],
)
def test_another_form_of_input_is_answered_with_an_example(asked: tuple[int, ...], shown: str) -> None:
    (found,) = compiled(model("relu"), Options(inputs={None: asked})).diagnostics
    assert found.help == f"for example `--input {shown}`"


OWN = """block SE(r) { mul { id | gap -> conv 1x1 in.c//r -> relu -> conv 1x1 in.c -> sigmoid } }
block Conv(c) { conv 3x3 c pad=1 }
"""


@pytest.mark.parametrize(
    ("lines", "id", "right"),
    [
        ("conv 3x3 32 -> Se 16", "unknown-word", "SE"),
        ("CONV 16", "unknown-word", "Conv"),
        ("Relu", "unknown-word", "relu"),
        ("conv 3x3 16 use_bias=false", "unknown-argument", "bias=no"),
        ("conv 3x3 16 use_bias=True", "unknown-argument", "bias=yes"),
        ("conv 3x3 16 bias=False", "unknown-name", "no"),
        ("gap -> flatten -> lin 10", "unknown-word", "linear"),
        ("require par <= 3M", "unknown-name", "params"),
        ("let pad = 3\nconv 3x3 pad\nrequire par <= 3M", "unknown-name", "params"),
        ("sepconv 3x3 16", "unknown-word", "depthwise 3x3 pad=1 -> conv 1x1 16"),
        ("SeparableConv 16 5x5 /2", "unknown-word", "depthwise 5x5 /2 pad=2 -> conv 1x1 16"),
        ("sepconv 8", "unknown-word", "depthwise 3x3 pad=1 -> conv 1x1 8"),
        ("sepconv 3x3 8 pad=0", "unknown-word", "depthwise 3x3 pad=0 -> conv 1x1 8"),
        ("a: relu\nresidual @a", "unknown-word", "add { @a | id }"),
    ],
)
def test_what_was_written_is_in_the_one_thing_that_is_proposed(lines: str, id: str, right: str) -> None:
    found = only(OWN + model(lines))
    assert found.id == id
    assert found.fix is not None
    assert [edit.replacement for edit in found.fix.edits] == [right]
    start, end = found.fix.edits[0].span.start, found.fix.edits[0].span.end
    text = OWN + model(lines)
    assert not any(each.is_error for each in compiled(text[:start] + right + text[end:]).diagnostics)


@pytest.mark.parametrize(
    ("lines", "id", "help"),
    [
        ("residual 16", "unknown-word", "branches stand in braces: `add { conv 3x3 16 pad=1 | id }`"),
        ("sepconv 3x3 16 bias=no", "unknown-word", "it is `depthwise 3x3 pad=1 -> conv 1x1 16`"),
        (
            "require latency <= 5ms",
            "unknown-name",
            "of the finished model `require` asks for `params`, `macs`, `rf`, `memory` and `depth`",
        ),
        (
            "require params <= 5 ms",
            "malformed-number",
            "a network has counts and bytes here, in k, M, G and T, in kB, MB and GB; how quick it is depends on more",
        ),
    ],
)
def test_one_mistake_is_one_error(lines: str, id: str, help: str) -> None:
    found = only(model(lines))
    assert (found.id, found.help, found.fix) == (id, help, None)


def test_the_beginning_of_one_name_is_that_name() -> None:
    assert nearest("lin", ["lrn", "linear", "relu"]) == "linear"
    assert nearest("par", {"pad", "params"}) == "params"
    assert nearest("con", {"conv", "concat"}) == "conv"
    assert nearest("resnet", {"resnet18", "resnet34", "alexnet"}) == nearest("resnet", {"resnet18", "resnet34"})
