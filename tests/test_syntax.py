"""Text to tree: every construct of the language, its shape and its spans."""

import gc
from pathlib import Path
from typing import Any

import pytest

from cnnspec.source.text import Source, Span
from cnnspec.syntax import tree
from cnnspec.syntax.parse import parse
from tests import ROOT
from tests.dump import dump, nodes

FILES = sorted([*ROOT.glob("examples/*.cnn"), *ROOT.glob("tests/programs/*.cnn")])


def read(text: str) -> tree.File:
    file, findings = parse(Source("model.cnn", text))
    assert not findings, findings
    return file


def lines(text: str) -> tuple[tree.Line, ...]:
    """The lines of a model's body."""
    (model,) = read(f"model M(c, n, act) {{\n{text}\n}}").items
    assert isinstance(model, tree.Model)
    return model.body.lines


LINES = [
    # steps and arguments
    ("conv 7x7 64 /2", "<conv 7x7 64 /2>"),
    ("conv 7x7 64 /2 -> bn -> relu", "<conv 7x7 64 /2> -> <bn> -> <relu>"),
    ("conv 3x3 c /s groups=t*in.c", "<conv 3x3 c /s groups=(t * in.c)>"),
    ("maxpool 3x3 /2x1 pad=1,1,2,2", "<maxpool 3x3 /2x1 pad=[1, 1, 2, 2]>"),
    ("conv 3 8 /(n+1) bias=no act=relu", "<conv 3 8 /(n + 1) bias=no act=relu>"),
    ('conv 3 8 init="normal 0.02"', '<conv 3 8 init="normal 0.02">'),
    ("dropout 1e-1 -> rescale 1/255", "<dropout 1/10> -> <rescale 1/255>"),
    ("normalize mean=0.485,0.456,0.406", "<normalize mean=[97/200, 57/125, 203/500]>"),
    ("reshape 2*c -1 7", "<reshape (2 * c) -1 7>"),
    ("a c-1 c - 1 c -1 -0.5", "<a (c - 1) (c - 1) c -1 -1/2>"),
    ("slice 0 in.c//2", "<slice 0 (in.c // 2)>"),
    ("padc in(@skip).c side=both", "<padc in(@skip).c side=both>"),
    ("upsample like=@skip -> upsample to=28x28", "<upsample like=@skip> -> <upsample to=28x28>"),
    ("Up 8*base @e4", "<Up (8 * base) @e4>"),
    ("rn.Stage 64", "<rn.Stage 64>"),
    ("reuse tower -> reuse left.layer3.0", "<reuse tower> -> <reuse left.layer3.0>"),
    ("conv 3×3 8", "<conv 3x3 8>"),
    ("conv_transpose 2x2 divisible(64*max(1.0, n), 8)", "<conv_transpose 2x2 divisible((64 * max(1/1, n)), 8)>"),
    ('labels "imagenet.txt"', '<labels "imagenet.txt">'),
    # repeats and expectations
    ("relu x2 -> relu x n -> relu x(n-1) -> relu ×2", "<relu> x 2 -> <relu> x n -> <relu> x (n - 1) -> <relu> x 2"),
    ("Stage B 64 x 3 => 64x?x56", "<Stage B 64> x 3 => 64x?x56"),
    ("relu => ?x56x? -> flatten => 10", "<relu> => ?x56x? -> <flatten> => 10"),
    ("(conv 3x3 64 -> relu) x2 => 64x1x1", "(<conv 3x3 64> -> <relu>) x 2 => 64x1x1"),
    ("gap => ?", "<gap> => ?"),
    # labels and references
    ("e1: conv 3 8 -> fc-2: relu", "e1: <conv 3 8> -> fc-2: <relu>"),
    ("layer1[]: { relu }", "layer1[]: {<relu>}"),
    ("block[]: { relu }", "block[]: {<relu>}"),
    ("input: relu -> if: relu -> x2: relu", "input: <relu> -> if: <relu> -> x2: <relu>"),
    ("inner_blocks.2.0: conv 1 8", "inner_blocks.2.0: <conv 1 8>"),
    ("for i in 1..n { dense{i}.a: relu }", "for i in 1..n {dense{i}.a: <relu>}"),
    ("@layer3.0.conv1 -> relu", "@layer3.0.conv1 -> <relu>"),
    ("@a-b-> relu", "@a-b -> <relu>"),
    ("g: (relu -> bn)", "g: (<relu> -> <bn>)"),
    # bodies
    ("add { }", "<add>{}"),
    ("concat { @skip | conv 3 8 -> relu }", "<concat>{@skip; <conv 3 8> -> <relu>}|"),
    ("mul { id | }", "<mul>{<id>}|"),
    ("add scale=2 { id } -> relu", "<add scale=2>{<id>} -> <relu>"),
    ("[]{ relu } -> { bn }", "[]{<relu>} -> {<bn>}"),
    ("if in.c == c and not n or 1 < 2 { id }", "if (((in.c == c) and (not n)) or (1 < 2)) {<id>}"),
    ("if c { id } else if n { bn } else { none }", "if c {<id>} else if n {<bn>} else {<none>}"),
    ('if option != "A" { id }', 'if (option != "A") {<id>}'),
    ("for i in 1..n-1 { relu }", "for i in 1..(n - 1) {<relu>}"),
    ("for d in 12,24,36 { conv 3 8 dilation=d }", "for d in 12, 24, 36 {<conv 3 8 dilation=d>}"),
    ("for d in 12, 24 { relu } -> relu", "for d in 12, 24 {<relu>} -> <relu>"),
    ("for d in n { relu }", "for d in n {<relu>}"),
    # lines
    ("let w = floor(c * 1.5) % 8", "let w = (floor((c * 3/2)) % 8)"),
    ("let last = not (c == 1 or n == 2)", "let last = (not ((c == 1) or (n == 2)))"),
    ("set conv, depthwise pad=same bias=no", "set conv, depthwise: pad=same bias=no"),
    ("set conv pad=1,1,2,2", "set conv: pad=[1, 1, 2, 2]"),
    ("input 3x224x224 size=any", "input 3x224x224 size=any"),
    ("input left: 1x28x28", "input left: 1x28x28"),
    ("input 100", "input 100"),
    ("input dims(1, c, c)", "input dims(1, c, c)"),
    ("output a: gap -> linear 10", "output a: <gap> -> <linear 10>"),
    ("aux weight=0.3 aux1: Head classes", "aux aux1: weight=3/10 <Head classes>"),
    ("aux aux1: Head", "aux aux1:  <Head>"),
    ('require in.h % 16 == 0 "side"', 'require ((in.h % 16) == 0) "side"'),
    ("require params <= 12M, macs <= 2G", "require (params <= 12000000(M)), (macs <= 2000000000(G))"),
    ("require memory <= 1.5KiB, rf >= 200", "require (memory <= 1536(KiB)), (rf >= 200)"),
    # sections
    (
        "image { resize 256 bilinear antialias=yes -> crop 224 -> rescale 1/255 }",
        "<image>{<resize 256 bilinear antialias=yes> -> <crop 224> -> <rescale 1/255>}",
    ),
    ("train { epochs 90\naugment { flip p=0.5 } }", "<train>{<epochs 90>; <augment>{<flip p=1/2>}}"),
]


@pytest.mark.parametrize(("text", "expected"), LINES, ids=[text for text, _ in LINES])
def test_a_line(text: str, expected: str) -> None:
    (line,) = lines(text)
    assert dump(line) == expected
    assert line.span.text == text


ITEMS = [
    ("cnn 1", ""),
    ('cnn 1\nuse "blocks.cnn" as rn\nuse "b.cnn"', 'use "blocks.cnn" as rn; use "b.cnn"'),
    ("let a = 3", "let a = 3"),
    ("set maxpool ceil_mode=yes", "set maxpool: ceil_mode=yes"),
    ("block A { }", "Block A() {}"),
    ("block A() { relu }", "Block A() {<relu>}"),
    (
        "block Up(c, /s=1, @skip, act=relu, k=2*3)[] { relu }",
        "Block Up(c, /s=1, @skip, act=relu, k=(2 * 3))[] {<relu>}",
    ),
    ("block A(/s) { relu }", "Block A(/s) {<relu>}"),
    ("model M(width=1.0,n=2) { input 3 }", "Model M(width=1/1, n=2) {input 3}"),
    ('image { crop 224 }\nlabels "x.txt"', '<image>{<crop 224>}; <labels "x.txt">'),
]


@pytest.mark.parametrize(("text", "expected"), ITEMS, ids=[text for text, _ in ITEMS])
def test_the_items_of_a_file(text: str, expected: str) -> None:
    file = read(text)
    assert "; ".join(map(dump, file.items)) == expected
    assert left_over(file.span.source, [each.span for each in file.items]).split() in ([], ["cnn", "1"])
    assert file.version is None or (file.version.value, file.version.span.text) == (1, "1")


# A new line is "then", or "another branch", or nothing at all.
NEWLINES = [
    ("relu\nbn", 2),
    ("relu\n\n  # between\n\nbn", 2),
    ("relu\r\nbn\r\n", 2),
    ("relu\n-> bn\n\n  # on\n-> relu", 1),
    ("relu ->\nbn", 1),
    ("relu\n=> 3x1x1", 1),
    ("(relu\n-> bn\n) x2", 1),
    ("A (c\n+ n) x(\nn)", 1),
    ("if c {\nrelu\n}\nelse {\nbn\n}", 1),
    ("add {\nrelu |\nbn\n\n}", 1),
    ("( add {\nrelu\nbn\n} -> relu ) x2", 1),
]


@pytest.mark.parametrize(("text", "count"), NEWLINES)
def test_new_lines(text: str, count: int) -> None:
    assert len(lines(text)) == count


def test_branches_are_lines() -> None:
    (line,) = lines("( add {\nrelu\nbn | id\n} -> relu ) x2")
    assert dump(line) == "(<add>{<relu>; <bn>; <id>}| -> <relu>) x 2"


def test_comments_are_kept() -> None:
    file = read("# a\ncnn 1 # b\r\nmodel M { # c # d\n  relu # e\n}\n#")
    assert [each.text for each in file.comments] == ["# a", "# b", "# c # d", "# e", "#"]
    assert all(each.span.text == each.text for each in file.comments)


def test_a_byte_order_mark_is_no_character_of_the_text() -> None:
    assert dump(read("\ufeffcnn 1\nlet a = 1").items[0]) == "let a = 1"


def test_an_empty_file() -> None:
    for text in ("", "\n\n", "  ", "# only this", "\ufeff"):
        assert read(text)[:2] == (None, ())


SPANS = [
    ("A (c + 1) * 2", tree.Binary, "(c + 1) * 2"),
    ("conv ( c ) 3", tree.Name, "( c )"),
    ("conv -1 3", tree.Number, "-1"),
    ("conv bias = no 3", tree.Arg, "bias = no"),
    ("conv 3 /2x1", tree.Size, "2x1"),
    ("relu x (n - 1) => 3x?", tree.ExpectedShape, "=> 3x?"),
    ("a.b[]: { relu } => 3", tree.Step, "a.b[]: { relu } => 3"),
    ("a.b[]: { relu }", tree.Ident, "a.b"),
    ("A in( @skip ) . c", tree.InDim, "in( @skip ) . c"),
    ("A min( 1 , 2 )", tree.Call, "min( 1 , 2 )"),
    ("if not c { id } else { none } -> relu", tree.Cond, "if not c { id } else { none }"),
    ("for i in 1 .. 3 { id } -> relu", tree.Loop, "for i in 1 .. 3 { id }"),
    ("add { a | b }", tree.Body, "{ a | b }"),
    ("[]{ a } x2", tree.Braces, "[]{ a }"),
    ("( a ) x2", tree.Group, "( a )"),
    ("conv 3 /2", tree.Apply, "conv 3 /2"),
    ("A 0.5,0.25 c", tree.ListOf, "0.5,0.25"),
    ('A "b c"', tree.Text, '"b c"'),
    ("require a <= 64KiB", tree.Quantity, "64KiB"),
    ("A @b.c", tree.Ref, "@b.c"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), SPANS)
def test_a_span_covers_what_was_written(text: str, kind: Any, expected: str) -> None:
    found = [node.span.text for node in nodes(lines(text)) if isinstance(node, kind)]
    assert found[0] == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_spans_of_whole_files(path: Path) -> None:
    """Names and numbers stand where their spans say; a node's parts lie in it, in order; nothing is left over."""
    source = Source("model.cnn", path.read_text(encoding="utf-8"))
    file, findings = parse(source)
    assert not findings
    for node in nodes(file):
        if isinstance(node, tree.Ident | tree.Name) and not node.span.text.startswith("("):
            assert node.span.text == node.name
        inner = [each.span for each in node if isinstance(each, tuple) and hasattr(each, "span")]
        assert all(node.span.start <= each.start <= each.end <= node.span.end for each in inner)
    covered = [each.span for each in (*file.items, *file.comments)]
    assert left_over(source, covered).split() in ([], ["cnn", "1"])


def left_over(source: Source, spans: list[Span]) -> str:
    """The text outside of all spans."""
    kept = list(source.text)
    for span in spans:
        kept[span.start : span.end] = [""] * (span.end - span.start)
    return "".join(kept)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(enabled: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        read("relu")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
