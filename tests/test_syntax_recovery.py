"""After an error: what is told, what is kept of the tree, how much work it takes; and that nothing makes it fail."""

import random
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from cnnspec.source.diagnostic import Diagnostic, Severity
from cnnspec.source.text import Source
from cnnspec.syntax import tree
from cnnspec.syntax.limits import MOST_ERRORS, SyntaxLimits
from cnnspec.syntax.parse import parse
from tests import ROOT
from tests.dump import dump, nodes

SIX = """cnn 1
set conv pad=same
block Basic(c, /s=1) {
  add {
    conv(3x3, 64) -> bn
    if s = 1 { id } else { conv 1x1 c /s }
  }
  relu,
}
model M(classes=10) {
  input 3x32x32
  conv 3x3 64 -> -> relu
  let side = "32
  Basic 64 x2
  conv 1x1 in.c/16
  gap -> flatten -> linear classes
}
"""


def parsed(text: str) -> tuple[str, list[tuple[int, str]]]:
    """The tree and, for each finding, its line and id."""
    file, findings = parse(Source("model.cnn", text))
    return "; ".join(map(dump, file.items)), [(line(each), each.id) for each in findings]


def line(finding: Diagnostic) -> int:
    assert finding.label is not None
    return finding.label.span.line


def test_six_errors_in_one_file_and_no_more() -> None:
    shape, found = parsed(SIX)
    assert found == [
        (5, "parentheses-around-arguments"),
        (6, "unexpected-token"),
        (8, "commas-between-arguments"),
        (12, "unexpected-token"),
        (13, "unclosed-text"),
        (15, "slash-without-space"),
    ]
    assert shape == (
        "set conv: pad=same; "
        "Block Basic(c, /s=1) {<add>{BROKEN; BROKEN}; BROKEN}; "
        "Model M(classes=10) {input 3x32x32; BROKEN; BROKEN; <Basic 64> x 2; BROKEN; "
        "<gap> -> <flatten> -> <linear classes>}"
    )


# (text, the tree, line and id of each finding)
CASES = [
    # a header that cannot be read: its body is, and its brace matches
    ("block A(c c) {\n relu,\n bn\n}\nblock B { relu }", "Block A() broken {BROKEN; <bn>}; Block B() {<relu>}", [1, 2]),
    ("model M(c, {\n relu\n}\nlet a = 1", "Model M() broken {<relu>}; let a = 1", [1]),
    ("block (c) {\n relu,\n}\nlet a = 1", "BROKEN; let a = 1", [1, 2]),
    ("block A {\n add, {\n  relu,\n  bn\n }\n id\n}", "Block A() {BROKEN; <id>}", [2, 3]),
    ("block A {\n if c = 1 {\n  relu,\n } else {\n  bn,\n }\n id\n}", "Block A() {BROKEN; <id>}", [2, 3, 5]),
    ("block A {\n (add, { relu | bn, }) x2\n id\n}", "Block A() {BROKEN; <id>}", [2, 2]),
    ("block A { relu } x2\nlet a = 1", "Block A() {<relu>}; let a = 1", [1]),
    # a `(` that is not closed does not swallow the lines below it
    (
        "block A(c, n {\n relu\n bn, bn\n}\nblock B(c) { id }",
        "Block A() broken {<relu>; BROKEN}; Block B(c) {<id>}",
        [1, 3],
    ),
    ("block A {\n (relu\n bn\n}", "Block A() {BROKEN; <bn>}", [2]),
    ("block A {\n (relu\n let a = (1)\n}", "Block A() {BROKEN; let a = 1}", [2]),
    # a `}` too few: the indentation tells which
    (
        "block A {\n add {\n  relu\n bn\n}\nblock B { id }",
        "Block A() {<add>{<relu>}; <bn>}; Block B() {<id>}",
        [2],
    ),
    ("block A {\n add {\n  relu\n  { bn\n }\n id\n}", "Block A() {<add>{<relu>; {<bn>}}; <id>}", [4]),
    ("block A {\n relu\nmodel B {\n id\n}", "Block A() {<relu>}; Model B() {<id>}", [1]),
    ("block A {\n add {\n  relu\nmodel B { id }", "Block A() {<add>{<relu>}}; Model B() {<id>}", [1, 2]),
    # a `}` too many
    ("block A {\n relu\n }\n bn\n}\nmodel B { id }", "Block A() {<relu>; <bn>}; Model B() {<id>}", [3]),
    ("block A {\n relu\n}\n}\nmodel B { id }", "Block A() {<relu>}; Model B() {<id>}", [4]),
    ("block A {\n relu }}\nmodel B { id }", "Block A() {<relu>}; Model B() {<id>}", [2]),
    ("}\nlet a = 1", "let a = 1", [1]),
    # a `{` that is missing
    ("block A(c)\n relu\n bn\n}\nlet a = 1", "Block A(c) {<relu>; <bn>}; let a = 1", [1]),
    ("block A(c)\n{\n relu\n}\nlet a = 1", "Block A(c) {<relu>}; let a = 1", [2]),
    # lines and branches
    ("block A { relu, | bn }", "Block A() {BROKEN; <bn>}|", [1]),
    ("block A { | bn }", "Block A() {BROKEN; <bn>}|", [1]),
    ("block A { conv (3 | 4) 8\n bn }", "Block A() {BROKEN; <bn>}", [1]),
    ("let = 1\nlet b = 2\nset\nlet c = 3", "BROKEN; let b = 2; BROKEN; let c = 3", [1, 3]),
    ("cnn x\nlet a = 1", "BROKEN; let a = 1", [1]),
    ("block A { relu xn }", "Block A() {<relu xn>}", []),
    ("block A(n) { relu xn }", "Block A(n) {<relu> x n}", [1]),
]


@pytest.mark.parametrize(("text", "shape", "places"), CASES, ids=[row[0] for row in CASES])
def test_what_is_kept(text: str, shape: str, places: list[int]) -> None:
    kept, found = parsed(text)
    assert kept == shape
    assert [place for place, _ in found] == places


def test_a_broken_line_spans_the_line() -> None:
    file, _ = parse(Source("", "block A {\n relu, # why\n add { bn, } -> id\n}"))
    (block,) = file.items
    assert isinstance(block, tree.Block)
    broken = [each.span.text for each in nodes(block) if isinstance(each, tree.Broken)]
    assert broken == ["relu,", "bn,"]
    assert block.span.text == file.span.text


def test_errors_beyond_the_bound_are_counted() -> None:
    _, findings = parse(Source("", "model M {\n" + "relu,\n" * 60 + "}"))
    assert [each.id for each in findings[:-1]] == ["commas-between-arguments"] * MOST_ERRORS
    assert findings[-1].severity is Severity.HINT
    assert (findings[-1].id, findings[-1].message) == ("more-errors", "10 more syntax errors are not shown")
    assert line(findings[-1]) == MOST_ERRORS + 2


# -- limits -----------------------------------------------------------------------------------------------------------

SMALL = SyntaxLimits(file_bytes=200, tokens=60, nesting=4, operators=3)
BEYOND = [
    ("file_bytes", "#" * 201, "more than 200 bytes"),
    ("file_bytes", "#" + "é" * 100, "more than 200 bytes"),
    ("tokens", "a " * 61, "more than 60 words and signs"),
    ("tokens", "#\n" * 61, "more than 60 words and signs"),
    ("nesting", "model M { " + "{ " * 4 + "}" * 5, "more than 4 brackets one in another"),
    ("nesting", "let a = " + "(" * 5 + "1" + ")" * 5, "more than 4 brackets one in another"),
    ("operators", "let a = 1 + 1 + 1 + 1 + 1", "more operators in one step than the limit allows"),
    ("operators", "let a = " + "not " * 4 + "b", "more operators in one step than the limit allows"),
    ("operators", "model M { " + "if a { } else " * 4 + "{ } }", "more operators in one step than the limit allows"),
]


@pytest.mark.parametrize(("name", "text", "message"), BEYOND)
def test_a_limit_is_named_and_can_be_raised(name: str, text: str, message: str) -> None:
    (finding,) = parse(Source("model.cnn", text), SMALL)[1]
    assert (finding.id, finding.message) == ("limit-exceeded", message)
    assert f"--limit {name}=" in (finding.help or "")
    raised = parse(Source("model.cnn", text), SMALL._replace(**{name: 1000}))[1]
    assert "limit-exceeded" not in {each.id for each in raised}


def test_operators_are_counted_by_the_step() -> None:
    text = "model M {\n" + "a 1+1 -> b 1+1 2+2\n-> c 1*1\n" * 3 + "}"
    assert not parse(Source("", text), SMALL._replace(tokens=200))[1]


def test_a_text_beyond_a_limit_is_one_broken_item() -> None:
    file, _ = parse(Source("", "(" * 50_000))
    assert dump(file.items[0]) == "BROKEN"
    assert file.span == file.items[0].span


# -- no text makes it fail --------------------------------------------------------------------------------------------

BOMBS = {
    "empty lines": "\n" * 999_999,
    "blanks": " " * 999_999,
    "opening": "(" * 50_000,
    "opening braces": "{" * 50_000,
    "closing braces": "}" * 50_000,
    "not": "let a = " + "not " * 10_000 + "b",
    "a long number": "let a = " + "9" * 5_000,
    "a long fraction": "let a = 0." + "9" * 5_000,
    "a large exponent": "let a = 1e" + "9" * 5_000,
    "a long name": "let " + "a" * 999_000 + " = 1",
    "a long path": "a." * 400_000,
    "a long size": "conv " + "1x" * 400_000,
    "a long text": '"' + "a" * 999_000,
    "quotes": '"' * 150_001,
    "surrogates": "model M { \ud800\udfff }",
    "zeros": "\0" * 1_000,
    "carriage returns": "relu\rbn\r" * 1_000,
    "one long chain": "model M { " + "a -> " * 20_000 + "b }",
    "one long list": "model M { a " + "1, " * 20_000 + "}",
    "branches": "model M { " + "| " * 20_000 + "}",
    "many else": "model M { if a { } " + "else if a { } " * 10_000 + "}",
    "many errors": "model M {\n" + "relu,\n" * 20_000 + "}",
    "many headers": "block A(c c) {\n" * 15_000,
    "many strays": "block A { }\n}\n" * 5_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_answered(name: str) -> None:
    sound(BOMBS[name])


def sound(text: str) -> tuple[tree.File, tuple[Diagnostic, ...]]:
    """Every finding, and every edit of a fix, lies in the text; a line is broken only if something was told."""
    file, findings = parse(Source("model.cnn", text))
    assert len(findings) <= MOST_ERRORS + 1
    for finding in findings:
        assert finding.label is not None
        spans = [finding.label.span, *(edit.span for edit in (finding.fix.edits if finding.fix else ()))]
        assert all(0 <= span.start <= span.end <= len(text) for span in spans)
    return file, findings


def test_mutants() -> None:
    """Texts with characters and words exchanged, inserted and cut out."""
    chance = random.Random(20250101)
    texts = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("examples/*.cnn"))]
    for _ in range(2_000):
        sound(mutant(chance, chance.choice(texts)))


PIECES = [
    *"{}()|,/:=#@\"'\n\r\t\0é×-",
    "}\n",
    "{\n",
    " -> ",
    " else ",
    "=> ",
    "\nblock B(c) {\n",
    "[]",
    " x2",
    " in.c ",
]


def mutant(chance: random.Random, text: str) -> str:
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(text) + 1)
        brackets = [index for index, sign in enumerate(text) if sign in "{}()|,\n"]
        cut = chance.choice(brackets) if brackets and chance.random() < 0.3 else at
        text = text[:cut] + text[cut + chance.choice([0, 1, 1, 7]) :]
        text = text[:at] + chance.choice([*PIECES, ""]) + text[at:]
    return text


# -- linear time: counted in calls, not by the clock ------------------------------------------------------------------

GROWING: dict[str, Callable[[int], str]] = {
    "good lines": lambda n: "model M {\n" + "  conv 3x3 64 /2 -> bn\n" * n + "}",
    "bad lines": lambda n: "model M {\n" + "  conv 3x3, 64 -> -> bn\n" * n + "}",
    "one line": lambda n: "model M { a " + "2*c 1, " * n + "}",
    "bodies": lambda n: "model M {\n" + "  add { if a = 1 { id | bn, } else { relu } }\n" * n + "}",
    "missing braces": lambda n: "block A {\n add {\n  relu\n}\n" * n,
    "stray braces": lambda n: "block A {\n relu }\n }\n}\n" * n,
}


@pytest.mark.parametrize("name", GROWING)
def test_the_work_grows_with_the_text(name: str) -> None:
    small, large = (calls(GROWING[name](n)) for n in (200, 800))
    assert large < 4.2 * small


def calls(text: str) -> int:
    """How many functions, ours and Python's own, one parse calls."""
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    source = Source("", text)
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        parse(source)
    finally:
        sys.setprofile(before)
    return count
