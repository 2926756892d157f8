"""SOURCE, then MESSAGE: what a terminal shows of a diagnostic."""

import re
from textwrap import dedent

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from cnnspec.reports.findings.snippet import hung
from cnnspec.reports.findings.text import MOST_SHOWN, render, render_all
from cnnspec.reports.look import Look, look_of, visible
from cnnspec.reports.summary import tally
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, Frame, Label, Severity, error
from cnnspec.source.text import Source, Span

RESNET = """\
cnn 1
set conv pad=same bias=no
block Basic(c, /s=1) {
  add {
    conv 3x3 c /s -> bn -> relu -> conv 3x3 c -> bn
    id
  }
  relu
}

model R {
  input 64x56x56
  Basic 128 /2
}
"""


def span(source: Source, text: str, place: int = 0) -> Span:
    """The `place`-th occurrence of a text."""
    start = -1
    for _ in range(place + 1):
        start = source.text.index(text, start + 1)
    return Span(source, start, start + len(text))


def shown(diagnostic: Diagnostic, look: Look | None = None) -> str:
    return render(diagnostic, look or Look())


def lines(text: str) -> str:
    return dedent(text).lstrip("\n")


def test_a_join_shows_both_sides_the_block_and_the_fix() -> None:
    source = Source("resnet.cnn", RESNET)
    project = "if s != 1 or in.c != c { conv 1x1 c /s -> bn }"
    diagnostic = error(
        "shape-mismatch",
        "cannot add tensors of different shapes",
        span(source, "add"),
        "the branches must agree",
        secondary=(
            Label(span(source, "conv 3x3 c /s -> bn -> relu -> conv 3x3 c -> bn"), "this branch gives 128x28x28"),
            Label(span(source, "id\n")._replace(end=span(source, "id\n").end - 1), "this branch gives 64x56x56"),
        ),
        help="project the shortcut to the same shape",
        fix=Fix("adds 8,448 parameters", (Edit(span(source, "id"), project),), safe=False),
        trace=(Frame("layer2.0", span(source, "Basic 128 /2")),),
    )
    assert shown(diagnostic) == lines("""
        error[shape-mismatch]: cannot add tensors of different shapes
          --> resnet.cnn:4:3
           |
         4 |   add {
           |   ^^^ the branches must agree
         5 |     conv 3x3 c /s -> bn -> relu -> conv 3x3 c -> bn
           |     ----------------------------------------------- this branch gives 128x28x28
         6 |     id
           |     -- this branch gives 64x56x56
           = note: in layer2.0, from `Basic 128 /2` at line 13
        help: project the shortcut to the same shape
           |
         6 |     if s != 1 or in.c != c { conv 1x1 c /s -> bn }
           |     ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~    [unsafe fix: adds 8,448 parameters]
        """)


def test_several_labels_on_one_line_hang_from_their_marks() -> None:
    source = Source("a.cnn", "model A {\n  input 3x32x32\n  add { conv 3x3 8 | id }\n}\n")
    diagnostic = error(
        "shape-mismatch",
        "cannot add 8x30x30 and 3x32x32",
        span(source, "add"),
        "the branches must agree",
        secondary=(
            Label(span(source, "conv 3x3 8"), "8x30x30"),
            Label(span(source, "id"), "3x32x32"),
            Label(span(source, "3x3 8"), "no padding"),
        ),
    )
    assert shown(diagnostic) == lines("""
        error[shape-mismatch]: cannot add 8x30x30 and 3x32x32
          --> a.cnn:3:3
           |
         3 |   add { conv 3x3 8 | id }
           |   ^^^   ----------   -- 3x32x32
           |   |     |
           |   |     8x30x30
           |   the branches must agree
           |              ----- no padding
        """)


def test_far_lines_are_parted_by_dots_and_a_single_one_is_shown() -> None:
    source = Source("a.cnn", "\n".join(f"line {n}" for n in range(1, 13)))
    diagnostic = error(
        "x",
        "m",
        span(source, "line 12"),
        secondary=(Label(span(source, "line 1\n")._replace(end=6), "first"), Label(span(source, "line 10"), "tenth")),
    )
    assert shown(diagnostic) == lines("""
        error[x]: m
           --> a.cnn:12:1
            |
          1 | line 1
            | ------ first
        ...
         10 | line 10
            | ------- tenth
         11 | line 11
         12 | line 12
            | ^^^^^^^
        """)


def test_a_span_of_several_lines_is_marked_on_each_and_a_long_one_at_its_ends() -> None:
    source = Source("a.cnn", "add {\n  relu\n\n  tanh\n} -> " + "\n".join(f"r{n}" for n in range(20)))
    few = error("x", "m", Span(source, 0, source.text.index("}") + 1), "this")
    assert shown(few) == lines("""
        error[x]: m
          --> a.cnn:1:1
           |
         1 | add {
           | ^^^^^
         2 |   relu
           |   ^^^^
         3 |
         4 |   tanh
           |   ^^^^
         5 | } -> r0
           | ^ this
        """)
    many = error("x", "m", Span(source, 0, len(source.text)), "this")
    assert shown(many) == lines("""
        error[x]: m
           --> a.cnn:1:1
            |
          1 | add {
            | ^^^^^
        ...
         24 | r19
            | ^^^ this
        """)


def test_the_end_of_the_file_and_an_empty_span_have_a_mark() -> None:
    source = Source("a.cnn", "model A {\n")
    assert shown(error("x", "m", Span(source, 10, 10), "`}` is missing")).endswith(" 2 |\n   | ^ `}` is missing\n")
    assert shown(error("x", "m", Span(source, 9, 10), "here")).endswith(" 1 | model A {\n   |          ^ here\n")


def test_labels_in_another_file_get_their_own_snippet() -> None:
    main, blocks = Source("nets/a.cnn", "B 3\n"), Source("nets/b.cnn", "\nblock B(c) {}\n")
    diagnostic = error(
        "x",
        "m",
        span(main, "B"),
        "used here",
        secondary=(Label(span(blocks, "B"), "stands here"),),
        trace=(Frame("b1", span(blocks, "block B")),),
    )
    assert shown(diagnostic) == lines("""
        error[x]: m
          --> nets/a.cnn:1:1
           |
         1 | B 3
           | ^ used here
          ::: nets/b.cnn:2:7
           |
         2 | block B(c) {}
           |       - stands here
           = note: in b1, from `block B` at nets/b.cnn:2
        """)


def test_a_long_way_through_blocks_is_told_inside_out_and_cut() -> None:
    source = Source("a.cnn", "\n".join(f"Block{n} 64" for n in range(1, 8)))
    trace = tuple(Frame(".".join("b" * n), span(source, f"Block{n} 64")) for n in range(1, 8))
    told = shown(error("x", "m", span(source, "Block7"), trace=trace)).splitlines()[-5:]
    assert told == [
        "   = note: in b.b.b.b.b.b.b, from `Block7 64` at line 7",
        "           in b.b.b.b.b.b, from `Block6 64` at line 6",
        "           in b.b.b.b.b, from `Block5 64` at line 5",
        "           … 3 more",
        "           in b, from `Block1 64` at line 1",
    ]


def fix(text: str, *edits: tuple[str, str], title: str = "do it", safe: bool = True) -> list[str]:
    source = Source("a.cnn", text)
    made = Fix(title, tuple(Edit(span(source, old), new) for old, new in edits), safe)
    told = shown(error("x", "m", Span(source, 0, 1), fix=made)).splitlines()
    return told[told.index(next(each for each in told if each.startswith("help:"))) :]


def test_a_fix_that_deletes_shows_what_goes_and_what_stays() -> None:
    assert fix("let w = 3\nrelu\n", ("let w = 3\n", "")) == ["help: do it", "   |", " 1 - let w = 3    [safe fix]"]
    assert fix("relu -> relu\n", (" -> relu", "")) == [
        "help: do it",
        "   |",
        " 1 - relu -> relu",
        " 1 + relu    [safe fix]",
    ]


def test_a_fix_of_several_edits_is_one_picture() -> None:
    assert fix("conv(3x3, 64)\n", ("(", " "), (",", ""), (")", "")) == [
        "help: do it",
        "   |",
        " 1 - conv(3x3, 64)",
        " 1 + conv 3x3 64    [safe fix]",
    ]
    assert fix("a b\nc\nd\ne f\n", ("b", "B"), ("f", "F"), safe=False) == [
        "help: do it",
        "   |",
        " 1 | a B",
        "   |   ~",
        "...",
        " 4 | e F",
        "   |   ~    [unsafe fix]",
    ]


def test_a_fix_of_several_lines_is_numbered_as_it_will_stand() -> None:
    assert fix("gap\nid\nend", ("gap", "gap\n  flatten"), ("end", "END")) == [
        "help: do it",
        "   |",
        " 1 | gap",
        "   | ~~~",
        " 2 |   flatten",
        "   |   ~~~~~~~",
        "...",
        " 4 | END",
        "   | ~~~    [safe fix]",
    ]


def test_tabs_wide_and_combining_characters_keep_the_marks_in_place() -> None:
    source = Source("a.cnn", "\tconv # 漢字 e\u0301 here\n")
    assert shown(error("x", "m", span(source, "here"), "l")).splitlines()[-2:] == [
        " 1 |     conv # 漢字 e\u0301 here",
        "   |                   ^^^^ l",
    ]


@settings(deadline=None, max_examples=150)
@given(
    st.text(st.sampled_from("ab \t漢é\u0301\x1b\u202e🙂\xa0\udc80"), min_size=1, max_size=60),
    st.data(),
    st.sampled_from(["utf-8", "ascii", "latin-1"]),
)
def test_the_mark_begins_under_its_character(line: str, data: st.DataObject, encoding: str) -> None:
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start + 1, len(line)))
    source = Source("a.cnn", line)
    told = shown(error("x", "m", Span(source, start, end)), Look(encoding=encoding, width=400)).splitlines()
    above, below = told[-2].removeprefix(" 1 | "), told[-1].removeprefix("   | ")
    before = visible(line[:start].replace("\t", ""), encoding)
    if "\t" not in line[:start]:
        assert above.startswith(before)
        assert below.index("^") == cell_len(before)
    assert above.encode(encoding)
    assert "\x1b" not in above
    assert cell_len(below) <= max(cell_len(above), below.index("^") + 1)


def test_a_long_line_is_cut_around_its_span() -> None:
    source = Source("a.cnn", "conv 3x3 8 -> " * 50 + "covn 3x3 -> " + "relu -> " * 1000)
    for width in (40, 80, 200):
        told = shown(error("x", "m", span(source, "covn"), "here"), Look(width=width)).splitlines()
        line, marks = told[-2], told[-1]
        assert len(line) <= width
        assert line.removeprefix(" 1 | ").startswith("…")
        assert line.endswith("…")
        at = marks.index("^")
        assert line[at : at + 4] == "covn"
    short = shown(error("x", "m", span(source, "conv 3x3 8")), Look(width=60, encoding="ascii")).splitlines()
    assert short[-2].startswith(" 1 | conv")
    assert short[-2].endswith("...")


def test_words_that_do_not_fit_behind_their_mark_stand_below_it() -> None:
    source = Source("a.cnn", "  conv 3x3 64 -> bn -> relu\n")
    label = "this branch gives 128x16x16"
    assert shown(error("x", "m", span(source, "conv 3x3 64 -> bn"), label), Look(width=44)).splitlines()[-2:] == [
        "   |   ^^^^^^^^^^^^^^^^^",
        "   |   this branch gives 128x16x16",
    ]
    both = error("x", "m", span(source, "relu"), label, secondary=(Label(span(source, "conv"), "first"),))
    assert shown(both, Look(width=44)).splitlines()[-3:] == [
        "   |   ----                 ^^^^",
        "   |   |         this branch gives 128x16x16",
        "   |   first",
    ]


def test_a_huge_line_is_shown_at_once() -> None:
    source = Source("a.cnn", "x" * 900_000)
    assert len(shown(error("x", "m", Span(source, 500_000, 900_000)))) < 500


def test_names_cannot_speak_to_the_terminal() -> None:
    name = "a\x1b]0;owned\x07\n\u202e.cnn"
    told = shown(Diagnostic("file-not-found", Severity.ERROR, f"there is no file `{name}`", file=name))
    assert told == lines(r"""
        error[file-not-found]: there is no file `a\x1b]0;owned\x07\x0a\u202e.cnn`
          --> a\x1b]0;owned\x07\x0a\u202e.cnn
        """)


def test_at_most_fifty_are_shown_and_errors_go_first() -> None:
    source = Source("a.cnn", "relu\n" * 70)
    found = [
        Diagnostic(
            "w" if n < 60 else "e", Severity.WARNING if n < 60 else Severity.ERROR, "m", Label(Span(source, n, n))
        )
        for n in range(70)
    ]
    told = render_all(found, Look())
    assert told.count("warning[w]") == MOST_SHOWN - 10
    assert told.count("error[e]") == 10
    assert told.endswith("\n… and 20 warnings more\n")
    assert tally(found) == "10 errors, 60 warnings"
    assert tally(found[:1]) == "1 warning"


def test_colour_is_for_terminals() -> None:
    class Stream:
        encoding = "utf-8"

        def __init__(self, terminal: bool) -> None:
            self.terminal = terminal

        def isatty(self) -> bool:
            return self.terminal

        def fileno(self) -> int:
            raise OSError

    def colour(terminal: bool, when: str = "auto", **environment: str) -> bool:
        return look_of(Stream(terminal), when, environment).colour  # type: ignore[arg-type]

    assert colour(True, TERM="xterm")
    assert not colour(False, TERM="xterm")
    assert not colour(True, TERM="dumb")
    assert not colour(True, NO_COLOR="1", FORCE_COLOR="1")
    assert colour(True, NO_COLOR="")
    assert colour(False, FORCE_COLOR="1")
    assert not colour(True, FORCE_COLOR="0")
    assert colour(False, "always", NO_COLOR="1")
    assert not colour(True, "never", FORCE_COLOR="1")


def test_colour_changes_no_character() -> None:
    source = Source("resnet.cnn", RESNET)
    diagnostic = error(
        "x",
        "m",
        span(source, "add"),
        "l",
        notes=("n",),
        fix=Fix("t", (Edit(span(source, "id"), "none"),), True),
    )
    plain, coloured = shown(diagnostic), shown(diagnostic, Look(colour=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


LONG = error(
    "shape-mismatch",
    "m",
    span(Source("resnet.cnn", RESNET), "add"),
    notes=(
        "both begin with maxpool1 64x56x56, and part at conv4\nbranch 1: 64x56x56 → conv4 128x28x28\n"
        "branch 2: 64x56x56 → conv6 128x56x56 → conv7 64x56x56 → conv8 64x56x56",
        "the `conv 3x3 64 pad=1 groups=2 bias=no` and so many words behind it that no line of this terminal is enough",
    ),
)


def test_a_long_note_is_hung_where_the_width_is_known() -> None:
    told = shown(LONG, Look(width=54, is_measured=True))
    assert told.splitlines()[5:] == [
        "   = note: both begin with maxpool1 64x56x56,",
        "             and part at conv4",
        "           branch 1: 64x56x56 → conv4 128x28x28",
        "           branch 2: 64x56x56 → conv6 128x56x56",
        "             → conv7 64x56x56 → conv8 64x56x56",
        "   = note: the `conv 3x3 64 pad=1 groups=2 bias=no`",
        "             and so many words behind it that no line",
        "             of this terminal is enough",
    ]
    notes = [each for each in told.splitlines() if each.startswith("   ")]
    assert all(len(each) <= 54 for each in notes)


def test_a_pipe_gets_each_note_on_its_own_line() -> None:
    told = shown(LONG, Look(width=54))
    assert all(line in told for note in LONG.notes for line in note.split("\n"))


@given(st.text("ab `,;→\u3042", max_size=80), st.integers(1, 60))
def test_a_hung_line_loses_nothing_but_blanks(line: str, room: int) -> None:
    parts = hung(line, room)
    assert "".join("".join(parts).split()) == "".join(line.split())
    assert hung(line, None) == [line]
