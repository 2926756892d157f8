"""Networks that nobody wrote, before every judge; `python -m tests.random_networks 20000 --seed 1` tries that many.

Each is drawn by a run of Hypothesis of its own, from a number made of the seed and the case: so no two are made of each
other, a case can be seen again, and one that fails is made small.
"""

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import torch
from hypothesis import HealthCheck, Phase, given, note, seed, settings

from cnnspec.contract.register import words
from cnnspec.pipeline import Compiled
from cnnspec.reports.diagnostics import render_all
from cnnspec.reports.look import Look
from tests.judges import rewrites
from tests.judges.network_judges import judge
from tests.judges.random_networks import Network, networks
from tests.texts import compiled

SEED = 20_250_101


class Tally:
    """What came of the networks so far. Those drawn carelessly need not compile."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.nodes = self.shaky = self.too_large = self.careless = 0
        self.words: Counter[str] = Counter()
        self.compiled = 0

    def __str__(self) -> str:
        rarest, times = min(((word, self.words[word]) for word in words()), key=lambda each: each[1])
        parts = (
            f"{len(self.seen):,} networks",
            f"{self.compiled:,} compiled and judged, with {self.nodes:,} nodes",
            f"{len(words())} words, the rarest `{rarest}` {times:,} times",
            f"{self.careless} drawn carelessly and refused",
            f"{self.shaky} nodes no further apart than rounding takes them",
            f"{self.too_large} networks too large for float32",
        )
        return "; ".join(parts)


class Trouble(NamedTuple):
    case: int
    text: str
    report: str


def trial(network: Network, tally: Tally) -> None:
    """Everything that must hold of a text."""
    result = compiled(network.text, files=network.files)
    if not result.ok:
        _answered(result)
        assert network.careless, f"refused: {render_all(result.diagnostics, Look())}"
        tally.careless += 1
        return
    verdict = judge(result)
    rewritten(network, result)
    assert result.built is not None
    tally.compiled += 1
    tally.nodes += verdict.nodes
    tally.shaky += verdict.shaky
    tally.too_large += verdict.too_large
    tally.words.update(node.layer.word for node in result.built.graph)


def _answered(result: Compiled) -> None:
    """A refusal says why, at places in the text, and can be shown."""
    assert any(each.is_error and each.message for each in result.diagnostics), "refused without a reason"
    for each in result.diagnostics:
        assert each.label is None or 0 <= each.label.span.start <= each.label.span.end
    assert render_all(result.diagnostics, Look())


def rewritten(network: Network, result: Compiled) -> None:
    """What changes nothing changes nothing, and a label changes its own name alone."""
    text, chance = network.text, random.Random(network.text)
    renamed, old = rewrites.with_another_label(text, chance)
    rewrites.same_network(result, compiled(renamed, files=network.files), {old: "renamed"} if old else {})
    rewritings = (rewrites.with_repeats_in_full(text), rewrites.with_a_block_inlined(text, result))
    for other in (rewrites.with_identities(text, chance), *rewritings):
        if other != text:
            rewrites.same_network(result, compiled(other, files=network.files))
    other = rewrites.with_other_blanks(text, chance)
    assert rewrites.bare(rewrites.file_of(other)) == rewrites.bare(rewrites.file_of(text))


def attempt(case: int, base: int, tally: Tally, last: list[Network]) -> None:
    """One case; what is wrong with it is raised, of the smallest text of which it is wrong. `last` holds that text."""

    @seed(base * 1_000_003 + case)
    @settings(
        max_examples=2,  # the simplest text of all comes first
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        database=None,
        deadline=None,
    )
    @given(networks())
    def one(network: Network) -> None:
        if network.text in tally.seen:
            return
        last[:] = [network]
        note(network.text)
        trial(network, tally)
        tally.seen.add(network.text)

    one()


def campaign(cases: int, base: int, tally: Tally, *, seconds: float = float("inf")) -> Iterator[Trouble]:
    """All cases, or as many as there is time for."""
    torch.set_num_threads(1)
    end = time.monotonic() + seconds
    for case in range(cases):
        last: list[Network] = []
        try:
            attempt(case, base, tally, last)
        except Exception:  # whatever it is, it is a trouble of this case
            yield Trouble(case, last[0].text, traceback.format_exc(limit=-4))
            tally.seen.add(last[0].text)
        if time.monotonic() > end:
            return


def main() -> int:
    parser = argparse.ArgumentParser(description="Random networks before every judge.")
    parser.add_argument("networks", type=int, nargs="?", default=20_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after that long")
    given = parser.parse_args()
    start, tally, troubles = time.monotonic(), Tally(), 0
    for trouble in campaign(given.networks, given.seed, tally, seconds=60 * given.minutes):
        troubles += 1
        sys.stdout.write(f"-- case {trouble.case}\n{trouble.text}\n{trouble.report}\n")
        sys.stdout.flush()
    spent = time.monotonic() - start
    sys.stdout.write(f"{tally}; {troubles} troubles; seed {given.seed}, {spent:,.0f} s\n")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
