"""Several faults in one file: nearly all are told in one run, and hardly anything else (CNNSPEC_FAULTS says of how many
files). `python -m tests.seeded_faults 1000 --show 20` shows what is missed."""

import os

import pytest

from cnnspec.source.diagnostic import Diagnostic
from tests.seeded_faults import KINDS, Tally, campaign, case
from tests.texts import compiled, model

FILES = int(os.environ.get("CNNSPEC_FAULTS", "120"))


def test_faults_are_told_and_nothing_else() -> None:
    tally = Tally()
    for _, one, verdict in campaign(FILES):
        tally.add(one, verdict)
    assert tally.share >= 0.95, str(tally)
    assert tally.astray <= 0.1 * FILES, str(tally)


def test_a_case_is_always_the_same_and_every_kind_is_seeded() -> None:
    assert case(7) == case(7)
    seen = {fault.kind for number in range(200) for fault in case(number).faults}
    assert len(KINDS) >= 12
    assert set(KINDS) - seen <= {"sizes of branches differ"}, "too rare in the examples"


def found(text: str) -> list[tuple[str, int]]:
    return [(each.id, line(each)) for each in compiled(text).diagnostics if each.is_error]


def line(each: Diagnostic) -> int:
    assert each.label is not None
    return each.label.span.line


def test_shape_errors_are_found_in_a_file_with_syntax_errors() -> None:
    text = model("conv(3x3, 8) -> relu\nconv 3x3 8 -> -> relu\nmaxpool 99x99\nlet a = (1\nadd { conv 3x3 4 | id }")
    assert found(text) == [
        ("parentheses-around-arguments", 3),
        ("unexpected-token", 4),
        ("shape-mismatch", 5),
        ("unclosed-parenthesis", 6),
    ]
    text = model("conv 3x3, 8\nconv 3x3 8 groups=3\nadd { conv 3x3 4 | id }")
    assert found(text) == [("commas-between-arguments", 3), ("shape-mismatch", 4), ("shape-mismatch", 5)]


@pytest.mark.parametrize(
    ("lines", "errors"),
    [
        # what was likely meant is taken for it, and the rest is looked at
        ("covn 3x3 8\nlinear 4", [("unknown-word", 3), ("shape-mismatch", 4)]),
        ("conv 3x3 8 pda=1 => 8x32x32\nlinear 4", [("unknown-argument", 3), ("shape-mismatch", 4)]),
        ("conv 8 3x3\nlinear 4", [("argument-order", 3), ("shape-mismatch", 4)]),
        ("conv 3x3 8x2\nlinear 4", [("bad-argument", 3), ("shape-mismatch", 4)]),
        ("dropout 7\nlinear 4", [("bad-argument", 3), ("shape-mismatch", 4)]),
        ("relu 7\nlinear 4", [("too-many-arguments", 3), ("shape-mismatch", 4)]),
        ("conv 3x3 8 groups=5\nlinear 4", [("shape-mismatch", 3), ("shape-mismatch", 4)]),
        ("e1: relu\nadd { @e2 | id }\nlinear 4", [("unknown-label", 4), ("shape-mismatch", 5)]),
        ("let base = 8\nconv 3x3 bsae\nlinear 4", [("unknown-name", 4), ("shape-mismatch", 5)]),
        ("conv 3x3 8 bias=False\nlinear 4", [("unknown-name", 3), ("shape-mismatch", 4)]),
        # where nobody knows what was meant, nothing follows; `=>` says where to go on
        ("conv 3x3\nlinear 4", [("missing-argument", 3)]),
        ("maxpool 99x99 -> conv 3x3 8\nadd { conv 3x3 4 | id }", [("shape-mismatch", 3)]),
        ("maxpool 99x99 => 3x4x4\nlinear 4", [("shape-mismatch", 3), ("shape-mismatch", 4)]),
        ("maxpool 99x99 => 3x?x4\nlinear 4", [("shape-mismatch", 3)]),
        # an argument that nobody knows is no matter where it would be wrong with any
        ("linear 99999999999", [("number-too-large", 3), ("shape-mismatch", 3)]),
        ("conv 3x3 99999999999 -> relu\nconv 3x3 8 -> linear 4", [("number-too-large", 3)]),
        # what stands under a condition that nobody knows is looked at
        ("if a == 1 { covn 3x3 8 }", [("unknown-name", 3), ("unknown-word", 3)]),
        ("covn 3x3 8 x z", [("unknown-word", 3), ("unknown-name", 3)]),
    ],
)
def test_what_is_told_behind_an_error(lines: str, errors: list[tuple[str, int]]) -> None:
    assert sorted(found(model(lines))) == sorted(errors)


def test_a_block_that_was_not_made_is_looked_at_behind_an_error() -> None:
    block = "block A(c, @skip, act=relu) {\n  conv 3x3 c -> act\n  concat { @skip | rleu }\n}\n"
    assert found(block + model("linear 4")) == [("unknown-word", 3), ("shape-mismatch", 7)]


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        # one brace too many, or too few: the indentation tells which
        (model("add {\n    relu\n    id }\n  }\nrelu").replace("\nadd", "\n  add"), [("stray-brace", 5)]),
        ("model M {\n  input 3x8x8\n  relu }\n  tanh\n}\n", [("stray-brace", 3)]),
        ("model M {\n  input 3x8x8\n  relu {\n  tanh\n}\n", [("unclosed-brace", 3)]),
        ("model M { {\n  input 3x8x8\n  relu\n}\n", [("unclosed-brace", 1)]),
        ("model M { }\n  input 3x8x8\n  relu\n}\n", [("stray-brace", 1)]),
        ("model M {\n  input 3x8x8\n  add\n    relu\n    id\n  }\n}\n", [("missing-brace", 3)]),
        ("model M\n  input 3x8x8\n  relu\n", [("missing-brace", 1)]),
        ("block A {\n  relu\nmodel M {\n  input 3x8x8\n  A }\n}\n", [("unclosed-brace", 1), ("stray-brace", 5)]),
    ],
)
def test_braces(text: str, errors: list[tuple[str, int]]) -> None:
    assert found(text) == errors
