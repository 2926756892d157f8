"""Roles of the parts of a text, and the lexer for Pygments that is made of them."""

import os
import random
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.token import Error, Whitespace

from cnnspec.contract.register import words
from cnnspec.contract.sections import SECTIONS
from cnnspec.editor.pygments_lexer import TOKENS, CnnLexer
from cnnspec.editor.roles import ROLES, Role, parts
from cnnspec.editor.vocabulary import vocabulary
from cnnspec.syntax.table import FIXED, TABLE
from tests import ROOT, fuzz
from tests.judges.blanks import strewn
from tests.judges.random_networks import Network, networks
from tests.test_format import NETS, TEXTS


def roles(text: str) -> list[tuple[str, Role]]:
    """What is no blank."""
    return [(text[start:end], role) for start, end, role in parts(text) if role is not Role.BLANK]


def covered(text: str) -> list[Role]:
    """Every character has one role; the roles."""
    at = 0
    found = []
    for start, end, role in parts(text):
        assert start == at
        assert end > start
        assert role is not Role.BLANK or not text[start:end].strip("\ufeff \t\f\r\n")
        at = end
        found.append(role)
    assert at == len(text)
    return found


LINES = [
    ("conv 3x3 c pad=same", "WORD WHOLE NAME ARGUMENT OPERATOR VALUE"),
    ("e1: Up 64 /2 @e1", "LABEL SIGN BLOCK WHOLE OPERATOR WHOLE REFERENCE"),
    ("act -> covn", "NAME OPERATOR NAME"),
    ("(relu -> bn) x2", "SIGN WORD OPERATOR WORD SIGN OPERATOR WHOLE"),
    ("ConvBN 1 act=relu", "BLOCK WHOLE ARGUMENT OPERATOR WORD"),
    ("relu => 3x?x4 # x", "WORD EXPECTED EXPECTED COMMENT"),
    ("relu => 10 -> bn", "WORD EXPECTED EXPECTED OPERATOR WORD"),
    ("set conv,depthwise pad=1,1", "DEFINITION WORD SIGN WORD ARGUMENT OPERATOR WHOLE SIGN WHOLE"),
    ("let c = in.c//2", "DEFINITION NAME OPERATOR KEYWORD SIGN DIMENSION OPERATOR WHOLE"),
    ("relu x(n-1)", "WORD OPERATOR SIGN NAME OPERATOR WHOLE SIGN"),
    ("conv 3x3 max(1,\nc)", "WORD WHOLE FUNCTION SIGN WHOLE SIGN NAME SIGN"),
    ("(conv 3x3\nrelu)", "SIGN WORD WHOLE WORD SIGN"),
    ("bn eps=1e-5 affine=no", "WORD ARGUMENT OPERATOR REAL ARGUMENT OPERATOR FLAG"),
    ("if not a { id } else { none }", "KEYWORD LOGIC NAME SIGN WORD SIGN KEYWORD SIGN WORD SIGN"),
    ('require params <= 12M "x"', "KEYWORD NAME OPERATOR QUANTITY TEXT"),
    ("relu # cnnspec: allow lost-border", "WORD DIRECTIVE"),
    ('rn.Stage 64 → "open', "BLOCK WHOLE WRONG WRONG"),
    ('use "a.cnn" as rn', "DEFINITION TEXT DEFINITION NAME"),
    ("image { resize 72 bilinear }", "WORD SIGN WORD WHOLE VALUE SIGN"),
    ("reuse left.tower", "WORD NAME"),
    ("for i in 1..3 { relu }", "KEYWORD NAME KEYWORD WHOLE OPERATOR WHOLE SIGN WORD SIGN"),
    ("block B(k, c=3)[] { }", "DEFINITION BLOCK SIGN NAME SIGN ARGUMENT OPERATOR WHOLE SIGN SIGN SIGN SIGN"),
]


@pytest.mark.parametrize(("text", "expected"), LINES, ids=[text for text, _ in LINES])
def test_roles_of_a_line(text: str, expected: str) -> None:
    assert [role.name for _, role in roles(text)] == expected.split()


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_what_ships_has_a_colour_for_every_character(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert Role.WRONG not in covered(text)
    tokens = list(CnnLexer(stripnl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    assert Error not in {kind for kind, _ in tokens}


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
    for text in (network.text, strewn(network.text, random.Random(network.text))):
        assert Role.WRONG not in covered(text)


def test_mutated_texts() -> None:
    for case in range(500):
        covered(fuzz.mutant(case).main)
    for text in ("", "\n", "\ufeff", "\r", "}", ")))(", '"', "#", "\x00\x1b", "cnn 1" + "(" * 2000):
        covered(text)


@pytest.mark.parametrize("word", [*words(), *SECTIONS, "id", "none", "reuse"])
def test_every_word_has_its_colour(word: str) -> None:
    assert roles(f"{word} 3")[0] == (word, Role.WORD)


def test_words_come_from_the_registers() -> None:
    assert {"resize", "optimizer", "epochs", "flip"} <= vocabulary().words
    assert {"same", "same_upper", "bilinear", "sgd", "edge", "he_normal"} <= vocabulary().values


def test_every_sign_and_keyword_of_the_grammar_has_a_role() -> None:
    """A terminal that the grammar takes and no role knows would be shown as an error."""
    for text, kind in FIXED.items():
        behind = {"/": "2", "-": "3"}.get(text, "")
        shown = roles(f"a {text}{behind}")
        assert Role.WRONG not in {role for _, role in shown}, kind
    terminals = {name for row in TABLE for name in row if name.isupper()} - {"BROKEN", "_NL", "NAME", "PATH", "$END"}
    assert terminals <= set(ROLES)
    assert set(TOKENS) == set(Role)


# -- as others use it ------------------------------------------------------------------------------------------------


def test_html_names_what_it_colours() -> None:
    page = highlight("e1: conv 3x3 8 => 8x8x8 # why\n", CnnLexer(), HtmlFormatter(nowrap=True))
    for each in (
        '<span class="nl">e1</span>',
        '<span class="nb">conv</span>',
        '<span class="kt">8x8x8</span>',
        '<span class="c1"># why</span>',
    ):
        assert each in page


def test_blanks_are_blanks() -> None:
    tokens = list(CnnLexer().get_tokens("\r\n\r\nrelu\r\n"))
    assert [value for kind, value in tokens if kind is not Whitespace] == ["relu"]


def test_texts_without_a_name_are_recognised() -> None:
    assert CnnLexer.analyse_text("# a\n# b\ncnn 1\n") > 0.8
    assert CnnLexer.analyse_text("block B(c) {\n  conv 3x3 c -> relu\n}\n") > 0.3
    assert CnnLexer.analyse_text("def cnn(): pass") == 0


def test_it_is_found_by_name_and_file_where_cnnspec_is_installed(tmp_path: Path) -> None:
    """As an installation has it: by the entry point that pyproject.toml announces, without a word of ours."""
    data = tmp_path / "cnnspec-0.dist-info"
    data.mkdir()
    (data / "METADATA").write_text("Metadata-Version: 2.1\nName: cnnspec\nVersion: 0\n", encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [f"{name} = {place}" for name, place in project["entry-points"]["pygments.lexers"].items()]
    (data / "entry_points.txt").write_text("\n".join(["[pygments.lexers]", *lines, ""]), encoding="utf-8")
    script = (
        "from pygments.lexers import get_lexer_by_name, get_lexer_for_filename, get_lexer_for_mimetype\n"
        "from rich.syntax import Syntax\n"
        "assert get_lexer_by_name('cnn').name == get_lexer_for_filename('a.cnn').name == 'cnn'\n"
        "assert get_lexer_for_mimetype('text/x-cnn').name == 'cnn'\n"
        "assert Syntax('conv 3x3 8', 'cnn').lexer.name == 'cnn'\n"
        "assert Syntax.guess_lexer('a.cnn') == 'cnn'\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment, timeout=60)
