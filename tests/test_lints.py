"""What the lints speak of, and above all what they are silent about.

Snippets stand in a model with `input 3x32x32`; ⏎ is a new line. Texts that hold `model` are whole files.
"""

import re
from pathlib import Path

import pytest

from cnnspec.build.options import PLAIN, Options
from cnnspec.contract.register import words
from cnnspec.pipeline import compile_models
from cnnspec.resources import zoo_names, zoo_path
from cnnspec.rules import tried
from cnnspec.rules.review import reviewed
from cnnspec.rules.selection import Selection, selection
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source
from cnnspec.syntax import tree
from cnnspec.syntax.parse import parse
from tests import ROOT
from tests.judges.rewrites import walk
from tests.networks import EXAMPLES
from tests.texts import model

USUAL = Selection()


def findings(text: str, chosen: Selection = USUAL, options: Options = PLAIN) -> list[Diagnostic]:
    whole = text if "model " in text else model(text.replace(" ⏎ ", "\n"))
    return [
        one
        for each in reviewed(compile_models(Source("model.cnn", whole), options), chosen)
        for one in each.diagnostics
    ]


def found(text: str, chosen: Selection = USUAL) -> list[tuple[str, str]]:
    """Every finding as (id, the text it points at)."""
    return [(each.id, each.label.span.text) for each in findings(text, chosen) if each.label]


SILENT = [
    # the last window ends with the map, although the division leaves a rest
    "conv 7x7 8 /2 pad=3 -> relu",
    "conv 3x3 8 /2 pad=1 -> relu",
    "maxpool 3x3 /2 ceil_mode=yes",
    "maxpool 2x2",
    # one pixel in more than a hundred
    "model M { input 1x223x223 ⏎ maxpool 2x2 }",
    # single pixels by intent
    "add { conv 3x3 8 /2 pad=1 | conv 1x1 8 /2 }",
    "add { conv 1x1 4 /2 -> relu -> conv 3x3 8 pad=1 | maxpool 1x1 /2 -> padc 8 }",
    "maxpool 1x1 /2",
    # maps that are one pixel wide, or a few
    "model M { input 40x101x1 ⏎ conv 3x1 8 }",
    "let k = 3x1\nblock Of(n) { conv k n }\nmodel M { input 80x101x1 ⏎ Of 8 }",
    "model M { input 512x7x1 ⏎ conv 1x1 8 }",
    "model M { input 1024x64x4 ⏎ conv 3x3 8 }",
    # layers that do something, if little
    "conv 3x3 8 -> leaky_relu -> relu",
    "conv 3x3 8 -> relu -> relu6",
    "conv 3x3 8 -> relu -> bn -> relu",
    "conv 3x3 8 -> tanh -> abs",
    "adaptive_avgpool 32x32",
    "block B(k) { conv 3x3 8 pad=1 -> maxpool k }\nmodel M { input 3x32x32 ⏎ B 1 -> B 2 }",
    "block B() { relu -> conv 3x3 8 pad=1 }\nmodel M { input 3x32x32 ⏎ conv 3x3 8 -> relu -> B -> B }",
    "for i in 0..2 { conv 3x3 8 pad=1 -> drop_path 0.1*i }",
    # a factorization, an activation, a value that is read twice
    "flatten -> linear 8 -> linear 100",
    "flatten -> linear 64 -> relu -> linear 10",
    "flatten -> a: linear 64 ⏎ output x: linear 10 ⏎ output y: @a -> tanh",
    # normalization and dropout where they may stand
    "conv 3x3 8 -> relu -> maxpool 3x3 -> conv 3x3 8 -> gap -> conv 1x1 8 -> bn -> relu",
    "flatten -> linear 8 -> bn -> relu",
    "conv 3x3 8 -> dropout 0.3 -> bn -> relu",
    "conv 3x3 8 -> dropout 0.5 -> relu -> conv 3x3 8 -> bn",
    # outputs that are no scores of classes
    "flatten -> linear 1 -> relu",
    "flatten -> linear 10 -> softmax",
    "conv 3x3 8 -> relu",
    # sums whose branches may be anything
    "conv 3x3 8 pad=1 -> bn -> relu ⏎ add { bn -> relu -> conv 3x3 8 pad=1 | id }",
    "e: (conv 3x3 8 pad=1 -> relu) ⏎ conv 3x3 8 pad=1 -> relu ⏎ add { @e | id }",
    "add { conv 1x1 8 -> relu -> conv 1x1 8 -> relu | conv 3x3 8 pad=1 -> tanh -> conv 3x3 8 pad=1 -> relu }",
    # branches that are one step, by intent
    "mul { ⏎ id ⏎ sigmoid ⏎ }",
    "concat { ⏎ relu ⏎ conv 3x3 8 pad=1 ⏎ }",
    "concat { conv 3x3 8 pad=1 | relu }",
    "conv 3x3 8 pad=1 ⏎ add { ⏎ conv 3x3 8 pad=1 -> bn ⏎ x: bn ⏎ }",
    # what sees all, in squeeze and excitation
    "conv 3x3 8 pad=1 -> relu ⏎ mul { id | gap -> conv 1x1 8 -> sigmoid } ⏎ flatten -> linear 10",
    "model M { input 1x16000 ⏎ conv 80 8 /4 -> relu -> gap -> flatten -> linear 10 }",
    # transposed convolutions without a pattern
    "conv_transpose 2x2 8 /2",
    "conv_transpose 3x3 8",
    "model M { input 100x1x1 ⏎ conv_transpose 5x5 8 /2 }",
    # branches that differ, by weights, chance or sense
    "add { conv 3x3 8 | conv 3x3 8 }",
    "add { dropout 0.5 | dropout 0.5 }",
    "mul { id | id }",
    "concat { for d in 1,2 { conv 3x3 8 pad=same dilation=d } }",
    "block B(s) { add { conv 3x3 3 pad=1 | if s { conv 1x1 3 } } }\nmodel M { input 3x32x32 ⏎ B no -> B yes }",
    "model M(deep=no) { input 3x32x32 ⏎ concat { conv 3x3 8 | if deep { conv 3x3 8 } else { none } } }",
    # labels that are read as they stand
    "e1: (conv 3x3 8 pad=1 -> relu) -> maxpool 2x2 ⏎ upsample like=@e1 ⏎ concat { @e1 | id }",
    "e1: conv 3x3 8 pad=1 -> maxpool 2x2 ⏎ upsample 2 ⏎ concat { @e1 | id }",
    "p: conv 3x3 8 pad=1 -> conv 3x3 8 pad=1 ⏎ add { @p | id }",
    "fc: conv 3x3 8 pad=1 -> relu",
    "e1: conv 3x3 8 pad=1 -> relu ⏎ maxpool 2x2 -> upsample like=@e1",
    # strides that are seen, or come from a parameter
    "(conv 3x3 8 /2 pad=1 -> relu) x3",
    "block B(c, /s=1) { conv 3x3 c /s pad=1 x2 }\nmodel M { input 3x32x32 ⏎ B 8 }",
    # names that are used in places that are easily overlooked
    "let n = 2 ⏎ (conv 3x3 8) x n",
    "let a = 1 ⏎ let b = a ⏎ conv 3x3 b",
    "for i in 1..2 { a{i}: conv 3x3 8 pad=1 }",
    "block B(act=relu) { conv 3x3 8 -> act }\nmodel M { input 3x32x32 ⏎ B }",
    "block B(/s=1) { conv 3x3 8 /s pad=1 }\nmodel M { input 3x32x32 ⏎ B /2 }",
    "block B(@skip) { concat { @skip | id } }\nmodel M { input 3x8x8 ⏎ a: conv 1x1 8 -> b: conv 1x1 8 ⏎ B @a }",
    "block B(@skip) { conv 1x1 in(@skip).c }\nmodel M { input 3x32x32 ⏎ a: conv 3x3 8 pad=1 ⏎ B @a }",
    "block Same(_c) { id }\nmodel M { input 3x32x32 ⏎ conv 3x3 8 -> Same 8 }",
    "set conv pad=same\nblock B(w) { w 3x3 8 }\nmodel M { input 3x32x32 ⏎ B conv }",
    "set conv pad=same\nmodel M { input 3x32x32 ⏎ if no { conv 3x3 8 } else { relu } }",
    "block A() { B -> tanh }\nblock B() { tanh }\nmodel M { input 3x32x32 ⏎ A }",
    # inputs whose last axis is a width
    "model M { input 64x32x4 ⏎ conv 3x3 8 pad=1 -> relu }",
    "model M { input 4x4x4 ⏎ conv 3x3 8 pad=1 -> relu }",
    "model M { input 3x3x3 ⏎ conv 3x3 8 pad=1 -> relu }",
    # windows of many pixels, by intent
    "conv 16 3 /16",
    "conv 9 3 pad=same",
    "conv 16x16 3",
    "conv 8 16",
    "model M { input 1x16000 ⏎ conv 80 9 /4 }",
    # words whose sisters have other needs
    "set conv pad=same\nmodel M { input 3x32x32 ⏎ conv 3x3 8 -> conv_transpose 2x2 8 /2 }",
    "set conv pad=same\nmodel M { input 3x32x32 ⏎ conv 3x3 8 -> maxpool 2x2 }",
    "set conv pad=same\nset depthwise pad=1\nmodel M { input 3x32x32 ⏎ conv 3x3 8 -> depthwise 3x3 }",
]


@pytest.mark.parametrize("text", SILENT)
def test_nothing_is_said_of(text: str) -> None:
    assert found(text.replace(" ⏎ ", "\n"), Selection(ignore=("bias-before-bn",), pedantic=True)) == []


SPOKEN = [
    ("conv 16 3", "swapped-kernel", "16 3"),
    ("conv_transpose 32 1 -> relu", "swapped-kernel", "32 1"),
    ("conv 3x3 8 /2 -> relu", "lost-border", "conv 3x3 8 /2"),
    ("avgpool 3x3", "lost-border", "avgpool 3x3"),
    ("model M { input 1x100 ⏎ maxpool 3 }", "lost-border", "maxpool 3"),
    ("conv 1x1 8 /2 -> relu", "skipped-pixels", "conv 1x1 8 /2"),
    ("conv 3x3 8 /2 dilation=2 pad=2 -> relu", "skipped-pixels", "conv 3x3 8 /2 dilation=2 pad=2"),
    ("maxpool 2x2 /4", "skipped-pixels", "maxpool 2x2 /4"),
    ("conv 3x3 8 dilation=40 pad=same -> relu", "only-padding", "conv 3x3 8 dilation=40 pad=same"),
    ("maxpool 8x8 -> maxpool 4x4 -> depthwise 3x3 pad=1", "only-padding", "depthwise 3x3 pad=1"),
    ("conv 3x3 8 -> gap -> conv 1x1 8 /2 pad=1", "only-padding", "conv 1x1 8 /2 pad=1"),
    ("conv 3x3 8 -> relu6 -> relu", "changes-nothing", "relu"),
    ("conv 3x3 8 -> sigmoid -> dropout 0.5 -> relu", "changes-nothing", "relu"),
    ("conv 3x3 8 -> relu ⏎ concat { id | maxpool 3x3 /1 pad=1 } ⏎ leaky_relu", "changes-nothing", "leaky_relu"),
    ("conv 3x3 8 -> avgpool 1x1", "changes-nothing", "avgpool 1x1"),
    ("flatten -> linear 8 -> flatten", "changes-nothing", "flatten"),
    ("conv 3x3 8 -> dropout 0", "changes-nothing", "dropout 0"),
    ("flatten -> linear 64 -> dropout 0.5 -> linear 10", "stacked-linear", "linear 10"),
    ("conv 3x3 8 -> maxpool 3x3 -> conv 3x3 8 -> avgpool 8x8 -> bn", "bn-over-one", "bn"),
    ("conv 3x3 8 -> relu -> maxpool 2x2 -> conv 3x3 8 -> gmp -> bn", "bn-over-one", "bn"),
    ("flatten -> linear 10 -> relu -> softmax", "rectified-output", "relu"),
    ("conv 3x3 1 -> log_softmax", "softmax-of-one", "log_softmax"),
    ("add { conv 3x3 8 pad=1 -> bn -> relu | conv 1x1 8 -> bn }", "residual-ends-in-relu", "relu"),
    ("conv 3x3 8 pad=1 ⏎ add { conv 3x3 8 pad=1 -> sigmoid | id }", "residual-ends-in-relu", "sigmoid"),
    ("conv 3x3 8 -> relu -> adaptive_avgpool 1x1 -> flatten -> linear 10", "small-field", "adaptive_avgpool 1x1"),
    ("conv_transpose 5x5 8 /3", "checkerboard", "conv_transpose 5x5 8 /3"),
    ("conv_transpose 4x2 8 /2x3", "checkerboard", "conv_transpose 4x2 8 /2x3"),
    ("sub { relu | relu }", "identical-branches", "sub"),
    ("max { maxpool 3x3 /1 | maxpool 3x3 /1 | avgpool 3x3 /1 }", "identical-branches", "max"),
    ("a: conv 3x3 8 -> relu -> dropout 0.1 ⏎ concat { @a | id }", "early-label", "a"),
    ("conv 3x3 8 /2 pad=1 x2", "repeated-stride", "/2"),
    ("let n = 3 ⏎ conv 3x3 8 /2 pad=1 x n", "repeated-stride", "/2"),
    ("conv 3x3 8 ⏎ let n = 3", "unused-let", "n"),
    ("model M { input 224x224x3 ⏎ conv 3x3 8 -> relu }", "channels-last", "224x224x3"),
    ("model M { input 480x640x1 ⏎ conv 1x1 8 -> relu }", "channels-last", "480x640x1"),
    ("model M { input 480x640x1 ⏎ conv 1x1 8 -> relu } # no 3x1", "channels-last", "480x640x1"),
    ("block Of(k) { conv 3x1 k }\nmodel M { input 480x640x1 ⏎ conv 1x1 8 }", "channels-last", "480x640x1"),
    ("let n = 3 ⏎ if no { let n = 4 } ⏎ conv 3x3 n", "unused-let", "n"),
    ("{ let n = 3 ⏎ relu } ⏎ let m = 3 ⏎ conv 3x3 m", "unused-let", "n"),
    ("model M(n=3) { input 3x32x32 ⏎ conv 3x3 8 }", "unused-parameter", "n=3"),
    ("block B(@skip) { relu }\nmodel M { input 3x32x32 ⏎ a: conv 3x3 8 ⏎ B @a }", "unused-parameter", "@skip"),
    ("conv 3x3 8 ⏎ set conv pad=1", "unused-set", "set conv pad=1"),
    ("set conv pad=1 bias=no ⏎ conv 3x3 8 pad=0", "unused-set", "pad=1"),
    ("set conv, maxpool pad=1 ⏎ conv 3x3 8", "unused-set", "maxpool"),
    ("model M { input a: 3x8x8 ⏎ input b: 3x8x8 ⏎ @a -> conv 3x3 8 }", "unused-step", "input b: 3x8x8"),
    ("add { conv 3x3 3 pad=1 -> relu }", "single-branch", "add"),
    ("add { ⏎ conv 3x3 3 pad=1 ⏎ bn ⏎ conv 1x1 3 ⏎ tanh -> bn ⏎ id ⏎ }", "lone-step", "bn"),
    ("concat { ⏎ conv 3x3 3 pad=1 -> bn ⏎ dropout 0.2 ⏎ }", "lone-step", "dropout 0.2"),
]


@pytest.mark.parametrize(("text", "id", "pointed"), SPOKEN, ids=[row[0][:60] for row in SPOKEN])
def test_something_is_said_of(text: str, id: str, pointed: str) -> None:
    assert found(text.replace(" ⏎ ", "\n")) == [(id, pointed)]


@pytest.mark.parametrize(
    ("size", "step", "message", "worked"),
    [
        ("4x7x21x27", "conv 3x3x3 8 /1x2x2 pad=0,1,0,1,0,0", "row is", "H: floor((21 - 3 + 1 + 0) / 2) + 1 = 10"),
        ("4x20x21x21", "conv 3x3x3 8 /2", "plane is", "D: floor((20 - 3 + 2*0) / 2) + 1 = 9"),
        ("4x21x20", "maxpool 3x3 /2", "column is", "W: floor((20 - 3 + 2*0) / 2) + 1 = 9"),
        ("4x20x20", "maxpool 3x3 /2", "row and column are", "floor((20 - 3 + 2*0) / 2) + 1 = 9"),
        ("4x20", "maxpool 3 /2", "value is", "floor((20 - 3 + 2*0) / 2) + 1 = 9"),
    ],
)
def test_the_arithmetic_is_that_of_the_axis_that_is_meant(size: str, step: str, message: str, worked: str) -> None:
    (told,) = findings(f"model M {{ input {size}\n{step} -> relu }}", Selection())
    assert told.message == f"the last {message} never read"
    assert told.label
    assert told.label.text == worked


@pytest.mark.parametrize("name", zoo_names())
def test_the_networks_that_ship_are_clean(name: str) -> None:
    path = zoo_path(name)
    assert path is not None
    models = compile_models(Source(path, (EXAMPLES / f"{name}.cnn").read_text(encoding="utf-8")))
    assert [one for each in reviewed(models) for one in each.diagnostics] == []


@pytest.mark.parametrize(
    "path", [*EXAMPLES.glob("*.cnn"), *ROOT.glob("tests/programs/*.cnn")], ids=lambda path: path.stem
)
def test_the_walk_over_a_text_leaves_nothing_out(path: Path) -> None:
    """Against a walk that enters everything."""
    file, _ = parse(Source(path.name, path.read_text(encoding="utf-8")))
    seen, text = list(walk(file)), Text(file, words())
    assert text.applies == [each for each in seen if isinstance(each, tree.Apply)]
    assert {place.step for place in text.places.values()} == {each for each in seen if isinstance(each, tree.Step)}
    assert [each for each, _ in text.bound] == [each for each in seen if isinstance(each, (tree.Let, tree.Set))]
    read = {(each.name, each.span.start) for each in seen if isinstance(each, tree.Name)}
    assert all(text.uses(name, start - 1, start + 1) for name, start in read)
    assert all(each.span in text.readings(each.path[0]) for each in seen if isinstance(each, tree.Ref))


# -- told once ---------------------------------------------------------------------------------------------------------


def test_what_a_block_has_is_told_once_with_its_uses() -> None:
    text = "block B(c) { conv 3x3 c /2 -> relu }\nmodel M {\n  input 3x34x34\n  B 8 x2\n  B 16\n}\n"
    (only,) = findings(text)
    assert (only.id, only.trace[-1].path) == ("lost-border", "b1")
    assert only.notes[-1] == "the same in one more use of this block"


def test_models_of_one_file_do_not_repeat_each_other() -> None:
    block = "block B() { conv 3x3 8 /2 -> relu }\n"
    text = block + "".join(f"model {name} {{\n  input 3x32x32\n  B\n}}\n" for name in ("M", "N"))
    assert [(each.id, each.trace[-1].span.line) for each in findings(text)] == [("lost-border", 4)]


def test_nothing_is_linted_while_something_is_wrong() -> None:
    assert [id for id, _ in found("let n = 1 ⏎ relu -> rellu")] == ["unknown-word"]


def test_a_file_of_blocks_is_linted_as_a_text() -> None:
    (models,) = reviewed(compile_models(Source("blocks.cnn", "let n = 3\nblock B() { relu }\n")))
    assert [each.id for each in models.diagnostics] == ["no-model", "unused-let"]


# -- selection ---------------------------------------------------------------------------------------------------------

MANY = "let n = 1 ⏎ conv 3x3 30 /2 -> bn -> relu ⏎ conv 3x3 8 pad=1"


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (selection(), {"unused-let", "lost-border"}),
        (selection(pedantic=True), {"unused-let", "lost-border", "bias-before-bn"}),
        (selection(perf=True), {"unused-let", "lost-border", "odd-channels"}),
        (selection(["lost-border"]), {"lost-border"}),
        (selection(["lost-border,perf"]), {"lost-border", "odd-channels"}),
        (selection(["lost-border"], perf=True), {"lost-border", "odd-channels"}),
        (selection(["bias-before-bn"]), {"bias-before-bn"}),
        (selection(["lint"], ["unused-let"]), {"lost-border"}),
        (selection(ignore=["lint"], pedantic=True), {"bias-before-bn"}),
    ],
)
def test_what_is_selected_speaks(chosen: Selection, expected: set[str]) -> None:
    assert {id for id, _ in found(MANY, chosen)} == expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lost-bordr", "there is no rule `lost-bordr`; did you mean `lost-border`?"),
        ("shape-mismatch", "`shape-mismatch` is no lint, and is always told"),
        ("zzz", "there is no rule `zzz`; `cnnspec rule` lists them; the groups are lint, pedantic, perf"),
    ],
)
def test_only_lints_are_selected(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message) + "$"):
        selection([name])


# -- allow -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "conv 3x3 8 /2 -> relu  # cnnspec: allow lost-border",
        "conv 3x3 8 /2 -> relu  # why not  # cnnspec: allow lost-border",
        "# cnnspec: allow lost-border: as in the paper ⏎ conv 3x3 8 /2 -> relu",
        "# cnnspec: allow lost-border ⏎  ⏎ # another ⏎ conv 3x3 8 /2 -> relu",
        "# cnnspec: allow unused-let, lost-border ⏎ let n = 1 ⏎ conv 3x3 8 /2 # cnnspec:allow unused-let,lost-border",
    ],
)
def test_a_comment_allows(text: str) -> None:
    assert found(text) == []


def test_a_comment_allows_where_a_block_is_used_or_made() -> None:
    block = "block B(c) {{ conv 3x3 c /2 }}{made}\nmodel M {{\n  input 3x32x32\n  B 8{used}\n}}\n"
    comment = "  # cnnspec: allow lost-border"
    assert found(block.format(made="", used="")) != []
    assert found(block.format(made=comment, used="")) == []
    assert found(block.format(made="", used=comment)) == []


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# cnnspec: allow lost-bordr", "there is no rule `lost-bordr`"),
        ("# cnnspec: allow unknown-word", "`unknown-word` is no lint, and is always told"),
        ("# cnnspec: ignore lost-border", "behind `cnnspec:` stands `allow` and a rule"),
        ("# cnnspec allow lost-border", "a colon is missing behind `cnnspec`"),
        ("# cnnspec: allow", "behind `cnnspec:` stands `allow` and a rule"),
    ],
)
def test_a_comment_that_allows_nothing_is_told(comment: str, message: str) -> None:
    assert [(each.id, each.message) for each in findings(f"relu {comment}")] == [("bad-allow", message)]


def test_an_allowance_that_is_not_needed_is_told_to_the_pedantic() -> None:
    text = "conv 3x3 8 -> relu  # cnnspec: allow lost-border, odd-channels"
    assert found(text) == []
    assert found(text, selection(pedantic=True)) == [("unused-allow", "lost-border")]
    assert found(text, selection(["unused-allow"])) == []


# -- fixes -------------------------------------------------------------------------------------------------------------


def mended(text: str, found: list[Diagnostic]) -> str:
    source = found[0].label.span.source if found[0].label else None
    assert source is not None
    made = tried.mended(source, [edit for each in found if each.fix for edit in each.fix.edits])
    assert made is not None
    return made


def test_all_fixes_of_a_text_are_made_at_once() -> None:
    text = "let n = 1 ⏎ conv 3x3 8 -> relu -> relu -> dropout 0 -> relu ⏎ relu ⏎ concat { conv 3x3 8 } -> maxpool 1x1"
    found = findings(text)
    assert len(found) == 7
    assert all(each.fix and each.fix.safe for each in found)
    after = mended(text, found)
    assert after == model("  conv 3x3 8 -> relu\n  conv 3x3 8".replace("  ", ""))
    assert findings(after) == []


def test_what_is_read_by_nothing_but_unused_values_is_unused() -> None:
    found = findings("let a = 8 ⏎ let b = a ⏎ let c = 2 ⏎ let d = a*b ⏎ conv 3x3 c")
    assert [(each.message, each.help) for each in found] == [
        ("`a` is read only by `b`, which is never used", "delete all 3"),
        ("`b` is read only by `d`, which is never used", "delete both"),
        ("`d` is never used", "delete it"),
    ]
    for each in (found, found[:1]):  # together, and alone
        assert mended(model("let a = 8\nlet b = a\nlet c = 2\nlet d = a*b\nconv 3x3 c"), each) == model(
            "let c = 2\nconv 3x3 c"
        )
    assert [each.fix for each in findings("let a = 8  # why ⏎ let b = a ⏎ relu")][:1] == [None]


def test_a_fix_with_which_the_text_would_not_compile_is_not_shown() -> None:
    """Without the second stride the map is larger than the text expects."""
    good, bad = (findings(f"conv 3x3 8 /2 pad=1 x2 ⏎ relu => 8x{side}x{side}") for side in ("?", 8))
    assert [(each.id, each.fix is not None) for each in (*good, *bad)] == [
        ("repeated-stride", True),
        ("repeated-stride", False),
    ]
    assert bad[0].help == "if only the first is meant, it stands alone"


def test_a_deletion_that_would_rename_weights_is_not_safe() -> None:
    (plain,), (listed,) = findings("conv 3x3 8 -> relu -> relu"), findings("a[]: { conv 3x3 8 -> relu -> relu }")
    assert plain.fix
    assert listed.fix
    assert (plain.fix.safe, listed.fix.safe) == (True, False)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("model M(pre=yes) { input 3x8x8 ⏎ if pre { relu } ⏎ relu }", [False]),
        ("model M(act=relu) { input 3x8x8 ⏎ act -> relu -> conv 1x1 8 -> relu -> act }", [False, False]),
        ("model M(n=2) { input 3x8x8 ⏎ relu x n -> relu ⏎ conv 1x1 8 ⏎ relu x2 -> maxpool 2 ⏎ relu }", [False, True]),
        ("set maxpool pad=0\nmodel M { input 3x8x8 ⏎ maxpool 1x1 -> gap -> flatten -> flatten }", [False, True]),
        ("block A() { relu -> conv 3x3 8 }\nmodel M { input 3x32x32 ⏎ relu -> A -> relu -> A }", [False]),
        ("block A(d=no) { relu -> if d { conv 3x3 8 } ⏎ relu }\nmodel M { input 3x32x32 ⏎ A }", [False]),
        ("block A() { conv 3x3 8 -> relu6 -> dropout 0.2 ⏎ relu6 }\nmodel M { input 3x32x32 ⏎ A }", [True]),
    ],
)
def test_a_deletion_is_safe_if_the_step_changes_nothing_whatever_the_parameters_are(
    text: str, safe: list[bool]
) -> None:
    found = findings(text.replace(" ⏎ ", "\n"))
    assert [(each.id, each.fix.safe) for each in found if each.fix] == [("changes-nothing", each) for each in safe]


def test_comments_are_left_alone() -> None:
    found = findings("let n = 1  # why ⏎ conv 3x3 8 -> relu")
    assert [(each.id, each.fix) for each in found] == [("unused-let", None)]
