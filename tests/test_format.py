"""The formatter: what becomes of each construct, and that whatever it is given it changes the layout alone."""

import os
import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cnnspec.source.text import Source
from cnnspec.syntax.format import formatted
from cnnspec.syntax.limits import SyntaxLimits
from cnnspec.syntax.parse import parse
from cnnspec.syntax.printer.columns import FARTHEST
from cnnspec.syntax.printer.proof import difference
from cnnspec.syntax.printer.rows import WIDTH
from tests import ROOT, fuzz
from tests.judges.blanks import strewn, tokens_of, with_blanks
from tests.judges.random_networks import Network, networks
from tests.judges.sameness import bare, same_network
from tests.texts import good

NETS = int(os.environ.get("CNNSPEC_RANDOM_NETS", "60"))
CASES = int(os.environ.get("CNNSPEC_FUZZ", "2000")) // 4
TEXTS = sorted(each for folder in ("examples", "templates", "tests/programs") for each in ROOT.glob(f"{folder}/*.cnn"))


def laid_out(text: str) -> str:
    """The text in the one layout, which is its own layout."""
    result = formatted(Source("model.cnn", text))
    assert result.text is not None, [each.message for each in result.diagnostics]
    assert formatted(Source("model.cnn", result.text)).text == result.text
    return result.text


def lines(text: str) -> str:
    """Lines in a block's body, laid out."""
    whole = laid_out(f"block B {{\n{text}\n}}\n")
    return re.sub(r"^  ", "", whole.removeprefix("block B {\n").removesuffix("}\n"), flags=re.MULTILINE).rstrip("\n")


# -- each construct --------------------------------------------------------------------------------------------------

LINES = [
    # blanks
    ("conv   3x3\t64   /2->bn ->relu", "conv 3x3 64 /2 -> bn -> relu"),
    ("e1 : conv 3x3 8", "e1: conv 3x3 8"),
    ("stage[]:{relu}", "stage[]: { relu }"),
    ("[] {relu}", "[]{ relu }"),
    ("none\n[] {relu}\n(relu)\n[]{relu}", "none\n[]{ relu }\n(relu)\n[]{ relu }"),
    ("add{id|none}", "add { id | none }"),
    ("(conv 3x3 8->relu)x2", "(conv 3x3 8 -> relu) x2"),
    ("relu x 2 -> relu x( n-1 ) -> relu x  n", "relu x2 -> relu x(n-1) -> relu x n"),
    ("conv 3×3 8 => 8×?×?", "conv 3x3 8    => 8x?x?"),
    ("normalize mean=0.5,0.5,0.5 std = 1", "normalize mean=0.5,0.5,0.5 std=1"),
    ("set conv,depthwise pad=same", "set conv, depthwise pad=same"),
    ("require params<=12M,macs<=2G", "require params <= 12M, macs <= 2G"),
    ('require in.h%16==0   "a  multiple"', 'require in.h % 16 == 0 "a  multiple"'),
    ("output a:relu\naux weight=0.3 b:relu", "output a: relu\naux weight=0.3 b: relu"),
    ("for i in 1 .. n - 1{ relu }", "for i in 1..n-1 { relu }"),
    ("for d in 12, 24 ,36 { relu }", "for d in 12,24,36 { relu }"),
    ("reuse  @left.tower", "reuse @left.tower"),
    # expressions: wide where they stand alone, tight among arguments
    ("let a=b+1", "let a = b + 1"),
    ("let a = 2 * b - c // 4", "let a = 2*b - c//4"),
    ("if a+1==2*b and not(c<3) { id }", "if a + 1 == 2*b and not (c < 3) { id }"),
    ("conv 3x3 2 * c + 1 pad = ( k - 1 ) // 2", "conv 3x3 2*c+1 pad=(k-1)//2"),
    ("conv 3x3 divisible( 24 * width,8 )", "conv 3x3 divisible(24*width, 8)"),
    ("conv 3x3 c % 8", "conv 3x3 c%8"),
    ("reshape 2*c -1 7", "reshape 2*c -1 7"),
    ("let a = b - -1", "let a = b - -1"),
    ("conv 3x3 c * -1 in( @e ) . c", "conv 3x3 c * -1 in(@e).c"),
    ("for i in (a) .. 3 { relu }", "for i in (a)..3 { relu }"),
    ("conv 3x3 (c)", "conv 3x3 (c)"),
    # numbers and texts as they were written
    ('bn eps=1e-5 momentum=0.10 a="x  # y" b=1/255 c=007', 'bn eps=1e-5 momentum=0.10 a="x  # y" b=1/255 c=007'),
    # the order of arguments is the author's
    ("schedule  step 0.1  at=30,60 epochs", "schedule step 0.1 at=30,60 epochs"),
    ("conv pad=1 /2 3x3 64", "conv pad=1 /2 3x3 64"),
    # what is a mistake stays one
    ("maxpool(2)", "maxpool(2)"),
    ("[]{ relu | relu }", "[]{ relu | relu }"),
    ("[]{ relu |\nrelu }", "[]{\n  relu |\n  relu\n}"),
    # bodies: as the author wrote them
    ("add { id |\n none\n}", "add {\n  id\n  none\n}"),
    ("add {\n id\n none }", "add {\n  id\n  none\n}"),
    ("add { a\n| b }", None),
    ("{ }\nadd {\n\n}", "{ }\nadd { }"),
    ("if a { id } else { none }", "if a { id } else { none }"),
    ("if a { id }\nelse if b { relu }\nelse { none }", "if a { id }\nelse if b { relu }\nelse { none }"),
    ("if a {\nid }\nelse { none }", "if a {\n  id\n} else { none }"),
    ("add { (relu\n-> tanh) | id }", "add {\n  (relu\n      -> tanh)\n  id\n}"),
    # chains: broken where the author did, before the arrow
    ("conv 3x3 8 ->\nbn\n\n-> relu", "conv 3x3 8\n  -> bn\n  -> relu"),
    ("conv 3x3 8 -> bn\n=> 8x8x8", "conv 3x3 8 -> bn    => 8x8x8"),
    ("conv 3x3 8 => 8x8x8 -> bn", "conv 3x3 8 => 8x8x8 -> bn"),
    ("conv 3x3 max(1,\n 2)", "conv 3x3 max(1, 2)"),
    # empty lines: one at most, none at the ends of a body
    ("\n\nrelu\n\n\n\ntanh\n\n", "relu\n\ntanh"),
]


@pytest.mark.parametrize(("before", "after"), [each for each in LINES if each[1]], ids=lambda text: text[:30])
def test_a_line(before: str, after: str) -> None:
    assert lines(before) == after


def test_one_that_is_no_syntax_is_left_out_of_the_table() -> None:
    (text,) = (before for before, after in LINES if after is None)
    assert formatted(Source("", f"block B {{\n{text}\n}}")).text is None


FILES = [
    ("\ufeffcnn  1\r\nblock B {\r\n\trelu\r\n}", "cnn 1\nblock B {\n  relu\n}\n"),
    ('use "a.cnn"  as  rn', 'use "a.cnn" as rn\n'),
    ("block B( ){ }\n\n\n\nblock C { }", "block B() { }\n\nblock C { }\n"),
    ("block B(c,/s = 1,@skip,act=relu)[]{ relu }", "block B(c, /s=1, @skip, act=relu)[] { relu }\n"),
    ("model M(\n a=1,b=2) { relu }", "model M(\n  a=1,\n  b=2\n) { relu }\n"),
    ("model M(a=1, # first\nb=2) { relu }", "model M(\n  a=1,  # first\n  b=2\n) { relu }\n"),
    ("model M(a=1\n, b=2) { relu }", "model M(a=1, b=2) { relu }\n"),
    ("# a\n\n# b\ncnn 1\n# c\nblock B { relu }\n", "# a\n\n# b\ncnn 1\n# c\nblock B { relu }\n"),
    ("\n\n# only\n\n\n# comments  \n\n", "# only\n\n# comments\n"),
    ('image{\n  resize 8\n}\nlabels   "a.txt"', 'image {\n  resize 8\n}\nlabels "a.txt"\n'),
]


@pytest.mark.parametrize(("before", "after"), FILES, ids=lambda text: text[:30])
def test_a_file(before: str, after: str) -> None:
    assert laid_out(before) == after


# -- columns ---------------------------------------------------------------------------------------------------------


def test_expectations_stand_in_one_column_of_a_body() -> None:
    before = """
    input 3x32x32 # no shape is said, and the comment stands where it would
    conv 5x5 16 -> relu -> maxpool 2x2 => 16x14x14 # what is said of a shape
    relu
    flatten => 3136

    conv 3x3 8 => 8x8x8 # behind an empty line
    # or one that is all comment
    relu -> relu
      -> relu => 8x8x8 # another
    add {
      id => 8x8x8
    } => 8x8x8
    relu -> relu => 8x8x8"""
    after = """\
input 3x32x32                         # no shape is said, and the comment stands where it would
conv 5x5 16 -> relu -> maxpool 2x2    => 16x14x14  # what is said of a shape
relu
flatten                               => 3136

conv 3x3 8                            => 8x8x8  # behind an empty line
# or one that is all comment
relu -> relu
  -> relu                             => 8x8x8  # another
add {
  id    => 8x8x8
}                                     => 8x8x8
relu -> relu                          => 8x8x8"""
    assert lines(before) == after


def test_a_long_row_moves_no_other() -> None:
    wide = "conv 1x1 8 " + "a=1 " * 21
    before = f"relu => 8\n{wide}=> 8\nconv 3x3 8 => 8"
    after = f"relu          => 8\n{wide.rstrip()}    => 8\nconv 3x3 8    => 8"
    assert len(wide) > FARTHEST
    assert lines(before) == after
    assert lines(f"relu # a\n{wide} # b\nconv 3x3 8 # c") == f"relu        # a\n{wide.rstrip()}  # b\nconv 3x3 8  # c"


def test_comments_of_neighbours_stand_in_one_column() -> None:
    before = "conv 3x3 8 # one\nrelu\nbn # two\n# alone\nabs # three\n\ntanh # four\nadd { # five\n id # six\n}"
    after = """\
conv 3x3 8  # one
relu
bn          # two
# alone
abs         # three

tanh   # four
add {  # five
  id  # six
}"""
    assert lines(before) == after
    assert laid_out("cnn 1 # a\nset conv pad=1 # b\n\nblock B { # c\n}") == (
        "cnn 1           # a\nset conv pad=1  # b\n\nblock B {  # c\n}\n"
    )


def test_arrows_of_rows_with_the_same_words_stand_in_one_column() -> None:
    before = """
    conv 11x11 96 /4 -> relu -> lrn 5 -> maxpool 3x3 /2 => 96x27x27
    conv 5x5 256 pad=2 groups=2 -> relu -> lrn 5 -> maxpool 3x3 /2
    conv 3x3 384 pad=1 -> tanh
    linear 3 -> relu
    (linear 10 -> relu) x2
    conv 3x3 8 -> relu
    conv 3x3 8 pad=1 dilation=1 groups=1 bias=no -> relu
    e1: conv 3x3 8 -> bn -> relu
    conv 3x3 8 pad=1 -> bn x2 -> relu
    concat { conv 3x3 8 -> relu | id }
    concat { conv 3x3 8 pad=1 -> relu | id }"""
    after = """\
conv 11x11 96 /4            -> relu -> lrn 5 -> maxpool 3x3 /2    => 96x27x27
conv 5x5 256 pad=2 groups=2 -> relu -> lrn 5 -> maxpool 3x3 /2
conv 3x3 384 pad=1          -> tanh
linear 3   -> relu
(linear 10 -> relu) x2
conv 3x3 8 -> relu
conv 3x3 8 pad=1 dilation=1 groups=1 bias=no -> relu
e1: conv 3x3 8   -> bn    -> relu
conv 3x3 8 pad=1 -> bn x2 -> relu
concat { conv 3x3 8 -> relu | id }
concat { conv 3x3 8 pad=1 -> relu | id }"""
    assert lines(before) == after


# -- rows that would be too long -------------------------------------------------------------------------------------


def test_a_long_chain_is_broken_before_an_arrow() -> None:
    row = " -> ".join(["conv 3x3 8"] * 9)
    assert lines(f"{row} => 8x8x8") == f"{' -> '.join(['conv 3x3 8'] * 8)}\n  -> conv 3x3 8    => 8x8x8"
    assert lines(f"({row}) x2") == f"({' -> '.join(['conv 3x3 8'] * 8)}\n    -> conv 3x3 8) x2"


def test_the_body_of_a_long_row_is_opened() -> None:
    branch = " -> ".join(["conv 3x3 8"] * 8)
    assert lines(f"add {{ {branch} | id }} => 8x8x8") == f"add {{\n  {branch}\n  id\n}}    => 8x8x8"
    shorter = f"add {{ {branch[len('conv 3x3 8 -> ') :]} | id }}"
    assert lines(f"bn -> relu -> {shorter}") == f"bn -> relu\n  -> {shorter}"
    assert lines(f"if a {{ id }} else {{ {branch} }}") == f"if a {{ id }} else {{\n  {branch}\n}}"
    whole = laid_out(f"block B(c)[] {{ {branch} -> relu }}")
    assert whole == f"block B(c)[] {{\n  {branch} -> relu\n}}\n"


def test_a_line_of_which_something_is_allowed_stays_one() -> None:
    """`# cnnspec: allow` holds for its line, or for the next one: a part of it would no longer be meant."""
    row = " -> ".join(["conv 3x3 8"] * 12)
    for text in (f"{row}  # cnnspec: allow lost-border", f"# cnnspec: allow lost-border\n# why\n\n{row}"):
        assert lines(text) == text
        assert lines(f"{text}\n{row}").count("\n") == text.count("\n") + 2
    body = f"add {{ {row} | id }}  # cnnspec: allow lost-border"
    assert lines(body) == body
    assert lines(f"add {{\n{row} | relu # cnnspec: allow lost-border\n}}").count("\n") == 4


def test_many_parameters_stand_on_rows_of_their_own() -> None:
    names = [f"parameter{n}=1" for n in range(9)]
    inner = ",\n  ".join(names)
    assert laid_out(f"block B({', '.join(names)}) {{ relu }}") == f"block B(\n  {inner}\n) {{ relu }}\n"


# -- comments --------------------------------------------------------------------------------------------------------

REMARKS = [
    ("relu # a\n# b\n   # c\ntanh", "relu  # a\n# b\n# c\ntanh"),
    ("add { # a\n# b\nid # c\n# d\n}", "add {  # a\n  # b\n  id  # c\n  # d\n}"),
    ("{ # a\n}", "{  # a\n}"),
    ("relu # a\n-> # b\ntanh", "relu  # a\n  # b\n  -> tanh"),
    ("relu -> # a\ntanh", "relu  # a\n  -> tanh"),
    ("relu\n# a\n-> tanh", "relu\n  # a\n  -> tanh"),
    ("add { id | # a\nnone }", "add {\n  id  # a\n  none\n}"),
    ("[]{ id | # a\nnone }", "[]{\n  id |  # a\n  none\n}"),
    ("if a { id } # a\nelse { none }", "if a { id }  # a\nelse { none }"),
    ("if a {\nid\n} # a\nelse { none }", "if a {\n  id\n}  # a\nelse { none }"),
    ("relu # a\n=> 8", "relu  # a\n  => 8"),
    ("conv 3x3 max(1, # a\n2) 8", "conv 3x3 max(1,  # a\n    2) 8"),
    ("conv 3x3 max(1 # a\n, 2)", "conv 3x3 max(1,  # a\n    2)"),
    ("( # a\nrelu # b\n) x2", "(         # a\n    relu  # b\n  ) x2"),
    ("relu\n\n\n# a\n\n# b\n\ntanh", "relu\n\n# a\n\n# b\n\ntanh"),
    ("#!x \t", "#!x"),
]


@pytest.mark.parametrize(("before", "after"), REMARKS, ids=[before for before, _ in REMARKS])
def test_a_comment_stays(before: str, after: str) -> None:
    assert lines(before) == after


# -- whatever it is given --------------------------------------------------------------------------------------------


def comments_and_words(text: str) -> list[str]:
    """Comments where they stand between words; arrows, bars and commas may change places with them."""
    file, _ = parse(Source("", text))
    free = ("_NL", "ARROW", "VBAR", "COMMA", "TIGHT_COMMA")
    found = [(each.span.start, each.text.rstrip()) for each in file.comments]
    found += [(each.start, each.text.replace("×", "x")) for each in tokens_of(text) if each.type not in free]
    return [text for _, text in sorted(found)]


def settled(node: object) -> object:
    """A bare tree in which branches are branches, whatever parts them."""
    if not isinstance(node, tuple):
        return node
    node = tuple(map(settled, node))
    if node[:1] == ("Body",):
        return *node[:2], None, *node[3:]
    return node


def check(text: str) -> str | None:
    """All that must hold of a text that is read; None for one that is not."""
    before, errors = parse(Source("model.cnn", text))
    if errors:
        refused = formatted(Source("model.cnn", text))
        assert refused.text is None
        assert [each.id for each in refused.diagnostics] == [each.id for each in errors]
        return None
    made = laid_out(text)
    after, errors = parse(Source("model.cnn", made))
    assert not errors
    assert settled(bare(before)) == settled(bare(after))
    assert comments_and_words(text) == comments_and_words(made)
    assert [each.text.rstrip() for each in before.comments] == [each.text for each in after.comments]
    for line in made.split("\n"):
        assert line == line.rstrip(), "a blank at the end of a line"
        assert not line.startswith("\t")
    assert "\n\n\n" not in made
    assert made == "" or made.endswith("\n")
    return made


@settings(
    max_examples=NETS,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    deadline=None,
    derandomize=True,
    database=None,
)
@given(networks())
def test_random_networks(network: Network) -> None:
    """As they are drawn, and with blanks, line ends and comments strewn over them."""
    chance = random.Random(network.text)
    made = check(network.text)
    assert made is not None
    assert check(with_blanks(network.text, chance)) == made, "blanks are no choice of the author's"
    for often in (0.05, 0.3, 0.9):
        assert check(strewn(network.text, chance, often=often)) is not None
    code = [re.sub(r" *#.*", "", line) for line in made.split("\n")]
    assert all(len(line) <= WIDTH for line in code if " -> " in line.lstrip(" ->(") and "{" not in line)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_shipped_texts_with_anything_strewn_over_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    made = check(text)
    for seed in range(10):
        chance = random.Random(f"{path.stem} {seed}")
        assert check(with_blanks(text, chance)) == made
        assert check(strewn(text, chance)) is not None


def test_mutated_texts() -> None:
    read = 0
    for case in range(CASES):
        text = fuzz.mutant(case).main
        if check(text) is not None:
            read += 1
            assert check(strewn(text, random.Random(case), often=0.1)) is not None
    assert read > CASES / 10, "too few of the mutants are read"


def test_the_network_is_the_same() -> None:
    text = (ROOT / "examples" / "resnet_blocks.cnn").read_text(encoding="utf-8")
    whole = f"{text}\nmodel M {{\ninput 3x32x32\nStage Basic 8 2 /2 => 8x16x16\n}}\n"
    same_network(good(whole), good(laid_out(strewn(whole, random.Random(1)))))


# -- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["conv 3x3 8 ->", "block B {", "cnn 2", "block b { }", "let a = (1"])
def test_a_text_with_errors_is_not_touched(text: str) -> None:
    result = formatted(Source("model.cnn", text))
    assert result.text is None
    assert any(each.is_error for each in result.diagnostics)


def test_a_text_that_would_outgrow_its_bound_is_not_touched() -> None:
    text = f"block B {{{'add{' * 40}{'id|' * 100}id{'}' * 40}}}"
    assert formatted(Source("", text)).text is not None
    result = formatted(Source("", text), SyntaxLimits(file_bytes=len(text) + 10))
    assert [each.id for each in result.diagnostics] == ["limit-exceeded"]


def test_brackets_as_deep_as_they_may_be() -> None:
    for opening, closing in ("add {\n", "\n}"), ("add { ", " | id }"), ("(", ") x2"):
        assert laid_out(f"block B {{ {opening * 60}relu{closing * 60} }}").count("relu") == 1


PROVED = [
    ("conv 3x3 8", "conv 3x3 9", "the tree is another one"),
    ("add { id | none }", "add {\nid\nnone\n}", None),
    ("[]{ id | none }", "[]{\nid\nnone\n}", "the tree is another one"),
    ("conv 3x3 8", "conv 8 3x3", "the tree is another one"),
    ("concat like=@a @b", "concat @b like=@a", "the tree is another one"),
    ("relu # a", "relu", "a word or a comment is lost, changed, or at another place"),
    ("relu # a\ntanh", "relu\ntanh # a", "a word or a comment is lost, changed, or at another place"),
    ("relu # a\n-> tanh", "relu -> # a\ntanh", None),
    ("conv 3x3 (c)", "conv 3x3 c", "a word or a comment is lost, changed, or at another place"),
    ("bn eps=1e-5", "bn eps=0.00001", "a word or a comment is lost, changed, or at another place"),
]


@pytest.mark.parametrize(("one", "other", "said"), PROVED, ids=[one for one, _, _ in PROVED])
def test_the_proof_tells_what_is_not_the_same(one: str, other: str, said: str | None) -> None:
    files = [parse(Source("", f"block B {{\n{each}\n}}")) for each in (one, other)]
    assert not any(errors for _, errors in files)
    assert difference(files[0][0], files[1][0]) == said
