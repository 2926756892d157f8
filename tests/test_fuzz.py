"""No text makes cnnspec fail or hang: thousands of broken ones (CNNSPEC_FUZZ says how many), and small ones that grow.

A case that fails is shown by `python -m tests.fuzz --case CASE`.
"""

import os
from pathlib import Path

import pytest

from cnnspec.build.options import Options
from cnnspec.pipeline import Compiled, compile_file
from cnnspec.reports.findings.text import render_all
from cnnspec.reports.look import Look
from tests.fuzz import Tally, campaign
from tests.mutants.trials import SECONDS, limit
from tests.texts import findings

BOMB_SECONDS = 4 * SECONDS
"""A text that is as large as the bounds allow may take longer than one that somebody wrote; it must end."""

CASES = int(os.environ.get("CNNSPEC_FUZZ", "2000"))


def test_mutated_texts() -> None:
    """Half of them keep their syntax, and one in ten goes through the command line."""
    tally = Tally()
    for each in campaign(CASES):
        tally.add(each)
    assert not tally.troubles, "\n".join(f"case {each.case}\n{each.report}" for each in tally.troubles[:5])
    assert tally.kept >= CASES / 2, str(tally)
    assert tally.compiled >= CASES / 20, str(tally)


def checked(folder: Path, text: str | bytes) -> Compiled:
    path = folder / "model.cnn"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with limit(BOMB_SECONDS):
        result = compile_file(str(path), Options())
        render_all(result.diagnostics, Look())
    return result


def model(body: str) -> str:
    return f"cnn 1\nmodel M {{\ninput 3x32x32\n{body}\n}}\n"


def nested(count: int, times: int) -> str:
    return "(" * count + "id" + f" x{times})" * count


DOUBLING = "\n".join(["block B0() { relu }", *(f"block B{n + 1}() {{ B{n} -> B{n} }}" for n in range(30))])
WIDE = "\n".join(["block B0() { relu }", *(f"block B{n + 1}() {{ concat {{ B{n} | B{n} }} }}" for n in range(30))])

BOMBS: dict[str, str | bytes] = {
    "a block that contains itself": f"cnn 1\nblock A() {{ A }}\n{model('A')[6:]}",
    "blocks that contain each other": f"cnn 1\nblock A() {{ B }}\nblock B() {{ A }}\n{model('A')[6:]}",
    "a block that hands itself over": f"cnn 1\nblock A(B) {{ B B }}\n{model('A A')[6:]}",
    "repeats of repeats": model(nested(4, 9999)),
    "repeats of nothing": model("(none x9999) x9999"),
    "repeats of an empty block": f"cnn 1\nblock E() {{ }}\n{model('(E x9999) x9999')[6:]}",
    "a loop over numbers": model("for i in 1..999999999 { relu }"),
    "loops in loops": model("for i in 1..9999 { for j in 1..9999 { for k in 1..9999 { id } } }"),
    "a large repeat": model("relu x999999999"),
    "blocks that double": f"cnn 1\n{DOUBLING}\n{model('B30')[6:]}",
    "branches that double": f"cnn 1\n{WIDE}\n{model('B30')[6:]}",
    "a power": model("let a = pow(pow(999999999, 999999999), 999999999)\nconv 3x3 a"),
    "products without end": model(f"conv 3x3 {'*'.join(['999999999'] * 60)}"),
    "brackets": model("(" * 50_000),
    "closed brackets": model("(" * 50_000 + "id" + ")" * 50_000),
    "braces": model("add { " * 10_000),
    "nots": model(f"if {'not ' * 10_000} 1 == 1 {{ relu }}"),
    "sums": model(f"conv 3x3 {'1+' * 10_000}1"),
    "a long number": model(f"conv 3x3 {'9' * 5000}"),
    "a long fraction": model(f"dropout 0.{'1' * 5000}"),
    "a long exponent": model("dropout 1e-99999999"),
    "a long size": model(f"conv {'x'.join(['3'] * 5000)} 8"),
    "a long name": model("r" * 100_000),
    "a long text": model(f'labels "{"a" * 100_000}"'),
    "a long line": model(" -> ".join(["covn"] * 40_000)),
    "many errors": model("covn 3x3 64\n" * 20_000),
    "many else": model("".join("if 1 == 2 { relu } else " for _ in range(3000)) + "{ relu }"),
    "empty lines": "\n" * 999_000,
    "blanks": "cnn 1" + " " * 999_000,
    "a comment": "#" * 999_000,
    "a zero byte": b"cnn 1\n\0",
    "a byte order mark and nothing": b"\xef\xbb\xbf",
    "a byte order mark within": model("relu \ufeff -> relu"),
    "not UTF-8": b"cnn 1\n\xff\xfe",
    "only an edition": "cnn 1",
    "an edition to come": "cnn 99999999999999999999",
    "no input": "cnn 1\nmodel M { relu }",
    "nothing in it": "cnn 1\nmodel M { }",
}


@pytest.mark.parametrize("title", BOMBS)
def test_a_bomb_is_refused(title: str, tmp_path: Path) -> None:
    result = checked(tmp_path, BOMBS[title])
    assert not result.ok
    assert any(each.is_error for each in result.diagnostics)


BENIGN: dict[str, str | bytes] = {
    "a byte order mark": b"\xef\xbb\xbf" + model("relu").encode(),
    "line ends of Windows": model("conv 3x3 8\nrelu").replace("\n", "\r\n"),
    "a thousand blank lines": model("\n" * 1000 + "relu"),
    "a thousand values": model("".join(f"let a{i} = {i}\n" for i in range(1000)) + "conv 3x3 a999"),
    "a thousand layers": model("relu -> conv 1x1 3\n" * 500),
    "sixty brackets": model("(" * 30 + "relu" + ")" * 30),
    "a repeat of zero": model("conv 3x3 8 x0 -> relu"),
}


@pytest.mark.parametrize("title", BENIGN)
def test_what_only_looks_like_a_bomb_is_read(title: str, tmp_path: Path) -> None:
    result = checked(tmp_path, BENIGN[title])
    assert result.ok, [each.message for each in result.diagnostics]


def test_files_that_use_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.cnn").write_text('cnn 1\nuse "b.cnn"\nblock A() { relu }')
    (tmp_path / "b.cnn").write_text('cnn 1\nuse "a.cnn"\nblock B() { relu }')
    result = checked(tmp_path, f'cnn 1\nuse "a.cnn"\nuse "model.cnn"\n{model("A")[6:]}')
    assert any(each.is_error for each in result.diagnostics)


def test_a_chain_of_files(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"f{number}.cnn").write_text(f'cnn 1\nuse "f{number + 1}.cnn"\nblock F{number}() {{ relu }}')
    result = checked(tmp_path, f'cnn 1\nuse "f0.cnn"\n{model("F0")[6:]}')
    assert any(each.is_error for each in result.diagnostics)


# -- what the mutants found -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", ["min", "max"])
def test_the_least_of_a_single_number_is_not_asked(function: str) -> None:
    """Python's own took it for a row of numbers."""
    assert findings(model(f"conv 1x1 {function}(3)")) == [("bad-argument", f"{function}(3)")]


def test_a_step_is_not_reused_in_itself() -> None:
    """It went on until Python had enough: `e` is another step when `s.e` is made again, and is that one."""
    text = "e: relu\ns: { e: { tanh -> reuse e } }\nreuse s.e"
    assert findings(model(text)) == [("different-reuse", "reuse e")]
    told = [id for id, _ in findings(model("for i in 1..2 { e: { relu -> reuse e } }"))]
    assert sorted(told) == ["different-reuse", "duplicate-label", "unknown-label"]


def test_a_name_that_was_refused_is_no_name_of_a_step_that_was() -> None:
    """Both were called by a number, from counts that may be the same."""
    for before in range(6):
        text = model(f"{'relu -> ' * before}a{{i}}: relu -> covn")
        assert [id for id, _ in findings(text)] == ["unknown-name", "unknown-word"]
