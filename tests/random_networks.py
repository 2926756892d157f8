"""Networks that nobody wrote, before every judge; `python -m tests.random_networks 20000 --seed 1` tries that many."""

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import torch

from cnnspec.build.options import Options
from cnnspec.contract.register import words
from cnnspec.pipeline import Compiled
from cnnspec.reports.findings.text import render_all
from cnnspec.reports.look import Look
from cnnspec.source.diagnostic import Diagnostic
from tests.judges import rewrites, torch_written
from tests.judges.forms import FORMS, forms
from tests.judges.network_judges import judge
from tests.judges.network_onnx import structure
from tests.judges.random_networks import Network, attempt
from tests.judges.sameness import bare, file_of, same_network
from tests.texts import compiled

Compile = Callable[..., Compiled]
SAYS = "Random networks before every judge: torch, onnx, onnxruntime, and their own rewritings."
SEED = 20_250_101


class Tally:
    """What came of the networks so far. Those drawn carelessly need not compile."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.nodes = self.shaky = self.too_large = self.careless = self.sizes = 0
        self.bound: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.forms: Counter[str] = Counter()
        self.compiled = 0

    def __str__(self) -> str:
        bound = ", ".join(f"{count} by {word}" for word, count in self.bound.most_common())
        return "; ".join(
            (
                f"{len(self.seen):,} texts",
                f"{self.compiled:,} models compiled and judged, with {self.nodes:,} nodes",
                f"{_rarest('words', words(), self.words)}; {_rarest('forms', FORMS, self.forms)}",
                f"{self.careless} drawn carelessly and refused",
                f"{self.shaky} nodes no further apart than rounding takes them",
                f"{self.too_large} networks too large for float32",
                f"{self.sizes:,} sizes of networks that take any",
                f"{self.bound.total()} networks bound to one size ({bound or 'none'})",
            )
        )


def _rarest(what: str, titles: Iterable[str], counts: Counter[str]) -> str:
    times, title = min((counts[each], each) for each in titles)
    return f"{len(set(titles))} {what}, the rarest `{title}` {times:,} times"


class Trouble(NamedTuple):
    case: int
    network: Network
    report: str

    def __str__(self) -> str:
        files = "".join(f"-- {name}\n{text}" for name, text in self.network.files.items())
        return f"-- case {self.case}\n{self.network.text}{files}\n{self.report}"


def trial(network: Network, tally: Tally) -> None:
    """Everything that must hold of a text."""
    for name in network.models:
        options = Options(model=name if len(network.models) > 1 else None)

        def compile(text: str, options: Options = options) -> Compiled:
            return compiled(text, options, files=network.files)

        _trial_of_one(network, compile, tally)
    tally.forms.update(forms(network.text, network.files))


def _trial_of_one(network: Network, compile: Compile, tally: Tally) -> None:
    result = compile(network.text)
    if not result.ok:
        _answered(result)
        if result.whole and all("has no answer" in each.message for each in result.diagnostics if each.is_error):
            return  # `require rf >= 1` of a network of vectors
        assert network.careless, f"refused: {render_all(result.diagnostics, Look())}"
        tally.careless += 1
        return
    verdict = judge(result)
    torch_written.check(result)
    rewritten(network.text, result, compile)
    begun_otherwise(network.text, result, compile, not verdict.bound)
    asked_otherwise(network.text, result, compile)
    assert result.built is not None
    tally.compiled += 1
    tally.nodes += verdict.nodes
    tally.shaky += verdict.shaky
    tally.too_large += verdict.too_large
    tally.sizes += verdict.sizes
    tally.bound.update([verdict.bound] if verdict.bound else [])
    tally.words.update(node.layer.word for node in result.built.graph)


def _answered(result: Compiled) -> None:
    """A refusal says why, at places in the text, and can be shown."""
    assert any(each.is_error and each.message for each in result.diagnostics), "refused without a reason"
    for each in result.diagnostics:
        assert each.label is None or 0 <= each.label.span.start <= each.label.span.end
    assert render_all(result.diagnostics, Look())


def rewritten(text: str, result: Compiled, compile: Compile) -> None:
    """What changes nothing changes nothing, and a label changes its own name alone."""
    chance = random.Random(text)
    renamed, old = rewrites.with_another_label(text, chance)
    same_network(result, compile(renamed), {old: "renamed"} if old else {})
    rewritings = (rewrites.with_repeats_in_full(text), rewrites.with_a_block_inlined(text, result))
    for other in (rewrites.with_identities(text, chance), *rewritings):
        if other != text:
            same_network(result, compile(other))
    other = rewrites.with_other_blanks(text, chance)
    assert bare(file_of(other)) == bare(file_of(text))


def begun_otherwise(text: str, result: Compiled, compile: Compile, at_one_size: bool) -> None:
    """`init` changes no shape, no name, no number and no ONNX."""
    other = rewrites.without_init(text)
    if other != text:
        plain = compile(other)
        same_network(result, plain, but=("init",))
        assert result.analysis.totals == plain.analysis.totals
        assert not at_one_size or structure(result) == structure(plain)


def asked_otherwise(text: str, result: Compiled, compile: Compile) -> None:
    """A value that is asked for is as good as one that is written, but for what holds for the file's own: expectations,
    and what is made of pictures."""
    other, options = rewrites.with_another_value(text, result, random.Random(text))
    written, asked = compile(other), compile(text, options)
    if written.ok:
        same_network(written, asked)
    elif not any(each.id == "shape-expectation" or _of_pictures(each) for each in written.diagnostics):
        assert not asked.ok, "only what is written is refused"


def _of_pictures(found: Diagnostic) -> bool:
    return found.label is not None and found.label.span.text == "image"


def campaign(
    cases: int, base: int, tally: Tally, *, seconds: float = float("inf"), shrink: bool = True
) -> Iterator[Trouble]:
    """All cases, or as many as there is time for."""
    torch.set_num_threads(1)
    end = time.monotonic() + seconds
    for case in range(cases):
        last: list[Network] = []

        def once(network: Network, last: list[Network] = last) -> None:
            if network.text not in tally.seen:
                last[:] = [network]
                trial(network, tally)
                tally.seen.add(network.text)

        try:
            attempt(base, case, once, shrink=shrink)
        except Exception:  # whatever it is, it is a trouble of this case
            yield Trouble(case, last[0], traceback.format_exc(limit=-4))
            tally.seen.add(last[0].text)
        if time.monotonic() > end:
            return


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.random_networks", description=SAYS)
    parser.add_argument("networks", type=int, nargs="?", default=20_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after that long")
    parser.add_argument("--as-drawn", action="store_true", help="do not make smaller what fails")
    given = parser.parse_args()
    start, tally, troubles = time.monotonic(), Tally(), 0
    for trouble in campaign(given.networks, given.seed, tally, seconds=60 * given.minutes, shrink=not given.as_drawn):
        troubles += 1
        sys.stdout.write(f"{trouble}\n")
        sys.stdout.flush()
    spent = time.monotonic() - start
    sys.stdout.write(f"{tally}\n{troubles} troubles; seed {given.seed}, {spent:,.0f} s\n")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
