"""What users of other tools write, and what is left when the fixes that are offered are made: a text that compiles.

Snippets stand in a model with `input 3x32x32`; ⏎ is a new line.
"""

import pytest

from cnnspec.build.options import PLAIN
from cnnspec.fixes.edits import without_overlap
from cnnspec.fixes.solve import solved
from cnnspec.pipeline import compile_models
from cnnspec.source.change import Change
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source, Span
from tests.test_findings import ROWS as FINDINGS
from tests.test_syntax_findings import ROWS as SYNTAX
from tests.texts import model


def answered(text: str) -> list[Diagnostic]:
    found = compile_models(Source("model.cnn", text), PLAIN)
    return [each for one in solved(found, PLAIN) for each in one.diagnostics if each.is_error]


def told(lines: str) -> list[tuple[str, str, str | None]]:
    return [(each.id, each.message, each.help) for each in answered(model(lines.replace(" ⏎ ", "\n")))]


def mended(lines: str) -> str:
    """The lines after all fixes that are offered, round by round."""
    text = model(lines.replace(" ⏎ ", "\n"))
    for _ in range(4):
        fixes = [each.fix.edits for each in answered(text) if each.fix]
        text = Change(edit for i in without_overlap(fixes) for edit in fixes[i]).texts().get("model.cnn", text)
    assert not answered(text), text
    return "\n".join(text.split("\n")[2:-2]).replace("\n", " ⏎ ")


ARGUMENTS = [
    ("conv 3x3 8 padding=1", "conv 3x3 8 pad=1"),
    ("conv kernel_size=3 filters=64 padding=1", "conv 3 64 pad=1"),
    ("conv padding=1 out_channels=8 kernel_size=3", "conv pad=1 channels=8 kernel=3"),
    ("conv 3x3 8 padding=valid strides=2", "conv 3x3 8 pad=0 /2"),
    ("conv 3x3 8 kernel_initializer=kaiming_normal", "conv 3x3 8 init=he_normal"),
    ("let valid = 2 ⏎ conv 3x3 8 padding=valid", "let valid = 2 ⏎ conv 3x3 8 pad=valid"),
    ("conv 3x3 8 dilation_rate=2 use_bias=False", "conv 3x3 8 dilation=2 bias=no"),
    ('conv 3x3 8 padding="same" activation="relu"', "conv 3x3 8 pad=same -> relu"),
    ("conv 3x3 8 activation=relu pad=1", "conv 3x3 8 pad=1 -> relu"),
    ("set conv maxpool pad=1 ⏎ conv 3x3 8", "set conv, maxpool pad=1 ⏎ conv 3x3 8"),
    ("set conv padding=same kernel_size=3 ⏎ conv 3x3 8", "set conv pad=same kernel=3 ⏎ conv 3x3 8"),
    ("maxpool pool_size=2 strides=2 p=0", "maxpool 2 /2 pad=0"),
    ("bn epsilon=0.001 -> dropout p=0.5", "bn eps=0.001 -> dropout 0.5"),
    ("leaky_relu negative_slope=0.2 -> upsample scale_factor=2", "leaky_relu 0.2 -> upsample 2"),
    ("flatten -> linear units=10", "flatten -> linear 10"),
]


@pytest.mark.parametrize(("lines", "right"), ARGUMENTS, ids=[each for each, _ in ARGUMENTS])
def test_arguments_that_are_called_otherwise(lines: str, right: str) -> None:
    assert mended(lines) == right


def test_an_argument_is_told_by_its_name_here_or_by_its_place() -> None:
    assert told("conv kernel_size=3 8 padding=1 strides=2") == [
        ("unknown-argument", "`conv` has no argument `kernel_size`", "the kernel is `3`, by its place"),
        ("unknown-argument", "`conv` has no argument `padding`", "here it is `pad=1`"),
        ("unknown-argument", "`conv` has no argument `strides`", "`/2` is the stride"),
    ]
    assert told("conv 3x3 8 activation=relu x2")[0][2] == "an activation is a step of its own: `-> relu`"


def test_the_stride_of_a_block_is_no_argument_by_name() -> None:
    text = "block S(c, /s=1) { conv 3x3 c /s }\n" + model("S 8 stride=2")
    (only,) = answered(text)
    assert only.help == "`/2` is the stride"
    assert only.fix
    assert "S 8 /2" in Change(only.fix.edits).texts()["model.cnn"]


BRANCHES = [
    ("a: relu ⏎ conv 3x3 3 pad=1 ⏎ add(@a, id)", "a: relu ⏎ conv 3x3 3 pad=1 ⏎ add { @a | id }"),
    ("a: relu ⏎ b: abs ⏎ concat(a, b, input) -> bn", "a: relu ⏎ b: abs ⏎ concat { @a | @b | @input } -> bn"),
    ("a: relu ⏎ conv 3x3 3 pad=1 ⏎ add @a", "a: relu ⏎ conv 3x3 3 pad=1 ⏎ add { @a | id }"),
    ("a: relu ⏎ b: abs ⏎ add @a b", "a: relu ⏎ b: abs ⏎ add { @a | @b }"),
]


@pytest.mark.parametrize(("lines", "right"), BRANCHES, ids=[each for each, _ in BRANCHES])
def test_values_that_are_given_as_arguments_are_branches(lines: str, right: str) -> None:
    assert mended(lines) == right
    assert len(told(lines)) == 1


def test_a_label_of_two_words_is_told_once() -> None:
    assert told("my label: relu") == [
        ("steps-not-joined", "steps are joined with `->`", "a label has no blank: `my_label:`")
    ]
    assert [each[0] for each in told("rleu d: abs")] == ["unknown-word", "steps-not-joined"]


def test_of_several_inputs_each_needs_a_name() -> None:
    """What would come into the steps follows from that."""
    help = "`input left: 3x32x32`; a chain then begins with the one that it takes: `@left -> …`"
    assert told("input 3x16x16 ⏎ conv 3x3 8 -> relu") == [
        ("duplicate-label", "of several inputs each needs a name", help)
    ]


NUMBERS = [
    ("conv 3 3 64", "conv 3x3 64"),
    ("conv 3 3 64 /2 -> maxpool 2 2", "conv 3x3 64 /2 -> maxpool 2x2"),
    ("flatten -> linear 3072 10", "flatten -> linear 10"),
    ("my label: relu ⏎ relu d: abs", "my_label: relu ⏎ relu -> d: abs"),
]


@pytest.mark.parametrize(("lines", "right"), NUMBERS, ids=[each for each, _ in NUMBERS])
def test_what_is_set_apart_belongs_together(lines: str, right: str) -> None:
    assert mended(lines) == right


@pytest.mark.parametrize("shape", ["3 64 64", "3, 64, 64", "3,64,64"])
def test_an_input_is_one_shape(shape: str) -> None:
    text = f"model M {{\n  input {shape}\n  relu\n}}\n"
    (only,) = answered(text)
    assert only.fix
    assert "input 3x64x64\n" in Change(only.fix.edits).texts()["model.cnn"]


CALLS = [
    ("Conv2d(3, 16, kernel_size=3, padding=1)", "conv 3x3 16 pad=1"),
    ("nn.Conv2d(3, 64, 3, 2, 1, bias=False) -> nn.ReLU(inplace=True)", "conv 3x3 64 /2 pad=1 bias=no -> relu"),
    ("nn.BatchNorm2d(3) -> nn.LeakyReLU(0.2, True) -> Softmax(dim=1)", "bn -> leaky_relu 0.2 -> softmax"),
    ("Conv2D(64, (3, 3), activation='relu')", "conv 3x3 64 -> relu"),
    ('Conv2D(8, 3, strides=(2, 2), padding="same", input_shape=(32, 32, 3))', "conv 3x3 8 /2x2 pad=same"),
    ("Conv2D(filters=8, kernel_size=[3, 3], padding='valid')", "conv 3x3 8"),
    ("conv2d(64, 3)", "conv 3x3 64"),
    ("x = Conv2D(64, 3, padding='same')(x)", "x: conv 3x3 64 pad=same"),
    ("nn.ConvTranspose2d(3, 16, 2, stride=2)", "conv_transpose 2x2 16 /2"),
    ("MaxPool2D((2,2)) -> nn.MaxPool2d(3, 2, 1)", "maxpool 2x2 -> maxpool 3x3 /2 pad=1"),
    ("Flatten() -> Dropout(0.5) -> Dense(10, activation='softmax')", "flatten -> dropout 0.5 -> linear 10 -> softmax"),
    ("flatten -> nn.Linear(3072, 10, False)", "flatten -> linear 10 bias=no"),
    ("Flatten() -> Linear(10) x2", "flatten -> linear 10 x2"),
    ("flatten ⏎ dense 10 ⏎ fc 10", "flatten ⏎ linear 10 ⏎ linear 10"),
    ("self.conv1 = nn.Conv2d(3, 8, 3)", "conv1: conv 3x3 8"),
    ("add(conv 3x3 3 pad=1 -> bn, id)", "add { conv 3x3 3 pad=1 -> bn | id }"),
]


@pytest.mark.parametrize(("lines", "right"), CALLS, ids=[ascii(each) for each, _ in CALLS])
def test_calls_of_other_tools(lines: str, right: str) -> None:
    assert mended(lines) == right


@pytest.mark.parametrize("call", ["Conv2D(64, (3,3))", "nn.Conv2d(3, 64, 3)", "MaxPool2D((2,2))", "Dropout(0.5)"])
def test_a_call_is_told_once(call: str) -> None:
    ((id, message, help),) = told(call)
    name = call.partition("(")[0]
    assert (id, message) == ("unknown-word", f"`{name}` is another tool's")
    assert help == f"here it is `{mended(call)}`"


def test_what_stands_behind_a_call_is_looked_at() -> None:
    assert [each[:2] for each in told("Conv2d(3, 8, 3) => 8x30x30 ⏎ linear 10")] == [
        ("unknown-word", "`Conv2d` is another tool's"),
        ("shape-mismatch", "`linear` takes a vector, got 8x30x30"),
    ]


def test_a_block_in_lower_case_is_the_one_that_is_meant() -> None:
    text = "block conv(c) { conv 3x3 c -> relu }\n" + model("Conv 8\nConv 16 => 16x28x28")
    (only,) = answered(text)
    assert only.id == "lower-case-block"
    assert only.fix
    assert not answered(Change(only.fix.edits).texts()["model.cnn"])


def test_a_block_of_ones_own_is_no_other_tools() -> None:
    (only,) = answered("block Conv2d(c, k) { conv k c }\n" + model("Conv2d(64, 3)"))
    assert only.id == "parentheses-around-arguments"


# -- no safe fix leads into the next error -----------------------------------------------------------------------------

SNIPPETS = [
    *(row[0].replace("⏎", "\n") for row in SYNTAX),
    *(row[0].replace(" ⏎ ", "\n") for row in (*FINDINGS, *ARGUMENTS, *BRANCHES, *NUMBERS, *CALLS)),
    "conv 3x3 64, 32",
    "conv 3x3 64, 32 -> relu",
    "conv 3x3 64, foo=3",
    "conv 3x3, foo, 8",
]


def steps_at(text: str, places: list[Span]) -> set[str]:
    """The errors that touch one of the places, as far as they have no fix of their own."""
    errors = [each for each in answered(text) if each.label and each.fix is None]
    return {
        each.message
        for each in errors
        for place in places
        if each.label and each.label.span.start <= place.end + 1 and place.start <= each.label.span.end + 1
    }


@pytest.mark.parametrize("lines", SNIPPETS, ids=[ascii(each)[:60] for each in SNIPPETS])
def test_what_a_safe_fix_writes_is_not_refused_there(lines: str) -> None:
    text = model(lines)
    for each in answered(text):
        if each.fix is None or not each.fix.safe:
            continue
        change = Change(each.fix.edits)
        after = change.texts()["model.cnn"]
        shift, places = 0, []
        for edit in sorted(each.fix.edits, key=lambda one: one.span.start):
            start = edit.span.start + shift
            shift += len(edit.replacement) - (edit.span.end - edit.span.start)
            places.append(Span(Source("model.cnn", after), start, start + len(edit.replacement)))
        assert steps_at(after, places) == set(), after
