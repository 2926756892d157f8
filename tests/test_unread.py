"""What is told of branches that were not taken and of blocks that nobody uses, and what cannot be told there."""

import pytest

from cnnspec.pipeline import compile_models, compile_source
from cnnspec.source.text import Source
from tests.texts import compiled, findings

MODEL = "model N(big=no, act=relu) {{\n  input 3x32x32\n  e1: conv 3x3 8\n  if big {{ {} }}\n  e2: relu\n}}\n"
BLOCK = "block B(c, act=relu) {{ {} }}\nmodel N {{\n  input 3x32x32\n  relu\n}}\n"

TOLD = [
    ("foobar 3", "unknown-word", "foobar"),
    ("Stag 256", "unknown-word", "Stag"),
    ("conv nothing=7", "unknown-argument", "nothing"),
    ("relu /2", "unknown-argument", "/2"),
    ("relu 3", "too-many-arguments", "3"),
    ("add { @ghost | id }", "unknown-label", "@ghost"),
    ("reuse ghost", "unknown-label", "ghost"),
    ("upsample like=@ghost", "unknown-label", "@ghost"),
    ("conv 3x3 in(@ghost).c", "unknown-label", "@ghost"),
    ("conv 3x3 widht", "unknown-name", "widht"),
    ("conv 3x3 8 pad=smae", "unknown-name", "smae"),
    ("relu x copies", "unknown-name", "copies"),
    ("for i in 1..n { relu }", "unknown-name", "n"),
    ("if large { relu }", "unknown-name", "large"),
    ("if act == relu { relu } else { rleu }", "unknown-word", "rleu"),
    ("set covn pad=1", "unknown-word", "covn"),
    ("set conv padd=1", "unknown-argument", "padd"),
    ("let a = b", "unknown-name", "b"),
    ("s: { (relu -> rleu) x2 }", "unknown-word", "rleu"),
    ("concat { for d in 1,2 { rleu } }", "unknown-word", "rleu"),
]


@pytest.mark.parametrize("text", [MODEL, BLOCK], ids=["branch", "block"])
@pytest.mark.parametrize(("lines", "id", "place"), TOLD)
def test_what_needs_no_value_is_told_where_nothing_was_expanded(text: str, lines: str, id: str, place: str) -> None:
    assert findings(text.format(lines)) == [(id, place)]


SILENT = [
    "act 3 mode=bilinear -> relu",
    "let w = 3\nfor i in 1..w { a{i}: conv 3x3 8*i pad=same }\nadd { @a1 | @a2 | @conv1 }",
    "s: { low: relu }\nadd { @s.low | @s }",
    "require params <= 1M, in.h > 3",
    "conv 3x3",
    "upsample 2 mode=bilinear -> prelu per=channel",
    "t: { conv 3x3 8 }\nreuse t",
    "B2 8 -> b: B2 3 like=@b21",
]


@pytest.mark.parametrize("text", [MODEL, BLOCK], ids=["branch", "block"])
@pytest.mark.parametrize("lines", SILENT)
def test_what_needs_a_value_is_not(text: str, lines: str) -> None:
    assert findings("block B2(c, @like=x) { relu }\n".replace("=x", "") + text.format(lines)) == []


def test_a_label_above_is_found_and_one_below_is_used_before_it_exists() -> None:
    assert findings(MODEL.format("add { id | @e1 }")) == []
    assert findings(MODEL.format("add { id | @e2 }")) == [("used-before", "@e2")]


def test_a_range_without_turns_and_an_else_are_looked_at() -> None:
    text = "model N(n=0, big=yes) {{ input 3x32x32\n{} }}"
    assert findings(text.format("for i in 1..n { rleu }")) == [("unknown-word", "rleu")]
    assert findings(text.format("if big { relu } else if n == 1 { relu } else { rleu }")) == [("unknown-word", "rleu")]


def test_a_file_of_blocks_is_looked_at() -> None:
    ids = [each for each in findings("block A(c) { rleu -> conv 3x3 c }\n") if each[0] != "no-model"]
    assert ids == [("unknown-word", "rleu")]


def test_near_names_are_meant() -> None:
    (one,) = compiled(BLOCK.format("leaky_rleu -> act")).diagnostics
    assert one.help == "did you mean `leaky_relu`?"
    assert one.fix is not None


def test_what_another_model_uses_is_told_there_once() -> None:
    text = "block A() { rleu }\nblock B() { A }\nmodel M { input 3x32x32\nrelu }\nmodel N { input 3x32x32\nB }\n"
    found = [one for each in compile_models(Source("model.cnn", text)) for one in each.diagnostics]
    assert [(each.id, len(each.trace)) for each in found] == [("unknown-word", 2)]


@pytest.mark.parametrize(("lost", "told"), [("ghost", False), ("a", True)])
def test_a_line_that_could_not_be_read_may_have_named_what_stands_in_it(lost: str, told: bool) -> None:
    text = Source("model.cnn", BLOCK.format(f"\n {lost}: conv 3x3 (\n add {{ @ghost | id }}\n"))
    found = [each.id for each in compile_source(text).diagnostics]
    assert found == ["unclosed-parenthesis", *(["unknown-label"] if told else [])]
