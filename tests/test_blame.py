"""A block is not blamed for its caller: what fits in other uses is told where it comes from."""

import pytest

from cnnspec.build.options import PLAIN
from cnnspec.fixes.solve import solved
from cnnspec.pipeline import compile_models
from cnnspec.source.change import Change
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


def test_a_kernel_alone_is_told_without_a_change() -> None:
    (found,) = told(CB, "CB 8\nCB 3x3")
    assert (found.message, pointed(found)) == ("in `CB 3x3`, `c` is 3x3", "3x3")
    assert (found.help, found.fix, found.alternatives) == (None, None, ())


def test_what_a_block_hands_on_is_told_in_the_block() -> None:
    blocks = "block CB(c, k=3x3) { conv k c pad=1 -> relu }\nblock Stage(c, k) { CB c k -> CB k=c c }\n"
    found = told(blocks, "Stage 16 3x3\nStage 3x3 32")
    assert [(each.id, pointed(each), each.fix) for each in found] == [
        ("argument-order", "k c", None),
        ("bad-argument", "c", None),
    ]
    assert all(each.label and each.label.span.line == 1 for each in found)


def test_a_use_with_brackets_is_shown_whole() -> None:
    brackets, found = told("block A(c, k) { conv k c pad=1 -> relu }\n", "A 16 3x3\nA(c=3x3, k=16)")
    assert brackets.id == "parentheses-around-arguments"
    assert found.message == "in `A(c=3x3, k=16)`, `c` is 3x3 and `k` is 16"
    assert fix(found) == found.help == "did you mean `A(c=16, k=3x3)`?"


@pytest.mark.parametrize("right", [0, 1200])
def test_many_uses_with_the_same_mistake_are_one_error(right: int) -> None:
    lines = "CB 16 3x3\n" * right + "CB 3x3 16\n" * 1200
    (found,) = told("block CB(c, k) { conv k c pad=1 -> relu }\n", lines)
    assert found.message == "in `CB 3x3 16`, `c` is 3x3 and `k` is 16"
    assert found.notes == ("the same in 1,199 more uses of this block",)
    assert found.fix is None or len(found.fix.edits) == 2400


def test_more_texts_of_uses_than_are_told_apart_are_one_error_in_the_block() -> None:
    lines = "\n".join(f"CB 3x3 {channels}" for channels in range(3, 63))
    (found,) = told("block CB(c, k) { conv k c pad=1 -> relu }\n", lines)
    assert pointed(found) == "k c"
    assert found.notes == ("the same in 59 more uses of this block",)


def test_one_use_is_told_once_for_all_lines_of_its_block() -> None:
    block = "block Big(c, k) {\n" + "conv k c pad=same\n" * 40 + "}\n"
    (found,) = told(block, "Big 8 3x3\n" * 3 + "Big 3x3 8")
    assert (found.message, found.notes) == ("in `Big 3x3 8`, `c` is 3x3 and `k` is 8", ())
    assert fix(found) == "did you mean `Big 8 3x3`?"


def test_a_kernel_that_stands_for_channels_of_two_steps_is_told_once() -> None:
    (found,) = told("block B(c, k, s) { conv k c pad=same -> conv s c pad=same }\n", "B 8 3 5\nB 3x3 8 5")
    assert found.message == "in `B 3x3 8 5`, `c` is 3x3 and `k` is 8"
    assert fix(found) == "did you mean `B 8 3x3 5`?"


@pytest.mark.parametrize(
    "block",
    [
        "block CB(c, k) { conv k c pad=1 -> conv c k pad=1 }\n",  # wrong in the other order too
        "block CB(c, k) { conv k c pad=1 -> conv 3x3 16 groups=5 }\n",  # what else is wrong in the use stays
        "block CB(c, k) { conv k c pad=1 -> conv k 8 -> maxpool 40 /1 }\n",
    ],
)
def test_a_change_that_leaves_an_error_in_the_use_is_not_proposed(block: str) -> None:
    for found in told(block, "CB 3x3 16\nCB 16 3x3"):
        assert found.fix is None or not found.fix.title.startswith("did you mean `CB")
        assert found.help is None or not found.help.startswith("did you mean `CB")


@pytest.mark.parametrize(
    ("blocks", "lines"),
    [
        (CB, "CB 8\nCB 3x3 16\nCB 5x5 16 x3\nCB 3x3\nCB 3x3 16"),
        (CB, "CB k=8 c=3x3\nCB 3x3 0\nCB 3x3 16"),
        (CB + "block S(c) { CB 3x3 16 -> CB c }\n", "S 8 -> S 4 -> CB 3x3 16"),
    ],
)
def test_a_change_of_a_use_leaves_fewer_errors(blocks: str, lines: str) -> None:
    before = told(blocks, lines)
    for found in before:
        if found.fix and found.fix.title.startswith("did you mean"):
            (text,) = Change(found.fix.edits).texts().values()
            after = [each for one in compile_models(Source("model.cnn", text)) for each in one.diagnostics]
            assert len(after) < len(before)
    assert any(found.fix for found in before)


@pytest.mark.parametrize(
    ("blocks", "lines", "at"),
    [
        ("block W(n, size=3) { conv n size pad=same }\n", "W 16 3x3", "n size"),  # by its names it is the block's
        ("block W(c, k) { conv c k pad=same }\n", "W 16 3x3\nW 8 3x3", "c k"),  # in each use
        ("block W(c, deep=no) { if deep { conv c 3x3 } }\n", "W 8 -> W 8 deep=yes", "c 3x3"),  # not handed on
        ("block W(c=no) { conv 3x3 c }\n", "W 8\nW", "c"),  # its own default
        (OUTER, "Outer 8 3\nOuter 3x3 8", "k w"),  # handed on by another block
        (CB + "block Stage(c) { CB 3x3 c }\n", "CB 8 -> Stage 16 -> Stage 32", "k c"),
        (CB, "CB 8\nCB relu 16", "c"),
        (CB, "CB 8\nCB 0 16", "c"),
        ("block P(k) { maxpool k /1 }\n", "P 2 -> P 40", "k"),
        ("block A(act=relu) { act }\n", "A -> A act=3", "act"),
        ("block A(k, /s=1) { conv k s pad=1 }\n", "A 3 /4 -> A 3 /3x3", "k s"),  # no stride is turned round
        ("block Q(c, n) { (conv 3x3 c pad=1 -> relu) x n }\n", "Q 16 2\nQ 2.5 16", "c"),
        (
            "block Inner(c, s) { conv 3x3 c /s pad=1 }\nblock Outer(c, s=1) { Inner c s -> Inner c 1 -> Inner c 1 }\n",
            "Outer 16\nOuter 0 2",
            "c",
        ),
        ("block Act(c, f=relu) { conv 3x3 c pad=1 -> f }\n", "Act 16 3", "f"),
        ("block W(c) { conv 3x3 c pad=1 groups=2 }\n", "conv 1x1 4 -> W 8 -> W 7", "groups=2"),  # of what comes in
    ],
)
def test_the_block_is_told_of_what_is_its_own(blocks: str, lines: str, at: str) -> None:
    (found,) = told(blocks, lines)
    assert found.label is not None
    assert pointed(found) in at
    assert found.label.span.line == 1
    assert found.fix is None or "did you mean `" not in found.fix.title


def test_what_shrinks_on_the_way_is_not_blamed_on_a_use() -> None:
    (found,) = told("block P(k) { maxpool k }\n", "P 8 -> P 8")
    assert (pointed(found), [frame.path for frame in found.trace]) == ("k", ["p2"])
