"""What a large network costs, from its text to every number that `report` shows, beside two peers.

    pip install -e '.[cpu]'
    python benchmarks/scale.py [RUNS]

One network of 10,007 layers and of 100,013, written with repeats and flat (benchmarks/deep.py). The peers: the checker
and the strict shape inference of onnx, both in C++, on the exported file of 100,013 layers; and Lark's own trees of the
flat text of 10,007 layers and of the examples. All are run in turn, in one process; medians of processor time are
compared, so that a busy machine changes little. Exits with 1 if a bound is missed.
"""

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import onnx
from deep import flat, layers, repeated
from lark import Lark, Token

from cnnspec.api.deploy import export
from cnnspec.build.options import Limits, Options
from cnnspec.collector import collector_paused
from cnnspec.pipeline import Compiled, compile_source
from cnnspec.rules.review import reviewed
from cnnspec.source.text import Source
from cnnspec.syntax.limits import SyntaxLimits
from cnnspec.syntax.parse import parse

ROOT = Path(__file__).resolve().parents[1]
SMALL, LARGE = 476, 4762
FORMS = {"repeats": repeated, "flat": flat}
MOST = 10**9
OPTIONS = Options(limits=Limits(nodes=MOST, steps=MOST, repeat=MOST, file_bytes=MOST, tokens=MOST))
SYNTAX = SyntaxLimits(file_bytes=MOST, tokens=MOST)
GROWTH, BESIDE_ONNX, BESIDE_LARK = 12.0, 5.0, 1.5
"""At most so many times the time for ten times the layers; at most so many times onnx's; at least so many times as fast
as Lark."""


class Lines:
    """Drops the new lines that end no line, between Lark's lexer and its parser."""

    always_accept = ("_NL",)
    after = ("LBRACE", "ARROW", "VBAR", "_NL", "")
    before = ("ARROW", "RBRACE", "ELSE", "EXPECT")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        held, last, depth = None, "", 0
        for token in stream:
            if token.type == "_NL":
                held = None if depth or last in self.after else token
                continue
            if held is not None and token.type not in self.before:
                yield held
            held = None
            depth += (token.type == "LPAR") - (token.type == "RPAR")
            yield token
            last = token.type


def counted(text: str) -> Compiled:
    """Everything that `check` and `report` work out: the network, what the lints say of it, and every number."""
    with collector_paused(to_the_end=True):  # as these commands do
        (compiled,) = reviewed((compile_source(Source("deep.cnn", text), OPTIONS),))
        assert compiled.ok, compiled.diagnostics
        assert compiled.analysis.complete
    return compiled


def works(model: Path) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    grammar = (ROOT / "grammar" / "cnn.lark").read_text(encoding="utf-8")
    lark = Lark(grammar, parser="lalr", lexer="basic", postlex=Lines())
    examples = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("examples/*.cnn"))]
    found: dict[str, Callable[[], object]] = {}
    for form, write in FORMS.items():
        for blocks in (SMALL, LARGE):
            found[f"{form} {layers(blocks):,}"] = partial(counted, write(blocks))
    found["onnx"] = partial(onnx.checker.check_model, model, full_check=True)
    for name, texts in {"flat text": [flat(SMALL)], "examples": examples * 5}.items():
        found[f"cnnspec, {name}"] = partial(trees, lambda text: parse(Source("deep.cnn", text), SYNTAX), texts)
        found[f"lark, {name}"] = partial(trees, lark.parse, texts)
    return found


def trees(parser: Callable[[str], object], texts: list[str]) -> list[object]:
    return [parser(each) for each in texts]


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    result = work()
    taken = time.process_time() - start
    del result
    return taken


def medians(runs: int, model: Path) -> dict[str, float]:
    """Seconds by name; a first round is not counted."""
    found = works(model)
    times: dict[str, list[float]] = {name: [] for name in found}
    for turn in range(runs + 1):
        for name, work in found.items():
            taken = seconds(work)
            if turn:
                times[name].append(taken)
    return {name: statistics.median(each) for name, each in times.items()}


def table(times: dict[str, float]) -> str:
    lines = [f"{'':<24}{'median s':>10}{'µs a layer':>12}"]
    for name, taken in times.items():
        count = name.rpartition(" ")[2].replace(",", "")
        each = f"{taken / int(count) * 1e6:.1f}" if count.isdigit() else ""
        lines.append(f"{name:<24}{taken:>10.3f}{each:>12}".rstrip())
    return "\n".join(lines)


def ratios(times: dict[str, float]) -> Iterator[tuple[str, float, bool, str]]:
    """What is asked: its name, the ratio, whether it is within its bound, and the bound."""
    for form in FORMS:
        small, large = (times[f"{form} {layers(blocks):,}"] for blocks in (SMALL, LARGE))
        yield f"ten times the layers, {form}", large / small, large / small <= GROWTH, f"at most {GROWTH:g}"
        beside = large / times["onnx"]
        yield f"cnnspec / onnx, {form}", beside, beside <= BESIDE_ONNX, f"at most {BESIDE_ONNX:g}"
    for name in ("flat text", "examples"):
        beside = times[f"lark, {name}"] / times[f"cnnspec, {name}"]
        yield f"lark / cnnspec, {name}", beside, beside >= BESIDE_LARK, f"at least {BESIDE_LARK:g}"


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "deep.onnx"
        export(counted(repeated(LARGE)), model, None, 0)
        times = medians(runs, model)
    sys.stdout.write(table(times) + "\n\n")
    fine = True
    for name, ratio, holds, bound in ratios(times):
        sys.stdout.write(f"{name:<34}{ratio:>7.2f}   {bound}{'' if holds else ': missed'}\n")
        fine = fine and holds
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
