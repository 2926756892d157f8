"""Large networks: the work grows as the number of layers does, and what is written alike is made once.

Work is counted in calls of functions, which are the same on every machine and in every run.
"""

import sys
from collections.abc import Callable
from fractions import Fraction
from functools import partial

import pytest

from benchmarks.deep import flat, layers, repeated
from cnnspec.build.options import Limits, Options
from cnnspec.passes.formulas.costs import formulas
from cnnspec.passes.memory.backward.training import Setup, Training
from cnnspec.passes.memory.inference import inference_memory
from cnnspec.passes.roofline.estimate import Device, estimate
from cnnspec.passes.roofline.fusing import fused
from cnnspec.passes.roofline.traffic import traffic
from cnnspec.pipeline import Compiled, compile_source
from cnnspec.rules.review import reviewed
from cnnspec.rules.selection import Selection
from cnnspec.source.text import Source
from tests.texts import findings, model, steps

MOST = 10**9
LARGE = Options(limits=Limits(nodes=MOST, steps=MOST, repeat=MOST, file_bytes=MOST, tokens=MOST))
EVERY_LINT = Selection(pedantic=True, perf=True)


def net(lines: str) -> str:
    return model(lines, "4x8x8")


FORMS: dict[str, Callable[[int], str]] = {
    "blocks and repeats": lambda n: repeated(n // 6),
    "flat": lambda n: flat(n // 6),
    "gates": lambda n: net(f"(mul {{ id | gap -> conv 1x1 2 -> relu -> conv 1x1 4 -> sigmoid }}) x{n}"),
    "dense": lambda n: net(f"(concat {{ id | conv 3x3 1 pad=1 }}) x{n}"),
    "wide": lambda n: net(f"add {{ for i in 1..{n} {{ conv 3x3 4 pad=1 }} }}"),
    "references": lambda n: net(
        f"for i in 1..{n} {{ a{{i}}: conv 3x3 4 pad=1 }}\nfor i in 1..{n} {{ add {{ @a{{i}} | id }} }}"
    ),
    "reuse": lambda n: net(f"tower: {{ conv 3x3 4 pad=1 -> relu }}\n(reuse tower) x{n}"),
    "outputs": lambda n: net(f"for i in 1..{n} {{ output a{{i}}: conv 3x3 4 pad=1 }}"),
    "heads": lambda n: net("\n".join(f"aux a{i}: conv 3x3 4 pad=1" for i in range(n)) + "\nconv 3x3 4"),
    "budgets": lambda n: net(f"require memory <= 1000GB, rf >= 1, depth > 1\nconv 3x3 4 pad=1 x{n}"),
    "settings": lambda n: net("\n".join(f"set conv pad={i % 2}\nconv 1x1 4" for i in range(n))),
    "values": lambda n: net("\n".join(f"let c{i} = {4 + i % 3}\nconv 3x3 c{i} pad=1" for i in range(n))),
    "expectations": lambda n: net("conv 3x3 4 pad=1 => 4x8x8\n" * n),
    "findings": lambda n: f"block B(c) {{ conv 3x3 c pad=1 -> bn -> relu -> relu }}\n{net(f'B 4 x{n}')}",
}


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, those written in C among them."""
    count = 0

    def on_event(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(on_event)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def counted(text: str) -> Compiled:
    """Everything that `check` and `report` work out."""
    (one,) = reviewed((compile_source(Source("<text>", text), LARGE),), EVERY_LINT)
    assert one.ok, one.diagnostics
    assert one.analysis.complete
    return one


def moved(compiled: Compiled) -> None:
    """What a report with a device works out besides."""
    assert compiled.built is not None
    graph, shapes = compiled.built.graph, compiled.built.shapes
    estimate(compiled.analysis, traffic(graph, shapes), fused(graph, shapes), Device(Fraction(10), Fraction(1)))


@pytest.mark.parametrize("form", [each for each in FORMS if each != "findings"])
def test_what_moves_grows_as_the_layers_do(form: str) -> None:
    moved(counted(FORMS[form](30)))  # what is worked out once for all is not counted
    tiny, small, large = (counted(FORMS[form](size)) for size in (6, 30, 300))
    few, some, many = (calls(partial(moved, each)) for each in (tiny, small, large))
    assert (many - few) / (300 - 6) <= 1.2 * (some - few) / (30 - 6)


def remembered(result: Compiled) -> None:
    """The memory of inference, the best order, what backward keeps, the peak of training."""
    built = result.built
    assert built is not None
    inference_memory(built.graph, built.shapes)
    assert Training(built.graph, built.shapes, Setup()).largest_batch(MOST)


@pytest.mark.parametrize("form", FORMS)
def test_memory_grows_as_the_layers_do(form: str) -> None:
    for size in (6, 30, 300):
        remembered(counted(FORMS[form](size)))  # what is worked out once for all is not counted
    tiny, small, large = (counted(FORMS[form](size)) for size in (6, 30, 300))
    few, some, many = (calls(partial(remembered, each)) for each in (tiny, small, large))
    assert (many - few) / (300 - 6) <= 1.2 * (some - few) / (30 - 6)


@pytest.mark.parametrize("form", FORMS)
def test_ten_times_the_layers_are_at_most_twelve_times_the_work(form: str) -> None:
    """Less what every text takes, however short it is: by two small networks and one that is ten times as large."""
    tiny, small, large = 6, 30, 300
    counted(FORMS[form](small))  # what is loaded and worked out once is not counted
    few, some, many = (calls(partial(counted, FORMS[form](size))) for size in (tiny, small, large))
    assert (many - few) / (large - tiny) <= 1.2 * (some - few) / (small - tiny)


def named(compiled: Compiled) -> None:
    """Costs as polynomials of the sizes."""
    assert compiled.built is not None
    formulas(compiled.built.graph, compiled.built.shapes)


@pytest.mark.parametrize("form", FORMS)
def test_formulas_grow_as_the_layers_do(form: str) -> None:
    named(counted(FORMS[form](30)))  # what is worked out once for all is not counted
    tiny, small, large = (counted(FORMS[form](size)) for size in (6, 30, 300))
    few, some, many = (calls(partial(named, each)) for each in (tiny, small, large))
    assert (many - few) / (300 - 6) <= 1.2 * (some - few) / (30 - 6)


def test_formulas_grow_as_the_operands_do() -> None:
    """Each step joins all before it: four times as many operands are at most five times the work."""
    joined = (
        "a0: conv 3x3 4 pad=1\nfor i in 1..{} {{ a{{i}}: (concat {{ for j in 0..i-1 {{ @a{{j}} }} }} -> conv 1x1 4) }}"
    )
    named(counted(net(joined.format(40))))
    small, large = (counted(net(joined.format(steps))) for steps in (40, 80))
    assert calls(partial(named, large)) <= 5 * calls(partial(named, small))


def test_both_forms_are_one_network() -> None:
    """The benchmark's text with repeats, and the same written out."""
    one, other = (counted(write(3)).analysis for write in (repeated, flat))
    assert len(one.rows) == layers(3)
    assert one.totals == other.totals
    rows = [[(row.shape, row.weights, row.cost, row.field) for row in each.rows] for each in (one, other)]
    assert rows[0] == rows[1]


# -- what is written alike is made once -------------------------------------------------------------------------------


def test_equal_layers_are_one_object() -> None:
    built = steps("conv 3x3 8 pad=1 -> conv 3x3 8 pad=1 -> conv 3x3 2*4 pad=1 -> conv 3 8 pad=1").built
    assert built is not None
    first, second, third, fourth = (node.layer for node in list(built.graph)[1:])
    assert first is second is third
    assert fourth is not first


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("conv 3x3 8\nset conv pad=1\nconv 3x3 8 => 8x30x30\nconv 3x3 8 pad=0", []),
        ("for c in 4, 8 { conv 1x1 c }\nid => 8x32x32", []),
        ("let k = 3\nconv k 8\nfor k in 1, 5 { conv k 8 }\nid => 8x26x26", []),
        ("conv 3.0 8\nconv 6/2 8", [("slash-without-space", "6/2")]),
        ("maxpool 2\nmaxpool(2)", [("parentheses-around-arguments", "(2)")]),
        ("conv 3x3 8 pad=1x1\nconv 3x3 8 pad=1,1", [("shape-mismatch", "1,1")]),
        ("conv 3x3 8 pad=1 bias=yes\nconv 3x3 8 pad=1 bias=1", [("bad-argument", "1")]),
        ("add { maxpool 40x40 | maxpool 40x40 }", [("shape-mismatch", "40x40"), ("shape-mismatch", "40x40")]),
    ],
)
def test_what_is_written_alike_elsewhere_changes_nothing(lines: str, found: list[tuple[str, str]]) -> None:
    assert findings(model(lines)) == found
