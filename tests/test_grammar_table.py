"""The shipped tables say what the grammar says; lark, which made them, is the judge of the parser that runs them."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from lark import Lark, Token
from lark.exceptions import UnexpectedInput
from lark.lexer import BasicLexer, Lexer

from cnnspec.contract.register import words
from cnnspec.source.text import Source
from cnnspec.syntax import lexer, table
from cnnspec.syntax.actions import Actions
from cnnspec.syntax.findings import Findings
from cnnspec.syntax.generate import KEPT, TABLE, grammar_file, tables
from cnnspec.syntax.layout import lay_out
from cnnspec.syntax.limits import SyntaxLimits
from cnnspec.syntax.parse import parse
from tests import ROOT

TEXTS = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("examples/*.cnn"))]
TEXTS += [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("tests/programs/*.cnn"))]
PIECES = [
    *"{}()|,/:=#@\"'\n\r\té×-.?",
    " -> ",
    " => ",
    " x2",
    " x n",
    "1/2",
    "1.5e3",
    "12M",
    " -1",
    "c-1",
    "[]",
    "a.b",
    "a{i}:",
]


def grammar() -> str:
    return grammar_file().read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_grammar() -> None:
    made = tables(grammar())
    assert made == TABLE.read_text(encoding="utf-8"), "run python -m cnnspec.syntax.generate"


def test_the_tables_do_not_depend_on_the_hash_seed() -> None:
    script = "from cnnspec.syntax.generate import *; import hashlib\n"
    script += "print(hashlib.sha256(tables(grammar_file().read_text(encoding='utf-8')).encode()).hexdigest())"
    found = set()
    for seed in ("0", "12345"):
        run = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        found.add(run.stdout)
    assert len(found) == 1


def test_the_grammar_names_no_layer() -> None:
    assert not table.FIXED.keys() & words().keys()


def test_every_rule_has_its_action() -> None:
    named = {action for _, _, action, _ in table.RULES if action}
    assert named == {name.removeprefix("on_") for name in dir(Actions) if name.startswith("on_")}


def test_no_two_terminals_match_the_same_text() -> None:
    """Lark's own check, which needs the package interegular."""
    pytest.importorskip("interegular")
    Lark(grammar(), parser="lalr", lexer="basic", strict=True, postlex=AsItIs())


def test_parsing_imports_no_library() -> None:
    script = "from cnnspec.source.text import Source; from cnnspec.syntax.parse import parse; import sys\n"
    script += "parse(Source('', 'cnn 1')); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    loaded = {each.partition(".")[0] for each in run.stdout.split()}
    assert "lark" not in loaded
    assert not loaded & {"networkx", "numpy", "onnx", "torch", "dataclasses"}


# -- lark as the judge ------------------------------------------------------------------------------------------------


class AsItIs:
    always_accept = KEPT

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


class Given(Lexer):
    """Hands lark's parser the tokens of our lexer and layout."""

    __future_interface__ = 2

    def __init__(self, conf: Any) -> None: ...

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Token]:
        yield from lexer_state.text


@cache
def lark_parser() -> Lark:
    options: dict[str, Any] = {"lexer": Given}
    return Lark(grammar(), parser="lalr", postlex=AsItIs(), **options)


@cache
def lark_lexer() -> BasicLexer:
    built = Lark(grammar(), parser="lalr", lexer="basic", postlex=AsItIs())
    return BasicLexer(built.lexer_conf)


def mutants(count: int) -> Iterator[str]:
    """Three lines each of some model's body, with pieces exchanged and inserted."""
    chance = random.Random(7)
    lines = [each for text in TEXTS for each in text.splitlines() if each.count("{") == each.count("}")]
    for _ in range(count):
        text = f"model M {{\n{chr(10).join(chance.choices(lines, k=3))}\n}}"
        for _ in range(chance.randint(0, 3)):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(PIECES) + text[at + chance.choice([0, 0, 1, 3]) :]
        yield text


def lark_tokens(text: str) -> list[tuple[str, str, int]]:
    """What lark's basic lexer reads, without comments and with one new line for several."""
    found: list[tuple[str, str, int]] = []
    state = lark_lexer().make_lexer_state(text)
    for each in lark_lexer().lex(state, None):
        if each.type == "_NL" and (not found or found[-1][0] == "_NL"):
            continue
        found.append((each.type, str(each), each.start_pos or 0))
    return found[:-1] if found and found[-1][0] == "_NL" else found


FLAWS = {lexer.TOO_LARGE, lexer.TOO_LONG, lexer.ZERO_DIVISOR, lexer.NOT_WHOLE, lexer.LONG_NAME, lexer.LONG_TEXT}


def test_tokens_are_those_of_lark() -> None:
    compared = 0
    for text in [*TEXTS, *mutants(1500)]:
        ours = lexer.lex(Source("", text), 10**6).tokens
        if any(each.type == "BAD_STRING" or each.type in FLAWS for each in ours):
            continue
        assert [(each.type, each.text, each.start) for each in ours] == lark_tokens(text), text
        compared += 1
    assert compared > 1000


NOT_THE_PARSERS = {
    "unknown-edition",
    "lower-case-block",
    "misplaced-list-mark",
    "repeat-without-space",
    "missing-brace",
}
ANYBODYS = {"unclosed-brace", "stray-brace", "reserved-name"}


def test_what_is_accepted_is_what_lark_accepts() -> None:
    """Tokens in the layout's order go to lark's own parser; it refuses some of them exactly if ours tells an error."""
    verdicts = []
    for text in [*TEXTS, *mutants(800)]:
        source = Source("", text)
        told = {each.id for each in parse(source)[1]} - NOT_THE_PARSERS
        if told & ANYBODYS:
            continue
        assert lark_accepts(source) == (not told), (text, told)
        verdicts.append(bool(told))
    assert min(verdicts.count(True), verdicts.count(False)) > 100


def lark_accepts(source: Source) -> bool:
    tokens = lay_out(source, lexer.lex(source, 10**6).tokens, SyntaxLimits(), Findings()).tokens
    try:
        lark_parser().parse([Token(each.type, each.text) for each in tokens])
    except UnexpectedInput:
        return False
    return True
