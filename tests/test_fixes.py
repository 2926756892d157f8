"""Checked fixes: what is proposed for an error, what comes of it, and that nothing is proposed that does not hold.

Snippets stand in a model with `set conv pad=same` and `input 3x32x32`; ⏎ is a new line.
"""

import pytest

from cnnspec.build.options import PLAIN
from cnnspec.fixes.bench import Bench
from cnnspec.fixes.edits import edits_between, spares_comments
from cnnspec.fixes.solve import solved
from cnnspec.pipeline import compile_models
from cnnspec.source.change import Change
from cnnspec.source.diagnostic import Diagnostic, Fix
from cnnspec.source.text import Source, Span
from tests.texts import compiled, model

PROJECT = "project the shortcut to the same shape"

ROWS = [
    # joins
    ("concat { conv 3x3 8 | maxpool 3x3 /1 }", "`pad=1` gives 3x32x32", "concat { conv 3x3 8 | maxpool 3x3 /1 pad=1 }"),
    (
        "concat { conv 3x3 16 pad=0 | conv 1x1 4 }",
        "`pad=1` gives 16x32x32",
        "concat { conv 3x3 16 pad=1 | conv 1x1 4 }",
    ),
    (
        "concat { conv 1x7 4 pad=0 | conv 1x1 4 }",
        "`pad=0x3` gives 4x32x32",
        "concat { conv 1x7 4 pad=0x3 | conv 1x1 4 }",
    ),
    ("add { conv 3x3 64 /2 | id }", PROJECT, "add { conv 3x3 64 /2 | conv 1x1 64 /2 }"),
    (
        "add { conv 3x3 64 /2 -> bn -> relu -> conv 3x3 64 -> bn | id }",
        PROJECT,
        "add { conv 3x3 64 /2 -> bn -> relu -> conv 3x3 64 -> bn | conv 1x1 64 /2 -> bn }",
    ),
    (
        "set conv pad=1 ⏎ add { conv 3x3 64 bias=no -> bn | id }",
        PROJECT,
        "set conv pad=1 ⏎ add { conv 3x3 64 bias=no -> bn | conv 1x1 64 pad=0 bias=no -> bn }",
    ),
    ("sub { conv 3x3 64 | conv 3x3 32 }", "64 channels, as the other branch has", "sub { conv 3x3 64 | conv 3x3 64 }"),
    (
        "conv 3x3 8 -> mul { id | gap -> conv 1x1 2 -> conv 1x1 4 }",
        "8 channels, as the other branch has",
        "conv 3x3 8 -> mul { id | gap -> conv 1x1 2 -> conv 1x1 8 }",
    ),
    (
        "e: conv 2x2 8 pad=0 ⏎ concat { @e | maxpool 2x2 -> conv_transpose 2x2 8 /2 }",
        "`output_pad=1` gives 8x31x31",
        "e: conv 2x2 8 pad=0 ⏎ concat { @e | maxpool 2x2 -> conv_transpose 2x2 8 /2 output_pad=1 }",
    ),
    (
        "e: conv 2x2 8 pad=0 ⏎ concat { @e | maxpool 2x2 -> upsample 2 }",
        "`upsample like=@e` behind it",
        "e: conv 2x2 8 pad=0 ⏎ concat { @e | maxpool 2x2 -> upsample 2 -> upsample like=@e }",
    ),
    ("concat { maxpool 2x2 | id }", "`maxpool 2x2` behind it", "concat { maxpool 2x2 | maxpool 2x2 }"),
    # windows
    ("avgpool 40x40", "`gap` averages the whole map", "gap"),
    ("(maxpool 2x2) x6", "there is room for 5 of the 6", "(maxpool 2x2) x5"),
    ("maxpool 16x16 -> maxpool 2x2 x3", "there is room for 1 of the 3", "maxpool 16x16 -> maxpool 2x2"),
    ("maxpool 40x40", "`32x32` fits", "maxpool 32x32"),
    ("maxpool 3x3 pad=3", "`pad=1` is half the kernel", "maxpool 3x3 pad=1"),
    ("conv 4x4 8 /2", "`pad=same_upper` is TensorFlow's, the odd pixel after", "conv 4x4 8 /2 pad=same_upper"),
    (
        "avgpool 3x3 pad=1",
        "`count_pad=yes` divides by the whole window, as torch",
        "avgpool 3x3 pad=1 count_pad=yes",
    ),
    ("conv 3x3x3 8", "`3x3` reaches through all channels", "conv 3x3 8"),
    # channels
    ("conv 3x3 64 groups=2", "`groups=1` divides 3 and 64", "conv 3x3 64"),
    ("conv 3x3 60 -> conv 3x3 64 groups=7", "`groups=4` divides 60 and 64", "conv 3x3 60 -> conv 3x3 64 groups=4"),
    (
        "conv 3x3 8 -> conv 3x3 8 groups=7",
        "`groups=8` divides 8 and 8, which is depthwise",
        "conv 3x3 8 -> conv 3x3 8 groups=8",
    ),
    ("conv 3x3 10 -> pixel_shuffle 2", "8 channels before it", "conv 3x3 8 -> pixel_shuffle 2"),
    ("slice 0 9", "up to the last channel", "slice 0 3"),
    ("slice 2 1", "the other way round", "slice 1 2"),
    ("conv 3x3 8 -> padc 4", "`conv 1x1 4` in its place", "conv 3x3 8 -> conv 1x1 4"),
    ("flatten -> reshape 3 32 31", "`reshape 3 32 32` in its place", "flatten -> reshape 3 32 32"),
    # vectors and maps
    ("conv 3x3 8 -> linear 10", "`gap -> flatten` before `linear`", "conv 3x3 8 -> gap -> flatten -> linear 10"),
    ("gap -> linear 10", "`flatten` before `linear`", "gap -> flatten -> linear 10"),
    (
        "(linear 8 -> relu) x2",
        "`gap -> flatten` before it",
        "gap -> flatten -> (linear 8 -> relu) x2",
    ),
    ("flatten -> conv 3x3 8", "leave `flatten` out", "conv 3x3 8"),
    ("conv 3x3 8 ⏎ flatten ⏎ conv 3x3 8", "leave `flatten` out", "conv 3x3 8 ⏎ conv 3x3 8"),
    (
        "flatten -> conv 3x3 8 -> relu -> linear 10",
        "move `flatten` before `linear`",
        "conv 3x3 8 -> relu -> flatten -> linear 10",
    ),
    # two at once, and what the step beside says
    (
        "add { conv 3x3 8 pad=0 | id }",
        "`pad=1`, and project the shortcut to the same shape",
        "add { conv 3x3 8 pad=1 | conv 1x1 8 }",
    ),
    # a kernel that is spread out
    ("conv 3x3 8 dilation=18 pad=1", "`pad=18` gives 8x32x32", "conv 3x3 8 dilation=18 pad=18"),
    (
        "for i in 1..2 { conv 3x3 8 dilation=9*i pad=1 }",
        "`pad=same` gives 8x16x16",
        "for i in 1..2 { conv 3x3 8 dilation=9*i pad=same }",
    ),
    (
        "concat { conv 1x1 4 | for d in 1,2,4 { conv 3x3 8 pad=1 dilation=d } }",
        "`pad=same` keeps the size",
        "concat { conv 1x1 4 | for d in 1,2,4 { conv 3x3 8 pad=same dilation=d } }",
    ),
    # paddings that were all forgotten, and others that the text expects
    (
        "conv 3x3 8 ⏎ add { conv 3x3 8 pad=0 -> conv 5x5 8 pad=0 | id }",
        "`pad=1` and `pad=2` in the 2 steps keep the size",
        "conv 3x3 8 ⏎ add { conv 3x3 8 pad=1 -> conv 5x5 8 pad=2 | id }",
    ),
    (
        "conv 3x3 8 /2 x3 => 8x16x16",
        "`/2` in the first copy alone: `conv 3x3 8 /2 -> conv 3x3 8 x2`",
        "conv 3x3 8 /2 -> conv 3x3 8 x2 => 8x16x16",
    ),
    (
        "mul { gap -> conv 1x1 3 -> sigmoid } => 3x32x32",
        "the value itself is a branch, too: `id`",
        "mul { id | gap -> conv 1x1 3 -> sigmoid } => 3x32x32",
    ),
    # levels of a decoder
    (
        "c1: conv 3x3 8 ⏎ conv 3x3 16 /2 ⏎ concat { conv 1x1 8 | @c1 }",
        "`upsample like=@c1` behind it",
        "c1: conv 3x3 8 ⏎ conv 3x3 16 /2 ⏎ concat { conv 1x1 8 -> upsample like=@c1 | @c1 }",
    ),
    (
        "c1: conv 2x2 8 pad=0 ⏎ conv 3x3 8 /2 -> upsample 2 ⏎ concat { id | @c1 }",
        "`crop like=@c1` behind it",
        "c1: conv 2x2 8 pad=0 ⏎ conv 3x3 8 /2 -> upsample 2 ⏎ concat { crop like=@c1 | @c1 }",
    ),
    # expectations
    ("maxpool 2 /1 => 3x32x32", "`pad=same_upper` makes it so", "maxpool 2 /1 pad=same_upper => 3x32x32"),
    ("conv 3x3 64 /2 => 64x32x32", "it is so without `/2`", "conv 3x3 64 => 64x32x32"),
    ("conv 3x3 64 => 64x16x16", "`/2` makes it so", "conv 3x3 64 /2 => 64x16x16"),
    ("conv 3x3 64 => 32x32x32", "32 channels make it so", "conv 3x3 32 => 32x32x32"),
    ("maxpool 3x3 /2 => 3x16x16", "`pad=1` makes it so", "maxpool 3x3 /2 pad=1 => 3x16x16"),
    ("relu => 3x99x99", "expect the shape that it has, 3x32x32", "relu => 3x32x32"),
    ("flatten => 3x32x32", "expect the shape that it has, 3072", "flatten => 3072"),
    (
        "conv 3x3 8 => 8x16x16 ⏎ maxpool 2x2 => 8x8x8",
        "`/2` makes it so",
        "conv 3x3 8 /2 => 8x16x16 ⏎ maxpool 2x2 => 8x8x8",
    ),
    (
        "conv 3x3 8 => 8x16x16 ⏎ maxpool 2x2 => 8x16x16",
        "expect the shape that it has, 8x32x32",
        "conv 3x3 8 => 8x32x32 ⏎ maxpool 2x2 => 8x16x16",
    ),
]


def text_of(lines: str) -> str:
    return "set conv pad=same\n" + model(lines.replace(" ⏎ ", "\n"))


def answered(text: str) -> tuple[Diagnostic, ...]:
    found = compile_models(Source("model.cnn", text), PLAIN)
    return tuple(each for one in solved(found, PLAIN) for each in one.diagnostics)


def first(text: str) -> tuple[Diagnostic, Fix]:
    found = answered(text)[0]
    assert found.fix is not None, found.message
    return found, found.fix


def mended(text: str, fix: Fix) -> str:
    return Change(fix.edits).texts().get("model.cnn", text)


@pytest.mark.parametrize(("lines", "title", "right"), ROWS, ids=[row[0] for row in ROWS])
def test_fix(lines: str, title: str, right: str) -> None:
    found, fix = first(text_of(lines))
    assert (fix.title, mended(text_of(lines), fix)) == (title, text_of(right))
    assert found.help == title
    assert not fix.safe
    for each in (fix, *found.alternatives):
        assert not [one for one in compiled(mended(text_of(lines), each)).diagnostics if one.is_error]


BASIC = """set conv pad=same bias=no
block Basic(c, /s=1) {{
  add {{
    conv 3x3 c /s -> bn -> relu -> conv 3x3 c -> bn
    {}
  }}
}}
"""


@pytest.mark.parametrize(
    ("shortcut", "uses", "title", "right", "cost"),
    [
        # where a use of the block is right as it is, the others get a condition
        (
            "id",
            "Basic 3 -> Basic 8 /2",
            PROJECT,
            "if s != 1 or in.c != c { conv 1x1 c /s -> bn }",
            "adds 40 parameters",
        ),
        ("id", "Basic 8 /2 -> Basic 16 /2", PROJECT, "conv 1x1 c /s -> bn", "adds 200 parameters"),
        (
            "if s != 1 { conv 1x1 c /s -> bn }",
            "Basic 3 -> Basic 8",
            "project the shortcut where the channels change, too",
            "if s != 1 or in.c != c { conv 1x1 c /s -> bn }",
            "adds 40 parameters",
        ),
    ],
)
def test_a_shortcut_in_a_block(shortcut: str, uses: str, title: str, right: str, cost: str) -> None:
    text = BASIC.format(shortcut) + model(uses)
    _, fix = first(text)
    assert mended(text, fix) == BASIC.format(right) + model(uses)
    assert (fix.title, fix.cost) == (title, cost)


def test_an_argument_is_mended_where_the_block_is_used() -> None:
    block = "block Conv(k, c, pad=0) { conv k c pad=pad -> bn }\n"
    lines = "concat {{ Conv 3 8{} | Conv 1 8 }}"
    text = block + model(lines.format(""))
    _, fix = first(text)
    assert mended(text, fix) == block + model(lines.format(" pad=1"))


def test_a_stride_that_stands_among_the_numbers_of_a_block() -> None:
    block = "block S(c, n, d=1, /s=1) { (conv 3x3 c pad=d dilation=d -> relu) x n -> maxpool 1x1 /s }\n"
    _, fix = first(block + model("S 16 3 2 => 16x16x16"))
    assert fix.title == "`/2` is a stride, `2` is not"
    assert "S 16 3 /2 =>" in mended(block + model("S 16 3 2 => 16x16x16"), fix)


def test_a_change_is_shown_though_other_errors_stand_behind_it() -> None:
    lines = "add { conv 3x3 16 | id }\ncovn 3x3 8\nconcat { conv 3x3 8 pad=1 | conv 3x3 8 }\nflatten -> conv 3x3 8"
    found, fix = first(model(lines))
    assert found.id == "shape-mismatch"
    assert "add { conv 3x3 16 pad=1 | conv 1x1 16 }" in mended(model(lines), fix)


def test_the_stride_of_a_block_is_mended_where_it_is_used() -> None:
    text = BASIC.format("conv 1x1 c /s") + model("Basic 8 => 8x16x16")
    assert mended(text, first(text)[1]) == BASIC.format("conv 1x1 c /s") + model("Basic 8 /2 => 8x16x16")
    text = BASIC.format("conv 1x1 c /s") + model("Basic 8 => 16x32x32\nBasic 16 => 16x32x32")
    assert mended(text, first(text)[1]) == BASIC.format("conv 1x1 c /s") + model(
        "Basic 16 => 16x32x32\nBasic 16 => 16x32x32"
    )


def test_what_helps_here_and_harms_elsewhere_is_not_shown() -> None:
    """A padding would make the branches equal, and the second use of the block unequal."""
    block = "block B(@a) { add { @a | conv 3x3 4 } }\n"
    found = answered(block + model("e: conv 1x1 4 -> f: conv 3x3 4\n@e -> B @e\n@e -> B @f"))
    assert [each.id for each in found if each.is_error] == ["shape-mismatch"]
    assert not [fix for fix in (found[0].fix, *found[0].alternatives) if fix and fix.title.startswith("`pad=")]


def test_an_expectation_further_down_speaks_against_a_change() -> None:
    join = "concat {{ conv 3x3 8 | maxpool 3x3 /1 {}}}"
    for shape, right in (
        ("11x30x30", join.format("")),
        ("11x32x32", join.format("pad=1 ").replace("8 |", "8 pad=1 |")),
    ):
        text = model(f"{join.format('pad=1 ')} => {shape}")
        assert mended(text, first(text)[1]) == model(f"{right} => {shape}")


def test_costs() -> None:
    found, fix = first(text_of("conv 3x3 8 -> linear 10"))
    assert (fix.cost, [each.cost for each in found.alternatives]) == ("90 parameters", ["81,930 parameters"])
    assert first(text_of("add { conv 3x3 64 /2 | id }"))[1].cost == "adds 256 parameters"
    assert first(text_of("maxpool 3x3 pad=3"))[1].cost == ""


def test_two_errors_one_behind_the_other_are_mended_together() -> None:
    """The second is hidden by the first; a change for the first alone would bring it to light."""
    text = text_of("concat { conv 3x3 8 | maxpool 3x3 /1 } -> linear 10")
    _, fix = first(text)
    assert fix.title == "`pad=1` gives 3x32x32, and `gap -> flatten` before `linear`"
    assert not compiled(mended(text, fix)).diagnostics


def test_two_errors_apart_are_mended_each() -> None:
    text = text_of("a: maxpool 40x40\noutput b: maxpool 3x3 pad=3").replace("a:", "output a:")
    found = [each for each in answered(text) if each.is_error]
    assert [each.fix.title for each in found if each.fix] == ["`32x32` fits", "`pad=1` is half the kernel"]


def test_nothing_is_done_where_nothing_is_wrong() -> None:
    found = compile_models(Source("model.cnn", model("relu")), PLAIN)
    assert solved(found, PLAIN) == found


def test_many_errors_are_answered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnnspec.fixes import bench

    compiles = 0
    compile_once = bench.compile_models

    def counted(*arguments: object) -> object:
        nonlocal compiles
        compiles += 1
        return compile_once(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(bench, "compile_models", counted)
    found = answered(model("\n".join(f"output o{i}: maxpool 40x40" for i in range(500))))
    assert len(found) == 500
    assert found[0].fix is not None
    assert compiles <= 30


# -- edits -------------------------------------------------------------------------------------------------------------


def test_edits_between_two_texts_lead_from_one_to_the_other() -> None:
    source = Source("a", "one two\nthree -> four # five\nsix\n")
    for text in ("one two\nfour -> three # five\nsix\n", "", "one\ntwo\n", source.text, "zero\n" + source.text):
        change = Change(edits_between(source, text))
        assert change.texts().get("a", source.text) == text
        assert not change.overlaps


def test_places_are_found_again() -> None:
    source = Source("a", "aa bb cc dd")
    change = Change([*edits_between(source, "aa XXXX cc")])
    text = change.texts()["a"]
    new = Source("a", text)
    assert change.back(Span(new, 8, 10), source) == (Span(source, 6, 8), False)
    place, is_new = change.back(Span(new, 3, 7), source)
    assert is_new
    assert place.text.strip() == "bb"


def test_a_comment_is_never_touched() -> None:
    source = Source("a", "relu # relu\n")
    assert spares_comments(Change(edits_between(source, "tanh # relu\n")))
    assert not spares_comments(Change(edits_between(source, "relu # tanh\n")))
    assert not spares_comments(Change(edits_between(source, "relu\n")))


@pytest.mark.parametrize(
    ("shortcut", "right"),
    [
        ("if s != 1 or in.c != 4*c { conv 1x1 2*c /s } else { id }", "conv 1x1 4*c /s"),
        ("if s != 1 or in.c != 4*c { conv 1x1 4*c } else { id }", "conv 1x1 4*c /s"),
    ],
)
def test_the_shortcut_takes_what_the_branch_beside_it_says(shortcut: str, right: str) -> None:
    block = f"block B(c, /s=1) {{ add {{ conv 1x1 c -> conv 3x3 c /s pad=1 -> conv 1x1 4*c | {shortcut} }} }}\n"
    _, fix = first(block + model("B 16 -> B 16 -> B 32 /2"))
    assert f"{{ {right} }} else" in mended(block + model("B 16 -> B 16 -> B 32 /2"), fix)


def test_a_gate_has_as_many_channels_as_come_in() -> None:
    text = "block SE(r) { mul { id | gap -> conv 1x1 r -> relu -> conv 1x1 r -> sigmoid } }\n" + model("SE 8")
    _, fix = first(text)
    assert fix.title == "`in.c` channels, as many as come in"
    assert "relu -> conv 1x1 in.c -> sigmoid" in mended(text, fix)


# -- one cause, one message --------------------------------------------------------------------------------------------


def test_what_would_hold_if_an_expectation_above_did_is_counted_there() -> None:
    text = model("conv 3x3 8 /2 => 8x16x16\nmaxpool 2 => 8x8x8\nadd { conv 3x3 8 pad=1 => 8x8x8 | relu }")
    (only,) = answered(text)
    assert (only.message, only.notes[-1]) == ("shape is 8x15x15, not 8x16x16", "2 errors follow from it")
    assert only.fix
    assert not answered(mended(text, only.fix))


def test_no_change_is_shown_for_a_shape_that_is_wrong_itself() -> None:
    """`/4` would make the second so; with the first mended, `/2` does."""
    first_one, second = answered(model("conv 3x3 8 pad=1 => 8x16x16\nconv 3x3 8 pad=1 => 8x8x8"))
    assert first_one.help == "`/2` makes it so"
    assert (second.fix, second.notes[-1]) == (None, "what comes in is not what line 3 expects")


def test_a_branch_with_an_error_in_it_is_projected_all_the_same() -> None:
    """What comes into the normalization is hidden by the word that nobody knows."""
    found = answered(model("add { conv 3x3 16 /2 pad=1 -> ghost -> bn -> relu => 16x16x16 | id }"))
    assert [(each.id, each.help) for each in found if each.id == "shape-mismatch"] == [
        ("shape-mismatch", "project the shortcut to the same shape")
    ]
    assert {each.id for each in found} == {"shape-mismatch", "unknown-word"}


def test_what_is_told_further_up_may_follow_from_what_stands_below() -> None:
    """A block stands above its use."""
    block = "block B() { add { conv 3x3 8 /2 pad=1 | maxpool 2 => 8x8x8 } }\n"
    (only,) = answered(block + model("conv 3x3 8 /2 => 8x16x16\nB"))
    assert (only.message, only.notes[-1]) == ("shape is 8x15x15, not 8x16x16", "2 errors follow from it")


def test_a_merge_follows_too_and_what_is_wrong_in_itself_does_not() -> None:
    joined = model("maxpool 2 /1 => 3x32x32\nadd { @input | id }")
    (only,) = answered(joined)
    assert (only.help, only.notes[-1]) == ("`pad=same_upper` makes it so", "an error follows from it")
    apart = model("conv 3x3 8 /2 => 8x16x16\nmaxpool 2 => 8x9x9")
    assert [each.message for each in answered(apart)] == [
        "shape is 8x15x15, not 8x16x16",
        "shape is 8x7x7, not 8x9x9",
    ]


def test_an_error_has_its_price_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many errors in a short line each trial compares them all."""
    trials = []
    tried = Bench.compiled
    monkeypatch.setattr(Bench, "compiled", lambda self, texts: trials.append(1) or tried(self, texts))
    assert len(answered(model("conv " + "padding=1 " * 400))) > 400
    assert len(trials) <= 10
