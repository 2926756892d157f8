"""A block is not blamed for its caller: what fits in other uses is told where it comes from."""

import pytest

from cnnspec.build.options import PLAIN
from cnnspec.fixes.solve import solved
from cnnspec.pipeline import compile_models
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source

CB = "block CB(c, k=3) { conv k c pad=same -> bn -> relu }\n"
OUTER = "block Inner(w, k) { conv k w pad=same }\nblock Outer(w, k) { Inner w k -> relu }\n"


def told(blocks: str, lines: str) -> list[Diagnostic]:
    source = Source("model.cnn", f"{blocks}model M {{\n  input 3x32x32\n{lines}\n}}\n")
    return [each for one in solved(compile_models(source), PLAIN) for each in one.diagnostics]


def pointed(found: Diagnostic) -> str:
    assert found.label is not None
    return found.label.span.text


def fix(found: Diagnostic) -> str | None:
    return found.fix.title if found.fix else None


@pytest.mark.parametrize("lines", ["CB 8 -> CB 3x3 16 -> CB 32", "CB 3x3 16"])
def test_the_order_of_a_use_is_told_at_the_use(lines: str) -> None:
    (found,) = told(CB, lines)
    assert found.id == "argument-order"
    assert found.message == "in `CB 3x3 16`, `c` is 3x3 and `k` is 16"
    assert pointed(found) == "3x3 16"
    assert [(each.span.text, each.text) for each in found.secondary] == [
        ("k c", "the kernel comes first, then the channels")
    ]
    assert fix(found) == "did you mean `CB 16 3x3`?"
    assert found.trace == ()


def test_each_use_is_told_by_itself() -> None:
    found = told(CB, "CB 8\nCB 3x3 16 x2\nCB 5x5 16\nCB k=8 c=3x3")
    assert [(pointed(each), fix(each)) for each in found] == [
        ("3x3 16", "did you mean `CB 16 3x3`?"),
        ("5x5 16", "did you mean `CB 16 5x5`?"),
        ("8 c=3x3", "did you mean `CB k=3x3 c=8`?"),
    ]


def test_through_two_blocks_it_is_told_at_the_outer_use() -> None:
    (found,) = told(OUTER, "Outer 8 3\nOuter 3x3 8")
    assert pointed(found) == "3x3 8"
    assert fix(found) == "did you mean `Outer 8 3x3`?"


def test_a_block_that_calls_another_wrongly_is_told_itself() -> None:
    (found,) = told(CB + "block Stage(c) { CB 3x3 c }\n", "CB 8 -> Stage 16 -> Stage 32")
    assert pointed(found) == "3x3 c"
    assert fix(found) == "did you mean `CB c 3x3`?"
    assert found.notes == ("the same in one more use of this block",)
    assert [frame.path for frame in found.trace] == ["stage1"]


def test_a_value_that_fits_nowhere_is_told_where_it_is_given() -> None:
    wrong, negative, alone = told(CB, "CB 8\nCB relu 16\nCB -5\nCB 3x3")
    assert (pointed(wrong), fix(wrong)) == ("relu", None)
    assert wrong.message == "the number of channels must be a whole number, got relu"
    assert (negative.label and negative.label.text, fix(negative)) == ("`c` is -5", None)
    assert (alone.message, alone.help) == ("in `CB 3x3`, `c` is 3x3", "if it is meant for `k`: `k=3x3`")


@pytest.mark.parametrize(
    ("blocks", "lines", "at"),
    [
        ("block W(n, size=3) { conv n size pad=same }\n", "W 16 3x3", "n size"),  # by its names it is the block's
        ("block W(c, k) { conv c k pad=same }\n", "W 16 3x3\nW 8 3x3", "c k"),  # in each use
        ("block W(c, deep=no) { if deep { conv c 3x3 } }\n", "W 8 -> W 8 deep=yes", "c 3x3"),  # not handed on
        ("block W(c=no) { conv 3x3 c }\n", "W 8\nW", "c"),  # its own default
        ("block W(c) { conv 3x3 c pad=1 groups=2 }\n", "conv 1x1 4 -> W 8 -> W 7", "groups=2"),  # of what comes in
    ],
)
def test_the_block_is_told_of_what_is_its_own(blocks: str, lines: str, at: str) -> None:
    (found,) = told(blocks, lines)
    assert found.label is not None
    assert pointed(found) in at
    assert found.label.span.line == 1


def test_a_kernel_that_is_too_large_in_one_use_is_told_there() -> None:
    (found,) = told("block P(k) { maxpool k /1 }\n", "P 2 -> P 40")
    assert (pointed(found), found.label and found.label.text) == ("40", "`k` is 40")
    assert found.message == "the 40x40 kernel is larger than the 31x31 input"
    assert found.fix is not None
    assert [(edit.span.text, edit.replacement) for edit in found.fix.edits] == [("40", "31x31")]


def test_what_shrinks_on_the_way_is_not_blamed_on_a_use() -> None:
    (found,) = told("block P(k) { maxpool k }\n", "P 8 -> P 8")
    assert (pointed(found), [frame.path for frame in found.trace]) == ("k", ["p2"])


def test_a_word_that_is_none_is_told_where_it_is_given() -> None:
    (found,) = told("block A(act=relu) { act }\n", "A -> A act=3")
    assert (pointed(found), found.message) == ("3", "`act` is 3, which is no layer")


def test_a_stride_in_the_place_of_a_kernel_is_not_turned_round() -> None:
    (found,) = told("block A(k, /s=1) { conv k s pad=1 }\n", "A 3 /4 -> A 3 /3x3")
    assert found.fix is None
