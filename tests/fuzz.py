"""Texts that nobody would write, made from ones that people do; `python -m tests.fuzz 20000 [SEED]` tries that many.

Every text must be answered within seconds: a network, or diagnostics that can be shown. Never an exception.
"""

import random
import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from types import FrameType
from typing import NamedTuple

from cnnspec.build.options import Limits, Options
from cnnspec.pipeline import compile_source
from cnnspec.reports.diagnostics import render_all
from cnnspec.reports.look import Look
from cnnspec.rules.review import reviewed
from cnnspec.rules.selection import Selection
from cnnspec.source.text import Source
from tests import ROOT

SECONDS = 5
SEED = 20_250_101
CHUNK = 250
SHOWN = 100
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("examples/*.cnn"))]
TEXTS += [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("tests/programs/*.cnn"))]
EVERYTHING = Selection(pedantic=True, perf=True)
BOUNDS = Options(limits=Limits(nodes=20_000, steps=40_000))

TOKEN = re.compile(r"#[^\n]*|\"[^\"\n]*\"|@?[A-Za-z_][\w.-]*|\d+(?:\.\d+)?|->|=>|//|[=!<>]=|\n|[ \t]+|.")
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
WORDS: list[str] = sorted({word for text in TEXTS for word in re.findall(r"[A-Za-z_]\w*", text)})
NUMBERS = ["0", "1", "2", "3", "7", "64", "999999999", "2147483648", "0.5", "1/3", "-1", "1e9", "12M", "3x3", "?x?"]
INSERTED = [
    "{",
    "}",
    "(",
    ")",
    "->",
    "=>",
    "|",
    "x2",
    "x(n-1)",
    "@a",
    "a:",
    "[]",
    "/2",
    "id",
    "none",
    ",",
    '"',
    "=",
    "#",
    "# cnnspec: allow lost-border",
]
INSERTED += [
    "if",
    "else",
    "for i in 1..3 {",
    "in.c",
    "let a = 1",
    "not",
    "and",
    "\n",
    " ",
    "\t",
    "\r",
    "\0",
    "é",
    "\u2028",
]
BYTES = [chr(code) for code in range(32, 127)] + ["\n", "\t", "\r", "\x1b", "\x00", "ß", "×", "\ufeff", "\U0001f600"]

WRAPPINGS = [("(", ") x2"), ("add { ", " | id }"), ("concat { ", " }"), ("[]{ ", " }"), ("if 1 == 1 { ", " }")]
WRAPPINGS += [("", "step -> step"), ("", "step ->"), ("", "")]

Mutation = Callable[[random.Random, str], str]


def byte(chance: random.Random, text: str) -> str:
    """One character replaced, inserted or left out."""
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice([*BYTES, ""]) + text[at + chance.randrange(2) :]


def token(chance: random.Random, text: str) -> str:
    """One token replaced, doubled, left out, or another put before it."""
    tokens: list[str] = TOKEN.findall(text)
    at = chance.randrange(len(tokens))
    new = chance.choice([chance.choice(INSERTED), chance.choice(WORDS), chance.choice(NUMBERS), tokens[at] * 2, ""])
    tokens[at : at + chance.randrange(2)] = [new]
    return "".join(tokens)


def number(chance: random.Random, text: str) -> str:
    found = list(NUMBER.finditer(text))
    if not found:
        return text
    one = chance.choice(found)
    new: str = chance.choice([*NUMBERS, str(chance.randrange(600))])
    return text[: one.start()] + new + text[one.end() :]


def word(chance: random.Random, text: str) -> str:
    """A name takes the place of another."""
    found = list(re.finditer(r"[A-Za-z_]\w*", text))
    if not found:
        return text
    one = chance.choice(found)
    return text[: one.start()] + chance.choice(WORDS) + text[one.end() :]


def swap(chance: random.Random, text: str) -> str:
    """Two tokens change places."""
    tokens: list[str] = TOKEN.findall(text)
    solid = [place for place, each in enumerate(tokens) if not each.isspace()] or [0]
    one, other = chance.choice(solid), chance.choice(solid)
    tokens[one], tokens[other] = tokens[other], tokens[one]
    return "".join(tokens)


def line(chance: random.Random, text: str) -> str:
    """A line moves, doubles or goes; or it comes from another network."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    new = chance.choice([lines[chance.randrange(len(lines))], chance.choice(chance.choice(TEXTS).split("\n")), ""])
    lines[at : at + chance.randrange(2)] = [new]
    return "\n".join(lines)


def step(chance: random.Random, text: str) -> str:
    """A step of a chain doubles, goes, or is wrapped."""
    steps = text.split("->")
    at = chance.randrange(len(steps))
    before, behind = chance.choice(WRAPPINGS)
    steps[at] = f"{before}{steps[at].strip()}{behind}" if before else behind.replace("step", steps[at])
    return "->".join(steps)


def cut(chance: random.Random, text: str) -> str:
    """The text ends early, or a part of it is gone."""
    start, end = sorted((chance.randrange(len(text)), chance.randrange(len(text))))
    return text[:start] if chance.random() < 0.5 else text[:start] + text[min(end, start + 200) :]


MUTATIONS: list[Mutation] = [byte, token, number, number, word, swap, line, step, step, cut]


def mutant(case: int, seed: int = SEED) -> str:
    """The text of one case, always the same for the same numbers."""
    chance = random.Random(f"{seed} {case}")
    text = chance.choice(TEXTS)
    for _ in range(chance.choice([1, 1, 1, 2, 2, 3, 5, 8])):
        text = chance.choice(MUTATIONS)(chance, text) or "\n"
    return text


class Trouble(NamedTuple):
    case: int
    report: str


def trial(text: str) -> None:
    """The whole road, as `check` and `report` take it, with every lint."""
    compiled = compile_source(Source(str(ROOT / "examples" / "mutant.cnn"), text), BOUNDS)
    (result,) = reviewed([compiled], EVERYTHING)
    assert result.ok or result.diagnostics, "refused without a reason"
    for diagnostic in result.diagnostics:
        assert diagnostic.label is None or 0 <= diagnostic.label.span.start <= diagnostic.label.span.end
        assert diagnostic.message
    shown = render_all(result.diagnostics, Look())
    assert "\x1b" not in shown, "a control character of the text reached the terminal"
    if result.built is not None:
        assert result.analysis.totals.params >= 0


def attempt(case: int, seed: int = SEED) -> Trouble | None:
    try:
        with limit(SECONDS):
            trial(mutant(case, seed))
    except Exception:
        return Trouble(case, traceback.format_exc(limit=-6))
    return None


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """TimeoutError after so many seconds of work, or ten times as many of waiting, where the system has such timers.

    Work, not the clock, is what counts: a busy machine is no fault of the text.
    """

    def ring(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"no answer within {seconds} seconds")

    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGPROF, ring)
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 10 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def chunk(start: int, end: int, seed: int) -> list[Trouble]:
    return [trouble for case in range(start, end) if (trouble := attempt(case, seed))]


def campaign(cases: int, seed: int = SEED) -> Iterator[Trouble]:
    """All cases, on all processors where there are many cases."""
    bounds = [(start, min(start + CHUNK, cases), seed) for start in range(0, cases, CHUNK)]
    if len(bounds) < 4:
        for each in bounds:
            yield from chunk(*each)
        return
    with get_context("spawn").Pool() as pool:
        for found in pool.starmap(chunk, bounds, chunksize=1):
            yield from found


def main() -> int:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    troubles = list(campaign(cases, seed))
    for trouble in troubles[:SHOWN]:
        sys.stdout.write(f"-- case {trouble.case}\n{trouble.report}\n")
    sys.stdout.write(f"{cases:,} texts, {len(troubles):,} troubles\n")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
