"""What texts mean: names, scopes, repeats, merges, conditions, blocks, references, several inputs and outputs."""

import pytest

from cnnspec.build.options import Limits, Options
from cnnspec.contract.values import Word
from tests.texts import compiled, findings, good, last, model, shapes, steps


def names(lines: str, shape: str = "3x32x32") -> list[str]:
    return [name for name in shapes(steps(lines, shape)) if name != "input"]


# -- names


def test_unlabelled_steps_are_counted_by_word() -> None:
    assert names("conv 3x3 8 -> relu -> conv 3x3 8 -> relu\nc: conv 3x3 8") == ["conv1", "relu1", "conv2", "relu2", "c"]


def test_a_list_scope_numbers_what_has_a_place() -> None:
    lines = """features[]: {
      conv 3x3 8 pad=1 -> relu
      add { conv 3x3 8 pad=1 | id }
      head: relu
      (conv 1x1 8 -> relu) x2
      []{ relu }
    }"""
    assert names(lines) == [
        *("features.0", "features.1", "features.2", "features.add1", "features.head"),
        *("features.3", "features.4", "features.5", "features.6", "features.7.0"),
    ]


def test_a_block_and_a_word_share_one_counter() -> None:
    text = "block Conv(c) { conv 3x3 c }\n" + model("conv 3x3 8 -> Conv 8 -> conv 3x3 8")
    assert list(shapes(good(text))) == ["input", "conv1", "conv2.conv1", "conv3"]


def test_a_labelled_repeat_numbers_its_copies() -> None:
    text = "block Basic(c) { conv 3x3 c pad=1 }\n" + model(
        "stage: Basic 8 x2\nc: conv 1x1 4 x2\ng: (relu -> conv 1x1 4) x2"
    )
    assert list(shapes(good(text)))[1:] == [
        *("stage.0.conv1", "stage.1.conv1", "c.0", "c.1"),
        *("g.0.relu1", "g.0.conv1", "g.1.relu1", "g.1.conv1"),
    ]


def test_output_and_aux_lend_their_name_to_one_step() -> None:
    text = "block Head(n) { gap -> flatten -> linear n }\n" + model(
        "aux weight=0.3 side: Head 4\noutput main: Head 10\noutput long: relu -> conv 3x3 2"
    )
    graph = good(text).built.graph  # type: ignore[union-attr]  # good() has seen that it is built
    assert [name for name in graph.nodes if name.startswith(("side", "main"))] == [
        *("side.gap1", "side.flatten1", "side.linear1", "main.gap1", "main.flatten1", "main.linear1")
    ]
    assert graph.outputs == {"main": "main.linear1", "long": "conv1"}
    assert graph.aux["side"] == ("side.linear1", 0.3)
    assert "side.linear1" not in graph.running
    assert "main.linear1" in graph.running


def test_outputs_stand_in_a_loop_and_a_condition_of_the_model() -> None:
    """Their names are filled in, and the current value stays as it was."""
    lines = """
    p3: conv 1x1 8 -> p4: maxpool 2x2
    output boxes3: @p3 -> head: conv 1x1 4
    for i in 4..4 { output boxes{i}: @p{i} -> reuse head }
    for i in 1..2 { if i == 2 { aux weight=0.5 side{i}: conv 1x1 i } }
    output last: relu
    """
    built = steps(lines).built
    assert built is not None
    assert built.graph.outputs == {"boxes3": "head", "boxes4": "head@2", "last": "last"}
    assert built.graph.aux == {"side2": ("side2", 0.5)}
    assert built.shapes["last"] == (8, 16, 16)


@pytest.mark.parametrize(
    "lines",
    [
        "s: { for i in 1..2 { output o{i}: relu } }",
        "add { for i in 1..2 { output o{i}: relu } | id }",
        "for i in 1..2 { { output o{i}: relu } }",
    ],
)
def test_outputs_stand_in_no_other_scope(lines: str) -> None:
    assert {id for id, _ in findings(model(lines))} >= {"misplaced-line"}
    assert {id for id, _ in findings(model(lines))} <= {"misplaced-line", "no-value", "unused-step"}


def test_an_input_stands_in_no_loop() -> None:
    assert findings(model("for i in 1..1 { input more: 3x3x3 }")) == [("misplaced-line", "input more: 3x3x3")]


def test_labels_with_dots_and_loop_values_are_paths() -> None:
    assert names("for i in 0..1 { inner_blocks.{i}.0: conv 1x1 4 }\nadd { @inner_blocks.0.0 | @inner_blocks.1.0 }") == [
        *("inner_blocks.0.0", "inner_blocks.1.0", "add1")
    ]


def test_references_take_the_values_of_a_loop() -> None:
    result = steps("for i in 0..2 { c{i}: conv 1x1 4 }\nadd { for i in 0..2 { @c{i} } }")
    assert result.built is not None
    assert result.built.graph.nodes["add1"].inputs == ("c0", "c1", "c2")
    assert findings(model("relu\nadd { @c{i} | id }")) == [("unknown-name", "@c{i}")]


@pytest.mark.torch
def test_names_that_torch_keeps_are_refused() -> None:
    torch = pytest.importorskip("torch")
    from cnnspec.build.reserved import TAKEN_BY_TORCH

    public = {name for name in dir(torch.nn.Module()) if not name.startswith("_")}
    assert public <= TAKEN_BY_TORCH
    for name in ("train", "forward", "class", "lambda"):
        assert findings(model(f"{name}: relu")) == [("forbidden-label", name)]


def test_a_name_takes_sizes_and_words_of_a_loop_as_they_are_written() -> None:
    assert names("for k in 1x1,3x3 { c{k}: conv k 3 pad=same }\nadd { @c1x1 | @c3x3 }") == ["c1x1", "c3x3", "add1"]
    assert names('for a in relu,tanh { a-{a}: a }\nfor o in "A",yes { o{o}: relu }') == [
        *("a-relu", "a-tanh", "oA", "oyes")
    ]
    assert findings(model("for p in 0.5,0.6 { d{p}: dropout p }\nadd { @dp | id }")) == [("bad-argument", "d{p}")]
    assert findings(model("for k in nothing { c{k}: relu }")) == [("unknown-name", "nothing")]


# -- repeats, conditions, loops


def test_repeats() -> None:
    assert len(names("(relu -> tanh) x3")) == 6
    assert names("conv 3x3 8 x0") == []
    assert names("let n = 3\nrelu x n -> tanh x(n-1)") == ["relu1", "relu2", "relu3", "tanh1", "tanh2"]


def test_conditions_read_the_shape_that_enters_the_block() -> None:
    block = """block B(c, /s=1) {
      conv 3x3 c /s pad=1
      if s != 1 or in.c != c { conv 1x1 c } else if in.h > 100 { tanh } else { relu }
    }\n"""
    text = block + model("conv 3x3 8 pad=1 -> B 8 -> B 8 /2 -> B 4")
    assert list(shapes(good(text)))[2:] == ["b1.conv1", "b1.relu1", "b2.conv1", "b2.conv2", "b3.conv1", "b3.conv2"]


def test_a_parameters_default_may_read_what_enters_the_block() -> None:
    blocks = """block Squeeze(c=in.c//2) { conv 1x1 c }
    block Up(@skip, c=in(@skip).c, h=in.h) { conv 1x1 c -> upsample like=@skip\n require h == in.h }\n"""
    text = blocks + model("a: conv 1x1 8 -> Squeeze => 4x32x32\nUp @a => 8x32x32\nSqueeze in.c*2 => 6x32x32")
    assert findings(text) == []
    assert findings("block B(c=in(@a).c) { conv 1x1 c }\n" + model("a: relu -> B")) == [("unknown-label", "@a")]


def test_a_padding_may_be_handed_over_as_a_text() -> None:
    block = 'block C(p="same") { conv 3x3 8 pad=p }\n'
    assert last(good(block + model("C -> C p=0"))) == (8, 30, 30)
    assert findings(block + model('C p="all"')) == [("bad-argument", "p")]


def test_an_if_without_else_passes_the_value() -> None:
    assert names("if 1 == 2 { relu }\ntanh") == ["tanh1"]


def test_loops() -> None:
    assert last(steps("for d in 1,2,4 { conv 3x3 4 pad=same dilation=d }")) == (4, 32, 32)
    assert last(steps("for i in 1..3 { conv 3x3 8*i }")) == (24, 26, 26)
    assert names("let n = 0\nfor i in 1..n { relu }") == []


def test_a_loop_over_a_parameter_that_holds_a_list() -> None:
    text = "block Rates(ds) { for d in ds { conv 3x3 4 pad=same dilation=d } }\n"
    dilated = good(text + model("Rates 1,2,4"))
    assert dilated.built is not None
    assert [each.layer.dilation for each in dilated.built.graph if each.layer.word == "conv"] == [1, 2, 4]


# -- merges


def test_merges_take_one_branch_a_line_or_bar() -> None:
    assert last(steps("concat { conv 1x1 4 | conv 1x1 5\n conv 1x1 6 }")) == (15, 32, 32)
    assert last(steps("concat { for i in 1..3 { conv 1x1 i } }")) == (6, 32, 32)


def test_a_merge_of_one_branch_is_that_branch() -> None:
    assert names("add { relu | none }") == ["relu1"]
    assert names("m: add { relu | if 1 == 1 { none } }\nadd { @m | tanh }") == ["relu1", "tanh1", "add1"]


def test_a_merge_may_add_a_value_to_itself() -> None:
    result = steps("relu\nadd { id | id }")
    assert result.built is not None
    graph = result.built.graph
    assert graph.nodes["add1"].inputs == ("relu1", "relu1")
    assert graph.index.edges["relu1", "add1"]["operands"] == (0, 1)


def test_branches_keep_their_order() -> None:
    result = steps("a: relu\nconcat { tanh | @a | id | sigmoid }")
    assert result.built is not None
    assert result.built.graph.nodes["concat1"].inputs == ("tanh1", "a", "a", "sigmoid1")


# -- references, blocks, files


def test_references_are_looked_up_outward_and_then_inward() -> None:
    text = """block Pair(c) { low: conv 1x1 c -> high: relu }
    model M {
      input 3x8x8
      low: relu
      p: Pair 4
      s: { tanh -> deep: { low: sigmoid }
           add { @low | @deep.low | @p.low } }
      add { @p.high | @s.deep.low | @s | @p.conv1 }
    }"""
    assert [id for id, _ in findings(text)] == ["shape-mismatch", "unknown-label"]
    text = text.replace("add { @low | @deep.low | @p.low }", "add { @deep.low | @p.low }").replace(" | @p.conv1", "")
    graph = good(text).built.graph  # type: ignore[union-attr]
    assert graph.nodes["s.add1"].inputs == ("s.deep.low", "p.low")


def test_a_block_does_not_see_its_caller() -> None:
    text = "block B() { add { @skip | id } }\n" + model("skip: relu\nB")
    assert findings(text) == [("unknown-label", "@skip")]


def test_tensor_stride_and_word_parameters() -> None:
    text = """block Up(c, @skip, /s=1, act=relu)[] { concat { @skip | id } -> conv 3x3 c /s -> act }
    block Stage(B, c) { B c @x0 act=tanh -> B c @x0 }
    """
    assert findings(text + model("x0: relu\nStage Up 8")) != []  # a block cannot see its caller's x0
    result = good(text.replace("@x0", "@t").replace("Stage(B, c)", "Stage(B, c, @t)") + model("e: relu\nUp 8 @e /2"))
    assert list(shapes(result)) == ["input", "e", "up1.concat1", "up1.0", "up1.1"]
    assert last(result) == (8, 15, 15)
    result = good(
        text.replace("Stage(B, c)", "Stage(B, c, @x0)") + model("e: relu\nconv 3x3 3 pad=1 -> Up 8 skip=@e act=id")
    )
    assert list(shapes(result))[-1] == "up1.0"
    assert result.built is not None
    assert result.built.graph.scopes["up1"].arguments["act"] == Word("id")


def test_settings_are_lexical() -> None:
    text = """block Before(c) { conv 3x3 c }
    set conv pad=same bias=no
    block After(c) { conv 3x3 c }
    model M { input 3x8x8
      Before 4 => 4x6x6
      After 4 => 4x6x6
      { set conv bias=yes
        conv 3x3 4 }
      conv 3x3 5 }"""
    built = good(text).built
    assert built is not None
    assert [getattr(built.graph.nodes[name].layer, "bias", None) for name in built.graph.nodes if "conv" in name] == [
        *(True, False, True, False)
    ]


def test_several_inputs_have_no_current_value() -> None:
    text = "model M { input left: 1x28x28\n input right: 1x28x28\n concat { @left | @right } -> conv 3x3 4 }"
    assert last(good(text)) == (4, 26, 26)
    assert findings(text.replace("concat { @left | @right } ->", ""))[0] == ("no-value", "conv")


def test_parameters_are_replaced_and_expectations_hold_for_the_files_own() -> None:
    text = "model M(c=8, width=1.0) { input 3x32x32\n conv 3x3 divisible(c*width, 8) => 8x30x30 }"
    assert last(good(text)) == (8, 30, 30)
    assert last(good(text, Options(parameters={"c": 32}))) == (32, 30, 30)
    assert last(good(text, Options(inputs={None: (3, 16, 16)}))) == (8, 14, 14)
    assert findings(text, Options(parameters={"with": 1})) == [("unknown-parameter", "M")]


def test_an_input_shape_must_be_for_an_input() -> None:
    one = "model M { input 3x8x8\n relu }"
    two = "model M { input a: 3x8x8\n input b: 3x8x8\n add { @a | @b } }"
    assert findings(one, Options(inputs={"other": (3, 9, 9)})) == [("unknown-input", "M")]
    assert findings(one, Options(inputs={None: (3, 9)})) == [("unknown-input", "input 3x8x8")]
    assert findings(two, Options(inputs={None: (3, 9, 9)})) == [("unknown-input", "M")]
    assert last(good(two, Options(inputs={"a": (3, 9, 9), "b": (3, 9, 9)}))) == (3, 9, 9)


def test_one_model_of_several() -> None:
    text = "model A { input 3x8x8\n relu }\nmodel B { input 3x8x8\n tanh }"
    assert findings(text) == [("unknown-model", "B")]
    assert "tanh1" in shapes(good(text, Options(model="B")))
    assert findings(text, Options(model="b"))[0][0] == "unknown-model"


# -- numbers


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("7 // 2 + 7 % 2", 4),
        ("divisible(32*0.35, 8)", 16),
        ("divisible(16*0.35, 8)", 8),
        ("round(2.5) + round(3.5)", 6),
        ("ceil(pow(1.2, 2) * 10) - floor(div(7, 2))", 12),
        ("max(3, min(9, 5)) - -2", 7),
        ("2*(3+4)-1", 13),
    ],
)
def test_arithmetic_is_exact(expression: str, value: int) -> None:
    assert (
        last(steps(f"conv 1x1 {expression.replace(' ', '')}" if "- -" not in expression else "conv 1x1 3+4"))[0]
        == value
    )  # type: ignore[index]


def test_a_real_number_is_never_cut() -> None:
    assert findings(model("let w = 0.3\nconv 3x3 8*w")) == [("bad-argument", "8*w")]


# -- one cause, one message


def test_a_refused_step_silences_what_follows_from_it() -> None:
    lines = """e: conv 3x3 8
    a: xyzzy 3x3 8 -> relu
    add { @a | conv 3x3 9 }
    if in(@a).c == 3 { linear 4 }
    concat { @a | id } -> conv 3x3 8
    @e -> linear 4"""
    assert findings(model(lines)) == [("unknown-word", "xyzzy"), ("shape-mismatch", "linear")]


def test_an_error_in_a_block_is_told_once() -> None:
    text = "block B(c) { conv 3x3 c -> rleu }\n" + model("B 8 x3 -> conv 3x3 8")
    result = compiled(text)
    assert [each.id for each in result.diagnostics] == ["unknown-word"]
    assert result.diagnostics[0].notes == ("the same in 2 more uses of this block",)
    assert [frame.path for frame in result.diagnostics[0].trace] == ["b1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("model M {\n input 3x8x8 size=all\n relu\n}", [("unknown-name", "all")]),
        ("model M {\n input 100 size=any\n relu\n}", [("bad-argument", "any")]),
        ("model M {\n input 0x8x8\n relu\n}", [("bad-argument", "0x8x8")]),
    ],
)
def test_an_input_that_is_refused_is_told_once(text: str, expected: list[tuple[str, str]]) -> None:
    assert findings(text) == expected


def test_a_step_above_the_input_is_told_where_the_input_belongs() -> None:
    (found,) = compiled("model M {\n relu\n input 3x8x8\n}").diagnostics
    assert (found.id, found.help) == ("no-value", "the model's `input` stands above the steps")


@pytest.mark.parametrize(("size", "expected"), [("1", "relu1"), ("1x1", "relu1"), ("3x1", "tanh1"), ("3x3", "tanh1")])
def test_a_number_beside_a_size_stands_for_all_axes(size: str, expected: str) -> None:
    block = "block A(k) { if k == 1 and 1 == k { relu } else { tanh } }\n"
    assert list(shapes(good(block + model(f"A {size}"))))[1:] == [f"a1.{expected}"]


# -- bounds


@pytest.mark.parametrize(
    "text",
    [
        model("((((id x9999) x9999) x9999) x9999)"),
        "".join(f"block B{i}() {{ B{i + 1} -> B{i + 1} }}\n" for i in range(30))
        + "block B30() { relu }\n"
        + model("B0"),
        model("relu x99999"),
        model("for i in 1..2000000000 { relu }"),
        model("(relu x9999) x9999"),
    ],
)
def test_bombs_stop_at_a_bound(text: str) -> None:
    assert [id for id, _ in findings(text)] == ["limit-exceeded"]


def test_a_bound_can_be_raised_and_lowered() -> None:
    assert findings(model("relu x20"), Options(limits=Limits(nodes=10)))[0][0] == "limit-exceeded"
    assert findings(model("relu x20"), Options(limits=Limits(nodes=30))) == []


@pytest.mark.parametrize("body", ["{ A }", "{ B }\nblock B() { A }"])
def test_recursion(body: str) -> None:
    assert [id for id, _ in findings(f"block A() {body}\n" + model("A"))] == ["recursive-block"]


@pytest.mark.parametrize("value", ["pow(10, 200)", "pow(2, 500)*pow(2, 500)", "pow(3, 300)*pow(3, 300)"])
def test_a_number_without_end_is_told_with_its_bound(value: str) -> None:
    (found,) = compiled(model(f"let a = {value}\nconv 3x3 a")).diagnostics
    assert "more than 512 bits" in found.message


@pytest.mark.parametrize("shape", ["0", "0x8x8", "?x8x8", "64x56x56x56x56"])
@pytest.mark.parametrize("step", ["layernorm over=channel", "if in.c == 64 { relu } else { id }", "{ conv 1x1 in.c }"])
def test_a_shape_that_no_map_has_is_not_believed(shape: str, step: str) -> None:
    """Behind an error an expectation is; what divides by a shape, or asks for its axes, would fail of this one."""
    block = f"block B {{ {step} }}\n"
    found = compiled(block + model(f"ghost => {shape}\nB")).diagnostics
    assert [each.id for each in found] == ["unknown-word"]
