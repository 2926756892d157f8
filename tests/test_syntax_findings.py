"""What is said of wrong syntax: what was written, what is said, where, and how the offered fix leaves the line.

Snippets are the second line of a file, in a model with the parameters c and n; ⏎ is a new line.
"""

import pytest

from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source
from cnnspec.syntax.parse import parse

# (snippet, id, the text that is blamed, message, the line after the fix or None)
ROWS = [
    # parentheses and commas
    ("conv(3x3, 64)", "parentheses-around-arguments", "(3x3, 64)", "arguments are separated by spaces", "conv 3x3 64"),
    (
        "relu -> conv(3x3,64) -> bn",
        "parentheses-around-arguments",
        "(3x3,64)",
        "separated",
        "relu -> conv 3x3 64 -> bn",
    ),
    ("conv(3x3, 64, pad=1,1)", "parentheses-around-arguments", "(3x3, 64, pad=1,1)", "sep", "conv 3x3 64 pad=1,1"),
    ("relu()", "parentheses-around-arguments", "()", "arguments are separated by spaces", "relu"),
    (
        "add(conv 3x3 64, id)",
        "parentheses-around-arguments",
        "(conv 3x3 64, id)",
        "separated by spaces",
        "add { conv 3x3 64 | id }",
    ),
    ("conv(3x3 64)", "parentheses-around-arguments", "(3x3 64)", "separated by spaces", "conv 3x3 64"),
    ("conv((3, 3), 64)", "parentheses-around-arguments", "((3, 3), 64)", "separated", "conv 3x3 64"),
    ("conv(3x3, 64, pad='same')", "parentheses-around-arguments", "(3x3, 64, pad='same')", "", "conv 3x3 64 pad=same"),
    ("conv 3x3 64, relu", "steps-not-joined", ",", "steps are joined with `->`", "conv 3x3 64 -> relu"),
    ("conv 3x3 64 -> relu, bn", "steps-not-joined", ",", "joined with `->`", "conv 3x3 64 -> relu -> bn"),
    ("conv 3x3 64 b: bn", "steps-not-joined", "b:", "joined with `->`", "conv 3x3 64 -> b: bn"),
    ("conv 7x7, 64, /2", "commas-between-arguments", ",", "arguments are separated by spaces", "conv 7x7 64 /2"),
    ("conv 7x7, c, relu", "commas-between-arguments", ",", "separated by spaces", "conv 7x7 c -> relu"),
    ("input 3, 224, 224", "commas-between-arguments", ",", "a shape is written with `x`", "input 3x224x224"),
    ("set conv pad=1, bias=no", "commas-between-arguments", ",", "separated by spaces", "set conv pad=1 bias=no"),
    ("conv 3 8 pad=same,bias=no", "commas-between-arguments", ",", "separated", "conv 3 8 pad=same bias=no"),
    ("relu,", "commas-between-arguments", ",", "a comma has nothing to separate here", "relu"),
    ("a mean=0.5, 0.5, 0.5", "spaces-in-list", ",", "a list of values has no spaces", "a mean=0.5,0.5,0.5"),
    (
        "add { @y, id }",
        "commas-between-branches",
        ",",
        "branches are separated by `|` or a new line",
        "add { @y | id }",
    ),
    ("conv (3x3 64", "unclosed-parenthesis", "(", "`(` is not closed", None),
    ("(relu -> bn", "unclosed-parenthesis", "(", "`(` is not closed", None),
    ("conv 3x3 64)", "stray-parenthesis", ")", "`)` closes nothing", None),
    # what joins nothing
    ("@y + id", "steps-not-joined", "+", "a sum of steps is a merge", "add { @y | id }"),
    ("relu -> @y * id -> bn", "steps-not-joined", "*", "a product of steps is", "relu -> mul { @y | id } -> bn"),
    ("(relu -> bn) + id", "steps-not-joined", "+", "a sum of steps", "add { relu -> bn | id }"),
    ("a: { relu } + id", "steps-not-joined", "+", "a sum of steps", "a: add { { relu } | id }"),
    ("let a = 6,12,18", "unexpected-token", ",", "a `let` holds one value, no list", None),
    # arrows, slashes, signs
    ("conv 3x3 64 -> -> relu", "unexpected-token", "->", "expected a step, found `->`", "conv 3x3 64 -> relu"),
    ("-> relu", "unexpected-token", "->", "there is no step before `->`", None),
    ("relu ->", "unexpected-token", "->", "there is no step behind `->`", None),
    ("conv 3x3 64 → relu", "unknown-character", "→", "an arrow is written `->`", "conv 3x3 64 -> relu"),
    ("conv 1x1 in.c/16", "slash-without-space", "/", "`/` means stride and needs a space", "conv 1x1 in.c//16"),
    ("conv 1x1 c / 16", "slash-without-space", "/", "stands directly before its number", "conv 1x1 c // 16"),
    ("conv 3x3/2 64", "slash-without-space", "/", "needs a space before it", "conv 3x3 /2 64"),
    ("conv 3x3 64 / 2", "slash-without-space", "/", "stands directly before its number", "conv 3x3 64 /2"),
    ("let a = c -1", "minus-without-space", "-1", "`-1` with a space before it is a negative", "let a = c - 1"),
    ("let a = -c", "unexpected-token", "-", "expected a value, found `-`", None),
    ("if c = 3 { relu }", "unexpected-token", "=", "`=` does not compare", "if c == 3 { relu }"),
    ("conv 3x3 64 = 3", "unexpected-token", "=", "expected an argument or `->`, found `=`", None),
    ("conv 3x3 64 =>", "unexpected-token", "=>", "expected a shape, found the end of the line", None),
    ("relu => -> bn", "unexpected-token", "->", "expected a shape, found `->`", None),
    ("relu => 64 x 56", "unexpected-token", "x", "expected `->`, found `x`", None),
    ("add { relu ⏎ | bn }", "unexpected-token", "|", "expected a branch, found `|`", None),
    ("input: 3x32x32", "misplaced-colon", "input:", "`input` takes no colon", "input 3x32x32"),
    ("conv 3x3 8 groups: 2", "misplaced-colon", "groups:", "an argument takes `=`", "conv 3x3 8 groups=2"),
    ("layer1[] { relu }", "misplaced-colon", "layer1[]", "a label takes a colon", "layer1[]: { relu }"),
    ("let a = 2**3", "unexpected-token", "**", "there is no `**`", None),
    ("relu -> b = bn", "unexpected-token", "b =", "a name is given by `name:`", "relu -> b: bn"),
    ("relu - > bn", "unexpected-token", "- >", "an arrow is written `->`", "relu -> bn"),
    ("relu --> bn", "unexpected-token", "-->", "an arrow is written `->`", "relu -> bn"),
    ("relu -> > bn", "unexpected-token", "-> >", "an arrow is written `->`", "relu -> bn"),
    ("slice 0:8", "misplaced-colon", "0:8", "arguments are separated by spaces", "slice 0 8"),
    ("dropout 50%", "unexpected-token", "50%", "there is no `%` behind a number", "dropout 0.5"),
    ("conv 3X3 8", "malformed-number", "3X3", "`3X3` is not a number", "conv 3x3 8"),
    ("conv (3, 3) 8", "unexpected-token", "(3, 3)", "a size has no brackets", "conv 3x3 8"),
    ("conv [3,3] 8 pad=[1, 1]", "unexpected-token", "[3,3]", "a size has no brackets", "conv 3x3 8 pad=1x1"),
    ("conv 3 8 pad=(1, 0)", "unexpected-token", "(1, 0)", "a size has no brackets", "conv 3 8 pad=1x0"),
    ("(relu -> bn) * 3", "unexpected-token", "* 3", "a repeat is written with `x`", "(relu -> bn) x3"),
    ("for a, b in 1,2 { relu }", "unexpected-token", ",", "expected `in`, found `,`", None),
    # comments of other languages
    ("// first", "unexpected-token", "//", "a comment begins with `#`", "# first"),
    ("relu // it's, -> the (first", "unexpected-token", "//", "a comment", "relu # it's, -> the (first"),
    ("conv 3 c // of the stem", "unexpected-token", "//", "a comment", "conv 3 c # of the stem"),
    ("relu -- first", "unexpected-token", "--", "a comment", "relu # first"),
    ("/* first */⏎relu", "unexpected-token", "/*", "a comment", "# first⏎relu"),
    ("/**⏎ * the {⏎ * net⏎ */⏎relu", "unexpected-token", "/*", "a comment", "# the {⏎# net⏎relu"),
    ("relu /* not closed", "unexpected-token", "/*", "a comment", "relu # not closed"),
    ("relu /* first */ -> bn", "unexpected-token", "/*", "a comment begins with `#`", None),
    ("conv 3 c pad='same'", "unknown-character", "'", "unexpected `'`", "conv 3 c pad=same"),
    ("labels 'names.txt'", "unknown-character", "'", "unexpected `'`", 'labels "names.txt"'),
    ("relu;", "unknown-character", ";", "unexpected `;`", None),
    ("a && b", "unknown-character", "&", "unexpected `&`", None),
    ("conv é", "unknown-character", "é", "unexpected `é`", None),
    ("conv 3 \x00", "unknown-character", "\x00", "unexpected the character U+0000", None),
    ("conv 3 \ud800", "unknown-character", "\ud800", "unexpected the character U+D800", None),
    # what other languages and papers write
    ("a = bn -> relu", "unexpected-token", "a =", "a name is given by `name:` or by `let`", "a: bn -> relu"),
    ("a = 8", "unexpected-token", "a =", "a name is given by `name:` or by `let`", "let a = 8"),
    ("concat(input, a)", "unexpected-token", "concat(input, a", "values are no arguments; a merge has branches", None),
    ("a: relu⏎concat a, id", "unexpected-token", "concat a, id", "values are no arg", "a: relu⏎concat { @a | id }"),
    ("add { in | relu }", "unexpected-token", "in", "`in` is no step", "add { id | relu }"),
    ("add { input | relu }", "unexpected-token", "input", "`input` is no step", "add { id | relu }"),
    ("a = input", "unexpected-token", "a =", "a name is given by", "a: id"),
    ("relu -> 64x8x8", "unexpected-token", "-> 64x8x8", "expected a step", "relu => 64x8x8"),
    ("gap => flatten", "unexpected-token", "=> flatten", "expected a shape", "gap -> flatten"),
    ("concat input a", "unexpected-token", "concat input", "values are no arguments; a merge has branches", None),
    ("conv(c, n)", "parentheses-around-arguments", "(c, n)", "arguments are separated by spaces", "conv c n"),
    ("conv(64, 3, pad=1)", "parentheses-around-arguments", "(64, 3, pad=1)", "arguments are separated by spaces", None),
    ("add { id, @y }", "commas-between-branches", ",", "branches are separated by", "add { id | @y }"),
    ("add { Up 4, @y }", "commas-between-arguments", ",", "arguments are separated by", "add { Up 4 @y }"),
    ("conv 3x3 8, stride 2", "commas-between-arguments", ",", "arguments are separated", "conv 3x3 8 /2"),
    ("conv 3 8, s2, pad 1 -> bn", "commas-between-arguments", ",", "arguments are sep", "conv 3 8 /2 pad=1 -> bn"),
    ("a p=0.2*c/16", "slash-without-space", "/", "needs a space before it", "a p=div(0.2*c, 16)"),
    ("a 0.2*in.c/n -> bn", "slash-without-space", "/", "needs a space before it", "a div(0.2*in.c, n) -> bn"),
    ("let a = n/2", "slash-without-space", "/", "needs a space before it", "let a = div(n, 2)"),
    ("for i in 2...4 { relu }", "unexpected-token", "...", "a range has two dots", "for i in 2..4 { relu }"),
    ("for i in 2:4 { relu }", "unexpected-token", ":", "a range is written with `..`", "for i in 2..4 { relu }"),
    ("for i = 1..n { relu }", "unexpected-token", "=", "expected `in`, found `=`", "for i in 1..n { relu }"),
    ("for i in (2, 4) { relu }", "unexpected-token", "(2, 4)", "a list has no brackets", "for i in 2, 4 { relu }"),
    ("for i in [2, 4] { relu }", "unexpected-token", "[2, 4]", "a list has no brackets", "for i in 2, 4 { relu }"),
    ("for i in range(n) { relu }", "unknown-function", "range", "there is no function `range`", None),
    ("6 x { relu }", "unexpected-token", "6 x", "a repeat stands behind what it repeats", None),
    ("[conv 1x1 8, bn] x6", "unexpected-token", "[", "a group of steps has no brackets", None),
    ("let a = 3(5+n)", "unexpected-token", "3(", "a product is written with `*`", "let a = 3*(5+n)"),
    ("@{f} -> relu", "unknown-character", "@{", "a reference begins with a letter", None),
    ("@f[i] -> relu", "unknown-character", "@f[", "a reference has no brackets", None),
    ("conv 3x3 8 if c == 3 else 4", "unexpected-token", "if", "`if` chooses steps, not values", None),
    ("input 3x?x?", "unexpected-token", "3x?x?", "`?` stands in expected shapes only", None),
    # texts and numbers
    ('let a = "abc', "unclosed-text", '"abc', "text is not closed", 'let a = "abc"'),
    ('add { labels "abc }', "unclosed-text", '"abc', "text is not closed", 'add { labels "abc" }'),
    ("conv 3x3 99999999999", "number-too-large", "99999999999", "the largest is 2,147,483,647", None),
    ("conv 3x3 2147483648", "number-too-large", "2147483648", "the largest is 2,147,483,647", None),
    ("let a = 1e99", "number-too-large", "1e99", "the largest is 2,147,483,647", None),
    (
        "let a = 1e-999",
        "malformed-number",
        "1e-999",
        "a number has at most 40 characters, its exponent at most 99",
        None,
    ),
    ("let a = 1/0", "malformed-number", "1/0", "`1/0` divides by zero", None),
    ("require c < 1.0005k", "malformed-number", "1.0005k", "`1.0005k` is not a whole number", None),
    ("conv 3abc 8", "malformed-number", "3abc", "`3abc` is not a number", None),
    ("conv .5", "malformed-number", ".5", "a number begins with a digit", "conv 0.5"),
    (f"let {'a' * 65} = 1", "name-too-long", "a" * 65, "a name has at most 64 characters", None),
    (f'labels "{"a" * 256}"', "text-too-long", f'"{"a" * 256}"', "a text has at most 255 characters", None),
    # words
    ("let w = clamp(3, 4)", "unknown-function", "clamp", "there is no function `clamp`", None),
    (
        "conv 3 divisble(3, 4)",
        "unknown-function",
        "divisble",
        "there is no function `divisble`",
        "conv 3 divisible(3, 4)",
    ),
    ("let for = 3", "reserved-name", "for", "`for` is a word of the language and cannot be a name", None),
    ("let x = 3", "reserved-name", "x", "`x` is a word of the language and cannot be a name", None),
    ("let x2 = 3", "reserved-name", "x2", "`x2` is a word of the language and cannot be a name", None),
    ("Basic c xn", "repeat-without-space", "xn", "`xn` is a name, not a repeat", "Basic c x n"),
    ("relu x2 /2", "unexpected-token", "/", "expected `->`, found `/`", None),
    ("x2", "unexpected-token", "x", "expected a step, found a repeat", None),
    ("else { relu }", "unexpected-token", "else", "`else` without an `if`", None),
    ("relu -> let a = 3", "misplaced-line", "let", "`let` begins a line of its own", None),
    (" model A { relu }", "misplaced-line", "model", "`model` stands at the top of the file, not in a body", None),
    ('use "b.cnn"', "misplaced-line", "use", "`use` stands at the top of the file", None),
    ("a[]: conv 3 8", "misplaced-list-mark", "a", "`[]` stands before a body only", None),
    # what is expected, in the words of the language
    ("relu -> 64", "unexpected-token", "64", "expected a step, found `64`", None),
    ("a: b: relu", "unexpected-token", "b", "expected a step, found the label `b:`", None),
    ("let a", "unexpected-token", "", "expected `=`, found the end of the line", None),
    ("let = 3", "unexpected-token", "=", "expected a name, found `=`", None),
    ("let a = 3 4", "unexpected-token", "4", "expected an operator or the end of the line, found `4`", None),
    ("set conv", "unexpected-token", "", "expected an argument such as `pad=same`, found the end of the line", None),
    ("if c == 3:", "unexpected-token", ":", "expected `{`, found `:`", None),
    ("for i 1..3 { relu }", "unexpected-token", "1", "expected `in`, found `1`", None),
    ("output a b", "unexpected-token", "a", "expected a name and a colon, found `a`", None),
    ("output relu", "unexpected-token", "relu", "expected a name and a colon, found `relu`", None),
    ("if c { relu } bn", "unexpected-token", "bn", "expected `->` or the end of the line, found `bn`", None),
    ("require", "unexpected-token", "", "expected a value, found the end of the line", None),
]


def in_model(snippet: str) -> str:
    return f"model M(c, n) {{\n{snippet.replace('⏎', chr(10))}\n}}\n"


def only(text: str) -> Diagnostic:
    (finding,) = parse(Source("model.cnn", text))[1]
    return finding


def fixed(text: str, finding: Diagnostic) -> str:
    assert finding.fix is not None
    for edit in sorted(finding.fix.edits, key=lambda each: -each.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


@pytest.mark.parametrize(
    ("snippet", "id", "blamed", "message", "mended"), ROWS, ids=[ascii(row[0])[:50] for row in ROWS]
)
def test_a_mistake(snippet: str, id: str, blamed: str, message: str, mended: str | None) -> None:
    text = in_model(snippet)
    finding = only(text)
    assert (finding.id, finding.is_error) == (id, True)
    assert finding.label is not None
    assert finding.label.span.text == blamed
    assert message in finding.message
    assert finding.message[0] not in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    if mended is None:
        assert finding.fix is None
    else:
        assert fixed(text, finding) == in_model(mended)
        assert not parse(Source("model.cnn", in_model(mended)))[1]


FILES = [
    ("cnn 2", "unknown-edition", (1, 5), "this compiler knows edition 1, not 2"),
    ("cnn one", "unexpected-token", (1, 5), "expected the number of the edition, found `one`"),
    ("let a = 1\ncnn 1", "misplaced-line", (2, 1), "the edition is said once, on the first line"),
    ("input 3x3", "misplaced-line", (1, 1), "`input` stands in a model"),
    ("conv 3x3 64 -> relu", "misplaced-line", (1, 1), "steps stand in a block or a model"),
    ("add { id } -> relu", "misplaced-line", (1, 1), "steps stand in a block or a model"),
    ("block basic(c) { relu }", "lower-case-block", (1, 7), "the name of a block begins with a capital"),
    ("model _m { relu }", "lower-case-block", (1, 7), "the name of a model begins with a capital"),
    ("block (c) { relu }", "unexpected-token", (1, 7), "expected the name of the block, found `(`"),
    ("block A(c c) { relu }", "unexpected-token", (1, 11), "expected `,` or `)`, found `c`"),
    ("block A(c, x) { relu }", "reserved-name", (1, 12), "`x` is a word of the language"),
    ("block A(@a.b) { relu }", "unexpected-token", (1, 10), "the name of a parameter has letters"),
    ("block A(c, n {\n  relu\n}", "unclosed-parenthesis", (1, 8), "`(` is not closed"),
    ("model M", "unexpected-token", (1, 8), "expected `{`, found the end of the file"),
    ("model M\n{\n  relu\n}", "missing-brace", (2, 1), "`{` stands on the line of its header"),
    ("model M\n  relu\n}", "missing-brace", (1, 8), "expected `{`, found the end of the line"),
    ("model M {\n  relu\n", "unclosed-brace", (1, 9), "`{` is not closed"),
    ("model M {\n  relu\n}\n}", "stray-brace", (4, 1), "`}` closes nothing"),
    ("def Body(c, /s=1) {\n  relu\n}", "unexpected-token", (1, 1), "`def` defines nothing"),
    ("use blocks.cnn", "unexpected-token", (1, 5), "expected a text in double quotes, found `blocks.cnn`"),
    ("model A { relu } x2", "unexpected-token", (1, 18), "expected the end of the line, found `x`"),
    ("@", "unknown-character", (1, 1), "unexpected `@`"),
    ("3", "unexpected-token", (1, 1), "expected `block`, `model`, `let`, `set`, `use` or a section, found `3`"),
]


@pytest.mark.parametrize(("text", "id", "place", "message"), FILES, ids=[row[0] for row in FILES])
def test_a_mistake_at_the_top(text: str, id: str, place: tuple[int, int], message: str) -> None:
    finding = only(text)
    assert finding.label is not None
    assert (finding.id, (finding.label.span.line, finding.label.span.column)) == (id, place)
    assert message in finding.message


def test_a_brace_on_the_next_line_is_moved_up() -> None:
    text = "model M(c)\n{\n  relu\n}"
    assert fixed(text, only(text)) == "model M(c) {\n  relu\n}"


def test_a_fix_is_offered_only_if_the_line_can_be_read_then() -> None:
    finding = only(in_model("conv 3x3 8 -> fc: 512 classes"))
    assert (finding.id, finding.fix) == ("misplaced-colon", None)
    assert finding.help


def test_a_fix_is_offered_if_what_is_left_stands_behind_it() -> None:
    text = in_model("conv(3x3, 64), relu")
    once = fixed(text, only(text))
    assert once == in_model("conv 3x3 64, relu")
    assert fixed(once, only(once)) == in_model("conv 3x3 64 -> relu")


LEGAL = [
    "set conv, depthwise pad=same",
    "conv 3x3 64 pad=1,1,2,2",
    "conv (3x3) (64)",
    "for d in 12, 24 { relu }",
    "require params <= 12M, macs <= 2G",
    "a c - 1 c-1 c//16",
    'labels "a, b -> c # d"',
    'labels "a // b /* c" # /* d // e',
    "conv 3 c // n -> conv 3 c //n bias=no",
    "conv 3 c // min(c, n)",
    "conv 3 c // nn",
]


@pytest.mark.parametrize("snippet", LEGAL)
def test_what_looks_like_a_mistake_and_is_none(snippet: str) -> None:
    assert not parse(Source("model.cnn", in_model(snippet)))[1]


def test_a_model_without_its_brace_is_shown_with_one() -> None:
    assert only("model DenseNet121").help == "`model DenseNet121 { input 3x224x224 … }`"


def test_a_name_behind_a_definition_of_another_language_is_that_of_a_block() -> None:
    text = "def Body(c, /s=1) {\n  relu\n}"
    assert fixed(text, only(text)) == "block Body(c, /s=1) {\n  relu\n}"


def test_branches_whose_brace_was_forgotten() -> None:
    text = "model M {\n  input 3x32x32\n  add\n    relu\n    id\n  }\n  relu\n}"
    finding = only(text)
    assert (finding.id, finding.help) == ("missing-brace", "the branches of `add` stand in `{ }`")
    assert fixed(text, finding) == text.replace("add", "add {")


def test_a_brace_too_many_below_deeper_lines_is_one_too_many() -> None:
    assert only("model M {\n  input 3x32x32\n  relu\n  tanh\n  }\n  relu\n}").id == "stray-brace"


def test_a_new_line_inside_parentheses_joins_nothing() -> None:
    text = "model M(c=3) {\n  input 3x8x8\n  (if c == 3 { relu }\n   relu)\n}\n"
    (one,) = parse(Source("model.cnn", text))[1]
    assert (one.id, one.message) == (
        "steps-not-joined",
        "expected `->`, found `relu`: a new line joins nothing inside `( )`",
    )
    assert one.fix is not None
    assert one.fix.edits[0].replacement == "-> "


@pytest.mark.parametrize("size", ["3xany", "3xanyxany", "3xHxW", "3xNx224"])
def test_any_size_is_written_otherwise(size: str) -> None:
    """The help is a line that compiles; elsewhere there is no such thing."""
    for line in (f"input {size}", f"input left: {size}"):
        finding = only(in_model(line))
        assert (finding.id, finding.help) == (
            "malformed-number",
            "`input 3x224x224 size=any` leaves height and width open",
        )
    assert not parse(Source("model.cnn", in_model("input 3x224x224 size=any")))[1]
    assert only(in_model(f"conv {size}")).help == "a name begins with a letter"


def test_a_default_is_no_list() -> None:
    (one,) = parse(Source("model.cnn", "block B(c, rates=6,12,18) { relu }\n"))[1]
    assert one.message == "a default is one value, no list"
    assert "`for d in 6,12,18 { … }`" in str(one.help)
