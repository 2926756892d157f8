"""Texts that nobody would write, before the compiler and the command line; `python -m tests.fuzz 20000 --seed 7` tries
that many, and `python -m tests.fuzz --seed 7 --case 12` shows one.

Every text must be answered within seconds: a network, or diagnostics that can be shown. Never an exception, never the
exit code of a fault of ours. Every other one keeps its syntax, so that what stands behind the parser is reached, too.
"""

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from multiprocessing import get_context
from typing import NamedTuple

from tests.mutants import keeping, wild
from tests.mutants.seeds import Text, seed_of
from tests.mutants.trials import SECONDS, Outcome, limit, through_the_command_line, through_the_compiler

SEED = 20_250_101
CHUNK = 250
COMMANDS = 10
"""One in so many texts goes through the command line."""


class Trouble(NamedTuple):
    case: int
    report: str


class Tally:
    """What became of the texts so far."""

    def __init__(self) -> None:
        self.texts = self.kept = self.compiled = 0
        self.commands: Counter[str] = Counter()
        self.codes: Counter[int] = Counter()
        self.troubles: list[Trouble] = []

    def add(self, other: "Tally") -> None:
        self.texts += other.texts
        self.kept += other.kept
        self.compiled += other.compiled
        self.commands += other.commands
        self.codes += other.codes
        self.troubles += other.troubles

    def __str__(self) -> str:
        verbs = ", ".join(f"{count:,} {verb}" for verb, count in self.commands.most_common())
        codes = ", ".join(f"{count:,} with {code}" for code, count in sorted(self.codes.items()))
        return "; ".join(
            (
                f"{self.texts:,} texts, of which {self.kept:,} keep their syntax and {self.compiled:,} compile",
                f"{self.commands.total():,} through the command line: {verbs}; they exit {codes}",
                f"{len(self.troubles):,} troubles",
            )
        )


def mutant(case: int, seed: int = SEED) -> Text:
    """The texts of one case, always the same for the same numbers; the even ones keep the syntax."""
    chance = random.Random(f"{seed} {case}")
    keep = case % 2 == 0
    found = seed_of(chance, seed, case, whole=keep)
    files = [name for name in found.files if name.endswith(".cnn")]
    name = chance.choice(files) if files and chance.random() < 0.3 else ""
    text = found.files[name] if name else found.main
    for _ in range(chance.choice([1, 1, 1, 2, 2, 3, 5, 8])):
        text = keeping.changed(chance, text) if keep else chance.choice(wild.MUTATIONS)(chance, text) or "\n"
    return found._replace(files={**found.files, name: text}) if name else found._replace(main=text)


def keeps_syntax(text: Text) -> bool:
    texts = (text.main, *(each for name, each in text.files.items() if name.endswith(".cnn")))
    return all(keeping.nodes_of(each) is not None for each in texts)


def trial(case: int, seed: int) -> Outcome:
    text, chance = mutant(case, seed), random.Random(f"{seed} {case} trial")
    with limit(SECONDS):
        return through_the_command_line(text, chance) if chance.randrange(COMMANDS) == 0 else through_the_compiler(text)


def attempt(case: int, seed: int, tally: Tally) -> None:
    tally.texts += 1
    try:
        tally.kept += keeps_syntax(mutant(case, seed))
        outcome = trial(case, seed)
    except Exception:
        tally.troubles.append(Trouble(case, traceback.format_exc(limit=-6)))
        return
    tally.compiled += outcome.compiles
    if outcome.verb:
        tally.commands[outcome.verb] += 1
        tally.codes[outcome.code] += 1


def chunk(start: int, end: int, seed: int) -> Tally:
    tally = Tally()
    for case in range(start, end):
        attempt(case, seed, tally)
    return tally


def campaign(cases: int, seed: int = SEED) -> Iterator[Tally]:
    """All cases, on all processors where there are many cases; what became of each chunk."""
    bounds = [(start, min(start + CHUNK, cases), seed) for start in range(0, cases, CHUNK)]
    if len(bounds) < 4:
        for each in bounds:
            yield chunk(*each)
        return
    with get_context("spawn").Pool() as pool:
        yield from pool.imap_unordered(_chunk, bounds)


def _chunk(bounds: tuple[int, int, int]) -> Tally:
    return chunk(*bounds)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split(";")[0])
    parser.add_argument("texts", type=int, nargs="?", default=20_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--case", type=int, help="show one text, and what becomes of it")
    given = parser.parse_args()
    if given.case is not None:
        return _show(given.case, given.seed)
    start, tally = time.monotonic(), Tally()
    for each in campaign(given.texts, given.seed):
        tally.add(each)
        for trouble in each.troubles:
            sys.stdout.write(f"-- case {trouble.case}\n{trouble.report}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{tally}; seed {given.seed}, {time.monotonic() - start:,.0f} s\n")
    return 1 if tally.troubles else 0


def _show(case: int, seed: int) -> int:
    text = mutant(case, seed)
    for name, content in {"the text": text.main, **text.files}.items():
        sys.stdout.write(f"-- {name}\n{content}\n")
    tally = Tally()
    attempt(case, seed, tally)
    sys.stdout.write("".join(each.report for each in tally.troubles) or "-- no trouble\n")
    return 1 if tally.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
